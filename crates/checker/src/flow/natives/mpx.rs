//! mpx's pages and components, and its interface to the platform. Its options run like Vue's: data, computed values and methods
//! are fields of one instance.

use super::super::{
    context::{Context, Trigger},
    machine::Machine,
    value::Value,
};
use crate::{flow::facts::Place, platform, scripts::ir::Name};

/// Component hooks of the platform that mpx is written for, with their names as Vue options.
const HOOKS: &[(&str, &str)] = &[("attached", "onInit"), ("ready", "mounted")];

/// Options of pages and components, besides their hooks.
const OPTIONS: &[&str] = &["data", "methods", "computed", "properties", "setup"];

/// The methods through which `mpx.xfetch` sends requests.
const SENDS: &[&str] = &["fetch", "addLock"];

impl Machine<'_> {
    /// A part of mpx's runtime that creates pages.
    pub(super) fn call_mpx_part(&mut self, part: &str, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        match part {
            "maker" => return self.native("mpx.create"),
            "create" => self.create_mpx(&first, place),
            "inject" => {
                let name = first.whole_texts().next().cloned().unwrap_or_else(|| "".into());
                let name = Name::from(name.trim_matches('_'));
                let own = platform::hooks().own.iter().find(|(hook, _)| *hook == name);
                let trigger = Trigger::of(own.is_some_and(|(_, is_request)| *is_request));
                let context = std::mem::replace(&mut self.context, Context::starting(trigger, place, &name));
                let given = self.anything();
                self.later(arguments.get(1), vec![given], place);
                self.context = context;
            }
            _ => {}
        }
        Value::undefined()
    }

    /// `createPage(options)`, `createComponent(options)` or `createApp(options)`: creates the file's page, component or app.
    fn create_mpx(&mut self, options: &Value, place: Place) {
        let options = self.force(options);
        let file = self.registering_file(place);
        let is_file_of = |module: &u32| self.project.modules[*module as usize].file == file;
        let kind = match () {
            () if self.project.app.iter().any(is_file_of) => "App",
            () if self.project.pages.values().any(is_file_of) => "Page",
            () => "Component",
        };
        for id in options.objects() {
            let this = Value::object(id);
            let lifetimes = self.read(&this, &"lifetimes".into(), place);
            self.copy_fields(id, &lifetimes, place);
            for (own, meant) in HOOKS {
                let hook = self.read(&this, &(*own).into(), place);
                if self.heap.is_callable(&hook) {
                    self.heap.edit(id).fields.entry((*meant).into()).or_default().join(&hook);
                }
            }
            let properties = self.read(&this, &"properties".into(), place);
            if !properties.objects().is_empty() {
                self.heap.edit(id).fields.entry("props".into()).or_default().join(&properties);
            }
        }
        self.register_view(kind, &options, place);
    }

    /// `mpx.request(...)` and mpx's other functions: most are the platform's calls under the same name.
    pub(super) fn call_mpx(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let makes = |text: &Name| matches!(&**text, "page" | "component");
        if arguments.len() == 1 && first.whole_texts().any(makes) {
            return Some(self.native("mpx.create"));
        }
        // A minifier has renamed the field of the module that holds `mpx`.
        let name = name.split_once('.').filter(|(module, _)| module.len() <= 2).map_or(name, |(_, name)| name);
        match name {
            "create" => self.create_mpx(&first, place),
            "use" => {
                let plugin = self.force(&first);
                let install = self.read(&plugin, &"install".into(), place);
                let install = if self.heap.is_callable(&install) { install } else { plugin };
                let (mpx, options) = (self.native("mpx"), arguments.get(1).cloned().unwrap_or_default());
                self.call(&install, Value::undefined(), vec![mpx, options], place);
            }
            "mixin" | "injectMixins" => {}
            "observable" => return Some(first),
            "xfetch.create" => return Some(self.native("mpx.xfetch")),
            "watch" => return Some(self.watch_mpx(arguments, place)),
            "login" => return Some(self.call_platform("getAuthCode", arguments, place)),
            // If an app uses only one of the functions that create pages, a minifier exports that function under a short name.
            _ if name.len() <= 2 && self.loading.is_some() && self.has_options(&first) => {
                self.create_mpx(&first, place)
            }
            _ => {
                let api = match name.strip_prefix("xfetch.") {
                    Some(method) if SENDS.contains(&method) => "request",
                    _ => name,
                };
                platform::call(api)?;
                return Some(self.call_platform(api, arguments, place));
            }
        }
        Some(Value::undefined())
    }

    /// Whether a value has a field that a page's options have.
    fn has_options(&mut self, value: &Value) -> bool {
        let is_option =
            |name: &Name| OPTIONS.contains(&&**name) || platform::hooks().own.iter().any(|(hook, _)| hook == name);
        self.names_of(value).iter().any(is_option)
    }

    /// `watch(source, callback)`
    fn watch_mpx(&mut self, arguments: &[Value], place: Place) -> Value {
        let context = self.context.clone();
        if context.trigger != Trigger::Unseen {
            self.context.trigger = Trigger::Unasked;
        }
        self.later(arguments.get(1), vec![Value::unknown()], place);
        self.context = context;
        Value::unknown()
    }
}
