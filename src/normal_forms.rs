//! What the engine knows of Unicode: its tables are there already.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Text;

    /// Whether there is a letter or an ideograph in a text.
    #[wasm_bindgen(js_name = hasLetter)]
    pub(crate) fn has_letter(text: &str) -> bool;

    #[wasm_bindgen(method, structural, catch)]
    fn normalize(this: &Text, form: &str) -> Result<String, JsValue>;
}

/// The forms of `text` that differ from it; none where the engine has no `normalize`.
pub(crate) fn normal_forms(text: &str) -> Vec<String> {
    let value: Text = JsValue::from_str(text).unchecked_into();
    let forms = ["NFC", "NFD", "NFKC", "NFKD"].map(|form| value.normalize(form).ok());
    forms.into_iter().flatten().filter(|form| form != text).collect()
}
