//! The session in the platform's storage. Storage that fails costs only that: the next start logs in silently.

use crate::{
    client::Shared,
    decision::Decision,
    platform::Platform,
    read::{field, set_text},
};
use js_sys::Object;
use miniauth_core::session;
use wasm_bindgen::JsValue;

impl Shared {
    /// Takes up the session that was stored when the app was last open.
    pub(crate) fn restore_session(&self) {
        let stored = self.platform.storage("getStorageSync", &self.storage_key(), None);
        let stored = stored.and_then(|answer| session::from_text(&field(&answer, "data").as_string()?));
        if let Some((token, expires_at)) = stored {
            self.session.borrow_mut().restore(token, expires_at);
            self.observe(Decision::new("session", "createAuth", "restored"));
        }
    }

    /// Stores the session, or removes the stored one when there is none.
    pub(crate) fn store_session(&self) {
        let session = self.session.borrow();
        let text = session
            .any_bearer()
            .zip(session.expires_at())
            .map(|(bearer, expires_at)| session::to_text(&bearer.token, expires_at));
        drop(session);
        let call = if text.is_some() { "setStorageSync" } else { "removeStorageSync" };
        if self.platform.storage(call, &self.storage_key(), text.as_deref()).is_none() {
            let why = "the platform's storage failed: the session ends with the app";
            self.observe(Decision::new("session", "storage", "failed").because(why));
        }
    }

    fn storage_key(&self) -> String {
        self.server.endpoint("miniauth-session")
    }
}

impl Platform {
    /// Calls the storage; `None` when it throws or answers with an error object.
    fn storage(&self, call: &str, key: &str, data: Option<&str>) -> Option<JsValue> {
        let options = Object::new();
        set_text(&options, "key", key);
        if let Some(data) = data {
            set_text(&options, "data", data);
        }
        let answer = self.call_at_once(call, &options).ok()?;
        field(&answer, "error").is_falsy().then_some(answer)
    }
}
