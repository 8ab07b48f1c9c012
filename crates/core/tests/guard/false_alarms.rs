//! How often ordinary requests are refused. The guard's documentation has the same figures.

use crate::{
    bodies::{Body, body},
    more_bodies::{MORE_USERS, more},
    users::{USERS, User},
};
use std::collections::BTreeMap;

/// How many bodies of each corpus are checked.
const BODIES: usize = 16_000;

#[test]
fn false_alarms_are_as_rare_as_documented() {
    assert_rare("16,000 requests", &USERS, body);
}

#[test]
fn users_named_like_the_data_they_send_are_refused_as_rarely() {
    assert_rare("16,000 more", &MORE_USERS, more);
}

fn assert_rare(corpus: &str, users: &[User; 16], body: fn(usize, &User) -> Body) {
    let guards = users.each_ref().map(|user| user.guard());
    let (mut undeclared, mut declared) = (0, 0);
    let mut causes: BTreeMap<(&str, &str, String), usize> = BTreeMap::new();
    // For each kind of nickname: refused without a declaration, refused with one, and all.
    let mut kinds: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for index in 0..BODIES {
        let who = index % users.len();
        let Body { kind, outgoing, typed } = body(index, &users[who]);
        let kind_of_nickname = kinds.entry(kind_of(users[who].nick_name)).or_default();
        kind_of_nickname[2] += 1;
        if guards[who].check(&outgoing, &[]).is_err() {
            undeclared += 1;
            kind_of_nickname[0] += 1;
        }
        if let Err(refusal) = guards[who].check(&outgoing, &typed) {
            declared += 1;
            kind_of_nickname[1] += 1;
            *causes.entry((users[who].nick_name, kind, refusal.to_string())).or_default() += 1;
        }
    }
    println!("{corpus}: {undeclared} refused without declaration, {declared} with");
    for (kind, [undeclared, declared, all]) in kinds {
        println!("  {kind}: {undeclared} without, {declared} with, of {all}");
    }
    assert!(undeclared * 1000 <= BODIES * UNDECLARED_PER_THOUSAND, "{undeclared} without declaration");
    assert!(declared * 1000 <= BODIES * DECLARED_PER_THOUSAND, "{declared} with declaration: {causes:#?}");
}

fn kind_of(nick_name: &str) -> &'static str {
    let short = nick_name.chars().count() < 4;
    match () {
        () if nick_name.chars().all(|c| c.is_ascii_digit()) => "a number",
        () if nick_name.is_ascii() && nick_name.chars().all(|c| c.is_ascii_alphabetic()) => "one word of ASCII",
        () if nick_name.is_ascii() => "ASCII with blanks and signs",
        () if nick_name.chars().any(|c| c > '\u{ffff}') => "with emoji",
        () if short => "Chinese, short",
        () => "Chinese",
    }
}

/// The alarms are nicknames that are part of another person's name, or of an article's name.
const UNDECLARED_PER_THOUSAND: usize = 5;
const DECLARED_PER_THOUSAND: usize = 5;
