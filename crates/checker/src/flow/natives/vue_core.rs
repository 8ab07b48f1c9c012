//! Vue 3's runtime as Taro's output bundles it. A minifier has renamed its functions, so their arguments decide which one is called.

use super::{
    super::{
        context::Trigger,
        heap::Kind,
        machine::Machine,
        value::{ObjectId, Value},
    },
    Rendered,
};
use crate::{flow::facts::Place, scripts::ir::Name};

/// The hidden field of an instance that holds what it watches.
const WATCHING: &str = "(watching)";

/// How deeply components may be nested.
const MAX_DEPTH: usize = 8;

impl Machine<'_> {
    /// A call of one of Vue's functions, whatever its name.
    pub(super) fn call_vue_core(&mut self, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        match (self.heap.is_callable(&first), self.heap.is_callable(&second)) {
            // `watch(() => value, (value) => {})`
            (true, true) => {
                self.watch_vue(first, second);
                Value::unknown()
            }
            // `computed(() => value)`, `onMounted(() => {})`, a slot
            (true, false) => {
                self.later(Some(&first), Vec::new(), place);
                let holder = self.new_object();
                self.define_getter(holder, &"value".into(), first.clone());
                Value::object(holder).joined(&first)
            }
            // `watch(value, (value) => {})`
            (false, true) if self.setting_up.is_some() => {
                self.watch_vue(first, second);
                Value::unknown()
            }
            // `renderList(list, (item) => {})`
            (false, true) => {
                for item in self.items_of(&first) {
                    self.call(&second, Value::undefined(), vec![item, Value::unknown()], place);
                }
                Value::unknown()
            }
            (false, false) => self.made_by_vue(&first, &second, arguments.len(), place),
        }
    }

    /// Notes the callback of `watch`, which runs with its component.
    fn watch_vue(&mut self, source: Value, callback: Value) {
        let Some(view) = self.setting_up else { return };
        let mut watching = self.elements_of(&self.heap.get(view).fields.get(WATCHING).cloned().unwrap_or_default()).0;
        watching.extend([source, callback]);
        let watching = self.new_array(watching, Value::undefined());
        self.heap.edit(view).fields.insert(WATCHING.into(), watching);
    }

    /// Runs the callbacks of a component's `watch` calls.
    pub(crate) fn run_watching(&mut self, view: ObjectId, place: Place) {
        let watching = self.heap.get(view).fields.get(WATCHING).cloned().unwrap_or_default();
        for pair in self.elements_of(&watching).0.chunks(2) {
            let [source, callback] = pair else { continue };
            let value = if self.heap.is_callable(source) {
                self.call(source, Value::undefined(), Vec::new(), place)
            } else {
                self.read(source, &"value".into(), place).joined(source)
            };
            let arguments = vec![value.clone(), value];
            self.enter(callback, &Value::undefined(), arguments, Trigger::Unasked, place, &"watch".into());
        }
    }

    /// An element, a component's use, or a value that is watched from now on.
    fn made_by_vue(&mut self, first: &Value, second: &Value, count: usize, place: Place) -> Value {
        if first.is_undefined() {
            return Value::unknown();
        }
        if self.setting_up.is_none() && self.loading.is_none() {
            self.is_drawn = true;
            for component in first.objects() {
                if self.is_component(component) {
                    self.use_component(component, second, place);
                    return Value::unknown();
                }
            }
            if count > 1 && first.whole_texts().next().is_some() {
                self.draw(first, second, place);
                return Value::unknown();
            }
        }
        if self.setting_up.is_some()
            && let Some(key) = first.whole_texts().next()
        {
            // `provide(key, value)`, `inject(key)`
            let key = Name::from(format!("(provided {key})"));
            if count > 1 {
                self.globals.insert(key, second.clone());
                return Value::undefined();
            }
            if let Some(provided) = self.globals.get(&key) {
                return provided.clone();
            }
        }
        // `ref(value)` or `reactive(value)`
        let holder = self.new_object();
        self.heap.edit(holder).fields.insert("value".into(), first.clone());
        let objects = Value {
            atoms: first.objects().into_iter().map(super::super::value::Atom::Object).collect(),
            ..Value::undefined()
        };
        objects.joined(&Value::object(holder))
    }

    fn is_component(&self, id: ObjectId) -> bool {
        let object = self.heap.get(id);
        let has = |name: &str| object.fields.get(name).is_some_and(|field| self.heap.is_callable(field));
        matches!(object.kind, Kind::Plain) && (has("setup") || has("render"))
    }

    fn use_component(&mut self, component: ObjectId, given: &Value, place: Place) {
        if self.rendering < MAX_DEPTH {
            self.rendering += 1;
            self.run_child(component, given, place);
            self.rendering -= 1;
        }
    }

    /// Notes the handlers of an element: `onTap`, `on:getAuthorize`.
    fn draw(&mut self, tag: &Value, attributes: &Value, place: Place) {
        let tag: Name = tag.whole_texts().next().cloned().unwrap_or_else(|| "view".into());
        let asks = self.scopes_asked(attributes, place);
        for name in self.names_of(attributes) {
            let Some(event) = name.strip_prefix("on").filter(|event| !event.starts_with(char::is_lowercase)) else {
                continue;
            };
            let handler = self.read(attributes, &name, place);
            if self.heap.is_callable(&handler) {
                let event = event.trim_start_matches(':').to_ascii_lowercase();
                let event: Name = if event == "click" { "tap".into() } else { event.as_str().into() };
                let allowed = self.context.allowed;
                self.rendered.push(Rendered { tag: tag.clone(), event, handler, allowed, asks });
            }
        }
    }
}
