//! The end of a session.

use super::request::Request;
use crate::{client::Shared, decision::Decision, promise::promise};
use js_sys::Promise;
use miniauth_core::wire::SessionToken;
use std::rc::Rc;
use wasm_bindgen::JsValue;

impl Shared {
    pub(crate) fn logout(self: &Rc<Self>) -> Promise {
        let token = self.session.borrow_mut().log_out();
        self.store_session();
        let outcome = if token.is_some() { "ended" } else { "none" };
        self.observe(Decision::new("session", "logout", outcome));
        let shared = Rc::clone(self);
        promise(async move {
            if let Some(token) = token {
                shared.end_on_server(&token).await?;
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Ends a session on the server. It is over here already, whatever comes of this.
    pub(crate) async fn end_on_server(&self, token: &SessionToken) -> Result<(), JsValue> {
        let request = Request::delete(&self.server.endpoint("auth"));
        self.send("logout", &request, Some(token)).await?;
        Ok(())
    }
}
