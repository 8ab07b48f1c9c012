//! Modules: each runs once, when something in it is needed, and its exports are an object.

use super::{
    context::{Context, Trigger},
    facts::{Place, StepKind},
    heap::{Interop, Kind, Object},
    machine::{Activation, Frame, Machine},
    natives::of_babels_runtime,
    value::{Atom, ObjectId, Value},
};
use crate::{
    coverage::GapKind,
    project::Target,
    scripts::ir::{Expr, ExprKind, Name, Range, Stmt},
};
use std::rc::Rc;

/// Whether `object.name` is `module.exports`.
pub(super) fn is_exports(object: &Expr, name: &str) -> bool {
    name == "exports" && matches!(&object.kind, ExprKind::Global(global) if &**global == "module")
}

impl Machine<'_> {
    /// The exports that the current module's n-th request gives.
    pub(crate) fn requested(&mut self, request: u32) -> Value {
        let module = self.frames[self.frame as usize].module;
        match self.project.modules[module as usize].targets.get(request as usize) {
            Some(Target::Module(target)) if self.project.modules[*target as usize].known.is_some() => {
                let known = self.project.modules[*target as usize].known;
                known.map_or_else(Value::unknown, |known| self.known_exports(known))
            }
            Some(Target::Module(target)) => match self.exports.get(target) {
                Some(exports) => exports.clone(),
                None => self.lazy(*target, Interop::Plain),
            },
            Some(Target::Miniauth) => self.native("miniauth"),
            _ => {
                let name = self.project.modules[module as usize].script.requests.get(request as usize);
                let name = name.map_or("", |name| name);
                match of_babels_runtime(name) {
                    Some(known) => self.native(&known),
                    None => self.native(&format!("package:{name}")),
                }
            }
        }
    }

    /// A named export. The default export of a CommonJS module is the whole module.
    pub(crate) fn imported(&mut self, exports: &Value, name: &Name, place: Place) -> Value {
        let value = self.read(exports, name, place);
        if &**name == "default" && value.is_undefined() { exports.clone() } else { value }
    }

    /// The exports of a module whose name is computed. If the name is only known at run time, this is a gap in the analysis.
    pub(crate) fn import_by_name(&mut self, specifier: &Value, place: Place) -> Value {
        let module = self.frames[self.frame as usize].module;
        let mut exports = if specifier.atoms.is_empty() { Value::unknown() } else { Value::undefined() };
        for atom in &specifier.atoms {
            let name: Option<Name> = match atom {
                Atom::Number(number) => Some(number.to_string().into()),
                Atom::Text(text) if text.whole => Some(text.start.clone()),
                _ => None,
            };
            let found = name.as_ref().and_then(|name| self.named(module, name));
            // A library loads parts of its own, such as languages.
            if found.is_none() && !self.project.is_in_library(place) {
                self.note_gap(GapKind::ComputedModule, &name.unwrap_or_else(|| "".into()), place);
            }
            exports.join(&found.unwrap_or_else(Value::unknown));
        }
        exports
    }

    fn named(&mut self, module: u32, name: &Name) -> Option<Value> {
        let requests = &self.project.modules[module as usize].script.requests;
        if let Some(request) = requests.iter().position(|request| request == name) {
            return Some(self.requested(request as u32));
        }
        let target = self.project.module_named(module, name)?;
        Some(match self.project.modules[target as usize].known {
            Some(known) => self.known_exports(known),
            None => self.exports.get(&target).cloned().unwrap_or_else(|| self.lazy(target, Interop::Plain)),
        })
    }

    /// A module that runs only when something in it is used: a page uses little of what an app requires.
    pub(crate) fn lazy(&mut self, module: u32, interop: Interop) -> Value {
        Value::object(self.heap.add(Object::new(Kind::Lazy(module, interop))))
    }

    /// The value after running the lazy modules in it.
    pub(crate) fn force(&mut self, value: &Value) -> Value {
        let mut forced = Value { marks: value.marks.clone(), ..Value::undefined() };
        for atom in &value.atoms {
            let lazy = match atom {
                Atom::Object(id) => match self.heap.get(*id).kind {
                    Kind::Lazy(module, interop) => Some((module, interop)),
                    _ => None,
                },
                _ => None,
            };
            match lazy {
                Some((module, interop)) => {
                    let exports = self.load(module);
                    let wrapped = self.wrapped(exports, interop);
                    forced.join(&wrapped);
                }
                None => {
                    forced.join(&Value::one(atom.clone()));
                }
            }
        }
        forced
    }

    /// Whether the value holds a module that has not run yet.
    pub(crate) fn is_lazy(&self, value: &Value) -> bool {
        value.atoms.iter().any(|atom| match atom {
            Atom::Object(id) => matches!(self.heap.get(*id).kind, Kind::Lazy(..)),
            _ => false,
        })
    }

    /// Runs a module's top level, unless it has run, and returns its exports.
    pub(crate) fn load(&mut self, module: u32) -> Value {
        if let Some(exports) = self.exports.get(&module) {
            return exports.clone();
        }
        let project = self.project;
        let script = &project.modules[module as usize].script;
        let exports =
            self.heap.add(Object { origin: Some((module, u32::MAX)), ..Object::new(Kind::Exports(Vec::new())) });
        self.exports.insert(module, Value::object(exports));
        self.outcome.loaded.insert(module);
        self.load_order.push(module);
        let top = &script.functions[0];
        let first_cell = self.heap.add_cells(top.slots);
        self.frames.push(Frame {
            module,
            function: 0,
            parent: 0,
            first_cell,
            this: Value::undefined(),
            arguments: Rc::default(),
            called_at: None,
            home: None,
        });
        let frame = std::mem::replace(&mut self.frame, self.frames.len() as u32 - 1);
        self.module_frames.insert(module, self.frame);
        let loading = self.loading.replace(module);
        let place = Place { file: project.modules[module as usize].file, range: Range::default() };
        let context = Context::starting(Trigger::Unasked, place, &"module".into());
        let context = std::mem::replace(&mut self.context, context);
        let template = self.template.take();
        let (first_object, first_call) = (self.heap.len() - 1, self.captured.len());
        self.activations.push(Activation::default());
        self.stack.push(((module, 0), 0));
        self.hoist(0);
        let is_file = project.modules[module as usize].packed.is_none();
        if is_file {
            self.loading_files.push(module);
        }
        self.run(&top.body);
        if is_file {
            self.loading_files.pop();
        }
        self.stack.pop();
        self.activations.pop();
        self.take_shared(module, first_object);
        self.take_captured(first_call);
        self.settle(module, first_object);
        self.template = template;
        self.context = context;
        self.loading = loading;
        self.frame = frame;
        self.exports.get(&module).cloned().unwrap_or_default()
    }

    fn own_exports(&self) -> Option<(u32, ObjectId)> {
        let module = self.frames[self.frame as usize].module;
        let exports = self.exports.get(&module)?.objects().first().copied()?;
        Some((module, exports))
    }

    /// The current `module.exports`.
    pub(crate) fn current_exports(&self) -> Value {
        let module = self.frames[self.frame as usize].module;
        self.exports.get(&module).cloned().unwrap_or_default()
    }

    /// `module.exports = value`
    pub(crate) fn export_whole(&mut self, value: Value) {
        let module = self.frames[self.frame as usize].module;
        self.exports.insert(module, value);
    }

    pub(crate) fn export(&mut self, statement: &Stmt) {
        let Some((_, exports)) = self.own_exports() else { return };
        match statement {
            Stmt::Export(name, variable) => {
                if let Some(cell) = self.variable(*variable)
                    && let Kind::Exports(links) = &mut self.heap.edit(exports).kind
                {
                    links.push((name.clone(), cell));
                }
            }
            Stmt::ExportDefault(value) => {
                let place = self.place(value.range);
                let value = self.evaluate(value).stepped(StepKind::Assigned, place, &"default".into());
                self.heap.edit(exports).fields.insert("default".into(), value);
            }
            Stmt::ExportFrom(request, imported, name) => {
                let source = self.requested(*request);
                let place = self.place(Range::default());
                let value = self.imported(&source, imported, place);
                self.heap.edit(exports).fields.insert(name.clone(), value);
            }
            Stmt::ExportAll(request, Some(name)) => {
                let source = self.requested(*request);
                self.heap.edit(exports).fields.insert(name.clone(), source);
            }
            Stmt::ExportAll(request, None) => {
                let source = self.requested(*request);
                let place = self.place(Range::default());
                self.copy_fields(exports, &source, place);
            }
            _ => {}
        }
    }
}
