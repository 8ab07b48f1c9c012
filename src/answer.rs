//! The platform's calls that a consent stands behind, and what they answer.

use crate::{
    error::ClientError,
    platform::{CallError, Platform, passed_on},
    read::{error_number, field, number, parsed, set_text, text, words},
};
use js_sys::{Object, Promise};
use miniauth_core::{
    consent::{Kind, Outcome},
    display::DisplayInfo,
    error_code::ErrorCode,
    platform::{UserInfoAnswer, consent_failure, is_for_good},
    scope::Scope,
    wire::AuthCode,
};
use wasm_bindgen::JsValue;

/// How deep an answer of `my.getOpenUserInfo` is wrapped at most: a text in a text, and the same as objects.
const MAXIMUM_WRAPPINGS: usize = 4;

/// Why there is no answer.
pub(crate) struct ConsentCallError {
    /// What it says of the user's consent.
    pub(crate) outcome: Outcome,
    pub(crate) failure: ClientError,
    /// What may still come, where nothing came in time.
    pub(crate) late: Option<Promise>,
}

impl ConsentCallError {
    const fn new(outcome: Outcome, failure: ClientError) -> Self {
        Self { outcome, failure, late: None }
    }

    fn failed(code: ErrorCode, cause: JsValue) -> Self {
        Self::new(Outcome::Failed, ClientError::new(code).caused_by(cause))
    }

    fn timed_out(late: Promise) -> Self {
        Self { outcome: Outcome::Failed, failure: ClientError::new(ErrorCode::PlatformTimeout), late: Some(late) }
    }

    /// Reads what a consent call failed with.
    fn by_platform(cause: JsValue) -> Self {
        let number = error_number(&cause);
        let (outcome, code) = consent_failure(number, &words(&cause).unwrap_or_default());
        let failure = passed_on(code, cause);
        Self::new(outcome, if is_for_good(number) { failure.advised_as(ErrorCode::ConsentBlocked) } else { failure })
    }
}

impl Platform {
    /// `my.getAuthCode`: a single-use code of exactly this scope.
    pub(crate) async fn auth_code(&self, scope: Scope, millis: f64) -> Result<AuthCode, ConsentCallError> {
        let options = Object::new();
        set_text(&options, "scopes", scope.as_str());
        match self.call("getAuthCode", &options, millis).await {
            Ok(answer) => read_auth_code(scope, Ok(answer)),
            Err(CallError::Failed(cause)) => read_auth_code(scope, Err(cause)),
            Err(CallError::TimedOut(late)) => Err(ConsentCallError::timed_out(late)),
        }
    }

    /// `my.getOpenUserInfo`, or `my.getAuthUserInfo` where that is all there is.
    pub(crate) async fn user_info(&self, call: UserInfoCall, millis: f64) -> Result<DisplayInfo, ConsentCallError> {
        match self.call(call.as_str(), &Object::new(), millis).await {
            Ok(answer) => read_user_info(call, Ok(answer)),
            Err(CallError::Failed(cause)) => read_user_info(call, Err(cause)),
            Err(CallError::TimedOut(late)) => Err(ConsentCallError::timed_out(late)),
        }
    }
}

/// The two calls that answer nickname and avatar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserInfoCall {
    /// Today's, whose consent the authorising button asks for.
    Open,
    /// The old one, whose consent `my.getAuthCode` asks for.
    Auth,
}

impl UserInfoCall {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "getOpenUserInfo",
            Self::Auth => "getAuthUserInfo",
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Open => Kind::UserInfo,
            Self::Auth => Kind::AuthUser,
        }
    }
}

pub(crate) fn read_auth_code(scope: Scope, answered: Result<JsValue, JsValue>) -> Result<AuthCode, ConsentCallError> {
    let answer = answered.as_ref().unwrap_or_else(|cause| cause);
    // A scope that is not granted can stand in success and in fail, under a name that older documents misspell.
    let refused = ["authErrorScopes", "authErrorScope"]
        .iter()
        .any(|name| !field(&field(answer, name), scope.as_str()).is_undefined());
    if refused {
        let failure = ClientError::new(ErrorCode::ScopeNotGranted).caused_by(answer.clone());
        return Err(ConsentCallError::new(Outcome::NotGranted, failure));
    }
    let answer = answered.map_err(ConsentCallError::by_platform)?;
    let code = text(&answer, "authCode").and_then(|code| AuthCode::parse(code).ok());
    code.ok_or_else(|| {
        let failure = ClientError::new(ErrorCode::PlatformAnswerInvalid).because("my.getAuthCode gave no authCode");
        ConsentCallError::new(Outcome::Failed, failure.caused_by(answer))
    })
}

pub(crate) fn read_user_info(
    call: UserInfoCall,
    answered: Result<JsValue, JsValue>,
) -> Result<DisplayInfo, ConsentCallError> {
    let code = match &answered {
        Ok(answer) => match display_info(answer) {
            Ok(info) => return Ok(info),
            Err(code) => code,
        },
        Err(cause) => match error_number(cause) {
            // Numbers of the gateway, which stand in an answer elsewhere.
            Some(40003) => ErrorCode::DisplayNotAuthorized,
            Some(40006) => ErrorCode::DisplayProductNotInForce,
            // It shows no panel, so that there is none to close.
            Some(3 | 10) if call == UserInfoCall::Auth => ErrorCode::DisplayNotAuthorized,
            _ => return Err(ConsentCallError::by_platform(cause.clone())),
        },
    };
    Err(ConsentCallError::failed(code, innermost(&answered.unwrap_or_else(|cause| cause))))
}

/// Nickname and avatar in an answer of either call.
///
/// # Errors
/// The code of an answer without them.
pub(crate) fn display_info(answer: &JsValue) -> Result<DisplayInfo, ErrorCode> {
    let inner = innermost(answer);
    let text_or_none = |name: &str| {
        let value = field(&inner, name);
        value.as_string().or_else(|| value.is_null().then(String::new))
    };
    let code = text(&inner, "code").or_else(|| Some((number(&inner, "code")? as u32).to_string()));
    UserInfoAnswer { code, nick_name: text_or_none("nickName"), avatar: text_or_none("avatar") }.read()
}

/// What holds the fields of an answer: `response` is a JSON text or an object, in which there is another one or not, and
/// some versions put them on the answer itself.
fn innermost(answer: &JsValue) -> JsValue {
    let mut outer = answer.clone();
    let mut found = answer.clone();
    for _ in 0..MAXIMUM_WRAPPINGS {
        let inner = parsed(&field(&outer, "response"));
        if !inner.is_object() {
            break;
        }
        if ["code", "nickName", "avatar"].iter().any(|name| !field(&inner, name).is_undefined()) {
            found = inner.clone();
        }
        outer = inner;
    }
    found
}
