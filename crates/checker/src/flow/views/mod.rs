//! Pages, components and apps of Vue, as uni-app compiles them: how they are registered, and what the framework runs. `instances`
//! turns the options into an instance, the `this` of their functions; `events` follows the calls to its functions.

mod events;
mod instances;

use super::{
    components::MAX_COMPONENT_DEPTH,
    context::{Consents, Start, Trigger},
    facts::{Place, StepKind},
    heap::Kind,
    machine::{Machine, Registered},
    natives::Rendered,
    spelling::camel_case,
    value::{Atom, ObjectId, Value},
};
use crate::platform;
pub(super) use events::HANDLER;
use events::plain_event;
use instances::{EVENTS, GIVEN, OPTIONS, PARENT, RENDERED, WATCH};

/// Hooks that Vue calls in addition to the platform's.
const VUE_HOOKS: &[&str] =
    &["beforeCreate", "created", "beforeMount", "onInit", "beforeUpdate", "updated", "activated", "setup"];

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

    /// The options, even if the argument is a whole module whose default export they are.
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

    /// Runs what the framework calls by itself: rendering, watchers and its own hooks.
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
        self.run_watching(view, place);
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
            for Rendered { tag, event, handler, allowed, asks } in std::mem::replace(&mut self.rendered, outer) {
                let name = event.trim_start_matches(['~', '!', '&', '^']);
                let trigger = Trigger::of(!platform::comes_unasked(&tag, name));
                // A component may have asked for any consent before it sends its page this event.
                let is_told = asks.is_none() && name != "tap";
                let allowed = if is_told { Consents::ALL } else { allowed };
                let start =
                    Self::start_of_rendered(&name.to_ascii_lowercase(), asks, Start { allowed, ..trigger.into() });
                let details = self.anything();
                self.enter(&handler, &this, vec![details], start, place, &event);
            }
        }
    }

    /// `new Vue({ mpType: 'page', ... }).$mount()` while a script loads registers the script's page.
    fn mount(&mut self, view: ObjectId, place: Place) {
        if self.loading.is_none() {
            return;
        }
        let options = self.hidden(view, "$options");
        let kind = self.read(&options, &"mpType".into(), place);
        let is_app = kind.whole_texts().any(|kind| &**kind == "app");
        self.register_view(if is_app { "App" } else { "Page" }, &Value::object(view), place);
    }

    /// Runs the components that an instance lists under `components` and that have no script of their own: an early uni-app
    /// compiler makes templates of them, and keeps their code with the page's.
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
                if is_plain && self.listed.len() < MAX_COMPONENT_DEPTH && !self.listed.contains(&options) {
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

    /// Runs a component of the framework within a page, with its element's attributes.
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
            self.heap.edit(properties).fields.insert(camel_case(&name), value);
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

    /// Runs a component that a render function uses, with the properties it is given.
    pub(super) fn run_child(&mut self, options: ObjectId, given: &Value, place: Place) {
        let properties = self.new_object();
        for name in self.names_of(given) {
            let value = self.read(given, &name, place);
            self.heap.edit(properties).fields.insert(camel_case(&name), value);
        }
        // The component's state outlives one rendering.
        let view = match self.states.get(&place) {
            Some(known) => *known,
            None => self.view_of(options, Some(properties), place),
        };
        self.states.insert(place, view);
        for (name, value) in self.heap.get(properties).fields.clone() {
            self.heap.edit(view).fields.entry(name).or_default().join(&value);
        }
        self.set_hidden(view, GIVEN, Value::object(properties));
        let parent = self.running.map_or_else(Value::unknown, Value::object);
        self.set_hidden(view, PARENT, parent);
        self.run_view(view, place);
        self.run_mounted(view, place);
    }

    /// A value as a template renders it, one step further on its way.
    pub(super) fn shown(&self, value: &Value, place: Place) -> Value {
        let mut value = value.clone().stepped(StepKind::Mixed, place, &"".into());
        if value.atoms.is_empty() {
            value.atoms.push(Atom::Unknown);
        }
        value
    }
}
