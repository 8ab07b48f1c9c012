//! Compares the constants of the WebAssembly module with the data, which it cannot read because it must stay small.

use crate::tree::read;
use miniauth_core::{
    error_code::ErrorCode,
    platform::{self, UserInfoAnswer},
    scope::Scope,
};
use miniauth_platform::{calls, calls::CallError};
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

/// Returns a package's name and its dependencies, with those of its tests.
fn package(text: &str) -> (&str, Vec<&str>) {
    let mut quoted = text.split('"').skip(1).step_by(2);
    let name = quoted.next().unwrap();
    let dependencies = text.split_once("dependencies = [").map_or("", |(_, list)| list);
    let dependencies = dependencies.split(']').next().unwrap_or_default().split('"').skip(1).step_by(2);
    (name, dependencies.map(|dependency| dependency.split(' ').next().unwrap_or_default()).collect())
}

#[test]
fn the_modules_error_numbers_are_those_of_the_data() {
    // The number decides the code, whichever call it came from.
    for call in ["getAuthCode", "getOpenUserInfo"] {
        let known = calls().errors_of(call);
        for number in 0..3000 {
            let (_, code) = platform::consent_failure(Some(number), "");
            assert_eq!(code.as_str(), code_of(&known, number), "my.{call} fails with {number}");
        }
        let refusals = known.values().filter(|error| error.code.as_deref() == Some("consent_refused"));
        for text in refusals.filter_map(|error| error.text.as_deref()) {
            let (_, code) = platform::consent_failure(None, text);
            assert_eq!(code, ErrorCode::ConsentRefused, "my.{call} fails with {text} and no number");
        }
    }
    for call in ["request", "httpRequest"] {
        let known = calls().errors_of(call);
        for number in 0..3000 {
            // Error 19 comes with an HTTP status.
            let code = platform::request_failure(Some(number), Some(502));
            assert_eq!(code.as_str(), code_of(&known, number), "my.{call} fails with {number}");
        }
    }
}

fn code_of<'a>(known: &BTreeMap<u32, &'a CallError>, number: u32) -> &'a str {
    known.get(&number).and_then(|error| error.code.as_deref()).unwrap_or("platform_error")
}

#[test]
fn every_code_of_the_data_is_one_of_this_projects() {
    let of_errors = calls().all().flat_map(|(name, _)| calls().errors_of(name).into_values());
    let of_errors = of_errors.chain(calls().errors.values()).filter_map(|error| error.code.as_deref());
    let of_display =
        calls().display_codes.values().flat_map(|code| [code.code.as_deref(), code.after_button.as_deref()]);
    for code in of_errors.chain(of_display.flatten()) {
        assert!(code.parse::<ErrorCode>().is_ok(), "{code}");
    }
}

#[test]
fn the_modules_scopes_are_those_of_the_data() {
    for (name, known) in &calls().scopes {
        let scope: Scope = name.parse().unwrap();
        assert_eq!((scope.as_str(), scope.shows_panel()), (name.as_str(), known.asks));
    }
    assert_eq!(calls().scopes.len(), 2);
}

#[test]
fn the_modules_display_codes_are_those_of_the_data() {
    for (number, known) in &calls().display_codes {
        let answer = UserInfoAnswer { code: Some(number.clone()), nick_name: None, avatar: None };
        let code = answer.read().err().map(ErrorCode::as_str);
        assert_eq!(code, known.after_button.as_deref().or(known.code.as_deref()), "{number}");
    }
    let other = UserInfoAnswer { code: Some("20000".to_owned()), nick_name: None, avatar: None };
    assert_eq!(other.read().err(), Some(ErrorCode::PlatformError));
}
