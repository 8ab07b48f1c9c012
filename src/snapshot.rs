//! The driver's snapshot of what is about to leave the page, as the guard reads it.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use miniauth_core::guard::{Outgoing, Value};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An object's tag, which unlike `instanceof` holds for values of other realms.
    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn tag_of(value: &JsValue) -> String;
}

/// Reads a request.
pub(crate) fn outgoing(url: &str, headers: &JsValue, data: &JsValue) -> Outgoing {
    let headers = entries(headers).filter_map(|(name, value)| Some((name, value.as_string()?))).collect();
    Outgoing { url: url.to_owned(), headers, data: value(data) }
}

/// Reads anything that the driver took a snapshot of: plain objects, arrays, texts and buffers.
pub(crate) fn value(from: &JsValue) -> Value {
    if let Some(text) = from.as_string() {
        Value::Text(text)
    } else if Array::is_array(from) {
        Value::List(Array::from(from).iter().map(|item| value(&item)).collect())
    } else if is_buffer(from) {
        Value::Bytes(bytes(from))
    } else if from.is_object() {
        Value::Fields(entries(from).map(|(name, field)| (name, value(&field))).collect())
    } else {
        Value::Other
    }
}

/// Whether there is an ArrayBuffer or a view into one anywhere in it.
pub(crate) fn has_buffer(from: &JsValue) -> bool {
    from.is_object() && (is_buffer(from) || Object::values(from.unchecked_ref()).iter().any(|field| has_buffer(&field)))
}

fn is_buffer(from: &JsValue) -> bool {
    ArrayBuffer::is_view(from) || (from.is_object() && tag_of(from) == "[object ArrayBuffer]")
}

/// The bytes of an ArrayBuffer, or those that a view shows.
fn bytes(from: &JsValue) -> Vec<u8> {
    let field = |name: &str| Reflect::get(from, &name.into()).unwrap_or_default();
    match (field("byteOffset").as_f64(), field("byteLength").as_f64()) {
        (Some(offset), Some(length)) => {
            Uint8Array::new_with_byte_offset_and_length(&field("buffer"), offset as u32, length as u32).to_vec()
        }
        _ => Uint8Array::new(from).to_vec(),
    }
}

fn entries(object: &JsValue) -> impl Iterator<Item = (String, JsValue)> {
    let entries = if object.is_object() { Object::entries(object.unchecked_ref()) } else { Array::new() };
    entries.into_iter().filter_map(|entry| {
        let pair = Array::from(&entry);
        Some((pair.get(0).as_string()?, pair.get(1)))
    })
}
