//! Promises: how they settle, and what waits for them.

use super::{
    context::{Consents, Context},
    facts::{Place, StepKind},
    heap::{Kind, Object, PromiseState, Reaction, common},
    machine::{Machine, Task},
    value::{ObjectId, Value},
};
use std::rc::Rc;

impl Machine<'_> {
    pub(crate) fn new_promise(&mut self) -> ObjectId {
        self.heap.add(Object::new(Kind::Promise(Rc::default())))
    }

    pub(crate) fn resolved(&mut self, value: Value, place: Place) -> Value {
        let promise = self.new_promise();
        self.resolve(promise, value, place);
        Value::object(promise)
    }

    fn state(&self, promise: ObjectId) -> Option<Rc<PromiseState>> {
        match &self.heap.get(promise).kind {
            Kind::Promise(state) => Some(state.clone()),
            _ => None,
        }
    }

    fn set_state(&mut self, promise: ObjectId, state: PromiseState) {
        self.heap.edit(promise).kind = Kind::Promise(Rc::new(state));
    }

    /// Like [`Self::resolve`], under these consents and as the answer of that call.
    pub(crate) fn resolve_where(
        &mut self,
        allowed: Consents,
        asked: Option<u32>,
        promise: ObjectId,
        value: Value,
        place: Place,
    ) {
        let kept = (self.context.allowed, self.context.asked);
        (self.context.allowed, self.context.asked) = (allowed, asked);
        self.resolve(promise, value, place);
        (self.context.allowed, self.context.asked) = kept;
    }

    /// Settles a promise with a value, or with another promise's result.
    pub(crate) fn resolve(&mut self, promise: ObjectId, value: Value, place: Place) {
        let (allowed, asked) = (self.context.allowed, self.context.asked);
        let value = if allowed.is_none() { value } else { self.kept(value) };
        let mut plain = value.clone();
        plain.atoms.retain(|atom| match atom {
            super::value::Atom::Object(id) => !matches!(self.heap.get(*id).kind, Kind::Promise(_)),
            _ => true,
        });
        for id in value.objects() {
            if id != promise && matches!(self.heap.get(id).kind, Kind::Promise(_)) {
                self.react(id, Value::undefined(), Value::undefined(), promise, place);
            }
        }
        if plain.is_undefined() && !value.is_undefined() {
            return;
        }
        let Some(state) = self.state(promise) else { return };
        let mut state = (*state).clone();
        state.value.get_or_insert_with(Value::undefined).join(&plain);
        state.allowed = common(state.allowed, Some(allowed));
        state.asked = state.asked.or(asked);
        let waiting = state.waiting.clone();
        self.set_state(promise, state);
        for reaction in waiting {
            self.fulfil(&reaction, plain.clone(), allowed, asked);
        }
    }

    pub(crate) fn reject(&mut self, promise: ObjectId, fault: Value) {
        let context = self.context.clone();
        let Some(state) = self.state(promise) else { return };
        let mut state = (*state).clone();
        if state.fault.as_ref().is_none_or(|(_, known)| !known.refused) {
            state.fault = Some((fault.clone(), context.clone()));
        }
        let waiting = state.waiting.clone();
        self.set_state(promise, state);
        for reaction in waiting {
            self.fail(&reaction, fault.clone(), &context);
        }
    }

    /// `promise.then(done, failed)`: a promise of the callback's result.
    pub(crate) fn then(&mut self, promise: ObjectId, done: Value, failed: Value, place: Place) -> Value {
        let derived = self.new_promise();
        self.react(promise, done, failed, derived, place);
        Value::object(derived)
    }

    fn react(&mut self, promise: ObjectId, done: Value, failed: Value, derived: ObjectId, place: Place) {
        let reaction = Reaction { done, failed, derived, context: self.context.clone(), place };
        let Some(state) = self.state(promise) else { return };
        if let Some(value) = &state.value {
            self.fulfil(&reaction, value.clone(), state.allowed.unwrap_or_default(), state.asked);
        }
        if let Some((fault, context)) = &state.fault {
            self.fail(&reaction, fault.clone(), context);
        }
        let mut state = (*state).clone();
        state.waiting.push(reaction);
        self.set_state(promise, state);
    }

    fn fulfil(&mut self, reaction: &Reaction, value: Value, allowed: Consents, asked: Option<u32>) {
        let value = value.stepped(StepKind::Promised, reaction.place, &"then".into());
        let mut context = reaction.context.clone();
        context.allowed = context.allowed | allowed;
        context.asked = context.asked.or(asked);
        if self.heap.is_callable(&reaction.done) {
            self.schedule(Task {
                callee: reaction.done.clone(),
                this: Value::undefined(),
                arguments: vec![value],
                context,
                place: reaction.place,
                settles: Some(reaction.derived),
            });
        } else {
            self.resolve_where(context.allowed, context.asked, reaction.derived, value, reaction.place);
        }
    }

    fn fail(&mut self, reaction: &Reaction, fault: Value, origin: &Context) {
        let context = reaction.context.clone().refused_like(origin);
        if self.heap.is_callable(&reaction.failed) {
            self.schedule(Task {
                callee: reaction.failed.clone(),
                this: Value::undefined(),
                arguments: vec![fault],
                context,
                place: reaction.place,
                settles: Some(reaction.derived),
            });
        } else {
            let kept = std::mem::replace(&mut self.context, context);
            self.reject(reaction.derived, fault);
            self.context = kept;
        }
    }

    /// `await value`: lets all pending callbacks run, then reads the promise's result.
    pub(crate) fn settled(&mut self, value: &Value, place: Place) -> Value {
        let promises: Vec<_> =
            value.objects().into_iter().filter(|id| matches!(self.heap.get(*id).kind, Kind::Promise(_))).collect();
        if promises.is_empty() {
            return value.clone();
        }
        self.run_tasks();
        let mut outcome = Value { marks: value.marks.clone(), ..Value::undefined() };
        for atom in &value.atoms {
            if !matches!(atom, super::value::Atom::Object(id) if promises.contains(id)) {
                outcome.join(&Value::one(atom.clone()));
            }
        }
        let mut allowed = None;
        for promise in promises {
            let Some(state) = self.state(promise) else { continue };
            allowed = common(allowed, Some(state.allowed.unwrap_or_default()));
            self.context.asked = self.context.asked.or(state.asked);
            match &state.value {
                Some(value) => {
                    outcome.join(value);
                }
                None => {
                    outcome.join(&Value::unknown());
                }
            }
            if let Some((fault, context)) = &state.fault {
                self.throw(fault.clone(), context.clone());
            }
        }
        self.context.allowed = self.context.allowed | allowed.unwrap_or_default();
        outcome.stepped(StepKind::Promised, place, &"await".into())
    }
}
