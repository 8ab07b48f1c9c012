//! Checks the rows and profiles.

use crate::tree::{files, read};
use miniauth_platform::{Status, behaviours};
use serde_json::Value;
use std::collections::BTreeSet;

/// The points of the audit with rows; nothing in this project reads the others yet: see platform/README.md.
const POINTS: [&str; 24] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22", "23", "button",
];

/// The prefixes of source references.
const SOURCES: [&str; 6] = ["OD ", "T ", "SDK ", "P ", "C ", "probe "];

#[test]
fn a_conflict_names_all_readings_of_one_profile_and_an_outcome_for_each() {
    let profiles = &behaviours().profiles;
    let mut covered = BTreeSet::new();
    for row in &behaviours().rows {
        if row.fact.status == Status::Conflict {
            assert!(row.profiles.len() >= 2, "{} is a conflict with fewer than two readings", row.id);
        }
        if row.profiles.is_empty() {
            assert!(row.outcomes.is_empty(), "{} has outcomes and no profiles", row.id);
            continue;
        }
        let (name, _) = row.profiles[0].split_once(':').unwrap();
        let known = profiles.get(name).unwrap_or_else(|| panic!("{}: there is no profile {name}", row.id));
        let readings: BTreeSet<_> = known.values.iter().map(|value| format!("{name}:{value}")).collect();
        assert_eq!(row.profiles.iter().cloned().collect::<BTreeSet<_>>(), readings, "{}", row.id);
        assert_eq!(row.outcomes.keys().cloned().collect::<BTreeSet<_>>(), readings, "{}", row.id);
        if row.fact.status == Status::Conflict {
            covered.insert(name);
        }
    }
    assert_eq!(covered, profiles.keys().map(String::as_str).collect(), "a profile for each conflict");
}

#[test]
fn every_point_of_the_audit_has_a_row() {
    let points: BTreeSet<_> = behaviours().rows.iter().map(|row| row.conformance.as_str()).collect();
    for point in POINTS {
        assert!(points.contains(point), "no row for {point}");
    }
    assert!(points.contains("assumed"));
}

#[test]
fn every_source_is_of_a_kind_that_the_readme_explains() {
    let mut seen = 0;
    for file in files("platform", &[".json"]) {
        let data: Value = serde_json::from_str(&read(&file).unwrap()).unwrap();
        each_entry(&data, &mut |entry| {
            seen += 1;
            let sources = entry["source"].as_array().unwrap();
            let is_known = |source: &Value| {
                let text = source.as_str().unwrap();
                SOURCES.iter().any(|kind| text.starts_with(kind))
                    || (text == "settled by no source" && entry["status"] == "assumed")
            };
            assert!(!sources.is_empty() && sources.iter().all(is_known), "{file}: {sources:?}");
        });
    }
    assert!(seen > 200, "{seen}");
}

/// Visits every object with a `source`, except a call's options, since an option may have that name.
fn each_entry(value: &Value, visit: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("source") && fields.contains_key("status") {
                visit(value);
            }
            fields.values().for_each(|field| each_entry(field, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| each_entry(item, visit)),
        _ => {}
    }
}
