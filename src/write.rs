//! What goes to JavaScript: what is posted as the contract's own types write it, and what the page is told field by field.

use crate::read::{set, set_text};
use js_sys::{Array, Object};
use miniauth_core::{consent::Record, time::Timestamp, wire::AuthRequest};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};

/// The body of `POST /auth`, as the contract has it.
pub(crate) fn auth_request(request: &AuthRequest) -> Result<JsValue, JsValue> {
    Ok(request.serialize(&Serializer::json_compatible())?)
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
