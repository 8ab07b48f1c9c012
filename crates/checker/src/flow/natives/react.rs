//! React's components, as far as Taro's pages need them: a component runs when its page opens, its hooks keep their values from one
//! rendering to the next, and the functions that it passes to `onClick` and the like run as if the person had tapped.

use super::super::{
    context::{Consents, Press, Start, Trigger},
    heap::{Kind, Object},
    machine::Machine,
    value::{Atom, ObjectId, Value},
};
use crate::{flow::facts::Place, platform, scripts::ir::Name};

/// How deeply components may be nested.
const MAX_DEPTH: usize = 8;

/// Methods of a class that React and Taro call by themselves, besides the platform's hooks.
const CLASS_HOOKS: &[&str] = &["componentWillMount", "componentDidMount", "componentDidShow", "componentDidUpdate"];

/// The field that marks a context. No code can name it.
const CONTEXT: &str = "(context)";

/// The prefix of a context's fields that hold the values of its providers.
const PROVIDED: &str = "(provided";

/// A handler of a rendered element.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    pub(crate) tag: Name,
    pub(crate) event: Name,
    pub(crate) handler: Value,
    /// The consents that hold whenever the element is shown.
    pub(crate) allowed: Consents,
    /// The scopes that it asks for, if it is an authorising button.
    pub(crate) asks: Option<Consents>,
}

impl Machine<'_> {
    /// A call of React's.
    pub(super) fn call_react(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or_default();
        Some(match name {
            "createElement" => {
                let properties = self.with_children(&second, &arguments[arguments.len().min(2)..], place);
                self.element(&first, &properties, place);
                Value::unknown()
            }
            "jsx" | "jsxs" | "jsxDEV" => {
                self.element(&first, &second, place);
                Value::unknown()
            }
            "useState" => {
                let state = self.state_at(&first, "value", place);
                let set = self.method("react.set", state);
                self.state_and(set, state, place)
            }
            "useReducer" => {
                let initial = match arguments.get(2).filter(|start| self.heap.is_callable(start)) {
                    Some(start) => self.call(&start.clone(), Value::undefined(), vec![second], place),
                    None => second,
                };
                let state = self.state_at(&initial, "value", place);
                self.heap.edit(state).fields.insert("reducer".into(), first);
                let dispatch = self.method("react.dispatch", state);
                self.state_and(dispatch, state, place)
            }
            "useRef" => Value::object(self.state_at(&first, "current", place)),
            "createRef" => Value::object(self.new_object()),
            "useEffect" | "useLayoutEffect" | "useInsertionEffect" | "startTransition" => {
                self.later(Some(&first), Vec::new(), place);
                Value::undefined()
            }
            "useTransition" => {
                let start = self.native("react.startTransition");
                self.new_array(vec![Value::unknown(), start], Value::undefined())
            }
            "useImperativeHandle" => {
                let made = self.call(&second, Value::undefined(), Vec::new(), place);
                self.write(&first, &"current".into(), made, place, true);
                Value::undefined()
            }
            "useCallback" | "memo" | "forwardRef" | "useDeferredValue" => first,
            "useMemo" => self.memo(&first, &second, place),
            "useSyncExternalStore" => self.call(&second, Value::undefined(), Vec::new(), place),
            "useId" | "useDebugValue" => Value::unknown(),
            "createContext" => self.create_context(first, place),
            "useContext" => self.context_value(&first, place),
            "use" if first.objects().iter().any(|id| self.is_context(*id)) => self.context_value(&first, place),
            "cloneElement" | "Component" | "PureComponent" => return None,
            _ => {
                // An unknown hook may return anything to the component.
                self.is_lost |= name.starts_with("use");
                return None;
            }
        })
    }

    /// The properties of `createElement(kind, properties, ...children)`. A child that is a function becomes the property `children`.
    fn with_children(&mut self, properties: &Value, children: &[Value], place: Place) -> Value {
        let Some(child) = children.iter().find(|child| self.heap.is_callable(child)) else { return properties.clone() };
        let all = self.new_object();
        self.copy_fields(all, properties, place);
        self.heap.edit(all).fields.insert("children".into(), child.clone());
        Value::object(all)
    }

    /// The object that keeps a hook's value between renderings. An initial value may be a function that returns it.
    fn state_at(&mut self, initial: &Value, field: &str, place: Place) -> ObjectId {
        if let Some(known) = self.states.get(&place) {
            return *known;
        }
        let initial = if field == "value" && self.heap.is_callable(initial) {
            self.call(initial, Value::undefined(), Vec::new(), place)
        } else {
            initial.clone()
        };
        let state = self.made(Object::new(Kind::Plain), place.range);
        self.heap.edit(state).fields.insert(field.into(), initial.joined(&Value::unknown()));
        self.states.insert(place, state);
        state
    }

    /// `useMemo(make, dependencies)`: computes the value again only if a dependency has changed.
    fn memo(&mut self, make: &Value, dependencies: &Value, place: Place) -> Value {
        let (current, rest) = self.elements_of(dependencies);
        let is_list = !dependencies.objects().is_empty() && rest.is_undefined();
        let known = self.states.get(&place).map(|known| self.heap.get(*known).clone());
        let is_same = |(one, other): (&Value, &Value)| one.atoms == other.atoms && one.marks.len() == other.marks.len();
        if let Some(known) = known.filter(|known| known.elements.len() == current.len())
            && is_list
            && known.elements.iter().zip(&current).all(is_same)
        {
            return known.rest;
        }
        let made = self.call(make, Value::undefined(), Vec::new(), place);
        let kept = Object { elements: current, rest: made.clone(), ..Object::new(Kind::Array) };
        let kept = self.heap.add(kept);
        self.states.insert(place, kept);
        made
    }

    fn state_and(&mut self, change: Value, state: ObjectId, place: Place) -> Value {
        let value = self.read(&Value::object(state), &"value".into(), place);
        self.new_array(vec![value, change], Value::undefined())
    }

    /// What the functions of a hook do: `setState(value)`, `setState(value => value)`, `dispatch(action)`, `this.setState(part)`.
    pub(super) fn call_react_method(&mut self, name: &str, of: ObjectId, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        let this = Value::object(of);
        let field = Name::from("value");
        match name {
            "run" => {
                let component = self.heap.get(of).fields.get("component").cloned().unwrap_or_default();
                self.run_react(&component, place);
            }
            "set" => {
                let value = if self.heap.is_callable(&first) {
                    let before = self.read(&this, &field, place);
                    self.call(&first, Value::undefined(), vec![before.joined(&Value::unknown())], place)
                } else {
                    first
                };
                self.write(&this, &field, value, place, true);
            }
            "dispatch" => {
                let before = self.read(&this, &field, place);
                let reducer = self.heap.get(of).fields.get("reducer").cloned().unwrap_or_default();
                let value = self.call(&reducer, Value::undefined(), vec![before, first], place);
                self.write(&this, &field, value, place, true);
            }
            "setState" => {
                let state = self.heap.get(of).fields.get("state").cloned().unwrap_or_default();
                let part = if self.heap.is_callable(&first) {
                    let properties = self.heap.get(of).fields.get("props").cloned().unwrap_or_default();
                    self.call(&first, Value::undefined(), vec![state.clone(), properties], place)
                } else {
                    first
                };
                for name in self.names_of(&part) {
                    let value = self.read(&part, &name, place);
                    self.write(&state, &name, value, place, true);
                }
                self.later(arguments.get(1), Vec::new(), place);
            }
            _ => {}
        }
        Value::undefined()
    }

    /// `createContext(value)`: the context keeps the value of each provider, by the provider's place in the code.
    fn create_context(&mut self, initial: Value, place: Place) -> Value {
        let context = self.made(Object::new(Kind::Plain), place.range);
        let provider = self.method("react.Provider", context);
        let consumer = self.method("react.Consumer", context);
        let fields = &mut self.heap.edit(context).fields;
        fields.insert(CONTEXT.into(), initial.joined(&Value::unknown()));
        fields.insert("Provider".into(), provider);
        fields.insert("Consumer".into(), consumer);
        Value::object(context)
    }

    fn is_context(&self, id: ObjectId) -> bool {
        self.heap.get(id).fields.contains_key(CONTEXT)
    }

    /// `useContext(context)`: the values of its providers, or its initial value if it has none.
    fn context_value(&mut self, context: &Value, place: Place) -> Value {
        self.uses_context = true;
        let context = self.force(context);
        let mut value = Value::undefined();
        let mut is_known = false;
        for id in context.objects().into_iter().filter(|id| self.is_context(*id)).collect::<Vec<_>>() {
            is_known = true;
            let mut fields: Vec<(Name, Value)> = self.heap.get(id).fields.clone().into_iter().collect();
            fields.retain(|(name, _)| name.starts_with(PROVIDED));
            fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
            if fields.is_empty() {
                value.join(&self.read(&Value::object(id), &CONTEXT.into(), place));
            }
            for (_, provided) in fields {
                value.join(&provided);
            }
        }
        self.is_lost |= !is_known;
        if is_known { value } else { Value::unknown() }
    }

    /// Renders the app's component around a page that uses a context, because the app may provide the context. What the app itself
    /// does is checked in the app's own run.
    fn render_app(&mut self, place: Place) {
        let Some(app) = self.project.app.filter(|app| Some(*app) != self.unit) else { return };
        self.load(app);
        let file = self.project.modules[app as usize].file;
        let configs: Vec<ObjectId> = self
            .registered
            .iter()
            .filter(|known| &*known.kind == "App" && known.file == file)
            .map(|known| known.config)
            .collect();
        let context = self.context.clone();
        self.context.trigger = Trigger::Unseen;
        for config in configs {
            for component in self.components_of(config) {
                let properties = self.anything();
                self.render_component(&component, properties, place);
            }
        }
        self.context = context;
    }

    /// Runs a component twice: the second run sees the states that the first one has set.
    pub(super) fn run_react(&mut self, component: &Value, place: Place) {
        for _ in 0..2 {
            let outer = std::mem::take(&mut self.rendered);
            if self.uses_context {
                self.render_app(place);
                self.rendered.clear();
            }
            let properties = self.anything();
            let shown = self.render_component(component, properties, place);
            // A function that returns no object is a component that renders nothing; an object comes from another framework's functions.
            self.is_drawn |= self.heap.is_callable(component) && shown.objects().is_empty();
            self.run_tasks();
            let rendered = std::mem::replace(&mut self.rendered, outer);
            for Rendered { tag, event, handler, allowed, asks } in rendered {
                let lower = event.trim_start_matches("on").to_ascii_lowercase();
                let name = if lower == "click" { "tap" } else { &lower };
                let trigger = Trigger::of(!platform::comes_unasked(&tag, name));
                let start = Self::start_of_rendered(name, asks, Start { allowed, ..trigger.into() });
                let details = self.anything();
                self.enter(&handler, &Value::undefined(), vec![details], start, place, &event);
            }
        }
    }

    /// How a handler of a rendered element starts. An event that reports the person's agreement proves the consents that the button
    /// asks for, or all of them if the button is not known.
    pub(crate) fn start_of_rendered(event: &str, asks: Option<Consents>, start: Start) -> Start {
        let says_agreed = platform::button().events.iter().any(|known| known == event);
        match asks {
            Some(scopes) if says_agreed => {
                Start { allowed: start.allowed | scopes, press: Press::Agreed(scopes), ..start }
            }
            Some(scopes) if event == "error" => Start { trigger: Trigger::Tap, press: Press::Refused(scopes), ..start },
            Some(scopes) => Start { press: Press::Unanswered(scopes), ..start },
            None if says_agreed => Start { allowed: Consents::ALL, ..start },
            None => start,
        }
    }

    /// Runs a component and returns what it renders.
    fn render_component(&mut self, component: &Value, properties: Value, place: Place) -> Value {
        if self.rendering >= MAX_DEPTH {
            return Value::unknown();
        }
        self.rendering += 1;
        let prototype = self.read(component, &"prototype".into(), place);
        let render = self.read(&prototype, &"render".into(), place);
        let shown = if self.heap.is_callable(&render) {
            self.render_instance(component, &render, properties, place)
        } else {
            let own = self.read(&properties, &"ref".into(), place);
            self.call(component, Value::undefined(), vec![properties, own], place)
        };
        self.rendering -= 1;
        shown
    }

    /// Renders a component that is a class. The new instance takes over the state of earlier instances.
    fn render_instance(&mut self, class: &Value, render: &Value, properties: Value, place: Place) -> Value {
        let instance = self.construct(class, vec![properties.clone()], place);
        let of = self.read(class, &"contextType".into(), place);
        // A class without a context inherits React's own field, which is not a context.
        let has_context = of.objects().iter().any(|id| self.is_context(*id));
        let context = if has_context { self.context_value(&of, place) } else { Value::undefined() };
        for id in instance.objects() {
            let own = self.handler_place(class).unwrap_or(place);
            let kept = match self.states.get(&own) {
                Some(known) => *known,
                None => {
                    let made = self.heap.get(id).fields.get("state").cloned().unwrap_or_default();
                    let kept = self.new_object();
                    self.copy_fields(kept, &made, place);
                    self.states.insert(own, kept);
                    kept
                }
            };
            let set = self.method("react.setState", id);
            let fields = &mut self.heap.edit(id).fields;
            fields.insert("state".into(), Value::object(kept));
            fields.insert("setState".into(), set);
            fields.entry("props".into()).or_insert_with(|| properties.clone());
            if !context.is_undefined() {
                fields.insert("context".into(), context.clone());
            }
        }
        let by_itself =
            |(name, is_request): &(Name, bool)| (name.starts_with("on") && !is_request).then(|| name.clone());
        let own = platform::hooks().own.iter().filter_map(by_itself);
        for hook in CLASS_HOOKS.iter().map(|name| Name::from(*name)).chain(own) {
            let hook = self.read(&instance, &hook, place);
            if self.heap.is_callable(&hook) {
                self.call(&hook, instance.clone(), Vec::new(), place);
            }
        }
        self.call(render, instance, Vec::new(), place)
    }

    /// An element. The platform's elements have handlers; a component runs in place; a context's provider and consumer pass values on.
    fn element(&mut self, kind: &Value, properties: &Value, place: Place) {
        self.is_drawn = true;
        let kind = self.force(kind);
        for id in kind.objects() {
            let (name, context) = match &self.heap.get(id).kind {
                Kind::Method(name, context) => (name.clone(), *context),
                Kind::Plain if self.is_context(id) => ("react.Provider".into(), id),
                _ => continue,
            };
            if &*name == "react.Provider" {
                let value = self.read(properties, &"value".into(), place);
                let field = format!("{PROVIDED} {}:{})", place.file, place.range.start);
                self.heap.edit(context).fields.insert(field.as_str().into(), value);
            } else if &*name == "react.Consumer" {
                let child = self.read(properties, &"children".into(), place);
                let value = self.context_value(&Value::object(context), place);
                if self.heap.is_callable(&child) {
                    self.call(&child, Value::undefined(), vec![value], place);
                }
            }
        }
        let is_own = |id: &ObjectId| matches!(self.heap.get(*id).kind, Kind::Closure(_) | Kind::Bound(_));
        if kind.objects().iter().any(is_own) {
            self.render_component(&kind, properties.clone(), place);
            return;
        }
        let tag: Name = kind.whole_texts().next().cloned().unwrap_or_else(|| "view".into());
        let asks = self.scopes_asked(properties, place);
        for id in properties.objects() {
            let mut fields: Vec<(Name, Value)> = self.heap.get(id).fields.clone().into_iter().collect();
            fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
            for (event, handler) in fields {
                let is_event = event.strip_prefix("on").is_some_and(|rest| rest.starts_with(char::is_uppercase));
                if is_event && self.heap.is_callable(&handler) {
                    let allowed = self.context.allowed;
                    self.rendered.push(Rendered { tag: tag.clone(), event, handler, allowed, asks });
                }
            }
        }
    }

    /// The scopes that a rendered element asks for, by its attributes; `None` if it is not an authorising button.
    pub(crate) fn scopes_asked(&mut self, attributes: &Value, place: Place) -> Option<Consents> {
        let mut is_button = false;
        for name in ["openType", "open-type"] {
            let kind = self.read(attributes, &name.into(), place);
            is_button |= kind.whole_texts().any(|text| **text == *platform::button().open_type);
        }
        let scope = self.read(attributes, &"scope".into(), place);
        is_button.then(|| Self::scopes_in(&scope))
    }

    /// The scopes that a value names; all scopes if it is unknown or names none.
    pub(crate) fn scopes_in(scope: &Value) -> Consents {
        let is_text = |atom: &Atom| matches!(atom, Atom::Text(text) if text.whole);
        if scope.atoms.is_empty() || !scope.atoms.iter().all(is_text) {
            return Consents::ALL;
        }
        scope.whole_texts().fold(Consents::NONE, |all, scope| all | Consents::of(scope))
    }
}
