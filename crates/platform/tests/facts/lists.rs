//! Finds lists of the platform's names outside the data.
//!
//! A list is what a program could read instead of `platform/`: three or more strings of one kind with only commas, bars or blanks
//! between, as in a constant, an array or the arms of a match. A single name in an expression is a use, not a list.

use crate::tree::{files, read};
use miniauth_platform::{calls, components, config, gateway, lifecycle};
use std::collections::BTreeSet;

/// How many names in a row make a list.
const LIST: usize = 3;

/// The program's sources; tests may list names.
const SOURCES: [(&str, &[&str]); 6] = [
    ("crates", &[".rs"]),
    ("src", &[".rs"]),
    ("xtask", &[".rs"]),
    ("js/src", &[".js"]),
    ("simulator", &[".mjs", ".js"]),
    ("example-miniapp", &[".js"]),
];

/// Allowed lists, and what they say that the data cannot.
const ALLOWED: [(&str, &str); 2] = [
    ("js/src/worker/platform.js", "which calls the module makes, for the Worker"),
    ("simulator/platform/faults.mjs", "which calls the simulator's faults can strike"),
];

/// Returns the names of each kind.
fn kinds() -> Vec<(&'static str, BTreeSet<&'static str>)> {
    let data = (calls(), components(), lifecycle(), gateway());
    let hooks = data.2.values().flat_map(|of| of.hooks.keys().chain(of.events.keys()));
    let tags = data.1.tags.values().chain([&data.1.common]);
    let keys = config().values().flat_map(|part| part.simulated.iter().chain(&part.beyond));
    vec![
        ("calls", data.0.all().map(|(name, _)| name).collect()),
        ("tags", data.1.tags.keys().map(String::as_str).collect()),
        ("events", tags.flat_map(|tag| tag.events.keys().map(String::as_str)).collect()),
        ("hooks", hooks.map(String::as_str).collect()),
        ("keys of configuration files", keys.map(String::as_str).collect()),
        ("refusals", data.3.refusals.keys().map(String::as_str).collect()),
        ("products", data.3.products.keys().map(String::as_str).collect()),
    ]
}

#[test]
fn the_platforms_names_are_listed_in_the_data_alone() {
    let kinds = kinds();
    let mut found = Vec::new();
    let mut needed = BTreeSet::new();
    for (folder, endings) in SOURCES {
        for path in files(folder, endings) {
            if path.contains("/test/") || path.contains("/tests/") || path.contains("/cases/") {
                continue;
            }
            let text = read(&path).unwrap();
            let program = text.split("#[cfg(test)]").next().unwrap_or_default();
            for list in lists(program) {
                for (kind, names) in &kinds {
                    let known: Vec<_> = list.iter().filter(|text| is_one_of(names, text)).collect();
                    if known.len() < LIST {
                        continue;
                    }
                    match ALLOWED.iter().find(|(allowed, _)| *allowed == path) {
                        Some((allowed, _)) => drop(needed.insert(*allowed)),
                        None => found.push(format!("{path} lists {kind}: {known:?}")),
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(needed.len(), ALLOWED.len(), "an exception is no longer needed; these are: {needed:?}");
}

/// Whether a string is one of the names: `my.request` is `request`, and `scrolltolower` is `scrollToLower`.
fn is_one_of(names: &BTreeSet<&str>, text: &str) -> bool {
    let text = text.strip_prefix("my.").unwrap_or(text);
    names.contains(text) || names.iter().any(|name| name.len() > 3 && name.eq_ignore_ascii_case(text))
}

/// Returns runs of quoted strings with only commas, bars and blanks between.
fn lists(program: &str) -> Vec<Vec<&str>> {
    let mut lists = Vec::new();
    let mut list: Vec<&str> = Vec::new();
    let mut rest = program;
    while let Some(start) = rest.find(['"', '\'']) {
        let between = &rest[..start];
        if !between.chars().all(|character| character.is_whitespace() || matches!(character, ',' | '|')) {
            lists.push(std::mem::take(&mut list));
        }
        let quote = &rest[start..=start];
        let inside = &rest[start + 1..];
        let Some(end) = inside.find([quote.chars().next().unwrap(), '\n']) else { break };
        if inside[end..].starts_with(quote) {
            list.push(&inside[..end]);
        }
        rest = &inside[end + 1..];
    }
    lists.push(list);
    lists
}

#[test]
fn the_check_of_lists_finds_violations() {
    fn longest(text: &str) -> Vec<&str> {
        lists(text).into_iter().max_by_key(Vec::len).unwrap()
    }
    assert_eq!(longest("const A = ['request', 'setStorage',\n  'alert'];"), ["request", "setStorage", "alert"]);
    assert_eq!(longest(r#"matches!(api, "navigateTo" | "redirectTo" | "reLaunch")"#).len(), 3);
    assert_eq!(longest("f('request'); g('alert'); h('confirm')").len(), 1);
    assert_eq!(longest("// don't\nf('request', 'alert')"), ["request", "alert"]);
}
