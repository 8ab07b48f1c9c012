//! The silent way: a code for `auth_base`, and a session.

use super::Operation;
use crate::{
    client::{Shared, to_javascript},
    decision::Decision,
    environment::{login_id, now},
    promise::promise,
};
use js_sys::Promise;
use miniauth_core::{scope::Scope, session::Attempt, wire::AuthRequest};
use std::rc::Rc;
use wasm_bindgen::JsValue;

impl Shared {
    pub(crate) fn login(self: &Rc<Self>) -> Promise {
        self.share(Operation::Login, async |shared, attempt| shared.log_in(attempt).await)
    }

    async fn log_in(&self, attempt: Attempt) -> Result<JsValue, JsValue> {
        if self.session.borrow().bearer(now()).is_some() {
            self.observe(Decision::new("session", "login", "kept").because("a session lives"));
        } else {
            let authcode = self.platform.auth_code(Scope::AuthBase).await.map_err(|(_, failure)| failure)?;
            let request = AuthRequest { authcode, scope: Scope::AuthBase, login_id: Some(login_id()), consent: None };
            self.post_auth("login", attempt, &request).await?;
        }
        Ok(to_javascript(&self.session.borrow().member())?)
    }

    pub(crate) fn silent_code(self: &Rc<Self>) -> Promise {
        let shared = Rc::clone(self);
        promise(async move {
            let code = shared.platform.auth_code(Scope::AuthBase).await.map_err(|(_, failure)| failure)?;
            Ok(code.expose().into())
        })
    }
}
