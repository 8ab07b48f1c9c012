//! What JavaScript is told, built field by field, as [`read`](crate::read) takes it apart: a generic serialiser weighs 3 KB.

use crate::read::{set, set_text};
use js_sys::{Array, Object};
use miniauth_core::{consent::Record, time::Timestamp, wire::AuthRequest};
use wasm_bindgen::{JsCast, JsValue};

/// The body of `POST /auth`.
pub(crate) fn auth_request(request: &AuthRequest) -> JsValue {
    let body = Object::new();
    set_text(&body, "authcode", request.authcode.expose());
    set_text(&body, "scope", request.scope.as_str());
    if let Some(login_id) = &request.login_id {
        set_text(&body, "login_id", login_id.expose());
    }
    if let Some(report) = &request.consent {
        let consent = Object::new();
        set_text(&consent, "purpose", report.purpose.as_str());
        set_moment(&consent, "at", report.at);
        set(&body, "consent", &consent);
    }
    body.into()
}

/// A member as the server answered it, or null: an object of the caller's own.
pub(crate) fn member(member: Option<&JsValue>) -> JsValue {
    member.map_or(JsValue::NULL, |member| Object::assign(&Object::new(), member.unchecked_ref()).into())
}

/// Records of consents.
pub(crate) fn records<'record>(records: impl Iterator<Item = &'record Record>) -> Array {
    let list = Array::new();
    for record in records {
        let object = Object::new();
        set_text(&object, "purpose", record.purpose.as_str());
        set_text(&object, "scope", record.kind.as_str());
        set_moment(&object, "at", record.at);
        set_text(&object, "outcome", record.outcome.as_str());
        if let Some(message) = &record.message {
            set_text(&object, "message", message);
        }
        if record.late {
            set(&object, "late", &JsValue::TRUE);
        }
        list.push(&object);
    }
    list
}

/// Doubles hold every millisecond that matters.
fn set_moment(object: &Object, name: &str, moment: Timestamp) {
    set(object, name, &(moment.as_millis() as f64).into());
}
