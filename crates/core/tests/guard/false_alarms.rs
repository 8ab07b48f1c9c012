//! How often ordinary requests are refused. The figures are those of the guard's documentation.

use crate::{
    bodies::{Body, body},
    users::USERS,
};
use std::collections::BTreeMap;

/// How many bodies are checked.
const BODIES: usize = 16_000;

#[test]
fn false_alarms_are_as_rare_as_documented() {
    let guards = USERS.each_ref().map(|user| user.guard());
    let (mut undeclared, mut declared) = (0, 0);
    let mut causes: BTreeMap<(&str, &str, String), usize> = BTreeMap::new();
    for index in 0..BODIES {
        let who = index % USERS.len();
        let Body { kind, outgoing, typed } = body(index, &USERS[who]);
        if guards[who].check(&outgoing, &[]).is_err() {
            undeclared += 1;
        }
        if let Err(refusal) = guards[who].check(&outgoing, &typed) {
            declared += 1;
            *causes.entry((USERS[who].nick_name, kind, refusal.to_string())).or_default() += 1;
        }
    }
    println!("of {BODIES}: {undeclared} refused without declaration, {declared} with: {causes:#?}");
    assert!(undeclared * 1000 <= BODIES * UNDECLARED_PER_THOUSAND, "{undeclared} without declaration");
    assert!(declared * 1000 <= BODIES * DECLARED_PER_THOUSAND, "{declared} with declaration: {causes:#?}");
}

/// Almost all of them forms in which the user typed what they are called.
const UNDECLARED_PER_THOUSAND: usize = 35;
/// A nickname that is a part of someone's name.
const DECLARED_PER_THOUSAND: usize = 1;
