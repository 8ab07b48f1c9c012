//! The platform's `my`, as it was passed in.

use crate::{
    error::Failure,
    read::{field, function, number, set, set_text, text},
};
use js_sys::{Function, JSON, Object, Promise};
use miniauth_core::{
    consent::Outcome,
    display,
    error_code::ErrorCode,
    platform::{auth_code_failure, user_info_answer},
    scope::Scope,
    text::joined,
    wire::AuthCode,
};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// The mini-program's `my`.
    pub(crate) type My;

    #[wasm_bindgen(method, structural, catch, js_name = canIUse)]
    fn can_i_use(this: &My, name: &str) -> Result<JsValue, JsValue>;
}

/// Calls into the platform.
pub(crate) struct Platform {
    my: My,
    /// What was found usable or not: a base library does not change while the app runs.
    usable: RefCell<Vec<(&'static str, bool)>>,
    /// The platform's own functions where the guard stands in front of them on `my`.
    guarded: RefCell<Vec<(String, Function)>>,
}

/// A failed attempt to get an auth code: what it says of the user's consent, and the failure.
pub(crate) type AuthCodeFailure = (Outcome, Failure);

impl Platform {
    pub(crate) fn new(my: JsValue) -> Self {
        Self { my: my.unchecked_into(), usable: RefCell::default(), guarded: RefCell::default() }
    }

    /// Remembers the platform's own function, before the guard's takes its place.
    pub(crate) fn keep_original(&self, name: String, function: Function) {
        self.guarded.borrow_mut().push((name, function));
    }

    /// Whether the platform has a call and, where it has `canIUse`, says that it can be used.
    pub(crate) fn has(&self, name: &'static str) -> bool {
        if let Some((_, usable)) = self.usable.borrow().iter().find(|(asked, _)| *asked == name) {
            return *usable;
        }
        let usable = self.function(name).is_some() && self.my.can_i_use(name).map_or(true, |answer| answer.is_truthy());
        self.usable.borrow_mut().push((name, usable));
        usable
    }

    fn function(&self, name: &str) -> Option<Function> {
        if let Some((_, original)) = self.guarded.borrow().iter().find(|(guarded, _)| guarded == name) {
            return Some(original.clone());
        }
        function(&self.my, name)
    }

    /// Calls `my.<name>(options)` with the callbacks that every version understands. The two functions that end the call
    /// are the promise's own: nothing is left behind when only one of them is called, and a second call does nothing.
    pub(crate) async fn call(&self, name: &str, options: &Object) -> Result<JsValue, JsValue> {
        JsFuture::from(self.start(name, options).0).await
    }

    /// As [`call`](Self::call), with what the platform returned at once: for a request, its task.
    pub(crate) fn start(&self, name: &str, options: &Object) -> (Promise, JsValue) {
        let mut task = JsValue::UNDEFINED;
        let promise = Promise::new(&mut |resolve, reject| {
            set(options, "success", &resolve);
            set(options, "fail", &reject);
            match self.call_at_once(name, options) {
                Ok(returned) => task = returned,
                Err(thrown) => {
                    // A promise's own rejecter does not throw.
                    let _ = reject.call1(&JsValue::UNDEFINED, &thrown);
                }
            }
        });
        (promise, task)
    }

    /// Calls `my.<name>(options)` and returns what it returned.
    pub(crate) fn call_at_once(&self, name: &str, options: &Object) -> Result<JsValue, JsValue> {
        match self.function(name) {
            Some(function) => function.call1(&self.my, options),
            None => {
                Err(Failure::new(ErrorCode::PlatformUnsupported).because(&joined(&["my.", name, " is missing"])).into())
            }
        }
    }

    /// `my.getAuthCode`: a single-use code of exactly this scope.
    pub(crate) async fn auth_code(&self, scope: Scope) -> Result<AuthCode, AuthCodeFailure> {
        let options = Object::new();
        set_text(&options, "scopes", scope.as_str());
        let answer = self.call("getAuthCode", &options).await.map_err(|cause| {
            let (outcome, code) = auth_code_failure(error_number(&cause));
            (outcome, passed_on(code, cause))
        })?;
        let refused = field(&answer, "authErrorScopes");
        if !field(&refused, scope.as_str()).is_undefined() {
            return Err((Outcome::Failed, Failure::new(ErrorCode::ScopeNotGranted).caused_by(answer)));
        }
        let code = text(&answer, "authCode").and_then(|code| AuthCode::parse(code).ok());
        code.ok_or_else(|| {
            let failure = Failure::new(ErrorCode::PlatformAnswerInvalid).because("my.getAuthCode gave no authCode");
            (Outcome::Failed, failure)
        })
    }

    /// `my.getOpenUserInfo` where the platform has it, `my.getAuthUserInfo` where it has not.
    pub(crate) async fn user_info(&self) -> Result<display::DisplayInfo, (ErrorCode, JsValue)> {
        let name = if self.has("getOpenUserInfo") { "getOpenUserInfo" } else { "getAuthUserInfo" };
        let answer = self.call(name, &Object::new()).await.map_err(|cause| {
            let code = match auth_code_failure(error_number(&cause)) {
                (Outcome::Refused, code) => code,
                (Outcome::Dismissed, _) => ErrorCode::DisplayNotAuthorized,
                (_, ErrorCode::ScopeNotGranted) => ErrorCode::DisplayNotAuthorized,
                (_, code) => code,
            };
            (code, cause)
        })?;
        let inner = inner_answer(answer).map_err(|cause| (ErrorCode::PlatformAnswerInvalid, cause))?;
        let code = text(&inner, "code").or_else(|| Some((number(&inner, "code")? as u32).to_string()));
        user_info_answer(code.as_deref(), text(&inner, "nickName"), text(&inner, "avatar"))
            .map_err(|code| (code, inner.clone()))
    }
}

/// `getOpenUserInfo` wraps its answer: `response` is a JSON text whose `response` is the answer. Some versions do not, and
/// `getAuthUserInfo` does not.
///
/// # Errors
/// What is not as either says: the engine's own error, or the whole answer.
fn inner_answer(answer: JsValue) -> Result<JsValue, JsValue> {
    let inner = match text(&answer, "response") {
        Some(wrapped) => field(&JSON::parse(&wrapped)?, "response"),
        None => answer.clone(),
    };
    if inner.is_object() { Ok(inner) } else { Err(answer) }
}

/// What the platform failed with, or the failure that this module made before it got there.
pub(crate) fn passed_on(code: ErrorCode, cause: JsValue) -> Failure {
    if text(&cause, "code").as_deref() == Some(ErrorCode::PlatformUnsupported.as_str()) {
        return Failure::new(ErrorCode::PlatformUnsupported).because(&text(&cause, "message").unwrap_or_default());
    }
    Failure::new(code).caused_by(cause)
}

/// The `error` of the platform's failures.
pub(crate) fn error_number(cause: &JsValue) -> Option<u32> {
    let number = field(cause, "error");
    number.as_f64().map(|number| number as u32).or_else(|| number.as_string()?.parse().ok())
}
