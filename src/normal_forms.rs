//! The Unicode normal forms of a text, made by the engine: its tables are there already.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Text;

    #[wasm_bindgen(method, structural, catch)]
    fn normalize(this: &Text, form: &str) -> Result<String, JsValue>;
}

/// The forms of `text` that differ from it; none where the engine has no `normalize`.
pub(crate) fn normal_forms(text: &str) -> Vec<String> {
    let value: Text = JsValue::from_str(text).unchecked_into();
    let forms = ["NFC", "NFD", "NFKC", "NFKD"].map(|form| value.normalize(form).ok());
    forms.into_iter().flatten().filter(|form| form != text).collect()
}
