//! The helpers that Babel and TypeScript add to their output, recognised by name. Their effect is modelled directly, which is more
//! exact than following their code.

use super::super::{
    heap::{Interop, Kind, Object},
    machine::{Activation, Machine},
    spelling::{camel_case, capital},
    value::{ObjectId, Value},
};
use crate::{
    flow::facts::Place,
    scripts::ir::{Name, Range},
};

/// What a file of Babel's runtime packages stands for, by the path that is requested. The checked folder rarely contains these
/// packages. Their helpers are the same as in compiled output, and their `core-js` holds the language's own functions.
pub(crate) fn of_babels_runtime(request: &str) -> Option<String> {
    let path = ["babel-runtime/", "@babel/runtime/", "@babel/runtime-corejs2/", "@babel/runtime-corejs3/"]
        .iter()
        .find_map(|package| request.strip_prefix(package))?;
    let path = path.trim_end_matches(".js");
    if path == "regenerator" {
        return Some("babel.regenerator".to_owned());
    }
    if let Some(helper) = path.strip_prefix("helpers/") {
        return Some(format!("helper._{}", helper.trim_start_matches("esm/").trim_start_matches("builtin/")));
    }
    let path = path.strip_prefix("core-js-stable/").or_else(|| path.strip_prefix("core-js/"))?;
    let (owner, member) = path.split_once('/').unwrap_or((path, ""));
    let owner = if owner == "json" { "JSON".to_owned() } else { capital(&camel_case(owner)) };
    Some(if member.is_empty() { owner } else { format!("{owner}.{}", camel_case(member)) })
}

impl Machine<'_> {
    /// Runs a helper, if the function is one.
    pub(crate) fn call_helper(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        if let Some(part) = name.strip_prefix("taro:") {
            return Some(self.call_taro_part(part, arguments, place));
        }
        if name == "miniauth:client" {
            // The client is bundled with the app. Its effect is known, so its code does not run.
            return Some(self.native("auth"));
        }
        if let Some(part) = name.strip_prefix("mpx:") {
            return Some(self.call_mpx_part(part, arguments, place));
        }
        if !name.starts_with('_') && !name.starts_with("asyncGeneratorStep") {
            return None;
        }
        if name.starts_with("__") {
            return self.call_typescript_helper(name, arguments, place);
        }
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        Some(match name {
            "_asyncToGenerator" => {
                let keeper = self.new_object();
                self.heap.edit(keeper).fields.insert("function".into(), first);
                self.method("babel.run", keeper)
            }
            "_regenerator" | "_regeneratorRuntime" => self.native("babel.regenerator"),
            "_regeneratorDefine" | "_regeneratorDefine2" | "_classCallCheck" | "_checkPrivateRedeclaration" => {
                Value::undefined()
            }
            "_objectSpread" | "_objectSpread2" | "_extends" => self.copied_into(&first, arguments, place),
            "_defineProperty" => {
                let value = arguments.get(2).cloned().unwrap_or_default();
                self.write_index(&first, &second, value, place);
                first
            }
            "_toPropertyKey" | "_toPrimitive" | "_assertThisInitialized" | "_arrayWithHoles" => first,
            "_interopRequireDefault" => self.interop(first, Interop::Default),
            "_interopRequireWildcard" => self.interop(first, Interop::Wildcard),
            "_slicedToArray" | "_toArray" => first,
            "_toConsumableArray" | "_arrayLikeToArray" => {
                let (elements, rest) = self.elements_of(&first);
                self.new_array(elements, rest)
            }
            "_createForOfIteratorHelper" | "_createForOfIteratorHelperLoose" => self.iterator(&first),
            "_objectWithoutProperties" | "_objectWithoutPropertiesLoose" | "_objectDestructuringEmpty" => {
                let (names, _) = self.elements_of(&second);
                let names: Vec<Name> = names.iter().flat_map(|name| name.whole_texts().cloned()).collect();
                self.without(&first, &names, place)
            }
            "_createClass" => {
                let prototype = self.read(&first, &"prototype".into(), place);
                self.define_members(&prototype, &second, place);
                let statics = arguments.get(2).cloned().unwrap_or_default();
                self.define_members(&first, &statics, place);
                for id in prototype.objects() {
                    self.heap.edit(id).fields.insert("constructor".into(), first.clone());
                }
                first
            }
            "_inherits" => {
                self.inherit(&first, &second, place);
                Value::undefined()
            }
            "_callSuper" => {
                let parents: Vec<_> = second.objects().iter().filter_map(|id| self.heap.get(*id).prototype).collect();
                let list = arguments.get(2).cloned().unwrap_or_default();
                let (values, _) = self.elements_of(&list);
                for parent in parents {
                    self.call(&Value::object(parent), first.clone(), values.clone(), place);
                }
                first
            }
            "_typeof" => Value::unknown(),
            "_readOnlyError" | "_defineProperties" => Value::undefined(),
            _ => return None,
        })
    }

    /// The first argument, with the fields of the others.
    pub(super) fn copied_into(&mut self, target: &Value, arguments: &[Value], place: Place) -> Value {
        for source in &arguments[1.min(arguments.len())..] {
            for target in target.objects() {
                self.copy_fields(target, source, place);
            }
        }
        target.clone()
    }

    /// Makes one constructor's instances inherit from another's.
    pub(super) fn inherit(&mut self, child: &Value, parent: &Value, place: Place) {
        let own = self.read(child, &"prototype".into(), place);
        let base = self.read(parent, &"prototype".into(), place).objects().first().copied();
        for id in own.objects() {
            self.heap.edit(id).prototype = base;
        }
        for id in child.objects() {
            self.heap.edit(id).prototype = parent.objects().first().copied();
        }
    }

    /// The wrapper that a compiler puts around a `require`. It does not run the module, which still runs only when it is used.
    pub(super) fn interop(&mut self, exports: Value, interop: Interop) -> Value {
        match exports.objects().as_slice() {
            [id] => match self.heap.get(*id).kind {
                Kind::Lazy(module, _) => self.lazy(module, interop),
                _ => self.wrapped(exports, interop),
            },
            _ => self.wrapped(exports, interop),
        }
    }

    /// Exports in the form that the compiled file expects.
    pub(crate) fn wrapped(&mut self, exports: Value, interop: Interop) -> Value {
        if interop == Interop::Plain || self.is_es_module(&exports) {
            return exports;
        }
        let wrapped = self.new_object();
        if interop == Interop::Wildcard {
            let place = self.place(Range::default());
            self.copy_fields(wrapped, &exports, place);
        }
        self.heap.edit(wrapped).fields.insert("default".into(), exports);
        Value::object(wrapped)
    }

    /// Whether exports come from an ES module, possibly compiled by Babel.
    fn is_es_module(&self, exports: &Value) -> bool {
        exports.objects().iter().any(|id| {
            let object = self.heap.get(*id);
            object.fields.contains_key("__esModule")
                || matches!(&object.kind, Kind::Exports(links) if !links.is_empty())
                || object.fields.contains_key("default")
        })
    }

    fn define_members(&mut self, target: &Value, members: &Value, place: Place) {
        let (members, _) = self.elements_of(members);
        for member in members {
            let key = self.read(&member, &"key".into(), place);
            let value = self.read(&member, &"value".into(), place);
            if !value.is_undefined() {
                self.write_index(target, &key, value, place);
            }
            self.define_accessors(target, &key, &member, place);
        }
    }

    /// The iterator that ES5 output of `for of` advances step by step.
    pub(super) fn iterator(&mut self, collection: &Value) -> Value {
        let (elements, rest) = self.elements_of(collection);
        let all = elements.iter().fold(rest, |all, element| all.joined(element));
        let step = self.new_object();
        self.heap.edit(step).fields.insert("value".into(), all);
        self.heap.edit(step).fields.insert("done".into(), Value::unknown());
        let next = self.method("babel.step", step);
        let iterator = Object { rest: Value::unknown(), ..Object::new(Kind::Plain) };
        let iterator = self.heap.add(iterator);
        self.heap.edit(iterator).fields.insert("n".into(), next);
        Value::object(iterator)
    }

    /// The function returned by `_asyncToGenerator`: passes `this` and the arguments to the generator.
    pub(super) fn run_async(&mut self, keeper: ObjectId, this: Value, arguments: Vec<Value>, place: Place) -> Value {
        let generator = self.heap.get(keeper).fields.get("function").cloned().unwrap_or_default();
        self.run_to_promise(&generator, this, arguments, place)
    }

    /// Runs a generator to its end, like an `async` function, and returns a promise of its result.
    pub(super) fn run_to_promise(
        &mut self,
        generator: &Value,
        this: Value,
        arguments: Vec<Value>,
        place: Place,
    ) -> Value {
        self.activations.push(Activation::default());
        let kept = (self.context.allowed, self.context.asked);
        let value = self.call(generator, this, arguments, place);
        let ended = self.activations.pop().unwrap_or_default();
        let (allowed, asked) = (self.context.allowed, self.context.asked);
        (self.context.allowed, self.context.asked) = kept;
        let promise = self.new_promise();
        self.resolve_where(allowed, asked, promise, value, place);
        if let Some((fault, context)) = ended.thrown {
            let inner = std::mem::replace(&mut self.context, context);
            self.reject(promise, fault);
            self.context = inner;
        }
        Value::object(promise)
    }

    /// Runs a helper, if the function is one.
    pub(super) fn call_typescript_helper(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        Some(match name {
            "__awaiter" => {
                let generator = arguments.get(3).cloned().unwrap_or_default();
                let (given, _) = self.elements_of(&second);
                self.run_to_promise(&generator, first, given, place)
            }
            "__generator" => self.run_generator(arguments, place),
            "__assign" => self.copied_into(&first, arguments, place),
            "__extends" => {
                self.inherit(&first, &second, place);
                Value::undefined()
            }
            "__rest" => {
                let (names, _) = self.elements_of(&second);
                let names: Vec<Name> = names.iter().flat_map(|name| name.whole_texts().cloned()).collect();
                self.without(&first, &names, place)
            }
            "__spreadArray" | "__spreadArrays" | "__spread" => {
                let (mut elements, mut rest) = self.elements_of(&first);
                let (more, other) = self.elements_of(&second);
                elements.extend(more);
                rest.join(&other);
                self.new_array(elements, rest)
            }
            "__read" | "__values" => first,
            "__importDefault" => self.interop(first, Interop::Default),
            "__importStar" => self.interop(first, Interop::Wildcard),
            "__exportStar" => {
                for exports in second.objects() {
                    self.copy_fields(exports, &first, place);
                }
                Value::undefined()
            }
            _ => return None,
        })
    }
}
