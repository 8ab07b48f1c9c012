//! The platform's `my` as passed in: its calls, and their answers that require consent.

use crate::{
    client::PHONE,
    error::{ClientError, code_of},
    promise::{Timer, rejected},
    values::{error_number, field, number, set_text, text, whole, words},
};
use js_sys::{Function, Object, Promise};
use miniauth_core::{
    consent::{Kind, Outcome},
    display::DisplayInfo,
    error_code::ErrorCode,
    platform::{UserInfoAnswer, consent_failure, is_for_good},
    scope::Scope,
    text::joined,
    wire::AuthCode,
};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The mini-program's `my`.
    pub(crate) type My;

    #[wasm_bindgen(method, structural, catch, js_name = canIUse)]
    fn can_i_use(this: &My, name: &str) -> Result<JsValue, JsValue>;

    /// The platform's own function, guarded or not.
    #[wasm_bindgen(js_name = originalOf, catch)]
    fn original_of(my: &My, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = callPlatform)]
    fn call_platform(my: &My, call: &Function, options: &Object) -> JsValue;

    /// The object with the fields of an answer of `my.getOpenUserInfo`, however it is nested.
    fn innermost(answer: &JsValue) -> JsValue;
}

/// Calls into the platform.
pub(crate) struct Platform {
    my: My,
}

impl Platform {
    pub(crate) fn new(my: JsValue) -> Self {
        Self { my: my.unchecked_into() }
    }

    /// Whether the platform has a call and, if there is a `canIUse`, says that it can be used.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.function(name).is_some() && self.my.can_i_use(name).map_or(true, |answer| answer.is_truthy())
    }

    /// The platform's own function.
    pub(crate) fn function(&self, name: &str) -> Option<Function> {
        original_of(&self.my, name).ok().filter(JsValue::is_function).map(Function::from)
    }

    /// Calls `my.<name>(options)` with callbacks, which every version supports, and waits up to a time-out in milliseconds.
    async fn call(
        &self,
        name: &str,
        options: &Object,
        millis: f64,
    ) -> Result<Result<JsValue, JsValue>, ConsentCallError> {
        let answered = self.start(name, options).0;
        let timer = Timer::start(millis);
        match timer.race(&answered).await {
            Err(cause) if timer.is_cause(&cause) => Err(ConsentCallError::timed_out(answered)),
            outcome => Ok(outcome),
        }
    }

    /// Calls `my.<name>(options)`: returns the answer and the return value, which for a request is its task.
    pub(crate) fn start(&self, name: &str, options: &Object) -> (Promise, JsValue) {
        let Some(function) = self.function(name) else {
            return (rejected(missing(name).into()), JsValue::UNDEFINED);
        };
        let called = call_platform(&self.my, &function, options);
        (field(&called, "answered").unchecked_into(), field(&called, "task"))
    }

    /// Calls `my.<name>(options)` and returns its return value.
    pub(crate) fn call_at_once(&self, name: &str, options: &Object) -> Result<JsValue, JsValue> {
        match self.function(name) {
            Some(function) => function.call1(&self.my, options),
            None => Err(missing(name).into()),
        }
    }
}

/// The failure of a call that the platform lacks.
pub(crate) fn missing(name: &str) -> ClientError {
    ClientError::new(ErrorCode::PlatformUnsupported).because(&joined(&["my.", name, " is missing"]))
}

/// The platform's failure, or this module's if the call was not made.
pub(crate) fn passed_on(code: ErrorCode, cause: JsValue) -> ClientError {
    if code_of(&field(&cause, "code")) == Some(ErrorCode::PlatformUnsupported) {
        return ClientError::new(ErrorCode::PlatformUnsupported).because(&text(&cause, "message").unwrap_or_default());
    }
    ClientError::new(code).caused_by(cause)
}

/// Why there is no answer.
pub(crate) struct ConsentCallError {
    /// What it says about the user's consent.
    pub(crate) outcome: Outcome,
    pub(crate) failure: ClientError,
    /// What may still arrive after a time-out.
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

    /// Interprets the failure of a consent call.
    fn by_platform(cause: JsValue) -> Self {
        let number = error_number(&cause);
        let (outcome, code) = consent_failure(number, &words(&cause).unwrap_or_default());
        let failure = passed_on(code, cause);
        Self::new(outcome, if is_for_good(number) { failure.advised_as(ErrorCode::ConsentBlocked) } else { failure })
    }
}

impl Platform {
    /// `my.getAuthCode`: a single-use code with exactly this scope.
    pub(crate) async fn auth_code(&self, scope: Scope, millis: f64) -> Result<AuthCode, ConsentCallError> {
        let options = Object::new();
        set_text(&options, "scopes", scope.as_str());
        read_auth_code(scope, self.call("getAuthCode", &options, millis).await?)
    }

    /// The platform's encrypted answer of `my.getPhoneNumber`, for the server.
    pub(crate) async fn phone_number(&self, millis: f64) -> Result<JsValue, ConsentCallError> {
        self.call(PHONE, &Object::new(), millis).await?.map_err(ConsentCallError::by_platform)
    }

    /// `my.getOpenUserInfo`, or `my.getAuthUserInfo` if that is the only one.
    pub(crate) async fn user_info(&self, call: UserInfoCall, millis: f64) -> Result<DisplayInfo, ConsentCallError> {
        read_user_info(call, self.call(call.as_str(), &Object::new(), millis).await?)
    }
}

/// The two calls that return nickname and avatar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserInfoCall {
    /// The current one; the authorising button asks for its consent.
    Open,
    /// The old one; `my.getAuthCode` asks for its consent.
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
    // A denied scope can appear in success and in fail, under a name that older documents misspell.
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
        let failure =
            ClientError::new(ErrorCode::PlatformAnswerInvalid).because("my.getAuthCode answered without authCode");
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
            // Numbers of the gateway, which other calls have in their answer.
            Some(40003) => ErrorCode::DisplayNotAuthorized,
            Some(40006) => ErrorCode::DisplayProductNotInForce,
            // It shows no panel, so there is none to close.
            Some(3 | 10) if call == UserInfoCall::Auth => ErrorCode::DisplayNotAuthorized,
            _ => return Err(ConsentCallError::by_platform(cause.clone())),
        },
    };
    Err(ConsentCallError::failed(code, innermost(&answered.unwrap_or_else(|cause| cause))))
}

/// Reads nickname and avatar from an answer of either call.
///
/// # Errors
/// The answer's code, if it has neither.
pub(crate) fn display_info(answer: &JsValue) -> Result<DisplayInfo, ErrorCode> {
    let inner = innermost(answer);
    let text_or_none = |name: &str| {
        let value = field(&inner, name);
        value.as_string().or_else(|| value.is_null().then(String::new))
    };
    let code = text(&inner, "code").or_else(|| Some(whole(number(&inner, "code")?).to_string()));
    UserInfoAnswer { code, nick_name: text_or_none("nickName"), avatar: text_or_none("avatar") }.read()
}
