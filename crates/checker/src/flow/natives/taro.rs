//! Taro's pages and React's components, as far as pages need them: a component runs when its page opens, and the functions it
//! passes to `onClick` and the like run as the person's act.

use super::super::{
    context::{Consents, Start, Trigger},
    heap::Kind,
    machine::Machine,
    value::Value,
};
use crate::{flow::facts::Place, platform, scripts::ir::Name};

/// The hidden field of a page that a component renders; no code can name it.
const RENDERED: &str = "(react)";

/// How deeply components may be nested.
const MAX_DEPTH: usize = 8;

/// Methods of a class that React and Taro call by themselves, besides the platform's hooks.
const CLASS_HOOKS: &[&str] = &["componentWillMount", "componentDidMount", "componentDidShow", "componentDidUpdate"];

impl Machine<'_> {
    /// A call of Taro's runtime, its hooks or its interface to the platform.
    pub(super) fn call_taro(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let own = name.rsplit('.').next().unwrap_or_default();
        if own.starts_with("use") {
            if self.heap.is_callable(&first) {
                self.later(Some(&first), vec![Value::unknown()], place);
            }
            return Some(Value::unknown());
        }
        // A minifier may have renamed the export. A function that receives a component while a page or the app is created is the
        // one that creates it.
        let makes =
            own.starts_with("create") && own.ends_with("Config") || own.starts_with("create") && own.ends_with("App");
        let is_component = first.objects().iter().any(|id| !matches!(self.heap.get(*id).kind, Kind::Native(_)));
        if (makes || own.len() <= 2) && is_component && self.heap.is_callable(&first) {
            return Some(self.call_taro_part(if own.ends_with("App") { "app" } else { "page" }, arguments));
        }
        match own {
            "login" => Some(self.call_platform("getAuthCode", arguments, place)),
            api if platform::call(api).is_some() => Some(self.call_platform(api, arguments, place)),
            _ => None,
        }
    }

    /// A part of Taro's runtime that turns a component into a page or the app.
    pub(super) fn call_taro_part(&mut self, part: &str, arguments: &[Value]) -> Value {
        let config = self.new_object();
        let component = arguments.first().cloned().unwrap_or_default();
        self.heap.edit(config).fields.insert("component".into(), component);
        let hook = if part == "app" { "onLaunch" } else { "onLoad" };
        let run = self.method("react.run", config);
        let page = self.new_object();
        for name in [hook, "onShow", RENDERED] {
            self.heap.edit(page).fields.insert(name.into(), run.clone());
        }
        Value::object(page)
    }

    /// Whether a component makes the page's elements. Taro has one recursive template for all pages, which says nothing about them.
    pub(crate) fn is_rendered(&self, page: super::super::value::ObjectId) -> bool {
        self.heap.get(page).fields.contains_key(RENDERED)
    }

    /// A call of React's.
    pub(super) fn call_react(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        Some(match name.rsplit('.').next().unwrap_or_default() {
            "createElement" | "jsx" | "jsxs" | "jsxDEV" => {
                self.element(&first, &second, place);
                Value::unknown()
            }
            "useState" => {
                let holder = self.made(super::super::heap::Object::new(Kind::Plain), place.range);
                let initial = if self.heap.is_callable(&first) {
                    self.call(&first, Value::undefined(), Vec::new(), place)
                } else {
                    first
                };
                self.heap.edit(holder).fields.insert("value".into(), initial.joined(&Value::unknown()));
                let state = self.states.get(&place).copied().unwrap_or(holder);
                self.states.insert(place, state);
                let value = self.read(&Value::object(state), &"value".into(), place);
                let set = self.method("react.set", state);
                self.new_array(vec![value, set], Value::undefined())
            }
            "useEffect" | "useLayoutEffect" => {
                self.later(Some(&first), Vec::new(), place);
                Value::undefined()
            }
            "useCallback" | "memo" | "forwardRef" => first,
            "useMemo" => self.call(&first, Value::undefined(), Vec::new(), place),
            "useRef" => {
                let holder = self.new_object();
                self.heap.edit(holder).fields.insert("current".into(), first);
                Value::object(holder)
            }
            _ => return None,
        })
    }

    /// Runs a component twice: the second run sees the states that the first has set.
    pub(super) fn run_react(&mut self, component: &Value, place: Place) {
        for _ in 0..2 {
            let properties = self.anything();
            let outer = std::mem::take(&mut self.rendered);
            self.render_component(component, properties, place);
            self.run_tasks();
            let rendered = std::mem::replace(&mut self.rendered, outer);
            for (tag, event, handler) in rendered {
                let lower = event.trim_start_matches("on").to_ascii_lowercase();
                let name = if lower == "click" { "tap" } else { &lower };
                let trigger = Trigger::of(!platform::comes_unasked(&tag, name));
                // The scope of the authorising button may be any.
                let allowed = if name == "getauthorize" { Consents::ALL } else { Consents::NONE };
                let details = self.anything();
                let start = Start { allowed, ..trigger.into() };
                self.enter(&handler, &Value::undefined(), vec![details], start, place, &event);
            }
        }
    }

    fn render_component(&mut self, component: &Value, properties: Value, place: Place) {
        if self.rendering >= MAX_DEPTH {
            return;
        }
        self.rendering += 1;
        let prototype = self.read(component, &"prototype".into(), place);
        let render = self.read(&prototype, &"render".into(), place);
        if self.heap.is_callable(&render) {
            let instance = self.construct(component, vec![properties], place);
            let by_itself =
                |(name, is_request): &(Name, bool)| (name.starts_with("on") && !is_request).then(|| name.clone());
            let own = platform::hooks().own.iter().filter_map(by_itself);
            for hook in CLASS_HOOKS.iter().map(|name| Name::from(*name)).chain(own) {
                let hook = self.read(&instance, &hook, place);
                if self.heap.is_callable(&hook) {
                    self.call(&hook, instance.clone(), Vec::new(), place);
                }
            }
            self.call(&render, instance, Vec::new(), place);
        } else {
            self.call(component, Value::undefined(), vec![properties], place);
        }
        self.rendering -= 1;
    }

    /// An element: the platform's elements have handlers; a component runs in place.
    fn element(&mut self, kind: &Value, properties: &Value, place: Place) {
        let is_own =
            |id: &super::super::value::ObjectId| matches!(self.heap.get(*id).kind, Kind::Closure(_) | Kind::Bound(_));
        if kind.objects().iter().any(is_own) {
            self.render_component(kind, properties.clone(), place);
            return;
        }
        let tag: Name = kind.whole_texts().next().cloned().unwrap_or_else(|| "view".into());
        for id in properties.objects() {
            let mut fields: Vec<(Name, Value)> = self.heap.get(id).fields.clone().into_iter().collect();
            fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
            for (name, value) in fields {
                let is_event = name.strip_prefix("on").is_some_and(|rest| rest.starts_with(char::is_uppercase));
                if is_event && self.heap.is_callable(&value) {
                    self.rendered.push((tag.clone(), name, value));
                }
            }
        }
    }
}
