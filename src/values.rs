//! Reads and writes JavaScript values field by field.
//!
//! A generic deserialiser would be larger than the rest of this module: it can format every kind of value, even floats, for error
//! messages that nobody would see here.

use crate::error::code_of;
use js_sys::{Array, Function, Object, Reflect};
use miniauth_core::{
    consent::Record,
    error_code::ErrorCode,
    time::Timestamp,
    wire::{AuthAnswer, AuthRequest, ConsentReport, SessionToken},
};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Parses JSON text, with or without a byte order mark; returns anything else unchanged.
    pub(crate) fn parsed(data: &JsValue) -> JsValue;

    /// The platform's own message of a failure, if any.
    #[wasm_bindgen(js_name = wordsOf)]
    pub(crate) fn words(cause: &JsValue) -> Option<String>;

    #[wasm_bindgen(js_name = errorNumber)]
    fn whole_error_number(cause: &JsValue) -> i32;
}

/// Returns a field of a value that may not be an object.
pub(crate) fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a field of an object created here: a fresh plain object accepts every property.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// Like [`set`], with a text.
pub(crate) fn set_text(object: &Object, name: &str, text: &str) {
    set(object, name, &text.into());
}

pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

pub(crate) fn number(object: &JsValue, name: &str) -> Option<f64> {
    field(object, name).as_f64()
}

/// The largest number up to which doubles represent every integer.
const LARGEST: f64 = 9_007_199_254_740_991.0;

/// Converts a JavaScript number to an integer, clamped to 0 and what doubles represent. In one place, because the first version
/// of WebAssembly has only an instruction that traps, which needs many more around it.
#[inline(never)]
pub(crate) fn whole(number: f64) -> u64 {
    (if number > LARGEST { LARGEST } else { number }) as u64
}

pub(crate) fn function(object: &JsValue, name: &str) -> Option<Function> {
    Some(field(object, name)).filter(JsValue::is_function).map(Function::from)
}

/// The `error` of a platform failure.
pub(crate) fn error_number(cause: &JsValue) -> Option<u32> {
    u32::try_from(whole_error_number(cause)).ok()
}

pub(crate) fn texts(object: &JsValue, name: &str) -> Vec<String> {
    let list = field(object, name);
    let items = if Array::is_array(&list) { Array::from(&list) } else { Array::new() };
    items.iter().filter_map(|item| item.as_string()).collect()
}

/// A time; doubles represent every millisecond that matters.
pub(crate) fn moment(object: &JsValue, name: &str) -> Option<Timestamp> {
    number(object, name).map(|millis| Timestamp::from_millis(whole(millis)))
}

/// Reads the answer to `POST /auth`; fails with the name of the field that violates the contract. Its member is the result of
/// [`profile`].
pub(crate) fn auth_answer(answer: &JsValue) -> Result<AuthAnswer<Rc<JsValue>, ()>, &'static str> {
    let session = text(answer, "session").and_then(|token| SessionToken::parse(token).ok()).ok_or("session")?;
    let expires_in = number(answer, "expires_in").filter(|seconds| *seconds >= 0.0).ok_or("expires_in")?;
    let expires_in = whole(expires_in);
    Ok(AuthAnswer { session, expires_in, subject: (), member: Some(profile(answer)?) })
}

/// Reads the user of an answer, `{ subject, member }`; fails with the name of the field that violates the contract. Older servers
/// have no subject.
pub(crate) fn profile(answer: &JsValue) -> Result<Rc<JsValue>, &'static str> {
    let member = field(answer, "member");
    if !member.is_null() {
        if !member.is_object() {
            return Err("member");
        }
        moment(&member, "stored_at").ok_or("member.stored_at")?;
    }
    let profile = Object::new();
    set(&profile, "subject", &field(answer, "subject"));
    set(&profile, "member", &member);
    Ok(Rc::new(profile.into()))
}

/// The part of a problem document that the page gets.
pub(crate) struct ReceivedProblem {
    pub(crate) code: ErrorCode,
    pub(crate) message: Option<String>,
    pub(crate) advice: Option<(String, String)>,
}

/// Returns the problem document of an error answer, if it is one.
pub(crate) fn problem(data: &JsValue) -> Option<ReceivedProblem> {
    let advice = field(data, "advice");
    Some(ReceivedProblem {
        code: code_of(&field(data, "code"))?,
        message: text(data, "detail").or_else(|| text(data, "title")),
        advice: text(&advice, "zh").zip(text(&advice, "en")),
    })
}

/// Builds the body of `POST /auth`, as in the contract.
pub(crate) fn auth_request(AuthRequest { authcode, scope, login_id, consent }: &AuthRequest) -> JsValue {
    let body = Object::new();
    set_text(&body, "authcode", authcode.expose());
    set_text(&body, "scope", scope.as_str());
    if let Some(login_id) = login_id {
        set_text(&body, "login_id", login_id.expose());
    }
    if let Some(ConsentReport { purpose, at }) = consent {
        let report = Object::new();
        set_text(&report, "purpose", purpose.as_str());
        set(&report, "at", &(at.as_millis() as f64).into());
        set(&body, "consent", &report);
    }
    body.into()
}

/// Returns the member of a profile as the server answered it, as a copy; or null.
pub(crate) fn member(profile: Option<&JsValue>) -> JsValue {
    let member = profile.map(|profile| field(profile, "member")).filter(JsValue::is_object);
    member.map_or(JsValue::NULL, |member| Object::assign(&Object::new(), member.unchecked_ref()).into())
}

/// Builds a record of a consent.
pub(crate) fn record(record: &Record) -> Object {
    let object = Object::new();
    set_text(&object, "purpose", record.purpose.as_str());
    set_text(&object, "scope", record.kind.as_str());
    set(&object, "at", &(record.at.as_millis() as f64).into());
    set_text(&object, "outcome", record.outcome.as_str());
    if let Some(message) = &record.message {
        set_text(&object, "message", message);
    }
    if record.late {
        set(&object, "late", &JsValue::TRUE);
    }
    object
}
