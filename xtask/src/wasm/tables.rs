//! Generates the parts of the error codes and of `platform/calls.json` that the package's JavaScript needs.

use anyhow::Result;
use miniauth_core::error_code::ErrorCode;
use miniauth_platform::calls::{GuardCoverage, calls};
use serde_json::{Map, json};
use std::collections::BTreeMap;

/// The error codes that the JavaScript around the module reports itself.
const OWN: [ErrorCode; 5] = [
    ErrorCode::OptionsInvalid,
    ErrorCode::Network,
    ErrorCode::Aborted,
    ErrorCode::StartFailed,
    ErrorCode::InstanceLost,
];

/// Generates a JavaScript module with every code in the order of the table (with message and advice in Chinese and English for those that
/// only the module gives), the number of `http_status`, the failures of the JavaScript around the module by code, and the further
/// failures around the Worker.
pub(super) fn failures() -> Result<String> {
    let rows = ErrorCode::ALL.iter().map(|code| match code.is_given_by_module() && !OWN.contains(code) {
        true => vec![code.as_str(), code.title(), code.advice().zh, code.advice().en],
        false => vec![code.as_str()],
    });
    let failure = |code: ErrorCode| {
        let advice = code.advice();
        json!({ "code": code, "message": code.title(), "adviceZh": advice.zh, "adviceEn": advice.en })
    };
    let own = OWN.map(|code| (code.to_string(), failure(code)));
    Ok(format!(
        "export const FAILURES = {};\nexport const HTTP_STATUS = {};\n\
         /** @type {{Record<string, {{ code: string, message: string, adviceZh: string, adviceEn: string }}>}} */\n\
         export const OWN = {};\nexport const UNCHECKED = {};\n",
        serde_json::to_string(&rows.collect::<Vec<_>>())?,
        ErrorCode::HttpStatus as usize,
        serde_json::to_string(&Map::from_iter(own))?,
        failure(ErrorCode::DisplayOnlyUnchecked),
    ))
}

/// Generates a JavaScript module with every code as the server answers it: status (0 for the client's own), message and advice.
pub(super) fn error_codes() -> Result<String> {
    let rows = ErrorCode::ALL.iter().map(|code| {
        let advice = code.advice();
        let row = json!({
            "status": code.status().unwrap_or_default(),
            "reauthorize": code.reauthorize(),
            "title": code.title(),
            "zh": advice.zh,
            "en": advice.en,
        });
        (code.to_string(), row)
    });
    Ok(format!("export const CODES = {};\n", serde_json::to_string(&Map::from_iter(rows))?))
}

/// Generates the type of error codes, with what each means and what to do.
pub(super) fn error_code_type() -> String {
    let rows =
        ErrorCode::ALL.iter().map(|code| format!("  /** {} {} */\n  | '{code}'\n", code.title(), code.advice().en));
    format!(
        "/** A stable error code. Each says what happened and what to do. */\nexport type ErrorCode =\n{};\n",
        rows.collect::<String>().trim_end()
    )
}

/// Generates a JavaScript module with the platform's calls that send data from a page: those that can be guarded (`tb.*` stands for all
/// functions of `my.tb`); guarded methods of a call's result, as `{ connectSocket: ['SocketTask.send'] }`; those that cannot be guarded, with
/// the reason; and the calls that return the objects with these methods.
pub(super) fn outgoing() -> Result<String> {
    let mut outgoing = Vec::new();
    let mut made: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut unguarded = BTreeMap::new();
    let mut makers = BTreeMap::new();
    for (name, call) in calls().all() {
        match call.outgoing.as_ref().map(|outgoing| &outgoing.guard) {
            None => {}
            Some(GuardCoverage::CannotBecause(reason)) => {
                unguarded.insert(name, reason);
                makers.extend(calls().maker_of(name).map(|maker| (name, maker)));
            }
            Some(GuardCoverage::Covers(_)) => match calls().maker_of(name) {
                Some(maker) => made.entry(maker).or_default().push(name),
                None => outgoing.push(name),
            },
        }
    }
    Ok(format!(
        "export const OUTGOING = {};\n\
         /** @type {{Record<string, string[]>}} */\nexport const MADE = {};\n\
         /** @type {{Record<string, string>}} */\nexport const UNGUARDED = {};\n\
         /** @type {{Record<string, string>}} */\nexport const MAKERS = {};\n",
        serde_json::to_string(&outgoing)?,
        serde_json::to_string(&made)?,
        serde_json::to_string(&unguarded)?,
        serde_json::to_string(&makers)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_under_their_numbers_with_the_words_that_the_module_gives() {
        let script = failures().unwrap();
        let (failures, own) = script.split_once("export const OWN = ").unwrap();
        let rows = failures.split_once('=').unwrap().1.split_once(";\n").unwrap().0;
        let rows: Vec<Vec<String>> = serde_json::from_str(rows).unwrap();
        let title = ErrorCode::TapUsed.title();
        assert_eq!(rows[ErrorCode::TapUsed as usize][..2], ["tap_used", title]);
        assert_eq!(rows[ErrorCode::SessionExpired as usize], ["session_expired"]);
        assert!(own.contains(ErrorCode::StartFailed.advice().zh), "{own}");
        // Shared values are exported once: the two files of an entry have no bytes in common.
        assert_eq!(rows[ErrorCode::Network as usize], ["network"]);
        assert!(own.contains(ErrorCode::Network.advice().zh), "{own}");
    }

    #[test]
    fn each_call_stands_where_the_guard_looks_for_it() {
        let script = outgoing().unwrap();
        let (outgoing, rest) = script.split_once("export const MADE").unwrap();
        let (made, unguarded) = rest.split_once("export const UNGUARDED").unwrap();
        assert!(outgoing.contains("\"setStorageSync\"") && outgoing.contains("\"cloud.callFunction\""), "{outgoing}");
        assert!(made.contains("\"connectSocket\":[\"SocketTask.close\",\"SocketTask.send\"]"), "{made}");
        assert!(unguarded.contains("\"downloadFile\":\"the avatar"), "{unguarded}");
    }
}
