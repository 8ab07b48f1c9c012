//! The silent way: a code for `auth_base`, and a session.

use super::{Operation, post_auth::parsed, request::RequestOptions};
use crate::{
    client::{Shared, to_javascript},
    decision::Decision,
    environment::{login_id, now},
    promise::promise,
    read::session_member,
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
        if self.session_lives().await? {
            self.observe(Decision::new("session", "login", "kept").because("a session lives"));
        } else {
            let authcode = self.platform.auth_code(Scope::AuthBase).await.map_err(|(_, failure)| failure)?;
            let request = AuthRequest { authcode, scope: Scope::AuthBase, login_id: Some(login_id()), consent: None };
            self.post_auth("login", attempt, &request).await?;
        }
        Ok(to_javascript(&self.session.borrow().member())?)
    }

    /// Whether a session lives. Of one that was restored the server is asked, for its member is not stored on the phone.
    async fn session_lives(&self) -> Result<bool, JsValue> {
        let bearer = self.session.borrow().bearer(now()).cloned();
        let Some(bearer) = bearer else { return Ok(false) };
        if !self.session.borrow().is_unconfirmed() {
            return Ok(true);
        }
        let request = RequestOptions::get(self.server.endpoint("session"));
        let response = self.send("login", &request, Some(&bearer.token)).await?;
        if response.status == 401 {
            return Ok(false);
        }
        let member = session_member(&parsed(&response.data)).map_err(|field| response.breaks_contract(field))?;
        self.session.borrow_mut().confirm(bearer.generation, member);
        Ok(true)
    }

    pub(crate) fn silent_code(self: &Rc<Self>) -> Promise {
        let shared = Rc::clone(self);
        promise(async move {
            let code = shared.platform.auth_code(Scope::AuthBase).await.map_err(|(_, failure)| failure)?;
            Ok(code.expose().into())
        })
    }
}
