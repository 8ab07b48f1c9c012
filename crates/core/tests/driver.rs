//! What the JavaScript driver has to say before the module runs is a copy of this crate's table; here the two are held
//! together.

use miniauth_core::error_code::ErrorCode;

#[test]
fn the_drivers_own_errors_are_those_of_the_table() {
    let driver = include_str!("../../../js/src/error.js");
    for code in
        [ErrorCode::DisplayOnlyUnchecked, ErrorCode::OptionsInvalid, ErrorCode::StartFailed, ErrorCode::InstanceLost]
    {
        let advice = code.advice();
        for text in [code.as_str(), advice.zh, advice.en] {
            assert!(driver.contains(&format!("'{text}'")), "js/src/error.js lacks '{text}'");
        }
    }
}
