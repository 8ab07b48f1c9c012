//! Rest parameters as compilers to ES5 write them: a loop that copies `arguments` into an array.

use super::machine::Machine;
use crate::scripts::ir::{Expr, ExprKind, Pattern, Stmt};

/// `list[key - skipped] = arguments[key]`: the list, and how many arguments come before it.
fn rest_parameter(body: &[Stmt]) -> Option<(&Expr, usize)> {
    if let Some(Stmt::Block(inner)) = body.first() {
        return rest_parameter(inner);
    }
    let Some(Stmt::Expr(Expr { kind: ExprKind::Assign { target, value, combine: false }, .. })) = body.first() else {
        return None;
    };
    let ExprKind::Index(from, _) = &value.kind else { return None };
    let Pattern::Place(place) = &**target else { return None };
    let ExprKind::Index(list, key) = &place.kind else { return None };
    if !matches!(&from.kind, ExprKind::Global(name) if &**name == "arguments") {
        return None;
    }
    let skipped = match &key.kind {
        ExprKind::Variable(_) => 0,
        ExprKind::Mix(parts) => match parts.as_slice() {
            [Expr { kind: ExprKind::Variable(_), .. }, Expr { kind: ExprKind::Number(skipped), .. }] => {
                *skipped as usize
            }
            _ => return None,
        },
        _ => return None,
    };
    matches!(list.kind, ExprKind::Variable(_)).then_some((list, skipped))
}

impl Machine<'_> {
    /// Gives the list the arguments in their order, if the loop is one that collects them.
    pub(super) fn collect_arguments(&mut self, first: &[Stmt], body: &[Stmt]) -> bool {
        let Some((Expr { kind: ExprKind::Variable(list), range }, skipped)) = rest_parameter(body) else {
            return false;
        };
        self.run(first);
        let given = self.frames[self.frame as usize].arguments.iter().skip(skipped).cloned().collect();
        let given = self.new_array(given, Default::default());
        self.assign(&Pattern::Variable(*list, *range), given, false);
        true
    }
}
