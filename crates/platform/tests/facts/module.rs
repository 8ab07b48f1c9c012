//! The WebAssembly module, which cannot read the data: it must stay small. Its constants are held to the data here.

use crate::tree::read;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_webassembly_module_does_not_link_the_data() {
    let lock = read("Cargo.lock").unwrap();
    let packages: BTreeMap<&str, Vec<&str>> = lock.split("[[package]]").skip(1).map(package).collect();
    assert!(
        packages["miniauth-checker"].contains(&"miniauth-platform") || packages["xtask"].contains(&"miniauth-platform")
    );
    let mut reached = BTreeSet::new();
    let mut to_see = vec!["miniauth"];
    while let Some(name) = to_see.pop() {
        if reached.insert(name) {
            to_see.extend(packages.get(name).into_iter().flatten());
        }
    }
    assert!(reached.contains("miniauth-core") && reached.contains("js-sys"), "{reached:?}");
    assert!(!reached.contains("miniauth-platform"), "the module would carry platform/ to every phone");
}

/// A package's name and what it depends on, tests included.
fn package(text: &str) -> (&str, Vec<&str>) {
    let mut quoted = text.split('"').skip(1).step_by(2);
    let name = quoted.next().unwrap();
    let dependencies = text.split_once("dependencies = [").map_or("", |(_, list)| list);
    let dependencies = dependencies.split(']').next().unwrap_or_default().split('"').skip(1).step_by(2);
    (name, dependencies.map(|dependency| dependency.split(' ').next().unwrap_or_default()).collect())
}
