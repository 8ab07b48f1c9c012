//! Every error code of the project, in one table that client and server share.
//!
//! To add an error, add a row to the table in this file. `docs/ARCHITECTURE.md` lists what else follows from it.
//!
//! ```
//! use miniauth_core::error_code::ErrorCode;
//! let code = ErrorCode::SessionExpired;
//! assert_eq!((code.as_str(), code.status()), ("session_expired", Some(401)));
//! assert!(code.reauthorize(), "a new auth code helps");
//! assert_eq!(code.advice().en, "Log in again.");
//! assert_eq!(ErrorCode::TapUsed.status(), None, "only the client reports it");
//! ```

use serde::{Serialize, Serializer};
use std::fmt;

/// What a person can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// In Chinese, for the user of a mini-program.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
}

macro_rules! error_codes {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $code:literal, $status:literal, $reauthorize:literal, $zh:literal, $en:literal; )+) => {
        /// A stable error code: the `code` of a problem document and of a `MiniauthError`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// Returns the code as it is in answers and in JavaScript.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// Returns the HTTP status of the server's answer; `None` for codes that only the client uses.
            pub const fn status(self) -> Option<u16> {
                match match self { $( Self::$variant => $status, )+ } { 0 => None, status => Some(status) }
            }

            /// Returns whether a new auth code could help.
            pub const fn reauthorize(self) -> bool {
                match self { $( Self::$variant => $reauthorize, )+ }
            }

            /// Returns what happened in one English sentence: the first line of the code's documentation.
            pub const fn title(self) -> &'static str {
                match self { $( Self::$variant => const { first_line(&[$($doc),+]) }, )+ }
            }

            /// Returns what a person can do, in Chinese and English.
            pub const fn advice(self) -> Advice {
                match self { $( Self::$variant => Advice { zh: $zh, en: $en }, )+ }
            }

            /// Returns whether the client's WebAssembly module reports this code itself, and so contains its texts. For others the
            /// texts come with the server's problem document, or from the JavaScript around the module.
            pub const fn is_given_by_module(self) -> bool {
                match self {
                    Self::DisplayOnlyForwarded | Self::PhoneNotAuthorized | Self::PhoneProductNotInForce => true,
                    Self::DisplayOnlyUnchecked | Self::StartFailed | Self::InstanceLost => false,
                    _ => self.status().is_none(),
                }
            }
        }
    };
}

const fn first_line(lines: &[&'static str]) -> &'static str {
    lines[0].trim_ascii()
}

// Columns: code, HTTP status (0: the server never answers it), reauthorize, advice in Chinese, advice in English.
error_codes! {
    // The server: requests.
    /// The body is not in the form that this endpoint accepts.
    BodyMalformed = "body_malformed", 400, false, "请求内容格式不正确，请联系小程序开发者。", "The request body cannot be read: send JSON or a form as documented.";
    /// The body is larger than the server accepts.
    BodyTooLarge = "body_too_large", 413, false, "请求内容过大，请联系小程序开发者。", "Send at most 16 KiB, or the server's lower limit.";
    /// The content type is neither JSON nor a form.
    ContentTypeUnsupported = "content_type_unsupported", 415, false, "请求类型不受支持，请联系小程序开发者。", "Send application/json or application/x-www-form-urlencoded.";
    /// The body has an unknown field.
    FieldUnknown = "field_unknown", 422, false, "请求中有未知字段，请联系小程序开发者。", "Remove the named field.";
    /// A field of the body is missing or out of bounds.
    FieldInvalid = "field_invalid", 422, false, "请求字段不正确，请联系小程序开发者。", "Correct the named field.";
    /// A request contains display-only information.
    DisplayOnlyForwarded = "display_only_forwarded", 422, false, "昵称和头像仅用于页面展示，不能发送或保存；请改用“成为会员”由服务器获取。", "Nickname and avatar from the page are for display only: call authorize() and let the server fetch the member.";
    /// The path is not one of this server's.
    NotFound = "not_found", 404, false, "请求的地址不存在，请联系小程序开发者。", "Check the server URL that was passed to createAuth.";
    /// The method is not allowed for this path.
    MethodNotAllowed = "method_not_allowed", 405, false, "请求方式不正确，请联系小程序开发者。", "Use the method named in Allow. POST an auth code, because URLs are logged.";
    /// The request took too long to arrive.
    RequestTimeout = "request_timeout", 408, false, "网络过慢，请稍后再试。", "Send the whole body at once: the server waits 10 seconds by default.";
    /// This client sends too many requests.
    RateLimited = "rate_limited", 429, false, "操作过于频繁，请稍后再试。", "Try again after the time in Retry-After; an operator finds the limits in the server's configuration.";
    /// The server is overloaded.
    Overloaded = "overloaded", 503, false, "服务器繁忙，请稍后再试。", "Try again after the time in Retry-After.";
    /// The server failed.
    Internal = "internal", 500, false, "服务器出错了，请稍后再试。", "Look up the request in the server's log.";

    // The server: sessions and codes.
    /// The request has no bearer.
    BearerMissing = "bearer_missing", 401, false, "尚未登录，请先登录。", "Log in first and send Authorization: Bearer <session>.";
    /// The bearer is malformed.
    BearerMalformed = "bearer_malformed", 400, false, "登录信息格式不正确，请重新登录。", "Send Authorization: Bearer <session> exactly as POST /auth returned it.";
    /// The session has expired.
    SessionExpired = "session_expired", 401, true, "登录已过期，请重新登录。", "Log in again.";
    /// The session is unknown.
    SessionUnknown = "session_unknown", 401, true, "登录已失效，请重新登录。", "Log in again.";
    /// No member is stored for this user.
    MemberUnknown = "member_unknown", 404, false, "您还不是会员，请先点击“成为会员”。", "Call authorize() on a tap to become a member.";
    /// The auth code was used before.
    CodeUsed = "code_used", 409, true, "授权码已被使用，请重新操作一次。", "Get a new auth code: each one can be exchanged once.";
    /// The auth code is wrong or too old.
    CodeInvalid = "code_invalid", 422, true, "授权码无效或已过期，请重新操作一次。", "Get a new auth code and post it at once.";
    /// It is unknown whether the auth code was exchanged.
    CodeOutcomeUnknown = "code_outcome_unknown", 409, true, "上次登录结果未知，请重新操作一次。", "Get a new auth code: this one is never exchanged again.";
    /// The authorisation does not cover the member's information.
    ScopeInsufficient = "scope_insufficient", 403, true, "授权范围不足，请重新点击并同意授权。", "Get the auth code with the scope auth_user, then read the member with alipay.user.info.share.";
    /// The platform's tokens for this user have expired.
    GrantExpired = "grant_expired", 403, true, "授权已过期，请重新点击并同意授权。", "Call authorize() on a tap: the tokens of the last consent have expired, including the refresh token.";

    // The server: back-ends.
    /// The back-end's name or secret is wrong.
    BackendUnknown = "backend_unknown", 401, false, "后端的名称或密钥不正确，请联系小程序开发者。", "Send Authorization: Basic with the name and the secret that `miniauth backends add` printed.";

    // The server: the open platform behind it.
    /// This app does not have the product for member information.
    ProductNotInForce = "product_not_in_force", 502, false, "小程序尚未开通“获取会员信息”，请联系小程序开发者。", "Add the product 获取会员信息 (I1080300001000042699) in the open platform's console, apply for its fields, and wait until it is in force. If it cannot be added, login() gives the user's id, and getAuthUserInfo() nickname and avatar for display.";
    /// The open platform's answer is about another user.
    GatewayIdentityMismatch = "gateway_identity_mismatch", 502, true, "平台返回的用户信息不一致，未保存任何内容，请重试。", "The two answers of this login name different users: nothing was stored. Report it to the platform if it happens again.";
    /// The open platform's answer cannot be trusted.
    GatewayUntrusted = "gateway_untrusted", 502, true, "平台返回的数据未通过验签，未保存任何内容，请稍后再试。", "Nothing was stored. Check that alipay_public_key is the platform's key for this app.";
    /// The open platform cannot be reached.
    GatewayUnavailable = "gateway_unavailable", 503, true, "暂时无法连接支付宝开放平台，请稍后再试。", "Try again later; if it persists, check the gateway URL and the network.";
    /// The open platform refused the request.
    GatewayRejected = "gateway_rejected", 502, false, "支付宝开放平台拒绝了请求，请联系小程序开发者。", "Look up the sub_code in the server's log.";
    /// The server's configuration does not match the open platform.
    ServerMisconfigured = "server_misconfigured", 500, false, "服务器配置有误，请联系小程序开发者。", "Check app id, keys and gateway in the server's configuration; its log names the setting.";

    // The server: the phone number.
    /// The server is not configured for phone numbers.
    PhoneNotConfigured = "phone_not_configured", 501, false, "暂不支持手机号，请联系小程序开发者。", "The server has no content key: set content_key_file to the AES key of the console (接口内容加密方式).";
    /// The body does not contain the platform's answer about a phone number.
    PhoneAnswerInvalid = "phone_answer_invalid", 422, false, "手机号数据格式不正确，请联系小程序开发者。", "Post `response` of my.getPhoneNumber, or encryptedData and sign of onGetPhoneNumber, unchanged.";
    /// The platform's answer is not signed.
    PhoneSignatureMissing = "phone_signature_missing", 422, false, "手机号数据未签名，请联系小程序开发者。", "Set 接口加签方式, 接口内容加密方式 and 应用网关 in the console: the platform signs only when all three are set. Or let the server accept unsigned answers (phone_signature).";
    /// The signature of the platform's answer is wrong.
    PhoneSignatureInvalid = "phone_signature_invalid", 422, false, "手机号数据未通过验签，请重试；如仍失败，请联系小程序开发者。", "The answer was changed, or is for another app: check the server's app id and the platform's public key.";
    /// The platform's answer cannot be decrypted.
    PhoneNotDecrypted = "phone_not_decrypted", 422, false, "手机号数据无法解密，请联系小程序开发者。", "The server's content key is not the app's AES key: copy it from the console (接口内容加密方式) into content_key_file; during a change, keep the old one in old_content_key_file.";
    /// The user's account has no phone number.
    PhoneNumberMissing = "phone_number_missing", 422, false, "您的支付宝账号未绑定手机号，请绑定后再试，或手动填写。", "The platform's answer has no number: the user can bind one to the account; offer to type it in.";
    /// There is no consent for the phone number.
    PhoneNotAuthorized = "phone_not_authorized", 403, false, "您尚未同意提供手机号，需要时请点击授权。", "Use the getAuthorize button with the scope phoneNumber; an earlier consent may have been withdrawn.";
    /// The console lacks a setting that phone numbers need.
    PhoneSetupMissing = "phone_setup_missing", 502, false, "小程序的手机号设置不完整，请联系小程序开发者。", "40001: set 接口加签方式, 接口内容加密方式 (the AES key) and 应用网关 in the console; in a third-party app's template pass protocols.isvAppId to my.getPhoneNumber.";
    /// The platform could not encrypt the phone number.
    PhoneEncryptionFailed = "phone_encryption_failed", 502, false, "平台加密手机号失败，请联系小程序开发者。", "40002: set the AES key in the console (接口内容加密方式), and configure it as content_key_file.";
    /// The platform refused to give the phone number.
    PhoneRefused = "phone_refused", 502, false, "平台未提供手机号，请稍后再试或手动填写。", "40004: look up the sub_code in the server's log; offer to type the number in.";
    /// The app requested too many phone numbers from the platform.
    PhoneLimited = "phone_limited", 503, false, "获取手机号过于频繁，请稍后再试。", "40005: try again later; the console shows the app's limit.";
    /// This app does not have the product for phone numbers.
    PhoneProductNotInForce = "phone_product_not_in_force", 502, false, "小程序尚未开通“获取会员手机号”，请联系小程序开发者。", "Add the product 获取会员手机号 (I1080300001000046451) in the open platform's console; apply for it (用户信息申请). Enterprise accounts only.";
    /// The platform's service for phone numbers failed.
    PhoneUnavailable = "phone_unavailable", 503, false, "支付宝暂时无法提供手机号，请稍后再试。", "20000: try again later.";

    // The client: consent.
    /// This requires a tap by the user.
    TapRequired = "tap_required", 0, false, "请点击按钮后再授权。", "Call it from a tap handler and pass the handler's event.";
    /// The tap is too old.
    TapStale = "tap_stale", 0, false, "操作已超时，请再点击一次。", "Call it at once in the tap handler: by default a tap is valid for 5 seconds.";
    /// This tap was used before.
    TapUsed = "tap_used", 0, false, "请再点击一次。", "One tap allows one consent: wait for the next tap.";
    /// The purpose is missing or cannot be read.
    PurposeRequired = "purpose_required", 0, false, "未说明授权用途，请联系小程序开发者。", "Pass { purpose }: one short sentence that says what the data is for.";
    /// Consent requires the authorising button.
    AuthorizeButtonRequired = "authorize_button_required", 0, false, "请点击授权按钮，同意后即可显示昵称和头像。", "The user was not asked: use `<button open-type=\"getAuthorize\" scope=\"userInfo\" onGetAuthorize=\"show\" onError=\"show\">` and pass the handler's event.";
    /// The user refused.
    ConsentRefused = "consent_refused", 0, false, "您已拒绝授权，可继续使用其他功能；需要时再次点击即可。", "Keep the page usable without consent; ask again only on a new tap.";
    /// The user refused permanently earlier, and was not asked again.
    ConsentBlocked = "consent_blocked", 0, false, "您此前已拒绝授权，如需使用，请在右上角菜单的“设置”中允许。", "The user can allow it in the mini-program's settings (my.openSetting); no panel appears any more.";
    /// The consent panel was closed without an answer.
    ConsentDismissed = "consent_dismissed", 0, false, "授权未完成，需要时再次点击即可。", "Keep the page usable without consent; ask again only on a new tap.";
    /// The platform did not grant the scope.
    ScopeNotGranted = "scope_not_granted", 0, false, "平台未授予所需权限，请联系小程序开发者。", "Check that the scope is in force for this app.";
    /// There is no consent for display information.
    DisplayNotAuthorized = "display_not_authorized", 0, false, "您尚未同意展示昵称和头像，需要时请点击授权。", "Use the getAuthorize button with the scope userInfo; an earlier consent may have been withdrawn.";
    /// This call cannot be checked for display information.
    DisplayOnlyUnchecked = "display_only_unchecked", 0, false, "昵称和头像仅用于页面展示，此操作无法检查，已被拒绝。", "Use the call with a callback, such as my.setStorage.";

    /// This app does not have the product for nickname and avatar.
    DisplayProductNotInForce = "display_product_not_in_force", 0, false, "小程序尚未开通“获取会员基础信息”，请联系小程序开发者。", "Add the product 获取会员基础信息 (I1080300001000054282) in the open platform's console.";

    // The client: the platform's calls.
    /// The platform has no such call here.
    PlatformUnsupported = "platform_unsupported", 0, false, "当前支付宝版本不支持此功能，请升级支付宝。", "The base library lacks this call: ask the user to update Alipay.";
    /// The app is not allowed to make this call.
    CallNotPermitted = "call_not_permitted", 0, false, "小程序没有使用此功能的权限，请联系小程序开发者。", "Error 4 (N22104): the app, or the third-party app that it is authorised to, lacks 小程序端基础产品; personal apps cannot make some calls.";
    /// The platform's call did not answer in time.
    PlatformTimeout = "platform_timeout", 0, false, "支付宝长时间没有响应，请再试一次。", "The callback was never called, for example because a privacy popup was not answered: call again.";
    /// The platform's call failed.
    PlatformError = "platform_error", 0, false, "支付宝返回了错误，请稍后再试。", "See cause for the platform's error number and message.";
    /// The platform's answer cannot be read.
    PlatformAnswerInvalid = "platform_answer_invalid", 0, false, "支付宝返回的数据无法识别，请稍后再试。", "See cause for the platform's answer.";
    /// The network failed.
    Network = "network", 0, false, "网络不可用，请检查网络后重试。", "Try again when the network is back. Platform error 23 is a failed proxy, 19 often a certificate.";
    /// The request took too long.
    Timeout = "timeout", 0, false, "网络超时，请稍后再试。", "Try again, or raise timeout (milliseconds).";
    /// The request was aborted.
    Aborted = "aborted", 0, false, "请求已取消。", "The page cancelled the request.";
    /// The user left the page before the request ended.
    PageLeft = "page_left", 0, false, "页面已跳转，请求未完成。", "Wait for the request before leaving the page.";
    /// The domain is not on the app's whitelist.
    DomainNotAllowed = "domain_not_allowed", 0, false, "该域名不在小程序的白名单中，请联系小程序开发者。", "Add the domain to the httpRequest whitelist in the open platform's console.";
    /// The platform stopped or throttled the request, or the URL is not https.
    AddressRefused = "address_refused", 0, false, "请求已被停止，请稍后再试。", "Use an https URL; send less often.";
    /// The server answered with a status other than 2xx.
    HttpStatus = "http_status", 0, false, "服务器返回了错误，请稍后再试。", "See response for status, data and headers.";
    /// The request or its answer could not be encoded or decoded.
    RequestEncoding = "request_encoding", 0, false, "请求或返回的数据无法编码，请联系小程序开发者。", "Check data, dataType and headers.";
    /// The options of the call are wrong.
    OptionsInvalid = "options_invalid", 0, false, "调用参数不正确，请联系小程序开发者。", "The message names the option and its valid values.";

    // The client: its own state.
    /// The server's answer is invalid.
    ServerAnswerInvalid = "server_answer_invalid", 0, false, "服务器返回的数据无法识别，请稍后再试。", "Check that the server URL belongs to a miniauth server of the same version.";
    /// logout() cancelled the login.
    LoggedOut = "logged_out", 0, false, "已退出登录。", "logout() was called in the meantime: log in again when needed.";
    /// The module could not be started.
    StartFailed = "start_failed", 0, false, "登录组件启动失败，请升级支付宝后重试。", "The engine could not run the module: see cause. If it has no WebAssembly, import miniauth, or pass createAuth of miniauth/wasm the option plain.";
    /// The module failed and cannot be used any more.
    InstanceLost = "instance_lost", 0, false, "登录组件出错，请重新打开小程序。", "Report the message with the steps that led to it, and open the mini-program again.";
}

impl std::str::FromStr for ErrorCode {
    type Err = UnknownCodeError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().find(|known| known.as_str() == code).copied().ok_or(UnknownCodeError)
    }
}

/// The code is not in the table; it may be of a newer version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the code is not in the table")]
pub struct UnknownCodeError;

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{consent::Kind, platform};
    use std::collections::HashSet;

    #[test]
    fn every_row_is_whole_and_every_code_is_its_own() {
        let mut seen = HashSet::new();
        for code in ErrorCode::ALL {
            assert!(seen.insert(code.as_str()), "{code} is there twice");
            assert!(code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
            assert!(code.title().ends_with('.'), "{code}: {}", code.title());
            assert!(code.advice().zh.ends_with('。'), "{code}");
            assert!(code.advice().en.ends_with('.'), "{code}");
            assert!(code.status().is_none_or(|status| (400..600).contains(&status)), "{code}");
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(code.to_string(), code.as_str());
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
    }

    #[test]
    fn the_module_has_texts_only_for_the_codes_it_reports() {
        for code in ErrorCode::ALL {
            if !code.is_given_by_module() {
                let is_drivers =
                    matches!(code, ErrorCode::DisplayOnlyUnchecked | ErrorCode::StartFailed | ErrorCode::InstanceLost);
                assert!(is_drivers || code.status().is_some(), "{code}");
            }
        }
        let given = ErrorCode::is_given_by_module;
        for number in (0..30).chain(2000..2010) {
            assert!(given(platform::request_failure(Some(number), None)));
            assert!(given(platform::request_failure(Some(number), Some(500))));
            assert!(given(platform::consent_failure(Some(number), "").1));
            for kind in Kind::ALL {
                for words in ["", "权限不足", "合法的scope"] {
                    assert!(given(platform::button_failure(kind, Some(number), words).1));
                }
            }
        }
    }

    #[test]
    fn an_unknown_code_does_not_parse() {
        assert_eq!("no_such_code".parse::<ErrorCode>(), Err(UnknownCodeError));
        assert_eq!("".parse::<ErrorCode>(), Err(UnknownCodeError));
    }

    #[test]
    fn the_advice_names_the_bound_that_holds() {
        let bound = format!("{} KiB", crate::wire::MAXIMUM_BODY_BYTES / 1024);
        assert!(bound != "1 KiB" && ErrorCode::BodyTooLarge.advice().en.contains(&bound), "{bound}");
    }

    #[test]
    fn only_two_codes_make_a_client_log_in_again_by_itself() {
        let unauthorized: Vec<_> =
            ErrorCode::ALL.iter().filter(|code| code.status() == Some(401) && code.reauthorize()).collect();
        assert_eq!(unauthorized, [&ErrorCode::SessionExpired, &ErrorCode::SessionUnknown]);
    }
}
