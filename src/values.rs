//! JavaScript values, read and written field by field.
//!
//! A generic deserialiser costs more than all the rest of this module: it can format every kind of value, floats among
//! them, for error messages that nobody would see here.

use crate::error::code_of;
use gloo_utils::errors::JsError;
use js_sys::{Array, Function, JsString, Object, Reflect};
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
    /// Not `js_sys::JSON`: a text that comes from JavaScript and goes back need not be copied, and not spoilt where it holds
    /// half a surrogate pair.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_json(text: &JsString) -> Result<JsValue, JsValue>;
}

/// A field of what may not even be an object.
pub(crate) fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a field of an object that was made here: a fresh plain object takes every property.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// As [`set`], with a text.
pub(crate) fn set_text(object: &Object, name: &str, text: &str) {
    set(object, name, &text.into());
}

pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

pub(crate) fn number(object: &JsValue, name: &str) -> Option<f64> {
    field(object, name).as_f64()
}

pub(crate) fn function(object: &JsValue, name: &str) -> Option<Function> {
    Some(field(object, name)).filter(JsValue::is_function).map(Function::from)
}

/// What a JSON text holds, with a byte order mark or without; anything else as it is.
pub(crate) fn parsed(data: &JsValue) -> JsValue {
    match data.dyn_ref::<JsString>() {
        Some(text) => parse_json(&text.trim()).unwrap_or_else(|_| data.clone()),
        None => data.clone(),
    }
}

/// The `error` of the platform's failures.
pub(crate) fn error_number(cause: &JsValue) -> Option<u32> {
    let number = field(cause, "error");
    number.as_f64().map(|number| number as u32).or_else(|| number.as_string()?.parse().ok())
}

/// The platform's own words for a failure, if there are any.
pub(crate) fn words(cause: &JsValue) -> Option<String> {
    match engine_error(cause) {
        Some(error) => Some(error.message),
        None if cause.is_object() => {
            ["errorMessage", "message", "subMsg", "msg"].into_iter().find_map(|name| text(cause, name))
        }
        None => cause.as_string(),
    }
}

/// An error as the engine makes them. The conversion panics on one whose texts are none, and lets what its `toString` throws
/// through: those are read like any other object.
fn engine_error(cause: &JsValue) -> Option<JsError> {
    let printed_by_engine = field(cause, "toString") == field(&js_sys::Error::new(""), "toString");
    let has_texts = ["name", "message"].iter().all(|name| field(cause, name).is_string());
    if printed_by_engine && has_texts { JsError::try_from(cause.clone()).ok() } else { None }
}

pub(crate) fn texts(object: &JsValue, name: &str) -> Vec<String> {
    let list = field(object, name);
    let items = if Array::is_array(&list) { Array::from(&list) } else { Array::new() };
    items.iter().filter_map(|item| item.as_string()).collect()
}

/// A moment; doubles hold every millisecond that matters.
pub(crate) fn moment(object: &JsValue, name: &str) -> Option<Timestamp> {
    number(object, name).map(|millis| Timestamp::from_millis(millis as u64))
}

/// The answer to `POST /auth`, or the name of the field that is not as the contract says.
/// The member of it is what [`profile`] makes.
pub(crate) fn auth_answer(answer: &JsValue) -> Result<AuthAnswer<Rc<JsValue>, ()>, &'static str> {
    let session = text(answer, "session").and_then(|token| SessionToken::parse(token).ok()).ok_or("session")?;
    let expires_in = number(answer, "expires_in").filter(|seconds| *seconds >= 0.0).ok_or("expires_in")? as u64;
    Ok(AuthAnswer { session, expires_in, subject: (), member: Some(profile(answer)?) })
}

/// Whose session an answer tells of, `{ subject, member }`, or the name of the field that is not as the contract says. Older
/// servers have no subject.
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

/// What the page is told of a problem document.
pub(crate) struct ReceivedProblem {
    pub(crate) code: ErrorCode,
    pub(crate) message: Option<String>,
    pub(crate) advice: Option<(String, String)>,
}

/// The problem document of an error answer, if it is one.
pub(crate) fn problem(data: &JsValue) -> Option<ReceivedProblem> {
    let advice = field(data, "advice");
    Some(ReceivedProblem {
        code: code_of(&field(data, "code"))?,
        message: text(data, "detail").or_else(|| text(data, "title")),
        advice: text(&advice, "zh").zip(text(&advice, "en")),
    })
}

/// The body of `POST /auth`, as the contract has it.
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

/// The member of a profile as the server answered it, an object of the caller's own; or null.
pub(crate) fn member(profile: Option<&JsValue>) -> JsValue {
    let member = profile.map(|profile| field(profile, "member")).filter(JsValue::is_object);
    member.map_or(JsValue::NULL, |member| Object::assign(&Object::new(), member.unchecked_ref()).into())
}

/// A record of a consent.
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
