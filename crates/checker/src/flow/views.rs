//! Pages, components and apps of Vue, as uni-app compiles them: the options become one instance whose fields are the data, the
//! properties, what is computed and the methods, as `this` has them there.

use super::{
    components::DEEPEST_COMPONENTS,
    context::{Consents, Start, Trigger},
    facts::{Place, StepKind},
    heap::{Kind, Object},
    machine::{Machine, Registered},
    value::{Atom, ObjectId, Value},
};
use crate::{platform, scripts::ir::Name};
use std::rc::Rc;

/// Hooks that Vue calls besides those that the platform knows.
const VUE_HOOKS: &[&str] =
    &["beforeCreate", "created", "beforeMount", "onInit", "beforeUpdate", "updated", "activated", "setup"];

/// Options that are no fields of the instance.
const NO_FIELDS: &[&str] = &[
    "data",
    "props",
    "computed",
    "methods",
    "watch",
    "components",
    "mixins",
    "extends",
    "render",
    "staticRenderFns",
    "setup",
    "name",
    "mpType",
    "filters",
    "directives",
];

/// What an instance keeps that no code can name.
const OPTIONS: &str = "(options)";
const WATCH: &str = "(watch)";
const GIVEN: &str = "(given)";
const EVENTS: &str = "(events)";
const PARENT: &str = "(parent)";
const RENDERED: &str = "(rendered)";

/// Functions that every instance has; `_c` and `_l` are what a compiled template calls to make an element and to go through a list.
const METHODS: &[&str] = &[
    "$emit",
    "$on",
    "$once",
    "$off",
    "$nextTick",
    "$set",
    "$watch",
    "$forceUpdate",
    "$mount",
    "$createElement",
    "_c",
    "_l",
];

impl Machine<'_> {
    pub(super) fn is_view(&self, id: ObjectId) -> bool {
        matches!(self.heap.get(id).kind, Kind::View)
    }

    /// `createApp(options)`, `createPage(options)`, `createComponent(options)`
    pub(super) fn register_view(&mut self, kind: &str, options: &Value, place: Place) {
        let options = self.options_of(options, place);
        let project = self.project;
        let file = match project.app.filter(|_| kind == "App") {
            Some(app) => project.modules[app as usize].file,
            None => self.registering_file(place),
        };
        let is_known = |id: &ObjectId| !matches!(self.heap.get(*id).kind, Kind::Native(_) | Kind::Method(..));
        for id in options.objects().into_iter().filter(is_known).collect::<Vec<_>>() {
            let config = if self.is_view(id) { id } else { self.view_of(id, None, place) };
            self.registered.push(Registered { kind: kind.into(), config, place, file });
        }
    }

    /// The options, where a whole module is given those that it exports by default.
    fn options_of(&mut self, given: &Value, place: Place) -> Value {
        let given = self.force(given);
        let is_module = |id: &ObjectId| matches!(self.heap.get(*id).kind, Kind::Exports(_));
        if !given.objects().iter().any(is_module) {
            return given;
        }
        let default = self.read(&given, &"default".into(), place);
        let default = self.force(&default);
        if default.objects().is_empty() { given } else { default }
    }

    /// An instance of the options; `given` are the properties that a parent gives it.
    pub(super) fn view_of(&mut self, options: ObjectId, given: Option<ObjectId>, place: Place) -> ObjectId {
        let view = self.heap.add(Object::new(Kind::View));
        let this = Value::object(view);
        let prototype = self.vue_prototype();
        self.heap.edit(view).prototype = Some(prototype);
        self.set_hidden(view, OPTIONS, Value::object(options));
        for name in METHODS {
            let method = self.method(&format!("view.{}", name.trim_start_matches('$')), view);
            self.set_hidden(view, name, method);
        }
        let (data, refs, mp) = (self.new_object(), self.anything(), self.new_object());
        self.heap.edit(mp).fields.insert("data".into(), Value::object(data));
        self.set_hidden(view, "$mp", Value::object(mp));
        self.set_hidden(view, "$refs", refs);
        self.set_hidden(view, "_self", this.clone());
        self.set_hidden(view, "$options", Value::object(options));
        if let Some(store) = self.store.clone() {
            self.set_hidden(view, "$store", store);
        }
        let watch = self.new_object();
        self.set_hidden(view, WATCH, Value::object(watch));
        let mut parts = Vec::new();
        for mixin in self.global_mixins.clone() {
            self.parts_of(mixin, &mut parts, place);
        }
        self.parts_of(options, &mut parts, place);
        for part in &parts {
            self.add_functions(view, *part, place);
        }
        for part in &parts {
            self.add_properties(view, *part, given, place);
        }
        for part in &parts {
            let data = self.read(&Value::object(*part), &"data".into(), place);
            let data = if self.heap.is_callable(&data) {
                self.call(&data, this.clone(), vec![this.clone()], place)
            } else {
                data
            };
            self.copy_fields(view, &data, place);
        }
        for part in &parts {
            self.set_up(view, *part, place);
        }
        view
    }

    /// The options with their mixins, these first.
    fn parts_of(&mut self, options: ObjectId, parts: &mut Vec<ObjectId>, place: Place) {
        let is_native = matches!(self.heap.get(options).kind, Kind::Native(_) | Kind::Method(..));
        if is_native || parts.contains(&options) || parts.len() > 24 {
            return;
        }
        // What brings itself is known by now.
        let own = parts.len();
        parts.push(options);
        let this = Value::object(options);
        let mixins = self.read(&this, &"mixins".into(), place);
        let extended = self.read(&this, &"extends".into(), place);
        for mixin in self.elements_of(&mixins).0.into_iter().chain([extended]) {
            let mixin = self.force(&mixin);
            for id in mixin.objects() {
                self.parts_of(id, parts, place);
            }
        }
        parts.remove(own);
        parts.push(options);
    }

    fn set_hidden(&mut self, view: ObjectId, name: &str, value: Value) {
        self.heap.edit(view).fields.insert(name.into(), value);
    }

    fn hidden(&self, view: ObjectId, name: &str) -> Value {
        self.heap.get(view).fields.get(name).cloned().unwrap_or_default()
    }

    /// A function of the options as a method of the instance: it knows its `this`.
    fn bound_to(&mut self, view: ObjectId, function: &Value) -> Value {
        let bound = Kind::Bound(Rc::new((function.clone(), Value::object(view), Vec::new())));
        Value::object(self.heap.add(Object::new(bound)))
    }

    /// Methods, hooks, and what is computed and watched.
    fn add_functions(&mut self, view: ObjectId, options: ObjectId, place: Place) {
        let this = Value::object(options);
        for name in self.names_of(&this) {
            if NO_FIELDS.contains(&&*name) {
                continue;
            }
            let value = self.read(&this, &name, place);
            let value = if self.heap.is_callable(&value) { self.bound_to(view, &value) } else { value };
            // The hooks of a mixin are called besides the page's own.
            self.heap.edit(view).fields.entry(name).or_default().join(&value);
        }
        let methods = self.read(&this, &"methods".into(), place);
        for name in self.names_of(&methods) {
            let method = self.read(&methods, &name, place);
            if self.heap.is_callable(&method) {
                let method = self.bound_to(view, &method);
                self.heap.edit(view).fields.insert(name, method);
            }
        }
        let computed = self.read(&this, &"computed".into(), place);
        for name in self.names_of(&computed) {
            let value = self.read(&computed, &name, place);
            if self.heap.is_callable(&value) {
                self.define_getter(view, &name, value);
            } else {
                self.define_accessors(&Value::object(view), &Value::text(&name), &value, place);
            }
        }
        let watched = self.read(&this, &"watch".into(), place);
        for watch in self.hidden(view, WATCH).objects() {
            self.copy_fields(watch, &watched, place);
        }
    }

    /// The names of the fields of whatever objects a value can be.
    pub(super) fn names_of(&mut self, value: &Value) -> Vec<Name> {
        let forced = self.force(value);
        let mut names: Vec<Name> = forced
            .objects()
            .iter()
            .flat_map(|id| self.heap.get(*id).fields.keys().cloned().collect::<Vec<_>>())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn add_properties(&mut self, view: ObjectId, options: ObjectId, given: Option<ObjectId>, place: Place) {
        let declared = self.read(&Value::object(options), &"props".into(), place);
        let mut names = self.names_of(&declared);
        names.extend(
            self.elements_of(&declared).0.iter().flat_map(|name| name.whole_texts().cloned().collect::<Vec<_>>()),
        );
        for name in names {
            let known = given.and_then(|given| self.heap.get(given).fields.get(&name).cloned());
            let value = known.unwrap_or_else(Value::unknown);
            self.heap.edit(view).fields.insert(name, value);
        }
    }

    /// `setup(props, context)`: what it returns are fields too, or the function that renders.
    fn set_up(&mut self, view: ObjectId, options: ObjectId, place: Place) {
        let this = Value::object(options);
        let setup = self.read(&this, &"setup".into(), place);
        if !self.heap.is_callable(&setup) {
            return;
        }
        let context = self.new_object();
        let emit = self.hidden(view, "$emit");
        self.heap.edit(context).fields.insert("emit".into(), emit);
        let outer = self.setting_up.replace(view);
        let made = self.call(&setup, Value::undefined(), vec![Value::object(view), Value::object(context)], place);
        self.setting_up = outer;
        if self.heap.is_callable(&made) {
            self.set_hidden(view, "(render)", made);
        } else {
            self.copy_fields(view, &made, place);
        }
    }

    /// Runs what the framework calls by itself: rendering, watchers, the hooks of its own.
    pub(super) fn run_view(&mut self, view: ObjectId, place: Place) {
        let this = Value::object(view);
        self.render(view, place);
        for name in VUE_HOOKS {
            let hook = self.read(&this, &(*name).into(), place);
            if self.heap.is_callable(&hook) {
                let start = Start { allowed: self.shown_where, ..Trigger::Unasked.into() };
                self.enter(&hook, &this, Vec::new(), start, place, &(*name).into());
            }
        }
        let watch = self.hidden(view, WATCH);
        for name in self.names_of(&watch) {
            let mut handler = self.read(&watch, &name, place);
            if !self.heap.is_callable(&handler) {
                handler = self.read(&handler, &"handler".into(), place);
            }
            if self.heap.is_callable(&handler) {
                let value = self.read(&this, &name, place);
                self.enter(&handler, &this, vec![value.clone(), value], Trigger::Unasked, place, &name);
            }
        }
    }

    fn render(&mut self, view: ObjectId, place: Place) {
        let this = Value::object(view);
        let mut renders = vec![self.hidden(view, "(render)")];
        for options in self.hidden(view, OPTIONS).objects() {
            renders.push(self.read(&Value::object(options), &"render".into(), place));
        }
        for render in renders {
            if !self.heap.is_callable(&render) {
                continue;
            }
            let cache = self.anything();
            let outer = std::mem::take(&mut self.rendered);
            let mut arguments = vec![this.clone(), cache];
            arguments.extend((0..4).map(|_| this.clone()));
            self.heap.fork();
            let rendered = self.call(&render, this.clone(), arguments, place);
            let changes = self.heap.undo();
            self.heap.merge(vec![changes], true);
            let known = self.hidden(view, RENDERED);
            self.set_hidden(view, RENDERED, known.joined(&rendered));
            for (tag, event, handler) in std::mem::replace(&mut self.rendered, outer) {
                let name = event.trim_start_matches(['~', '!', '&', '^']);
                let trigger = Trigger::of(!platform::comes_unasked(&tag, name));
                // Whether it is the authorising button's is told by its attributes, which may be anything.
                let allowed = if name == "tap" { Consents::NONE } else { Consents::ALL };
                let details = self.anything();
                self.enter(&handler, &this, vec![details], Start { allowed, ..trigger.into() }, place, &event);
            }
        }
    }

    /// `createElement('button', { on: { tap: this.login } })`: an early compiler of uni-app's leaves the handlers there.
    fn create_element(&mut self, tag: &Value, data: &Value, place: Place) {
        let tag: Name = tag.whole_texts().next().cloned().unwrap_or_else(|| "view".into());
        let handlers = self.read(data, &"on".into(), place);
        for event in self.names_of(&handlers) {
            let handler = self.read(&handlers, &event, place);
            if self.heap.is_callable(&handler) {
                self.rendered.push((tag.clone(), event, handler));
            }
        }
    }

    /// `new Vue({ mpType: 'page', ... }).$mount()` while a script loads registers what the script is of.
    fn mount(&mut self, view: ObjectId, place: Place) {
        if self.loading.is_none() {
            return;
        }
        let options = self.hidden(view, "$options");
        let kind = self.read(&options, &"mpType".into(), place);
        let is_app = kind.whole_texts().any(|kind| &**kind == "app");
        self.register_view(if is_app { "App" } else { "Page" }, &Value::object(view), place);
    }

    /// Runs what an instance lists under `components` and shows without a script of its own: an early compiler of uni-app's makes
    /// templates of such components, and keeps their code with the page's.
    pub(super) fn run_listed(&mut self, view: ObjectId, module: u32, place: Place) {
        let options = self.hidden(view, OPTIONS);
        let listed = self.read(&options, &"components".into(), place);
        for name in self.names_of(&listed) {
            let own = &self.project.modules[module as usize].components;
            if own.keys().any(|tag| plain_event(tag) == plain_event(&name)) {
                continue;
            }
            let component = self.read(&listed, &name, place);
            let component = self.force(&component);
            for options in component.objects() {
                let is_plain = matches!(self.heap.get(options).kind, Kind::Plain);
                if is_plain && self.listed.len() < DEEPEST_COMPONENTS && !self.listed.contains(&options) {
                    self.listed.push(options);
                    let shown = self.view_of(options, None, place);
                    self.set_hidden(shown, PARENT, Value::object(view));
                    self.run_view(shown, place);
                    self.run_mounted(shown, place);
                    self.run_listed(shown, module, place);
                    self.listed.pop();
                }
            }
        }
    }

    fn run_mounted(&mut self, view: ObjectId, place: Place) {
        let this = Value::object(view);
        for name in ["mounted", "onReady"] {
            let hook = self.read(&this, &name.into(), place);
            if self.heap.is_callable(&hook) {
                let start = Start { allowed: self.shown_where, ..Trigger::Unasked.into() };
                self.enter(&hook, &this, Vec::new(), start, place, &name.into());
            }
        }
    }

    /// What the template of an instance can name.
    pub(super) fn variables_of_view(&mut self, view: ObjectId, place: Place) -> Vec<(Name, Value)> {
        let mut sources = vec![Value::object(view)];
        let mp = self.hidden(view, "$mp");
        sources.push(self.read(&mp, &"data".into(), place));
        sources.push(self.hidden(view, RENDERED));
        let mut variables = Vec::new();
        for source in sources {
            for id in source.objects() {
                let mut fields: Vec<_> = self.heap.get(id).fields.clone().into_iter().collect();
                fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
                for (name, value) in fields {
                    if !name.starts_with('(') && !METHODS.contains(&&*name) {
                        variables.push((name, self.getter(value, id, place)));
                    }
                }
            }
        }
        variables
    }
}

/// How a template of uni-app's for Vue 2 names its one handler; what is meant stands in `data-event-opts`.
pub(super) const HANDLER: &str = "__e";

impl Machine<'_> {
    /// What an event of an element of uni-app's calls: `[["tap", [["buy", ["$event"]]]]]`. Each function with its arguments.
    pub(super) fn event_options(
        &mut self,
        view: ObjectId,
        options: &Value,
        event: &str,
        details: &[Value],
        place: Place,
    ) -> Vec<(Name, Value, Vec<Value>)> {
        let mut found = Vec::new();
        for option in self.elements_of(options).0 {
            let parts = self.elements_of(&option).0;
            let names: Vec<Name> = parts.first().map(|name| name.whole_texts().cloned().collect()).unwrap_or_default();
            let is_it = |name: &Name| plain_event(name.trim_start_matches(['^', '~'])) == plain_event(event);
            if !names.iter().any(is_it) {
                continue;
            }
            let calls = parts.get(1).map(|calls| self.elements_of(calls).0).unwrap_or_default();
            for call in calls {
                let parts = self.elements_of(&call).0;
                let Some(method) = parts.first().and_then(|name| name.whole_texts().next().cloned()) else { continue };
                let given = parts.get(1).map(|given| self.elements_of(given).0);
                let first = details.first().cloned().unwrap_or_else(Value::unknown);
                let arguments = match given {
                    None => details.to_vec(),
                    Some(given) => given.into_iter().map(|value| self.event_argument(value, &first)).collect(),
                };
                if &*method == "__set_model" {
                    self.set_model(view, &arguments, place);
                    continue;
                }
                let mut handler = Value::object(view);
                for part in method.split('.') {
                    handler = self.read(&handler, &part.into(), place);
                }
                found.push((method, handler, arguments));
            }
        }
        found
    }

    fn event_argument(&mut self, value: Value, details: &Value) -> Value {
        let name = value.whole_texts().next().cloned();
        match name.as_deref() {
            Some("$event") => details.clone(),
            // A value of the loop around the element.
            Some(name) if name.starts_with('$') => self.anything(),
            _ => value,
        }
    }

    /// `v-model`: what was typed becomes the field.
    fn set_model(&mut self, view: ObjectId, arguments: &[Value], place: Place) {
        let [_, key, details, ..] = arguments else { return };
        let detail = self.read(details, &"detail".into(), place);
        let value = self.read(&detail, &"value".into(), place);
        self.write_index(&Value::object(view), &key.clone(), value, place);
    }

    /// Runs a component of the framework's within a page, with the attributes of its element.
    pub(super) fn run_view_component(
        &mut self,
        config: ObjectId,
        given: ObjectId,
        page: ObjectId,
        module: u32,
        place: Place,
    ) {
        let options = self.hidden(config, OPTIONS).objects().first().copied();
        let Some(options) = options else { return };
        let properties = self.new_object();
        for (name, value) in self.heap.get(given).fields.clone() {
            self.heap.edit(properties).fields.insert(camel(&name), value);
        }
        let view = self.view_of(options, Some(properties), place);
        self.set_hidden(view, GIVEN, Value::object(properties));
        self.set_hidden(view, PARENT, Value::object(page));
        let events = self.hidden(given, "data-event-opts");
        self.set_hidden(view, EVENTS, events);
        self.run_view(view, place);
        self.run_mounted(view, place);
        self.run_listed(view, module, place);
        self.run_template(view, module);
    }

    /// `this.$emit('chosen', value)` and the other functions of an instance.
    pub(super) fn call_view(&mut self, name: &str, view: ObjectId, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        let channel = first.whole_texts().next().cloned();
        match (name, channel) {
            ("emit", Some(event)) => {
                self.emit(&event, arguments.get(1), place);
                let given: Vec<Value> = arguments.iter().skip(1).cloned().collect();
                for parent in self.hidden(view, PARENT).objects() {
                    let options = self.hidden(view, EVENTS);
                    let mut handlers = self.event_options(parent, &options, &event, &given, place);
                    for properties in self.hidden(view, GIVEN).objects() {
                        let listener = self.hidden(properties, &format!("on{}", capital(&camel(&event))));
                        handlers.push((event.clone(), listener, given.clone()));
                    }
                    for (_, handler, arguments) in handlers {
                        if self.heap.is_callable(&handler) {
                            self.call(&handler, Value::object(parent), arguments, place);
                        }
                    }
                }
                Value::unknown()
            }
            ("mount", _) => {
                self.mount(view, place);
                Value::object(view)
            }
            ("createElement" | "_c", _) => {
                let data = arguments.get(1).cloned().unwrap_or_default();
                self.create_element(&first, &data, place);
                Value::unknown()
            }
            ("_l", _) => {
                let render = arguments.get(1).cloned().unwrap_or_default();
                let items = self.items_of(&first);
                for item in items {
                    self.call(&render, Value::undefined(), vec![item, Value::unknown()], place);
                }
                Value::unknown()
            }
            ("on" | "once", Some(event)) => {
                self.listen(&event, arguments.get(1).cloned().unwrap_or_default(), place);
                Value::unknown()
            }
            ("nextTick", _) => {
                self.later(Some(&first), Vec::new(), place);
                self.resolved(Value::unknown(), place)
            }
            ("set", _) => {
                let key = arguments.get(1).cloned().unwrap_or_default();
                let value = arguments.get(2).cloned().unwrap_or_default();
                self.write_index(&first, &key, value.clone(), place);
                value
            }
            ("watch", _) => {
                let context = self.context.clone();
                self.context.trigger = Trigger::Unasked;
                self.later(arguments.get(1), vec![Value::unknown()], place);
                self.context = context;
                Value::unknown()
            }
            _ => Value::unknown(),
        }
    }

    /// The object that every instance inherits from: `Vue.prototype`.
    pub(super) fn vue_prototype(&mut self) -> ObjectId {
        let vue = self.native("Vue");
        let id = vue.objects().first().copied();
        let known = id.and_then(|id| self.heap.get(id).fields.get("prototype").cloned());
        if let Some(prototype) = known.and_then(|prototype| prototype.objects().first().copied()) {
            return prototype;
        }
        let prototype = self.new_object();
        if let Some(id) = id {
            self.heap.edit(id).fields.insert("prototype".into(), Value::object(prototype));
        }
        prototype
    }

    /// A value as it is shown, one step further.
    pub(super) fn shown(&self, value: &Value, place: Place) -> Value {
        let mut value = value.clone().stepped(StepKind::Mixed, place, &"".into());
        if value.atoms.is_empty() {
            value.atoms.push(Atom::Unknown);
        }
        value
    }
}

/// An event's name without regard to how it is written.
fn plain_event(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// `user-name` is `userName`.
fn camel(name: &str) -> Name {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + &capital(part)).into()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
