//! A page's own request, with the session where it belongs and one replay after a new login; and the one way out: every request of
//! this client is searched, and what was searched is what is sent.

use super::control::Control;
use crate::{
    client::Shared,
    decision::Decision,
    environment::{jitter, now},
    error::ClientError,
    platform::passed_on,
    promise::promise,
    read::{error_number, field, function, number, parsed, problem, set, set_text, text, texts},
    timer::{Timer, sleep},
};
use js_sys::{Function, Object, Promise};
use miniauth_core::{
    error_code::ErrorCode,
    platform::request_failure,
    retry::wait_before,
    session::{Bearer, Unauthorized},
    text::joined,
    wire::SessionToken,
};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// The platform's own default, and what its silent calls may take.
pub(crate) const DEFAULT_TIMEOUT_MILLIS: f64 = 30_000.0;

/// Which requests want a session.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum SessionMode {
    #[default]
    Required,
    IfPresent,
    None,
}

impl SessionMode {
    fn read(name: &str) -> Self {
        match name {
            "if-present" => Self::IfPresent,
            "none" => Self::None,
            _ => Self::Required,
        }
    }
}

/// A request as the driver took it down, with its defaults.
pub(crate) struct RequestOptions {
    plain: PlainOptions,
    headers: JsValue,
    data: JsValue,
    is_expired: Option<Function>,
    control: Option<Control>,
}

#[derive(Default)]
struct PlainOptions {
    url: String,
    method: Option<String>,
    session: SessionMode,
    typed: Vec<String>,
    timeout: Option<f64>,
    data_type: String,
}

impl RequestOptions {
    /// Reads what the driver has checked.
    fn read(snapshot: &JsValue, control: Control) -> Self {
        Self {
            control: Some(control),
            headers: field(snapshot, "headers"),
            data: field(snapshot, "data"),
            is_expired: function(snapshot, "isExpired"),
            plain: PlainOptions {
                url: text(snapshot, "url").unwrap_or_default(),
                method: text(snapshot, "method"),
                session: SessionMode::read(&text(snapshot, "session").unwrap_or_default()),
                typed: texts(snapshot, "typed"),
                timeout: number(snapshot, "timeout"),
                data_type: text(snapshot, "dataType").unwrap_or_else(|| "json".to_owned()),
            },
        }
    }

    pub(crate) fn post(url: String, data: JsValue) -> Self {
        Self::own(url, "POST", data)
    }

    pub(crate) fn get(url: String) -> Self {
        Self::own(url, "GET", JsValue::UNDEFINED)
    }

    pub(crate) fn delete(url: String) -> Self {
        Self::own(url, "DELETE", JsValue::UNDEFINED)
    }

    /// A request of this module's own. It asks for text and parses that itself: what is not JSON is then an answer too.
    fn own(url: String, method: &str, data: JsValue) -> Self {
        let headers = Object::new();
        set_text(&headers, "content-type", "application/json");
        let method = Some(method.to_owned());
        let plain = PlainOptions { url, method, data_type: "text".to_owned(), ..PlainOptions::default() };
        Self { plain, headers: headers.into(), data, is_expired: None, control: None }
    }

    pub(crate) fn control(&self) -> Option<&Control> {
        self.control.as_ref()
    }

    /// Milliseconds that one attempt may take.
    pub(crate) fn timeout(&self) -> f64 {
        self.plain.timeout.unwrap_or(DEFAULT_TIMEOUT_MILLIS)
    }

    pub(crate) fn method(&self) -> &str {
        self.plain.method.as_deref().unwrap_or("GET")
    }

    pub(crate) fn url(&self) -> &str {
        &self.plain.url
    }

    pub(crate) fn headers(&self) -> &JsValue {
        &self.headers
    }

    pub(crate) fn data(&self) -> &JsValue {
        &self.data
    }

    /// What the platform is to make of the answer's body.
    pub(crate) fn data_type(&self) -> &str {
        &self.plain.data_type
    }

    pub(crate) fn typed(&self) -> &[String] {
        &self.plain.typed
    }

    /// What the platform's call takes: a fresh object each time, for the platform may keep it.
    pub(crate) fn platform_options(&self, session: Option<&SessionToken>) -> Object {
        let headers = Object::assign(&Object::new(), self.headers.unchecked_ref::<Object>());
        if let Some(token) = session {
            set_text(&headers, "authorization", &joined(&["Bearer ", token.expose()]));
        }
        let options = Object::new();
        set_text(&options, "url", self.url());
        set_text(&options, "method", self.method());
        set(&options, "headers", &headers);
        set_text(&options, "dataType", self.data_type());
        if !self.data.is_undefined() {
            set(&options, "data", &self.data);
        }
        set(&options, "timeout", &self.timeout().into());
        options
    }
}

impl Shared {
    /// Sends what the driver took a snapshot of.
    pub(crate) fn http_request(self: &Rc<Self>, snapshot: &JsValue, control: Control) -> Promise {
        let (shared, request) = (Rc::clone(self), RequestOptions::read(snapshot, control));
        promise(async move {
            let response = shared.request(&request).await?;
            if response.is_success() {
                return Ok(response.to_javascript());
            }
            let failure = ClientError::new(ErrorCode::HttpStatus);
            let failure = match problem(&parsed(&response.data)) {
                Some(problem) => failure.advised_by(&problem),
                None => failure.because(&response.words()),
            };
            Err(failure.with_value("response", &response.to_javascript()).into())
        })
    }

    async fn request(self: &Rc<Self>, request: &RequestOptions) -> Result<Response, JsValue> {
        let bearer = self.bearer_for(request).await?;
        let token = bearer.as_ref().map(|bearer| &bearer.token);
        let response = self.send_persistently(request, token).await?;
        let Some(bearer) = bearer else { return Ok(response) };
        if !is_expired(request, &response)? {
            return Ok(response);
        }
        let replay = match self.renewed(&bearer, request.timeout()).await? {
            Some(bearer) => bearer,
            None => return Ok(response),
        };
        let why = "the server said that the session had expired: the request is replayed once with the new one";
        self.observe(Decision::new("session", "httpRequest", "replayed").because(why));
        Ok(self.send_persistently(request, Some(&replay.token)).await?)
    }

    /// Sends an idempotent request again when the network fails.
    async fn send_persistently(
        &self,
        request: &RequestOptions,
        session: Option<&SessionToken>,
    ) -> Result<Response, ClientError> {
        let mut retry = 0;
        loop {
            let failure = match self.send("httpRequest", request, session).await {
                Err(failure) if failure.is_network() => failure,
                outcome => return outcome,
            };
            let Some(wait) = wait_before(request.method(), retry, jitter()) else { return Err(failure) };
            retry += 1;
            let why = joined(&["the network failed: sent again in ", &(wait as u32).to_string(), " ms"]);
            self.observe(Decision::new("request", "httpRequest", "retried").because(&why));
            sleep(wait).await;
        }
    }

    /// The session that a request carries. It leaves the page only for the team's own server.
    async fn bearer_for(self: &Rc<Self>, request: &RequestOptions) -> Result<Option<Bearer>, JsValue> {
        if request.plain.session == SessionMode::None || !self.server.covers(request.url()) {
            return Ok(None);
        }
        let present = self.session.borrow().bearer(now()).cloned();
        if present.is_some() || request.plain.session == SessionMode::IfPresent {
            return Ok(present);
        }
        self.log_in_within(request.timeout()).await?;
        let bearer = self.session.borrow().bearer(now()).cloned();
        bearer.map(Some).ok_or_else(|| ClientError::new(ErrorCode::LoggedOut).into())
    }

    /// The session to replay with after a 401: a newer one that is there already, or that of a new login.
    async fn renewed(self: &Rc<Self>, used: &Bearer, timeout: f64) -> Result<Option<Bearer>, JsValue> {
        let meaning = self.session.borrow_mut().unauthorized(used.generation, now());
        self.store_session();
        match meaning {
            Unauthorized::Replay(bearer) => Ok(Some(bearer)),
            Unauthorized::LogIn => {
                self.log_in_within(timeout).await?;
                Ok(self.session.borrow().bearer(now()).cloned())
            }
        }
    }
}

/// Only a 401 that says that the session has expired means a new login, unless the app knows its server better.
fn is_expired(request: &RequestOptions, response: &Response) -> Result<bool, JsValue> {
    if let Some(is_expired) = &request.is_expired {
        return Ok(is_expired.call1(&JsValue::UNDEFINED, &response.to_javascript())?.is_truthy());
    }
    let over = |code| matches!(code, ErrorCode::SessionExpired | ErrorCode::SessionUnknown);
    Ok(response.status == 401 && problem(&parsed(&response.data)).is_some_and(|problem| over(problem.code)))
}

/// What a server answered, whatever its status.
pub(crate) struct Response {
    pub(crate) status: u32,
    pub(crate) data: JsValue,
    headers: JsValue,
}

impl Response {
    /// Reads the platform's answer; newer versions use other names. Without a number for its status it is none: an
    /// offline call was seen to succeed that way.
    fn read(answer: &JsValue) -> Option<Self> {
        let either = |name: &str, newer: &str| {
            let value = field(answer, name);
            if value.is_undefined() { field(answer, newer) } else { value }
        };
        let status = either("status", "statusCode").as_f64().filter(|status| (100.0..600.0).contains(status))?;
        Some(Self { status: status as u32, data: field(answer, "data"), headers: either("headers", "header") })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// An answer that the platform could not make into the type that was asked for: as it is where nothing is lost by that,
    /// which is a status that tells of a failure, an empty body and a text; parsed, where only a byte order mark was in
    /// the way.
    ///
    /// # Errors
    /// The answer, when a page that was promised this type would get another.
    fn of_type(self, wanted: &str) -> Result<Self, Self> {
        let data = parsed(&self.data);
        let is_empty = data.as_string().is_some_and(|text| text.is_empty());
        if wanted == "text" || !self.is_success() || is_empty || self.status == 204 {
            Ok(self)
        } else if wanted == "json" && self.data.is_string() && !data.is_string() {
            Ok(Self { data, ..self })
        } else {
            Err(self)
        }
    }

    /// `{ status, data, headers }`.
    pub(crate) fn to_javascript(&self) -> JsValue {
        let object = Object::new();
        set(&object, "status", &self.status.into());
        set(&object, "data", &self.data);
        set(&object, "headers", &self.headers);
        object.into()
    }

    /// What is said of an answer that says nothing of itself.
    pub(crate) fn words(&self) -> String {
        joined(&["the server answered ", &self.status.to_string()])
    }

    /// The failure of an answer whose `field` is missing or of another kind.
    pub(crate) fn breaks_contract(&self, field: &str) -> ClientError {
        ClientError::new(ErrorCode::ServerAnswerInvalid)
            .because(&joined(&[field, " is not as the contract says"]))
            .with_value("response", &self.to_javascript())
    }
}

impl Shared {
    /// Sends a request with a session or without.
    pub(crate) async fn send(
        &self,
        operation: &'static str,
        request: &RequestOptions,
        session: Option<&SessionToken>,
    ) -> Result<Response, ClientError> {
        self.search(operation, request)?;
        let options = request.platform_options(session);
        let name = if self.platform.has("request") { "request" } else { "httpRequest" };
        match self.send_in_time(name, &options, request).await {
            Ok(answer) => Response::read(&answer).ok_or_else(|| {
                ClientError::new(ErrorCode::Network).caused_by(answer).because("the answer has no status")
            }),
            Err(cause) => {
                let status = number(&cause, "status").map(|status| status as u32);
                let code = request_failure(error_number(&cause), status);
                // Many versions treat every status other than 2xx, and even 201, as a failure; and what is not of the type
                // that was asked for, as the page of a proxy.
                let is_answer = matches!(code, ErrorCode::HttpStatus | ErrorCode::RequestEncoding);
                match is_answer.then(|| Response::read(&cause)).flatten() {
                    Some(response) if code == ErrorCode::RequestEncoding => response
                        .of_type(request.data_type())
                        .map_err(|response| passed_on(code, cause).with_value("response", &response.to_javascript())),
                    Some(response) => Ok(response),
                    None => Err(passed_on(code, cause)),
                }
            }
        }
    }

    /// Calls the platform with a time-out of our own: some versions are said to ignore the platform's.
    async fn send_in_time(&self, name: &str, options: &Object, request: &RequestOptions) -> Result<JsValue, JsValue> {
        if request.control().is_some_and(Control::is_cancelled) {
            return Err(ClientError::new(ErrorCode::Aborted).into());
        }
        let timer = Timer::start(request.timeout());
        let (answered, task) = self.platform.start(name, options);
        if let Some(control) = request.control() {
            control.attach(&task, &timer.abort);
        }
        let outcome = timer.race(&answered).await;
        let timed_out = outcome.as_ref().is_err_and(|cause| timer.is_cause(cause));
        if timed_out && let Some(abort) = function(&task, "abort") {
            // Nobody waits for the answer any more, nor for the task.
            let _ = abort.call0(&task);
        }
        outcome
    }

    fn search(&self, operation: &'static str, request: &RequestOptions) -> Result<(), ClientError> {
        let typed = self
            .page
            .guard
            .borrow()
            .check(request.url(), request.headers(), request.data(), request.typed())
            .map_err(|refusal| self.refuse(operation, &refusal))?;
        for place in typed {
            self.observe(Decision::new("guard", operation, "typed").typed(&place));
        }
        Ok(())
    }
}
