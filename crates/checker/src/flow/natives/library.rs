//! The package `miniauth`, which keeps both rules at run time, and packages that the project does not hold.

use super::super::{
    heap::{Kind, Object},
    machine::Machine,
    trail::{Place, Step, StepKind},
    value::{Mark, ObjectId, Value},
};

/// Packages that send what they are given.
const HTTP_CLIENTS: &[&str] = &["axios", "flyio", "luch-request", "umi-request", "alova", "wefetch", "superagent"];

impl Machine<'_> {
    /// `createAuth(...)` and the methods of what it gives. A panel needs a tap there, so it is never a finding.
    pub(super) fn call_miniauth(&mut self, name: &str, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        match name.rsplit('.').next().unwrap_or_default() {
            "createAuth" => self.native("auth"),
            "getAuthUserInfo" => {
                // Opaque until `renderTo` hands the plain values out.
                let info = self.new_object();
                let render = self.method("renderTo", info);
                self.heap.edit(info).fields.insert("renderTo".into(), render);
                self.resolved(Value::object(info), place)
            }
            "httpRequest" => {
                self.sink("auth.httpRequest", &first, place);
                let answer = self.anything();
                self.resolved(answer, place)
            }
            _ => {
                let answer = self.anything();
                self.resolved(answer, place)
            }
        }
    }

    /// `info.renderTo(page, key)` and `info.renderTo(function)`: from here on the values are plain.
    pub(super) fn render_display(&mut self, _info: ObjectId, arguments: &[Value], place: Place) {
        let mark = Mark { source: place, step: Step::first(StepKind::Source, place, &"renderTo".into()) };
        let object = Object { rest: Value::carrying(vec![mark]), ..Object::new(Kind::Plain) };
        let display = Value::object(self.heap.add(object));
        let first = arguments.first().cloned().unwrap_or_default();
        if self.heap.is_callable(&first) {
            self.call(&first, Value::undefined(), vec![display], place);
            return;
        }
        let key = arguments.get(1).cloned().unwrap_or_default();
        for page in first.objects() {
            let patch = self.new_object();
            self.write_index(&Value::object(patch), &key, display.clone(), place);
            self.set_data(page, &Value::object(patch), place);
        }
    }

    /// A function of a package whose code is not here.
    pub(super) fn call_package(&mut self, name: &str, arguments: &[Value], place: Place) -> Value {
        let package = name.split(['.', '/']).next().unwrap_or_default();
        if let Some(helper) = name.strip_prefix("tslib.")
            && let Some(value) = self.call_helper(helper, arguments, place)
        {
            return value;
        }
        if HTTP_CLIENTS.contains(&package) || name.ends_with("function.invoke") {
            for argument in arguments {
                self.sink(name, argument, place);
            }
            let answer = self.anything();
            return self.resolved(answer, place);
        }
        self.call_unknown(&Value::undefined(), arguments, place)
    }
}
