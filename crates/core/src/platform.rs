//! The meaning of the platform's answers.
//!
//! Error numbers are those of the platform's own documents; `platform/calls.json` names them with their sources.

use crate::{
    consent::{Kind, Outcome},
    display::DisplayInfo,
    error_code::ErrorCode,
    text::holds,
};

/// The platform's texts for a refusal without an error number.
const REFUSALS: [&str; 4] = ["用户取消", "用户拒绝", "不允许授权", "拒绝授权"];

/// Interprets a failure of `my.getAuthCode` or `my.getOpenUserInfo`, by its number or else its text: the user's answer,
/// and the error code for the caller.
///
/// 3 is documented as "no result", and the Android back key also gives it, so it counts as a closed panel, like 10.
/// Assumed: 2001 (refused), 2003 (refused, and do not ask again) and 2002 (refused like that earlier, no panel
/// appeared) mean the same as for other calls.
/// other calls.
pub fn consent_failure(error: Option<u32>, words: &str) -> (Outcome, ErrorCode) {
    match error {
        Some(11 | 2001 | 2003) => (Outcome::Refused, ErrorCode::ConsentRefused),
        Some(2002) => (Outcome::Refused, ErrorCode::ConsentBlocked),
        Some(3 | 10) => (Outcome::Dismissed, ErrorCode::ConsentDismissed),
        Some(4) => (Outcome::Failed, ErrorCode::CallNotPermitted),
        Some(12) => (Outcome::Failed, ErrorCode::Network),
        _ if REFUSALS.iter().any(|refusal| holds(words, refusal)) => (Outcome::Refused, ErrorCode::ConsentRefused),
        _ if holds(words, "N22104") => (Outcome::Failed, ErrorCode::CallNotPermitted),
        _ => (Outcome::Failed, ErrorCode::PlatformError),
    }
}

/// Returns whether a refusal is permanent: the platform will not ask again.
pub const fn is_for_good(error: Option<u32>) -> bool {
    matches!(error, Some(2002 | 2003))
}

/// Interprets the `error` event of the authorising button of a kind. The platform sends it for refusals and all other
/// failures, mostly without a number. So only a known refusal is reported as one.
pub fn button_failure(kind: Kind, error: Option<u32>, words: &str) -> (Outcome, ErrorCode) {
    let [wrong_scope, no_product, unknown] = match kind {
        Kind::PhoneNumber => {
            [ErrorCode::PhoneNotAuthorized, ErrorCode::PhoneProductNotInForce, ErrorCode::PhoneNotAuthorized]
        }
        _ => [ErrorCode::AuthorizeButtonRequired, ErrorCode::DisplayProductNotInForce, ErrorCode::DisplayNotAuthorized],
    };
    match consent_failure(error, words) {
        (Outcome::Failed, ErrorCode::PlatformError) if holds(words, "合法的scope") => {
            (Outcome::NotGranted, wrong_scope)
        }
        (Outcome::Failed, ErrorCode::PlatformError) if holds(words, "权限不足") => {
            (Outcome::NotGranted, no_product)
        }
        (Outcome::Failed, ErrorCode::PlatformError) => (Outcome::NotGranted, unknown),
        (Outcome::Failed, code) => (Outcome::NotGranted, code),
        known => known,
    }
}

/// Interprets a failure of `my.request` or `my.httpRequest`, by its number and the status beside it.
///
/// A time-out or a network failure can come as 14; its status is then the right number. 19 without a status means that
/// there was no answer at all: an untrusted certificate, or an unreachable host.
pub const fn request_failure(error: Option<u32>, status: Option<u32>) -> ErrorCode {
    match (error, status) {
        (Some(1), _) => ErrorCode::PageLeft,
        (Some(2), _) => ErrorCode::OptionsInvalid,
        (Some(4 | 11), _) => ErrorCode::DomainNotAllowed,
        (Some(9), _) => ErrorCode::Aborted,
        (Some(12 | 23), _) | (Some(14), Some(12)) | (Some(19), None) => ErrorCode::Network,
        (Some(13), _) | (Some(14), Some(13)) => ErrorCode::Timeout,
        (Some(14 | 15), _) => ErrorCode::RequestEncoding,
        (Some(19), _) => ErrorCode::HttpStatus,
        (Some(20), _) => ErrorCode::AddressRefused,
        _ => ErrorCode::PlatformError,
    }
}

/// An answer of `my.getOpenUserInfo` or `my.getAuthUserInfo`.
#[derive(Debug, Default)]
pub struct UserInfoAnswer {
    /// The gateway's code, if the answer has one.
    pub code: Option<String>,
    /// The nickname; empty if the user has set none.
    pub nick_name: Option<String>,
    /// The avatar's URL.
    pub avatar: Option<String>,
}

impl UserInfoAnswer {
    /// Reads the answer. The platform calls `success` for refusals too. It is a success only with the code 10000, or with the fields
    /// and no code.
    ///
    /// # Errors
    /// [`ErrorCode::DisplayNotAuthorized`] (40003), [`ErrorCode::DisplayProductNotInForce`] (40006),
    /// [`ErrorCode::PlatformError`] for any other code, [`ErrorCode::PlatformAnswerInvalid`] if there are neither fields nor a code.
    pub fn read(self) -> Result<DisplayInfo, ErrorCode> {
        match self.code.as_deref() {
            Some("10000") => Ok(DisplayInfo::new(self.nick_name, self.avatar)),
            Some("40003") => Err(ErrorCode::DisplayNotAuthorized),
            Some("40006") => Err(ErrorCode::DisplayProductNotInForce),
            Some(_) => Err(ErrorCode::PlatformError),
            None if self.nick_name.is_some() || self.avatar.is_some() => {
                Ok(DisplayInfo::new(self.nick_name, self.avatar))
            }
            None => Err(ErrorCode::PlatformAnswerInvalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_number_of_a_request_has_its_code() {
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
            (19, "network"),
            (20, "address_refused"),
            (23, "network"),
            (99, "platform_error"),
        ];
        for (number, code) in codes {
            assert_eq!(request_failure(Some(number), None).as_str(), code, "{number}");
        }
        assert_eq!(request_failure(Some(19), Some(502)), ErrorCode::HttpStatus);
        assert_eq!(request_failure(Some(14), Some(502)), ErrorCode::RequestEncoding);
        assert_eq!(request_failure(Some(14), Some(12)), ErrorCode::Network);
        assert_eq!(request_failure(Some(14), Some(13)), ErrorCode::Timeout);
    }

    #[test]
    fn a_refusal_is_one_by_its_number_or_by_known_words() {
        let cases = [
            (Some(11), "", Outcome::Refused, "consent_refused"),
            (Some(2001), "", Outcome::Refused, "consent_refused"),
            (Some(2003), "", Outcome::Refused, "consent_refused"),
            (Some(2002), "", Outcome::Refused, "consent_blocked"),
            (Some(3), "", Outcome::Dismissed, "consent_dismissed"),
            (Some(10), "", Outcome::Dismissed, "consent_dismissed"),
            (Some(4), "无权调用", Outcome::Failed, "call_not_permitted"),
            (Some(12), "", Outcome::Failed, "network"),
            (None, "用户取消授权", Outcome::Refused, "consent_refused"),
            (None, "无权限调用（N22104）", Outcome::Failed, "call_not_permitted"),
            (None, "服务正忙，请稍后再试", Outcome::Failed, "platform_error"),
            (Some(12), "用户取消授权", Outcome::Failed, "network"),
        ];
        for (number, words, outcome, code) in cases {
            let (is, given) = consent_failure(number, words);
            assert_eq!((is, given.as_str()), (outcome, code), "{number:?} {words}");
        }
    }

    #[test]
    fn only_a_known_refusal_of_the_button_counts_as_one() {
        let cases = [
            ("用户取消授权", Outcome::Refused, "consent_refused"),
            ("用户不允许授权", Outcome::Refused, "consent_refused"),
            ("请输入合法的scope", Outcome::NotGranted, "authorize_button_required"),
            ("ISV权限不足", Outcome::NotGranted, "display_product_not_in_force"),
            ("无权调用 N22104", Outcome::NotGranted, "call_not_permitted"),
            ("系统繁忙", Outcome::NotGranted, "display_not_authorized"),
            ("", Outcome::NotGranted, "display_not_authorized"),
        ];
        for (words, outcome, code) in cases {
            let (is, given) = button_failure(Kind::UserInfo, None, words);
            assert_eq!((is, given.as_str()), (outcome, code), "{words}");
        }
        assert_eq!(button_failure(Kind::UserInfo, Some(2002), "").1, ErrorCode::ConsentBlocked);
    }

    #[test]
    fn the_button_for_the_phone_number_has_codes_of_its_own() {
        let cases = [
            ("用户取消授权", Outcome::Refused, "consent_refused"),
            ("请输入合法的scope", Outcome::NotGranted, "phone_not_authorized"),
            ("ISV权限不足", Outcome::NotGranted, "phone_product_not_in_force"),
            ("无权调用 N22104", Outcome::NotGranted, "call_not_permitted"),
            ("系统繁忙", Outcome::NotGranted, "phone_not_authorized"),
        ];
        for (words, outcome, code) in cases {
            let (is, given) = button_failure(Kind::PhoneNumber, None, words);
            assert_eq!((is, given.as_str()), (outcome, code), "{words}");
        }
    }

    #[test]
    fn a_refusal_is_for_good_where_nobody_will_be_asked_again() {
        let numbers = [None, Some(11), Some(2001), Some(2002), Some(2003), Some(2004)];
        assert_eq!(numbers.map(is_for_good), [false, false, false, true, true, false]);
    }

    #[test]
    fn a_success_with_a_refusing_code_is_a_refusal_and_one_with_nothing_is_none() {
        let read = |code: Option<&str>, nick_name: Option<&str>| {
            let answer =
                UserInfoAnswer { code: code.map(Into::into), nick_name: nick_name.map(Into::into), avatar: None };
            answer.read().map(|_| ())
        };
        assert_eq!(read(None, Some("张伟")), Ok(()));
        assert_eq!(read(None, Some("")), Ok(()), "a user without a nickname");
        assert_eq!(read(Some("10000"), None), Ok(()));
        assert_eq!(read(Some("40003"), Some("张伟")), Err(ErrorCode::DisplayNotAuthorized));
        assert_eq!(read(Some("40006"), None), Err(ErrorCode::DisplayProductNotInForce));
        assert_eq!(read(Some("20000"), None), Err(ErrorCode::PlatformError));
        assert_eq!(read(None, None), Err(ErrorCode::PlatformAnswerInvalid));
    }
}
