//! Clouds and their databases, wherever they come from: a package (even if its code is missing), `my.cloud`, or the app's own code.

use super::super::{
    facts::Place,
    heap::Kind,
    machine::Machine,
    value::{ObjectId, Value},
};
use crate::scripts::ir::{Expr, ExprKind, Name, Range};
use miniauth_platform::calls::{CloudPart, calls};

/// The native name of the result of `collection(name)`.
pub(crate) const COLLECTION: &str = "cloud:collection";

impl Machine<'_> {
    /// The name of a cloud's call that sends its arguments. The code of the cloud's package is not needed. If the app has a function
    /// of its own with that name, that function is followed instead, unless both parts of the name match the cloud's call.
    pub(crate) fn cloud_call(&self, object: &Expr, name: &Name, function: &Value) -> Option<String> {
        if let ExprKind::Member(_, part, _) = &object.kind {
            let both = format!("{part}.{name}");
            if calls().cloud_sends(CloudPart::Cloud, &both) {
                return Some(format!("cloud.{both}"));
            }
        }
        let is_cloud =
            calls().cloud_sends(CloudPart::Cloud, name) && !self.is_own(function) && !self.is_known(function);
        is_cloud.then(|| format!("cloud.{name}"))
    }

    /// Whether a function is the app's own code.
    pub(crate) fn is_own(&self, function: &Value) -> bool {
        let is_own = |id: ObjectId| match &self.heap.get(id).kind {
            Kind::Closure(closure) => self.is_app_module(closure.module),
            Kind::Left(module, _) => self.is_app_module(*module),
            Kind::Bound(bound) => self.is_own(&bound.0),
            _ => false,
        };
        function.objects().into_iter().any(is_own)
    }

    fn is_app_module(&self, module: u32) -> bool {
        let of = &self.project.modules[module as usize];
        !of.in_package && !self.project.is_in_library(Place { file: of.file, range: Range::default() })
    }

    /// Whether a function belongs to the platform or to a framework whose calls are modelled elsewhere.
    fn is_known(&self, function: &Value) -> bool {
        let is_known = |id: ObjectId| match &self.heap.get(id).kind {
            Kind::Native(name) => ["my.", "uniCloud."].iter().any(|start| name.starts_with(start)),
            _ => false,
        };
        function.objects().into_iter().any(is_known)
    }

    /// A method of a collection in a cloud's database.
    pub(super) fn call_collection(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let method = name.strip_prefix(COLLECTION)?.strip_prefix('.')?;
        if calls().cloud_sends(CloudPart::Collection, method) {
            self.sink_all(&format!("collection.{method}"), arguments, place);
        }
        if calls().collection_continues(method) {
            return Some(self.native(COLLECTION));
        }
        let (options, answer) = (arguments.first().cloned().unwrap_or_default(), self.anything());
        Some(self.with_callbacks(&options, answer, None, place))
    }
}
