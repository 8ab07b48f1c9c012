//! The life of a session: the silent login, the exchange of a code at the server, its place in the platform's storage, and its
//! end. If storage fails, only that is lost: the next start logs in silently.

use crate::{
    client::{Operation, Shared},
    decision::Decision,
    environment::{login_id, now},
    error::ClientError,
    platform::Platform,
    promise::{Timer, promise, settled},
    request::{DEFAULT_TIMEOUT_MILLIS, Request, Response},
    values::{self, auth_answer, field, parsed, profile, set_text},
};
use js_sys::{Object, Promise};
use miniauth_core::{
    error_code::ErrorCode,
    scope::Scope,
    session::{self, Attempt, Bearer},
    text::joined,
    wire::{AuthAnswer, AuthCode, AuthRequest, SessionToken},
};
use std::rc::Rc;
use wasm_bindgen::JsValue;

impl Shared {
    pub(crate) fn login(self: &Rc<Self>) -> Promise {
        self.share(Operation::Login, |shared, attempt| Box::pin(async move { shared.log_in(attempt).await }))
    }

    /// The current session.
    pub(crate) fn bearer(&self) -> Option<Bearer> {
        let now = now();
        self.session().bearer(now).cloned()
    }

    async fn log_in(self: &Rc<Self>, attempt: Attempt) -> Result<JsValue, JsValue> {
        if self.session_lives().await? {
            self.observe(Decision::new("session", "login", "kept").because("the session is still valid"));
        } else {
            let code = self.silent_code();
            self.silent_code.hold(&code);
            let authcode = auth_code_in(&settled(&code).await?)?;
            let request = AuthRequest { authcode, scope: Scope::AuthBase, login_id: login_id(), consent: None };
            self.post_auth("login", attempt, request).await?;
        }
        let member = self.session().member().cloned();
        Ok(values::member(member.as_deref()))
    }

    /// Whether there is a session. For a restored one the server is asked, because its member is not stored on the phone.
    async fn session_lives(&self) -> Result<bool, JsValue> {
        let bearer = self.bearer();
        let Some(bearer) = bearer else { return Ok(false) };
        Ok(!self.session().is_unconfirmed() || self.is_alive(&bearer).await?)
    }

    /// Whether the session is valid, according to the server.
    pub(crate) async fn is_alive(&self, bearer: &Bearer) -> Result<bool, JsValue> {
        let url = self.server.endpoint("session");
        let request = Request::own(&url, "GET", JsValue::UNDEFINED);
        let response = self.send_persistently("login", &request, Some(&bearer.token)).await?;
        if response.status() == 401 {
            return Ok(false);
        }
        if let Some(refusal) = response.own_refusal(&url) {
            return Err(refusal.into());
        }
        let profile = profile(&parsed(&response.data())).map_err(|field| response.breaks_contract(field))?;
        self.session().confirm(bearer.generation, Some(profile));
        Ok(true)
    }

    /// Logs in for a request, which waits up to a time-out for the platform's code. After a time-out, the next request starts
    /// again.
    pub(crate) async fn log_in_within(self: &Rc<Self>, millis: f64) -> Result<(), JsValue> {
        let login = self.login();
        let timer = Timer::start(millis);
        match timer.race(&login).await {
            Err(cause) if timer.is_cause(&cause) && self.silent_code.held().is_some() => {
                self.forget(Operation::Login);
                Err(ClientError::new(ErrorCode::PlatformTimeout).into())
            }
            // The code is there: the server's answer has its own time-out.
            Err(cause) if timer.is_cause(&cause) => settled(&login).await.map(drop),
            outcome => outcome.map(drop),
        }
    }

    pub(crate) fn silent_code(self: &Rc<Self>) -> Promise {
        let shared = Rc::clone(self);
        promise(async move {
            match shared.platform.auth_code(Scope::AuthBase, DEFAULT_TIMEOUT_MILLIS).await {
                Ok(code) => Ok(code.expose().into()),
                Err(refused) => Err(refused.failure.into()),
            }
        })
    }
}

impl Shared {
    pub(crate) fn logout(self: &Rc<Self>) -> Promise {
        self.forget_all();
        let token = self.session().log_out();
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

    /// Ends a session on the server. On the page it has ended already, whatever the server answers.
    pub(crate) async fn end_on_server(&self, token: &SessionToken) -> Result<(), JsValue> {
        let request = Request::own(&self.server.endpoint("auth"), "DELETE", JsValue::UNDEFINED);
        self.send_persistently("logout", &request, Some(token)).await?;
        Ok(())
    }
}

impl Shared {
    /// Posts a code. A client's posts are sent one after another, since each carries the current session, which the new one
    /// replaces.
    pub(crate) async fn post_auth(
        self: &Rc<Self>,
        operation: &'static str,
        attempt: Attempt,
        request: AuthRequest,
    ) -> Result<(), JsValue> {
        let (shared, before) = (Rc::clone(self), self.posts.held());
        let post = promise(async move {
            if let Some(before) = before {
                // Whatever its outcome was.
                let _ = settled(&before).await;
            }
            shared.post_now(operation, attempt, &request).await?;
            Ok(JsValue::UNDEFINED)
        });
        self.posts.hold(&post);
        settled(&post).await.map(drop)
    }

    async fn post_now(&self, operation: &'static str, attempt: Attempt, request: &AuthRequest) -> Result<(), JsValue> {
        let url = self.server.endpoint("auth");
        let options = Request::own(&url, "POST", values::auth_request(request));
        let present = self.bearer().map(|bearer| bearer.token);
        let response = self.send_persistently(operation, &options, present.as_ref()).await?;
        let answer = answer_in(&response, &url).inspect_err(|failure| {
            self.observe(Decision::new("session", operation, "refused").failure(failure));
        })?;
        let at = now();
        let completed = self.session().complete(attempt, answer, at);
        if let Err(late) = completed {
            // The session has ended here; the server learns of it if it is reachable.
            let _ = self.end_on_server(&late.token).await;
            return Err(ClientError::new(ErrorCode::LoggedOut).because(&late.to_string()).into());
        }
        self.store_session();
        self.observe(
            Decision::new("session", operation, "started").because(&joined(&["scope ", request.scope.as_str()])),
        );
        Ok(())
    }
}

/// Reads a code from a promise's result.
pub(crate) fn auth_code_in(answer: &JsValue) -> Result<AuthCode, ClientError> {
    let code = answer.as_string().and_then(|code| AuthCode::parse(code).ok());
    code.ok_or_else(|| ClientError::new(ErrorCode::PlatformAnswerInvalid))
}

fn answer_in(response: &Response, url: &str) -> Result<AuthAnswer<Rc<JsValue>, ()>, ClientError> {
    match response.own_refusal(url) {
        Some(refusal) => Err(refusal),
        None => auth_answer(&parsed(&response.data())).map_err(|field| response.breaks_contract(field)),
    }
}

impl Shared {
    /// Restores the session from the last run of the app.
    pub(crate) fn restore_session(&self) {
        let stored = self.platform.storage("getStorageSync", &self.storage_key(), None);
        let stored = stored.and_then(|answer| session::from_text(&field(&answer, "data").as_string()?));
        if let Some((token, expires_at)) = stored {
            self.session().restore(token, expires_at);
            self.observe(Decision::new("session", "createAuth", "restored"));
        }
    }

    /// Stores the session, or removes the stored one if there is none.
    pub(crate) fn store_session(&self) {
        let text = self.session().to_text();
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
    /// Calls the storage; `None` if it throws or returns an error object.
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
