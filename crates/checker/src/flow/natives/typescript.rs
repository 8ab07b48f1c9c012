//! The helpers that TypeScript puts into its output, or takes from the package `tslib`.

use super::super::{heap::Interop, machine::Machine, trail::Place, value::Value};
use crate::scripts::ir::Name;

impl Machine<'_> {
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
