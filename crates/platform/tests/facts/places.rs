//! The files that implement rows and profiles, and the tests that show them.

use crate::tree::{files, read, root};
use miniauth_platform::behaviours::{Part, Row, behaviours};
use std::collections::BTreeSet;

#[test]
fn a_row_names_places_and_tests_that_exist() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in &behaviours().rows {
        assert!(seen.insert(&row.id), "{} exists twice", row.id);
        wrong.extend(complaints(row).into_iter().map(|complaint| format!("{}: {complaint}", row.id)));
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), seen.len(), wrong.join("\n"));
}

fn complaints(row: &Row) -> Vec<String> {
    let mut found = Vec::new();
    if row.places.is_empty() {
        found.push("it is implemented nowhere".to_owned());
    }
    if row.tests.is_empty() {
        found.push("no test shows it".to_owned());
    }
    found.extend(
        row.places.iter().filter(|place| !root().join(place).is_file()).map(|place| format!("no file {place}")),
    );
    found.extend(row.tests.iter().filter(|test| !test_exists(test)).map(|test| format!("no test {test}")));
    found
}

/// Whether `path#part of the name` names a Rust test function, or a test or scenario in JavaScript.
fn test_exists(test: &str) -> bool {
    let Some((path, name)) = test.split_once('#').filter(|(_, name)| name.len() > 3) else { return false };
    let Some(text) = read(path) else { return false };
    if path.ends_with(".rs") {
        return text.contains(&format!("fn {name}("));
    }
    let marks = ["test(", "everywhere(", "name:", "title =", "it("];
    text.lines().any(|line| line.contains(name) && marks.iter().any(|mark| line.contains(mark)))
}

#[test]
fn every_profile_is_read_where_it_acts() {
    for (name, question) in &behaviours().profiles {
        let (folder, endings): (_, &[&str]) = match question.acts_in {
            Part::Simulator => ("simulator", &[".mjs"]),
            Part::Sandbox => ("crates/sandbox/src", &[".rs"]),
        };
        let reads = [
            format!("profiles.{name} "),
            format!("profiles.{name})"),
            format!("profiles.{name}]"),
            format!("profiles['{name}']"),
            format!("{{ {name} }}"),
            format!("value(\"{name}\")"),
            format!("has(\"{name}:"),
        ];
        let read_in = files(folder, endings).into_iter().find(|file| {
            let text = read(file).unwrap();
            !file.contains("/test/") && reads.iter().any(|wanted| text.contains(wanted))
        });
        assert!(read_in.is_some(), "no file in {folder} reads the profile {name}");
    }
}
