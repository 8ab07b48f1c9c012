//! What the platform's answers mean.
//!
//! Error numbers are those of the platform's own documents for `my.getAuthCode` and `my.request`.

use crate::{consent::Outcome, display::DisplayInfo, error_code::ErrorCode};

/// What a failure of `my.getAuthCode` means: the user's answer, and the code for the caller.
///
/// 3 is documented as "no result" and is also what the Android back key gives, so it counts as a closed panel, as 10 does.
pub const fn auth_code_failure(error: Option<u32>) -> (Outcome, ErrorCode) {
    match error {
        Some(11) => (Outcome::Refused, ErrorCode::ConsentRefused),
        Some(3 | 10) => (Outcome::Dismissed, ErrorCode::ConsentDismissed),
        Some(4) => (Outcome::Failed, ErrorCode::ScopeNotGranted),
        Some(12) => (Outcome::Failed, ErrorCode::Network),
        _ => (Outcome::Failed, ErrorCode::PlatformError),
    }
}

/// What a failure of `my.request` or `my.httpRequest` means.
pub const fn request_failure(error: Option<u32>) -> ErrorCode {
    match error {
        Some(1) => ErrorCode::PageLeft,
        Some(2) => ErrorCode::OptionsInvalid,
        Some(4 | 11) => ErrorCode::DomainNotAllowed,
        Some(9) => ErrorCode::Aborted,
        Some(12 | 23) => ErrorCode::Network,
        Some(13) => ErrorCode::Timeout,
        Some(14 | 15) => ErrorCode::RequestEncoding,
        Some(19) => ErrorCode::HttpStatus,
        Some(20) => ErrorCode::AddressRefused,
        _ => ErrorCode::PlatformError,
    }
}

/// What `my.getOpenUserInfo` or `my.getAuthUserInfo` answered: its `code`, where it has one, and its fields.
///
/// `success` fires for refusals too; only the code 10000, or none at all, makes it one.
///
/// # Errors
/// [`ErrorCode::DisplayNotAuthorized`] (40003), [`ErrorCode::ProductNotInForce`] (40006) or
/// [`ErrorCode::PlatformError`] for any other code.
pub fn user_info_answer(
    code: Option<&str>,
    nick_name: Option<String>,
    avatar: Option<String>,
) -> Result<DisplayInfo, ErrorCode> {
    match code {
        None | Some("10000") => Ok(DisplayInfo::new(nick_name, avatar)),
        Some("40003") => Err(ErrorCode::DisplayNotAuthorized),
        Some("40006") => Err(ErrorCode::ProductNotInForce),
        Some(_) => Err(ErrorCode::PlatformError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_number_has_its_code() {
        let codes = [
            (1, "page_left"),
            (2, "options_invalid"),
            (4, "domain_not_allowed"),
            (9, "aborted"),
            (11, "domain_not_allowed"),
            (12, "network"),
            (13, "timeout"),
            (14, "request_encoding"),
            (15, "request_encoding"),
            (19, "http_status"),
            (20, "address_refused"),
            (23, "network"),
            (99, "platform_error"),
        ];
        for (number, code) in codes {
            assert_eq!(request_failure(Some(number)).as_str(), code, "{number}");
        }
        let answers =
            [(11, Outcome::Refused), (3, Outcome::Dismissed), (10, Outcome::Dismissed), (12, Outcome::Failed)];
        for (number, outcome) in answers {
            assert_eq!(auth_code_failure(Some(number)).0, outcome, "{number}");
        }
    }

    #[test]
    fn a_success_with_a_refusing_code_is_a_refusal() {
        let answer = |code| user_info_answer(code, Some("张伟".into()), None).map(|_| ());
        assert_eq!(answer(None), Ok(()));
        assert_eq!(answer(Some("10000")), Ok(()));
        assert_eq!(answer(Some("40003")), Err(ErrorCode::DisplayNotAuthorized));
        assert_eq!(answer(Some("40006")), Err(ErrorCode::ProductNotInForce));
        assert_eq!(answer(Some("20000")), Err(ErrorCode::PlatformError));
    }
}
