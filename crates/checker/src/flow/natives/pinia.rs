//! Pinia's stores, which all pages share.

use super::super::{
    heap::{Kind, Object},
    machine::Machine,
    value::{ObjectId, Value},
};
use crate::flow::facts::Place;

impl Machine<'_> {
    /// A call of one of Pinia's functions. A minifier has renamed them, so the arguments decide which one it is.
    pub(super) fn call_pinia_core(&mut self, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        if first.is_undefined() {
            return Value::unknown();
        }
        let is_named = first.whole_texts().next().is_some();
        let is_store = |id: &ObjectId| {
            let fields = &self.heap.get(*id).fields;
            fields.contains_key("state") || fields.contains_key("actions")
        };
        let options = if is_named { second } else { first };
        if is_named || options.objects().iter().any(is_store) {
            // `defineStore(name, options)`
            return self.define_store(options, place);
        }
        let is_made = |id: &ObjectId| self.heap.get(*id).fields.contains_key("$id");
        if arguments.len() == 1 && options.objects().iter().any(is_made) {
            return self.store_to_refs(&options, place);
        }
        self.is_lost = true;
        Value::unknown()
    }

    /// `defineStore(name, options)`: returns the function that returns the store, which all pages share.
    pub(super) fn define_store(&mut self, options: Value, place: Place) -> Value {
        let keeper = self.new_object();
        let store = self.made(Object::new(Kind::Plain), place.range);
        self.heap.edit(store).fields.insert("$id".into(), Value::unknown());
        let fields = &mut self.heap.edit(keeper).fields;
        fields.insert("options".into(), options);
        fields.insert("store".into(), Value::object(store));
        self.method("pinia.use", keeper)
    }

    /// `storeToRefs(store)`: a ref for each field.
    pub(super) fn store_to_refs(&mut self, store: &Value, place: Place) -> Value {
        let refs = self.new_object();
        for name in self.names_of(store) {
            let value = self.read(store, &name, place);
            if !self.heap.is_callable(&value) {
                for id in store.objects() {
                    let (holder, read) = (self.new_object(), self.method(&format!("pinia.field:{name}"), id));
                    self.define_getter(holder, &"value".into(), read);
                    self.heap.edit(refs).fields.entry(name.clone()).or_default().join(&Value::object(holder));
                }
            }
        }
        Value::object(refs)
    }

    /// The single store behind a `defineStore`.
    pub(super) fn pinia_store(&mut self, keeper: ObjectId, place: Place) -> Value {
        let fields = &mut self.heap.edit(keeper).fields;
        let options = fields.remove("options").unwrap_or_default();
        let Some(store) = fields.get("store").and_then(|store| store.objects().first().copied()) else {
            return Value::unknown();
        };
        if options.is_undefined() {
            return Value::object(store);
        }
        // What other pages have left in it.
        let left = self.heap.get(store).fields.clone();
        self.fill_store(store, &options, place);
        for (name, value) in left {
            self.heap.edit(store).fields.entry(name).or_default().join(&value);
        }
        Value::object(store)
    }

    fn fill_store(&mut self, store: ObjectId, options: &Value, place: Place) {
        if self.heap.is_callable(options) {
            let made = self.call(options, Value::undefined(), Vec::new(), place);
            self.copy_fields(store, &made, place);
            return;
        }
        let state = self.read(options, &"state".into(), place);
        let state = if self.heap.is_callable(&state) {
            self.call(&state, Value::undefined(), Vec::new(), place)
        } else {
            state
        };
        self.copy_fields(store, &state, place);
        let actions = self.read(options, &"actions".into(), place);
        for key in self.names_of(&actions) {
            let action = self.read(&actions, &key, place);
            let bound = Kind::Bound(std::rc::Rc::new((action, Value::object(store), Vec::new())));
            let bound = Value::object(self.heap.add(Object::new(bound)));
            self.heap.edit(store).fields.insert(key, bound);
        }
        let getters = self.read(options, &"getters".into(), place);
        for key in self.names_of(&getters) {
            let getter = self.read(&getters, &key, place);
            self.define_getter(store, &key, getter);
        }
    }
}
