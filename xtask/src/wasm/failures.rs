//! What the package's JavaScript must know of the table of error codes.

use anyhow::Result;
use miniauth_core::error_code::ErrorCode;
use serde_json::{Map, json};

/// What the JavaScript around the module fails with by itself.
const OWN: [ErrorCode; 5] = [
    ErrorCode::OptionsInvalid,
    ErrorCode::Aborted,
    ErrorCode::DisplayOnlyUnchecked,
    ErrorCode::StartFailed,
    ErrorCode::InstanceLost,
];

/// The types of [`script`]'s exports.
pub(super) const DECLARATIONS: &str = "\
/** Every code, in the order of the table; behind those that the module gives stand its message and the advice in Chinese and English. */
export const FAILURES: [code: string, message?: string, adviceZh?: string, adviceEn?: string][];

/** The number of `http_status`. */
export const HTTP_STATUS: number;

/** What the JavaScript around the module fails with, by code. */
export const OWN: Record<string, { code: string, message: string, adviceZh: string, adviceEn: string }>;
";

/// A JavaScript module with the codes and their words.
pub(super) fn script() -> Result<String> {
    let failures = ErrorCode::ALL.iter().map(|code| match code.is_given_by_module() {
        true => vec![code.as_str(), code.title(), code.advice().zh, code.advice().en],
        false => vec![code.as_str()],
    });
    let own = OWN.map(|code| {
        let advice = code.advice();
        let failure = json!({ "code": code, "message": code.title(), "adviceZh": advice.zh, "adviceEn": advice.en });
        (code.to_string(), failure)
    });
    Ok(format!(
        "export const FAILURES = {};\nexport const HTTP_STATUS = {};\nexport const OWN = {};\n",
        serde_json::to_string(&failures.collect::<Vec<_>>())?,
        ErrorCode::HttpStatus as usize,
        serde_json::to_string(&Map::from_iter(own))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_under_their_numbers_with_the_words_that_the_module_gives() {
        let script = script().unwrap();
        let (failures, own) = script.split_once("export const OWN = ").unwrap();
        let rows = failures.split_once('=').unwrap().1.split_once(";\n").unwrap().0;
        let rows: Vec<Vec<String>> = serde_json::from_str(rows).unwrap();
        let title = ErrorCode::TapUsed.title();
        assert_eq!(rows[ErrorCode::TapUsed as usize][..2], ["tap_used", title]);
        assert_eq!(rows[ErrorCode::SessionExpired as usize], ["session_expired"]);
        assert!(own.contains(ErrorCode::StartFailed.advice().zh), "{own}");
    }
}
