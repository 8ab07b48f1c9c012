//! The life of a session: the silent way to one, the exchange of a code for one at the server, its place in the platform's
//! storage, and its end. Storage that fails costs only that: the next start logs in silently.

use crate::{
    client::{Operation, Shared},
    decision::Decision,
    environment::{login_id, now},
    error::ClientError,
    platform::Platform,
    promise::{Timer, promise, settled},
    request::{DEFAULT_TIMEOUT_MILLIS, Request, Response},
    values::{self, auth_answer, field, parsed, problem, session_member, set_text},
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

    /// The session that lives now.
    pub(crate) fn bearer(&self) -> Option<Bearer> {
        self.session().bearer(now()).cloned()
    }

    async fn log_in(&self, attempt: Attempt) -> Result<JsValue, JsValue> {
        if self.session_lives().await? {
            self.observe(Decision::new("session", "login", "kept").because("a session lives"));
        } else {
            let authcode = self.silent_auth_code().await?;
            let request = AuthRequest { authcode, scope: Scope::AuthBase, login_id: Some(login_id()), consent: None };
            self.post_auth("login", attempt, &request).await?;
        }
        Ok(values::member(self.session().member()))
    }

    /// Whether a session lives. Of one that was restored the server is asked, for its member is not stored on the phone.
    async fn session_lives(&self) -> Result<bool, JsValue> {
        let bearer = self.bearer();
        let Some(bearer) = bearer else { return Ok(false) };
        if !self.session().is_unconfirmed() {
            return Ok(true);
        }
        let request = Request::own(&self.server.endpoint("session"), "GET", JsValue::UNDEFINED);
        let response = self.send("login", &request, Some(&bearer.token)).await?;
        if response.status() == 401 {
            return Ok(false);
        }
        let member = session_member(&parsed(&response.data())).map_err(|field| response.breaks_contract(field))?;
        self.session().confirm(bearer.generation, member);
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

impl Shared {
    pub(crate) fn logout(self: &Rc<Self>) -> Promise {
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

    /// Ends a session on the server. It is over here already, whatever comes of this.
    pub(crate) async fn end_on_server(&self, token: &SessionToken) -> Result<(), JsValue> {
        let request = Request::own(&self.server.endpoint("auth"), "DELETE", JsValue::UNDEFINED);
        self.send("logout", &request, Some(token)).await?;
        Ok(())
    }
}

impl Shared {
    /// Posts a code. A client's posts go one after another, since each carries the present session, which the new one
    /// replaces. When no answer arrives the same post is sent once more: its `login_id` makes that safe.
    pub(crate) async fn post_auth(
        &self,
        operation: &'static str,
        attempt: Attempt,
        request: &AuthRequest,
    ) -> Result<(), JsValue> {
        let _turn = self.posts.turn().await;
        let options = Request::own(&self.server.endpoint("auth"), "POST", values::auth_request(request)?);
        let present = self.bearer().map(|bearer| bearer.token);
        let response = match self.send(operation, &options, present.as_ref()).await {
            Err(failure) if failure.is_lost_answer() => {
                let why = "no answer arrived: the same post is sent once more with the same login_id";
                self.observe(Decision::new("session", operation, "repeated").because(why));
                self.send(operation, &options, present.as_ref()).await?
            }
            outcome => outcome?,
        };
        let answer = answer_in(response).inspect_err(|failure| {
            self.observe(Decision::new("session", operation, "refused").failure(failure));
        })?;
        let completed = self.session().complete(attempt, answer, now());
        if let Err(late) = completed {
            // The session is void here; the server is told as far as it can be reached.
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

fn answer_in(response: Response) -> Result<AuthAnswer<JsValue, ()>, ClientError> {
    let data = parsed(&response.data());
    if response.is_success() {
        return auth_answer(&data).map_err(|field| response.breaks_contract(field));
    }
    let failure = match problem(&data) {
        Some(problem) => ClientError::new(problem.code).advised_by(&problem),
        None => ClientError::new(ErrorCode::HttpStatus).because(&response.words()),
    };
    Err(failure.with_value("response", &response.0))
}

impl Shared {
    /// Takes up the session that was stored when the app was last open.
    pub(crate) fn restore_session(&self) {
        let stored = self.platform.storage("getStorageSync", &self.storage_key(), None);
        let stored = stored.and_then(|answer| session::from_text(&field(&answer, "data").as_string()?));
        if let Some((token, expires_at)) = stored {
            self.session().restore(token, expires_at);
            self.observe(Decision::new("session", "createAuth", "restored"));
        }
    }

    /// Stores the session, or removes the stored one when there is none.
    pub(crate) fn store_session(&self) {
        let session = self.session();
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
