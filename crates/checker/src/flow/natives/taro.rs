//! Taro's pages and app, which are created from components. `react` runs these components.

use super::super::{
    heap::Kind,
    machine::Machine,
    value::{ObjectId, Value},
};
use crate::{flow::facts::Place, platform};

/// The hidden field of a page that a component renders; no code can name it.
const RENDERED: &str = "(react)";

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
        let is_options =
            self.loading.is_some() && first.objects().iter().any(|id| matches!(self.heap.get(*id).kind, Kind::Plain));
        if (makes || own.len() <= 2) && is_component && (is_options || self.heap.is_callable(&first)) {
            return Some(self.call_taro_part(if own.ends_with("App") { "app" } else { "page" }, arguments, place));
        }
        match own {
            "login" => Some(self.call_platform("getAuthCode", arguments, place)),
            api if platform::call(api).is_some() => Some(self.call_platform(api, arguments, place)),
            _ => None,
        }
    }

    /// A part of Taro's runtime that turns a component into a page or the app.
    pub(super) fn call_taro_part(&mut self, part: &str, arguments: &[Value], place: Place) -> Value {
        let component = arguments.first().cloned().unwrap_or_default();
        let options = component.objects().into_iter().find(|id| matches!(self.heap.get(*id).kind, Kind::Plain));
        if let Some(options) = options {
            // A Vue component.
            let page = self.view_of(options, None, place);
            self.heap.edit(page).fields.insert(RENDERED.into(), Value::unknown());
            return Value::object(page);
        }
        let config = self.new_object();
        self.heap.edit(config).fields.insert("component".into(), component);
        let hook = if part == "app" { "onLaunch" } else { "onLoad" };
        let run = self.method("react.run", config);
        let page = self.new_object();
        for name in [hook, "onShow", RENDERED] {
            self.heap.edit(page).fields.insert(name.into(), run.clone());
        }
        Value::object(page)
    }

    /// Whether a component renders the page's elements. Taro uses one recursive template for all pages, which says nothing about them.
    pub(crate) fn is_rendered(&self, page: ObjectId) -> bool {
        self.heap.get(page).fields.contains_key(RENDERED)
    }

    /// The components from which Taro has created a page or the app.
    pub(super) fn components_of(&self, made: ObjectId) -> Vec<Value> {
        let run = self.heap.get(made).fields.get(RENDERED).cloned().unwrap_or_default();
        let kept = run.objects().into_iter().filter_map(|run| match self.heap.get(run).kind {
            Kind::Method(_, config) => self.heap.get(config).fields.get("component").cloned(),
            _ => None,
        });
        kept.collect()
    }
}
