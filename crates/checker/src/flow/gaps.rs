//! Places that the analysis reaches but cannot follow. The report names them, so that an app with such places is not called clean.

use super::{
    context::Trigger,
    facts::Place,
    heap::Kind,
    machine::Machine,
    value::{Atom, ObjectId, Text, Value},
};
use crate::{coverage::GapKind, scripts::ir::Name};

use std::sync::Arc;

/// The most gaps that one run notes.
const MAX_GAPS: usize = 64;

/// How deeply objects are searched for functions that may be called.
const MAX_LOST_DEPTH: u32 = 3;

impl Machine<'_> {
    /// Notes a gap, unless nothing calls the code in which it is.
    pub(crate) fn note_gap(&mut self, kind: GapKind, what: &Name, place: Place) {
        if self.context.trigger != Trigger::Unseen {
            self.keep_gap(kind, what, place);
        }
    }

    fn keep_gap(&mut self, kind: GapKind, what: &Name, place: Place) {
        if self.outcome.gaps.len() < MAX_GAPS {
            self.outcome.gaps.insert((place, kind, what.clone()));
        }
    }

    /// `eval(text)` and the like. A known text without a call, such as `return this`, has no effect that matters.
    pub(super) fn run_text(&mut self, function: &str, text: &Value, place: Place) {
        let is_harmless = |text: &Name| !text.contains('(') || HARMLESS.iter().any(|start| text.starts_with(start));
        let known: Vec<&Name> = text.whole_texts().collect();
        let is_known = !known.is_empty() && known.len() == text.atoms.len();
        let is_harmless = is_known && known.into_iter().all(is_harmless);
        if !is_harmless && !self.heap.is_callable(text) {
            self.note_gap(GapKind::CodeInText, &function.into(), place);
        }
    }

    /// Notes that a part of a page comes from a missing package, because it may contain handlers.
    pub(super) fn note_missing_part(&mut self, part: ObjectId, place: Place) {
        if let Kind::Native(name) = &self.heap.get(part).kind
            && let Some(package) = name.strip_prefix("package:")
        {
            let package = Name::from(package.trim_end_matches(".default"));
            self.keep_gap(GapKind::MissingPart, &package, place);
        }
    }

    /// Whether a value is `my` itself.
    pub(super) fn is_all_of_platform(&self, value: &Value) -> bool {
        let is_it = |id: &ObjectId| matches!(&self.heap.get(*id).kind, Kind::Native(name) if &**name == "my");
        value.objects().iter().any(is_it)
    }

    /// The keys of `my`: the calls that a rule looks at and that occur in the project by name, and one value for all others.
    pub(super) fn keys_of_platform(&self) -> Vec<Value> {
        let other = Text { start: "".into(), whole: false };
        let others = Value::one(Atom::Text(Arc::new(other)));
        self.project.calls_by_name().iter().map(Value::text).chain([others]).collect()
    }

    /// Notes a call of `my` whose name only exists at run time.
    pub(super) fn note_computed_call(&mut self, object: &Value, key: &Value, place: Place) {
        let is_platform =
            |id: &ObjectId| matches!(&self.heap.get(*id).kind, Kind::Native(name) if matches!(&**name, "my" | "uni"));
        let is_open = |atom: &Atom| match atom {
            // A completely unknown text stands for the calls that `keys_of_platform` leaves out.
            Atom::Text(text) => !text.whole && !text.start.is_empty(),
            atom => !matches!(atom, Atom::Number(_)),
        };
        if object.objects().iter().any(is_platform) && (key.atoms.is_empty() || key.atoms.iter().any(is_open)) {
            self.note_gap(GapKind::ComputedCall, &"my".into(), place);
        }
    }

    /// Notes a call of a library's function in uni-app's vendor file if its arguments matter there, because its code does not run.
    pub(super) fn note_library_call(&mut self, name: &str, arguments: &[Value], place: Place) {
        let given: &str = if arguments.iter().any(|argument| !self.deep_marks(argument).is_empty()) {
            "display information"
        } else if arguments.iter().any(|argument| self.is_all_of_platform(argument)) {
            "my"
        } else if self.project.vendor_asks {
            "may ask"
        } else {
            return;
        };
        self.note_gap(GapKind::LibraryCall, &format!("{name} ({given})").into(), place);
    }

    /// Remembers the functions in objects that are passed to a function without code: that function may call them.
    pub(super) fn hand_over(&mut self, arguments: &[Value], place: Place) {
        for argument in arguments {
            // A function that is itself an argument has been scheduled already.
            if !self.heap.is_callable(argument) {
                self.lose(GapKind::HandedOver, argument, place);
            }
        }
    }

    /// Remembers functions that the unfollowed code may call: those in a value, and in the objects that it holds.
    pub(super) fn lose(&mut self, kind: GapKind, value: &Value, place: Place) {
        if self.context.trigger == Trigger::Unseen {
            return;
        }
        let mut due: Vec<(ObjectId, u32)> = value.objects().into_iter().map(|id| (id, 0)).collect();
        while let Some((id, depth)) = due.pop() {
            let object = self.heap.get(id);
            let inner: Vec<ObjectId> = match &object.kind {
                Kind::Closure(closure) => {
                    self.lost.entry((closure.module, closure.function)).or_insert((kind, place));
                    continue;
                }
                Kind::Bound(bound) => bound.0.objects().into_vec(),
                Kind::Plain | Kind::Array if depth < MAX_LOST_DEPTH && self.searched.insert(id) => {
                    let fields = object.fields.values().chain(&object.elements).chain([&object.rest]);
                    fields.flat_map(Value::objects).chain(object.prototype).collect()
                }
                _ => continue,
            };
            due.extend(inner.into_iter().map(|id| (id, depth + 1)));
        }
    }

    /// Notes that a call does not run any more: what it would have called, and the display information that it receives, are lost.
    pub(super) fn reach_limit(&mut self, function: ObjectId, arguments: &[Value], place: Place) {
        self.lose(GapKind::Limit, &Value::object(function), place);
        for argument in arguments {
            self.lose(GapKind::Limit, argument, place);
        }
    }

    /// Notes that the running functions, which nothing calls, lead to a consent panel.
    pub(super) fn note_unseen_panel(&mut self, api: &Name) {
        let leading = self.stack.iter().map(|(function, _)| *function).chain(self.uncalled_entry);
        self.asking.extend(leading.map(|function| (function, api.clone())));
    }

    /// Notes gaps for those functions with a panel that unfollowed code may call.
    pub(super) fn note_lost(&mut self) {
        for (function, (kind, place)) in std::mem::take(&mut self.lost) {
            if let Some(api) = self.asking.get(&function).cloned() {
                self.keep_gap(kind, &api, place);
            }
        }
    }
}

/// The starts of texts whose call only looks for an object. Libraries look for Node's modules in this way, so that bundlers do not
/// include them.
const HARMLESS: &[&str] =
    &["return this()", "require('buffer')", "require(\"buffer\")", "require('crypto')", "require(\"crypto\")"];
