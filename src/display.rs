//! Display information as the page holds it.

use crate::{
    error::ClientError,
    values::{function, set},
};
use js_sys::{Function, Object};
use miniauth_core::{
    display::{DisplayInfo, REDACTION},
    error_code::ErrorCode,
};
use wasm_bindgen::prelude::*;

/// Nickname and avatar for display: `renderTo` is the only way out, and it prints and serialises as a redaction.
#[wasm_bindgen(js_name = DisplayInfo)]
pub struct JsDisplayInfo {
    info: DisplayInfo,
}

impl JsDisplayInfo {
    pub(crate) const fn new(info: DisplayInfo) -> Self {
        Self { info }
    }
}

#[wasm_bindgen(js_class = DisplayInfo)]
impl JsDisplayInfo {
    /// Shows the values: `renderTo(page, 'user')` calls `page.setData({ user: { nickName, avatar } })`, `renderTo(fn)`
    /// calls `fn({ nickName, avatar })`. Absent values are `null`. What `fn` does with them is only followed by value.
    ///
    /// # Errors
    /// `options_invalid` when there is nothing to show them with; otherwise what the page's own code throws.
    #[wasm_bindgen(js_name = renderTo)]
    pub fn render_to(&self, target: &JsValue, key: Option<String>) -> Result<(), JsValue> {
        let values = self.info.render(|shown| {
            let values = Object::new();
            for (name, text) in [("nickName", shown.nick_name), ("avatar", shown.avatar)] {
                set(&values, name, &text.map_or(JsValue::NULL, JsValue::from_str));
            }
            values
        });
        if target.is_function() {
            return Function::from(target.clone()).call1(&JsValue::UNDEFINED, &values).map(drop);
        }
        let (Some(set_data), Some(key)) = (function(target, "setData"), key) else {
            return Err(ClientError::new(ErrorCode::OptionsInvalid)
                .because("renderTo takes a page and a key of its data, or a function")
                .into());
        };
        let data = Object::new();
        set(&data, &key, &values);
        set_data.call1(target, &data).map(drop)
    }

    /// What `JSON.stringify` gets: a redaction, which the guard knows.
    #[wasm_bindgen(js_name = toJSON)]
    pub fn to_json(&self) -> String {
        REDACTION.to_owned()
    }

    /// What a string conversion gets: the same redaction.
    #[wasm_bindgen(js_name = toString)]
    pub fn to_text(&self) -> String {
        REDACTION.to_owned()
    }
}
