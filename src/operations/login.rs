//! The silent way: a code for `auth_base`, and a session.

use super::{
    Operation,
    request::{DEFAULT_TIMEOUT_MILLIS, Request},
};
use crate::{
    client::Shared,
    decision::Decision,
    environment::{login_id, now},
    error::ClientError,
    promise::{Timer, promise, settled},
    read::{parsed, session_member},
    write,
};
use js_sys::Promise;
use miniauth_core::{
    error_code::ErrorCode,
    scope::Scope,
    session::Attempt,
    wire::{AuthCode, AuthRequest},
};
use std::rc::Rc;
use wasm_bindgen::JsValue;

impl Shared {
    pub(crate) fn login(self: &Rc<Self>) -> Promise {
        self.share(Operation::Login, |shared, attempt| Box::pin(async move { shared.log_in(attempt).await }))
    }

    async fn log_in(&self, attempt: Attempt) -> Result<JsValue, JsValue> {
        if self.session_lives().await? {
            self.observe(Decision::new("session", "login", "kept").because("a session lives"));
        } else {
            let authcode = self.silent_auth_code().await?;
            let request = AuthRequest { authcode, scope: Scope::AuthBase, login_id: Some(login_id()), consent: None };
            self.post_auth("login", attempt, &request).await?;
        }
        Ok(write::member(self.session.borrow().member()))
    }

    /// Whether a session lives. Of one that was restored the server is asked, for its member is not stored on the phone.
    async fn session_lives(&self) -> Result<bool, JsValue> {
        let bearer = self.session.borrow().bearer(now()).cloned();
        let Some(bearer) = bearer else { return Ok(false) };
        if !self.session.borrow().is_unconfirmed() {
            return Ok(true);
        }
        let request = Request::get(&self.server.endpoint("session"));
        let response = self.send("login", &request, Some(&bearer.token)).await?;
        if response.status() == 401 {
            return Ok(false);
        }
        let member = session_member(&parsed(&response.data())).map_err(|field| response.breaks_contract(field))?;
        self.session.borrow_mut().confirm(bearer.generation, member);
        Ok(true)
    }

    /// Logs in for a request that waits so many milliseconds for the platform's code. When it has waited in vain, the next one
    /// begins anew.
    pub(crate) async fn log_in_within(self: &Rc<Self>, millis: f64) -> Result<(), JsValue> {
        let login = self.login();
        let timer = Timer::start(millis);
        match timer.race(&login).await {
            Err(cause) if timer.is_cause(&cause) && self.silent_codes.get() > 0 => {
                self.forget(Operation::Login);
                Err(ClientError::new(ErrorCode::PlatformTimeout).into())
            }
            // The code is there: the server's answer has a time of its own.
            Err(cause) if timer.is_cause(&cause) => settled(&login).await.map(drop),
            outcome => outcome.map(drop),
        }
    }

    async fn silent_auth_code(&self) -> Result<AuthCode, ClientError> {
        self.silent_codes.update(|owed| owed + 1);
        let code = self.platform.auth_code(Scope::AuthBase, DEFAULT_TIMEOUT_MILLIS).await;
        self.silent_codes.update(|owed| owed - 1);
        code.map_err(|refused| refused.failure)
    }

    pub(crate) fn silent_code(self: &Rc<Self>) -> Promise {
        let shared = Rc::clone(self);
        promise(async move { Ok(shared.silent_auth_code().await?.expose().into()) })
    }
}
