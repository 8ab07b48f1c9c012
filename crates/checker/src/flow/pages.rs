//! One unit of the analysis: a script's top level, then the page, component or app that it registers; and calls on pages.

use super::{
    context::{Consents, Context, Start, Trigger},
    facts::{FactKey, Place, StepKind},
    heap::{Kind, Object},
    machine::{Machine, Registered},
    value::{Atom, Implied, ObjectId, Value},
};
use crate::{
    platform::hooks,
    scripts::ir::{Name, Range},
};

impl Machine<'_> {
    /// Runs the code that runs before every script.
    pub(crate) fn run_shared(&mut self) {
        self.take_globals();
        if let Some(app) = self.project.app.filter(|_| self.project.shares_globals) {
            // Whatever the app puts on `my` or another global object exists before any page runs.
            self.load(app);
        }
        let work = self.heap.take_work();
        self.burn(work);
        self.shared_steps = self.steps();
    }

    /// A copy of this machine that has also run the top levels of these modules. `None` if one of them registers a page: which file
    /// that page belongs to depends on which file required the module.
    pub(crate) fn with(&self, modules: &[u32]) -> Option<Self> {
        let mut machine = self.clone();
        for module in modules {
            machine.load(*module);
        }
        let registers = |machine: &Self| machine.registered.len() + machine.wrapped_configs.len();
        if modules.is_empty() || registers(&machine) > registers(self) {
            return None;
        }
        machine.begin();
        let work = machine.heap.take_work();
        machine.burn(work);
        machine.shared_steps = machine.steps() + self.shared_steps;
        Some(machine)
    }

    /// Runs a script, then whatever it registers, then the functions that nothing has called.
    pub(crate) fn run_unit(&mut self, module: u32) {
        self.unit = Some(module);
        self.load(module);
        self.run_tasks();
        self.register_wrapped(module);
        let own: Vec<_> = self.registered.clone();
        for Registered { kind, config, place, file } in own {
            if file == self.project.modules[module as usize].file {
                self.run_registered(&kind, config, module, place);
                // A component that renders nothing was not written for React.
                let is_shown = self.is_drawn || &*kind != "Page" || !self.is_rendered(config);
                self.outcome.registers |= is_shown && !self.is_lost;
            }
        }
        self.run_unseen(module);
        self.note_lost();
        self.leave_shared();
        self.leave_captured();
        self.outcome.steps = self.steps();
    }

    fn run_registered(&mut self, kind: &str, config: ObjectId, module: u32, place: Place) {
        if let Some(prototype) = self.heap.get(config).prototype {
            // `{ ...base }`
            self.note_missing_part(prototype, place);
        }
        if !self.is_view(config) {
            self.prepare(kind, config, place);
        }
        if kind == "Component" {
            self.open_properties(config, place);
        }
        self.running = Some(config);
        let rounds = if kind == "App" { 1 } else { 2 };
        let unallowed = self.outcome.unallowed.len();
        for _ in 0..rounds {
            self.runs.clear();
            self.ran.clear();
            self.repeats.clear();
            // The second round knows which conditions prove a consent, so its findings replace those of the first.
            self.outcome.unallowed.truncate(unallowed);
            self.run_life_cycle(config, module, place);
            if !self.is_rendered(config) {
                self.run_template(config, module);
            }
            if kind == "Page" {
                self.run_by_others(config, place);
            }
        }
    }

    /// Adds what the platform adds to a page.
    pub(crate) fn prepare(&mut self, kind: &str, config: ObjectId, place: Place) {
        let this = Value::object(config);
        self.mix_in(config, place);
        let data = self.read(&this, &"data".into(), place);
        if self.heap.is_callable(&data) {
            let made = self.call(&data, this.clone(), Vec::new(), place);
            self.heap.edit(config).fields.insert("data".into(), made);
        } else if data.objects().is_empty() {
            let empty = self.new_object();
            self.heap.edit(config).fields.insert("data".into(), Value::object(empty));
        }
        for name in ["setData", "$spliceData"] {
            let method = self.method(name, config);
            self.heap.edit(config).fields.insert(name.into(), method);
        }
        if kind == "Page" {
            let opener = self.native("openerChannel");
            self.heap.edit(config).fields.insert("getOpenerEventChannel".into(), opener);
        }
        if kind == "Component" {
            let methods = self.read(&this, &"methods".into(), place);
            self.copy_fields(config, &methods, place);
            let lifetimes = self.read(&this, &"lifetimes".into(), place);
            self.copy_fields(config, &lifetimes, place);
            let props = self.read(&this, &"props".into(), place);
            if props.objects().is_empty() {
                let props = self.anything();
                self.heap.edit(config).fields.insert("props".into(), props);
            }
        }
    }

    fn run_life_cycle(&mut self, config: ObjectId, module: u32, place: Place) {
        let this = Value::object(config);
        if self.is_view(config) {
            self.run_view(config, place);
            self.run_listed(config, module, place);
        }
        self.run_observers(config, place);
        // `events: { onResize() {} }` of a page and `pageLifetimes: { show() {} }` of a component.
        for group in ["events", "pageLifetimes"] {
            let handlers = self.read(&this, &group.into(), place);
            for name in handlers.objects().first().map_or_else(Vec::new, |_| self.keys_of(&handlers)) {
                let Some(name) = name.whole_texts().next().cloned() else { continue };
                let handler = self.read(&handlers, &name, place);
                if self.heap.is_callable(&handler) {
                    let given = self.anything();
                    let is_request = hooks().events.get(&*name).is_some_and(|is_request| *is_request);
                    self.enter(&handler, &this, vec![given], Trigger::of(is_request), place, &name);
                }
            }
        }
        let allowed = self.allowed_at(module);
        for (name, is_request) in &hooks().own {
            let handler = self.read(&this, name, place);
            if self.heap.is_callable(&handler) {
                let query = self.query_of(module, name, place);
                let start = Start { allowed, ..Trigger::of(*is_request).into() };
                self.enter(&handler, &this, vec![query], start, place, name);
            }
        }
    }

    /// Lets every property imply any consent: what a property means depends on the page that uses the component, and here the
    /// component runs without a page.
    fn open_properties(&mut self, config: ObjectId, place: Place) {
        let props = self.read(&Value::object(config), &"props".into(), place);
        let granted = Value::one(Atom::Implies { fact: Implied::Allowed(Consents::ALL), when: true });
        for id in props.objects() {
            let props = self.heap.edit(id);
            for value in props.fields.values_mut() {
                if value.objects().is_empty() {
                    value.join(&granted);
                }
            }
            props.rest.join(&granted);
        }
    }

    /// The query that a page is opened with: the parameters that other pages put into its address.
    fn query_of(&mut self, module: u32, hook: &str, place: Place) -> Value {
        let query = self.anything();
        if hook != "onLoad" {
            return query;
        }
        let route = self.project.modules[module as usize].route.as_deref();
        let Some(route) = route.map(Name::from) else { return query };
        let is_own = |key: &&FactKey| matches!(key, FactKey::Parameter(to, _) if *to == route);
        let mut keys: Vec<FactKey> = self.facts.keys().filter(is_own).cloned().collect();
        keys.sort_unstable();
        self.outcome.reads.insert(FactKey::Parameter(route.clone(), "".into()));
        for key in keys {
            let FactKey::Parameter(_, name) = &key else { continue };
            let name = name.clone();
            let value = self.left(&[key], StepKind::Navigated, place, &name);
            for id in query.objects() {
                if name.is_empty() {
                    self.heap.edit(id).rest.join(&value);
                } else {
                    self.heap.edit(id).fields.insert(name.clone(), value.clone());
                }
            }
        }
        query
    }

    /// Runs a handler and everything that follows from it. In reality it may never run, so its changes are optional.
    pub(crate) fn enter(
        &mut self,
        handler: &Value,
        this: &Value,
        arguments: Vec<Value>,
        start: impl Into<Start>,
        place: Place,
        label: &Name,
    ) {
        let own = self.handler_place(handler).unwrap_or(place);
        let in_template = place.file != own.file;
        let start = start.into();
        if start.trigger != Trigger::Unseen {
            self.outcome.handlers.insert(own);
        }
        let context = Context::starting(start, if in_template { place } else { own }, label);
        let kept = std::mem::replace(&mut self.context, context);
        self.heap.fork();
        self.call(handler, this.clone(), arguments, own);
        self.run_tasks();
        let changes = self.heap.undo();
        self.heap.merge(vec![changes], true);
        self.context = kept;
    }

    pub(super) fn handler_place(&self, handler: &Value) -> Option<Place> {
        let closure = match &self.heap.get(handler.objects().first().copied()?).kind {
            Kind::Closure(closure) => closure,
            Kind::Bound(bound) => return self.handler_place(&bound.0),
            _ => return None,
        };
        let module = &self.project.modules[closure.module as usize];
        let range = module.script.functions[closure.function as usize].range;
        Some(Place { file: module.file, range: Range { start: range.start, end: range.start + 1 } })
    }

    /// Runs the module's functions that nothing has called: they are checked too, since something unseen may call them.
    fn run_unseen(&mut self, module: u32) {
        self.is_running_uncalled = true;
        let mut place = 0;
        while let Some(id) = self.closures.get(place).copied() {
            place += 1;
            let Kind::Closure(closure) = self.heap.get(id).kind else { continue };
            // Includes the modules packed into the same file.
            let is_own =
                self.project.modules[closure.module as usize].file == self.project.modules[module as usize].file;
            if !is_own || self.ran.contains(&(closure.module, closure.function)) {
                continue;
            }
            let function = &self.project.modules[closure.module as usize].script.functions[closure.function as usize];
            let count = function.parameters.len();
            let arguments = (0..count).map(|_| self.anything()).collect();
            let (this, at) = (self.anything(), self.place(function.range));
            let name = function.name.clone().unwrap_or_else(|| "".into());
            self.uncalled_entry = Some((closure.module, closure.function));
            self.enter(&Value::object(id), &this, arguments, Trigger::Unseen, at, &name);
        }
    }

    /// The objects in an argument that look like a page, a component or an app: a wrapper returns them.
    pub(super) fn registrable(&mut self, argument: &Value, place: Place) -> Value {
        let mut found = Value::undefined();
        for id in argument.objects() {
            let object = self.heap.get(id);
            let has = |name: &Name| object.fields.get(name).is_some_and(|hook| self.heap.is_callable(hook));
            if matches!(object.kind, Kind::Plain) && hooks().own.iter().any(|(name, _)| has(name)) {
                found.join(&Value::object(id));
            }
        }
        if self.loading.is_some() {
            let file = self.registering_file(place);
            self.wrapped_configs.extend(found.objects().into_iter().map(|config| (config, place, file)));
        }
        found
    }

    /// If a script of a page, a component or the app registered nothing, registers what it passed to a wrapper.
    fn register_wrapped(&mut self, module: u32) {
        let project = self.project;
        let of = &project.modules[module as usize];
        if self.registered.iter().any(|known| known.file == of.file) {
            return;
        }
        let kind = match () {
            () if project.app == Some(module) => "App",
            () if project.pages.values().any(|page| *page == module) => "Page",
            () if of.template.is_some() => "Component",
            () => return,
        };
        for (config, place, file) in std::mem::take(&mut self.wrapped_configs) {
            if file == of.file {
                self.registered.push(Registered { kind: kind.into(), config, place, file });
            }
        }
    }

    /// The file whose page is being registered: the file of the call, or the page that called a helper for it.
    pub(super) fn registering_file(&self, place: Place) -> u32 {
        let Some(loading) = self.loading else { return place.file };
        let packed = &self.project.modules[loading as usize].packed;
        // A packed module runs for the file that required it, wherever it was packed.
        let loading = packed.as_ref().and(self.loading_files.last().copied()).unwrap_or(loading);
        let module = &self.project.modules[loading as usize];
        let is_one = module.template.is_some() || self.project.app == Some(loading);
        if is_one || self.project.pages.values().any(|page| *page == loading) { module.file } else { place.file }
    }

    pub(crate) fn call_page_function(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        Some(match name {
            "Page" | "Component" | "App" => {
                let file = self.registering_file(place);
                for config in first.objects() {
                    for value in self.heap.edit(config).fields.values_mut() {
                        *value = std::mem::take(value).without_truth();
                    }
                    self.registered.push(Registered { kind: name.into(), config, place, file });
                }
                Value::undefined()
            }
            "getApp" => {
                let Some(app) = self.project.app else { return Some(self.anything()) };
                self.load(app);
                let file = self.project.modules[app as usize].file;
                let found = self.registered.iter().find(|known| &*known.kind == "App" && known.file == file);
                match found {
                    Some(app) => Value::object(app.config),
                    None => self.anything(),
                }
            }
            "getCurrentPages" => {
                let mut page = self.native("otherPage");
                if let Some(own) = self.running {
                    page.join(&Value::object(own));
                }
                self.new_array(Vec::new(), page)
            }
            // The platform's own function around a mixin.
            "Mixin" | "Behavior" => first,
            name if name.starts_with("otherPage.") => {
                self.call_other_page(name, &first, place);
                return None;
            }
            "openerChannel" => self.native("channel"),
            "channel.emit" => {
                if let Some(channel) = first.whole_texts().next().cloned() {
                    self.emit(&channel, arguments.get(1), place);
                }
                Value::undefined()
            }
            "channel.on" | "channel.once" => {
                if let Some(channel) = first.whole_texts().next().cloned() {
                    self.listen(&channel, arguments.get(1).cloned().unwrap_or_default(), place);
                }
                Value::undefined()
            }
            "babel.regenerator.m" | "babel.regenerator.mark" => first,
            "babel.regenerator.w" | "babel.regenerator.wrap" => self.run_regenerator(arguments, place),
            "babel.regenerator" => self.native("babel.regenerator"),
            _ => return None,
        })
    }
}

impl Machine<'_> {
    /// `page.setData({ 'a.b[0]': value })`
    pub(crate) fn set_data(&mut self, page: ObjectId, patch: &Value, place: Place) {
        let this = Value::object(page);
        let data = self.read(&this, &"data".into(), place);
        for id in patch.objects() {
            let object: Object = self.heap.get(id).clone();
            let mut fields: Vec<_> = object.fields.into_iter().collect();
            fields.sort_unstable_by(|left, right| left.0.cmp(&right.0));
            for (path, value) in fields {
                let mut value = value.stepped(StepKind::SetData, place, &path);
                let allowed = self.context.allowed;
                if !allowed.is_none() && value.atoms.iter().any(is_state) {
                    value.join(&Value::one(Atom::Implies { fact: Implied::Allowed(allowed), when: true }));
                }
                let mut target = data.clone();
                let mut names: Vec<Name> =
                    path.split(['.', '[', ']']).filter(|part| !part.is_empty()).map(Name::from).collect();
                let Some(last) = names.pop() else { continue };
                for name in names {
                    let mut inner = self.read(&target, &name, place);
                    if inner.objects().is_empty() {
                        inner = Value::object(self.new_object());
                        self.write(&target, &name, inner.clone(), place, false);
                    }
                    target = inner;
                }
                self.write(&target, &last, value, place, false);
            }
            if !object.rest.is_undefined() {
                let rest = object.rest.stepped(StepKind::SetData, place, &"...".into());
                for target in data.objects() {
                    self.heap.edit(target).rest.join(&rest);
                }
            }
        }
    }
}

/// Whether a value can be the name or number of a state, such as 'authorised'.
fn is_state(atom: &Atom) -> bool {
    matches!(atom, Atom::Number(1..)) || matches!(atom, Atom::Text(text) if !text.start.is_empty())
}

impl Machine<'_> {
    /// `pages[n].method(value)`: leaves the value for every page with such a method.
    pub(super) fn call_other_page(&mut self, name: &str, value: &Value, place: Place) {
        let method = name.trim_start_matches("otherPage.");
        if !method.contains('.') {
            let method = Name::from(method);
            let key = FactKey::OtherPage(method.clone());
            self.leave_allowed(key.clone(), self.context.allowed);
            self.leave(key, value, StepKind::Navigated, place, &method);
        }
    }

    /// Runs what other pages do with this page: set its data and call its methods.
    pub(super) fn run_by_others(&mut self, config: ObjectId, place: Place) {
        let this = Value::object(config);
        let data = self.read(&this, &"data".into(), place);
        let mut names: Vec<Name> = self.heap.get(config).fields.keys().cloned().collect();
        names.sort_unstable();
        for name in names {
            let key = FactKey::OtherPage(name.clone());
            let allowed = self.left_allowed(&key);
            let given = self.left(&[key], StepKind::Navigated, place, &name);
            if given.is_undefined() {
                continue;
            }
            let method = self.read(&this, &name, place);
            if &*name == "setData" {
                let known: Vec<Name> = self.keys_of(&data).iter().flat_map(|key| key.whole_texts().cloned()).collect();
                for id in given.objects() {
                    let is_known =
                        |path: &Name| known.iter().any(|name| path.split(['.', '[']).next() == Some(&**name));
                    self.heap.edit(id).fields.retain(|path, _| is_known(path));
                }
                self.set_data(config, &given, place);
            } else if self.heap.is_callable(&method) {
                let start = Start { allowed, ..Trigger::Tap.into() };
                self.enter(&method, &this, vec![given], start, place, &name);
            }
        }
    }
}
