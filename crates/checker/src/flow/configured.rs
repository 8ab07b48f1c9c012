//! Calls that the project's configuration gives a meaning.

use super::{facts::Place, machine::Machine, value::Value};
use crate::{
    config::{Registration, Role},
    scripts::ir::{Expr, ExprKind, Name},
};

impl Machine<'_> {
    /// A callee as written: `report.send`.
    pub(super) fn written(&self, callee: &Expr) -> Option<String> {
        let name = match &callee.kind {
            ExprKind::Variable(variable) => {
                let frame = self.frames.get(self.frame as usize)?;
                self.project.modules[frame.module as usize].script.variables.get(*variable as usize)?.name.to_string()
            }
            ExprKind::Global(name) => name.to_string(),
            ExprKind::Member(object, name, _) => {
                let object = self.written(object);
                object.map_or_else(|| name.to_string(), |object| format!("{object}.{name}"))
            }
            _ => return None,
        };
        Some(name)
    }

    /// Does what the configuration says about a call; the function itself is not followed.
    pub(super) fn call_configured(&mut self, role: Role, callee: &Expr, arguments: Vec<Value>, place: Place) -> Value {
        let name = Name::from(self.written(callee).unwrap_or_default());
        match role {
            Role::Wrapper(kind) => {
                let kind = match kind {
                    Registration::Page => "Page",
                    Registration::Component => "Component",
                    Registration::App => "App",
                };
                self.call_page_function(kind, &arguments, place);
                arguments.into_iter().next().unwrap_or_default()
            }
            Role::Source => {
                let display = self.display(place, &name);
                let answer = self.answer(&arguments, display.clone(), place);
                answer.joined(&display)
            }
            Role::Sink => {
                self.sink_all(&name, &arguments, place);
                let answer = self.anything();
                self.answer(&arguments, answer, place)
            }
        }
    }

    /// Delivers the answer through `success` and the like, through a function argument, and through a promise.
    fn answer(&mut self, arguments: &[Value], answer: Value, place: Place) -> Value {
        for callback in arguments {
            self.later(Some(callback), vec![answer.clone()], place);
        }
        let options = arguments.first().cloned().unwrap_or_default();
        self.with_callbacks(&options, answer, None, place)
    }
}
