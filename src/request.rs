//! A page's own request, with the session if it applies and one replay after a new login. This is the only way out: every request
//! of this client is searched, and what was searched is what is sent.

use crate::{
    client::Shared,
    decision::Decision,
    environment::{jitter, now},
    error::ClientError,
    platform::passed_on,
    promise::{Timer, promise, sleep},
    values::{error_number, field, function, number, parsed, problem, set, text, texts, whole},
};
use js_sys::{Object, Promise};
use miniauth_core::{
    error_code::ErrorCode,
    platform::request_failure,
    retry::wait_before,
    session::{Bearer, Unauthorized},
    text::joined,
    wire::SessionToken,
};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The platform's own default, also for this module's silent calls.
pub(crate) const DEFAULT_TIMEOUT_MILLIS: f64 = 30_000.0;

#[wasm_bindgen]
extern "C" {
    /// The driver's control over one request.
    pub type Control;

    /// Whether the page aborted the request.
    #[wasm_bindgen(method, structural, js_name = isCancelled)]
    pub(crate) fn is_cancelled(this: &Control) -> bool;

    /// Attaches the platform's task, which the driver aborts with the request, and a function that ends the wait for it: an
    /// aborted task may never answer.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn attach(this: &Control, task: &JsValue, abort: &JsValue);

    #[wasm_bindgen(js_name = ownRequest)]
    fn own_request(url: &str, method: &str, data: JsValue) -> JsValue;

    #[wasm_bindgen(js_name = platformOptions)]
    fn platform_options(request: &JsValue, token: Option<&str>) -> Object;

    #[wasm_bindgen(js_name = responseIn)]
    fn response_in(answer: &JsValue) -> JsValue;
}

/// A request that the driver captured and checked, or one of this module's own.
pub(crate) struct Request {
    fields: JsValue,
    /// None if the request is this module's own.
    control: Option<Control>,
}

impl Request {
    pub(crate) fn own(url: &str, method: &str, data: JsValue) -> Self {
        Self { fields: own_request(url, method, data), control: None }
    }

    fn text(&self, name: &str) -> String {
        text(&self.fields, name).unwrap_or_default()
    }

    fn url(&self) -> String {
        self.text("url")
    }

    /// The time-out of one attempt, in milliseconds.
    fn timeout(&self) -> f64 {
        number(&self.fields, "timeout").unwrap_or(DEFAULT_TIMEOUT_MILLIS)
    }
}

/// How often a request may be sent again because its page was left: the user may leave several pages in a row.
const PAGES_LEFT: u32 = 5;

impl Shared {
    /// Sends the driver's snapshot. A request without a control is this module's own.
    pub(crate) fn http_request(self: &Rc<Self>, snapshot: JsValue, control: Option<Control>) -> Promise {
        let (shared, request) = (Rc::clone(self), Request { fields: snapshot, control });
        promise(async move {
            let response = shared.request(&request).await?;
            if response.is_success() {
                return Ok(response.0);
            }
            let code = if request.control.is_none() { response.own_code() } else { ErrorCode::HttpStatus };
            Err(response.refusal(code, &request.url()).into())
        })
    }

    async fn request(self: &Rc<Self>, request: &Request) -> Result<Response, JsValue> {
        let bearer = self.bearer_for(request).await?;
        let token = bearer.as_ref().map(|bearer| &bearer.token);
        let operation = request.text("operation");
        let response = self.send_persistently(&operation, request, token).await?;
        let Some(bearer) = bearer else { return Ok(response) };
        if !is_expired(request, &response)? {
            return Ok(response);
        }
        let replay = match self.renewed(&bearer, request.timeout()).await? {
            Some(bearer) => bearer,
            None => return Ok(response),
        };
        let why = "the session had expired: replayed once with a new one";
        self.observe(Decision::new("session", &operation, "replayed").because(why));
        Ok(self.send_persistently(&operation, request, Some(&replay.token)).await?)
    }

    /// Sends a request, and again if that is safe: a page's idempotent one after a network failure; one of this module's own if
    /// no answer arrived, which the server makes safe (for a post by its `login_id`). When a page is left, the platform ends its
    /// pending requests; the session belongs to the whole app, so requests about it go on.
    pub(crate) async fn send_persistently(
        &self,
        operation: &str,
        request: &Request,
        session: Option<&SessionToken>,
    ) -> Result<Response, ClientError> {
        let mut retry = 0;
        loop {
            let failure = match self.send(operation, request, session).await {
                Err(failure) => failure,
                answered => return answered,
            };
            let own = request.control.is_none();
            let most = match failure.code() {
                ErrorCode::PageLeft => PAGES_LEFT,
                ErrorCode::Network | ErrorCode::Timeout => 1,
                _ => 0,
            };
            let wait = match failure.is_network() {
                _ if own => (retry < most).then_some(0.0),
                true => wait_before(&request.text("method"), retry, jitter()),
                false => None,
            };
            let Some(wait) = wait else { return Err(failure) };
            retry += 1;
            if own {
                let why = "no answer arrived: sent once more";
                self.observe(Decision::new("session", operation, "repeated").because(why));
            } else {
                let why = joined(&["the network failed: sent again in ", &whole(wait).to_string(), " ms"]);
                self.observe(Decision::new("request", operation, "retried").because(&why));
                sleep(wait).await;
            }
        }
    }

    /// Returns the request's session. It leaves the page only for the team's own server.
    async fn bearer_for(self: &Rc<Self>, request: &Request) -> Result<Option<Bearer>, JsValue> {
        let wanted = request.text("session");
        if wanted == "none" || !self.server.covers(&request.url()) {
            return Ok(None);
        }
        match self.bearer() {
            // If the platform will not report the server's status, ask the server first.
            Some(present) if field(&request.fields, "confirm").is_truthy() && !self.is_alive(&present).await? => {
                return self.renewed(&present, request.timeout()).await;
            }
            None if wanted != "if-present" => {}
            present => return Ok(present),
        }
        self.log_in_within(request.timeout()).await?;
        let bearer = self.bearer();
        bearer.map(Some).ok_or_else(|| ClientError::new(ErrorCode::LoggedOut).into())
    }

    /// Returns the session for the replay after a 401: a newer one if it exists, or that of a new login.
    async fn renewed(self: &Rc<Self>, used: &Bearer, timeout: f64) -> Result<Option<Bearer>, JsValue> {
        let at = now();
        let meaning = self.session().unauthorized(used.generation, at);
        self.store_session();
        match meaning {
            Unauthorized::Replay(bearer) => Ok(Some(bearer)),
            Unauthorized::LogIn => {
                self.log_in_within(timeout).await?;
                Ok(self.bearer())
            }
        }
    }
}

/// Only a 401 that says that the session has expired leads to a new login, unless the app knows its server better.
fn is_expired(request: &Request, response: &Response) -> Result<bool, JsValue> {
    if let Some(is_expired) = function(&request.fields, "isExpired") {
        let copy = Object::assign(&Object::new(), response.0.unchecked_ref());
        return Ok(is_expired.call1(&JsValue::UNDEFINED, &copy)?.is_truthy());
    }
    let over = |code| matches!(code, ErrorCode::SessionExpired | ErrorCode::SessionUnknown);
    Ok(response.status() == 401 && problem(&parsed(&response.data())).is_some_and(|problem| over(problem.code)))
}

/// A server's answer with any status: `{ status, data, headers }`.
pub(crate) struct Response(pub(crate) JsValue);

impl Response {
    /// Reads the platform's answer. Without a numeric status there is none: an offline call was seen to succeed that way.
    fn read(answer: &JsValue) -> Option<Self> {
        Some(Self(response_in(answer))).filter(|response| response.0.is_object())
    }

    pub(crate) fn status(&self) -> u32 {
        whole(number(&self.0, "status").unwrap_or_default()) as u32
    }

    pub(crate) fn data(&self) -> JsValue {
        field(&self.0, "data")
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status())
    }

    /// Uses an answer that the platform could not convert to the requested type: unchanged if nothing is lost by that, which is
    /// for an error status, an empty body and text; parsed if only a byte order mark was in the way.
    ///
    /// # Errors
    /// The answer, if the page would get another type than it requested.
    fn of_type(self, wanted: &str) -> Result<Self, Self> {
        let given = self.data();
        let data = parsed(&given);
        let is_empty = data.as_string().is_some_and(|text| text.is_empty());
        if wanted == "text" || !self.is_success() || is_empty || self.status() == 204 {
            Ok(self)
        } else if wanted == "json" && given.is_string() && !data.is_string() {
            set(self.0.unchecked_ref(), "data", &data);
            Ok(self)
        } else {
            Err(self)
        }
    }

    /// Returns the failure in an answer from `url`, in the server's words if it has any. A not-found problem does not name the
    /// address, so its words are not used.
    pub(crate) fn refusal(&self, code: ErrorCode, url: &str) -> ClientError {
        let failure = ClientError::new(code).with_value("response", &self.0);
        match problem(&parsed(&self.data())).filter(|problem| problem.code != ErrorCode::NotFound) {
            Some(problem) => failure.advised_by(&problem),
            None => failure.because(&joined(&["the server answered ", &self.status().to_string(), " at ", url])),
        }
    }

    /// The server's code, which says what to do about a rejected request of this module.
    fn own_code(&self) -> ErrorCode {
        problem(&parsed(&self.data())).map_or(ErrorCode::HttpStatus, |problem| problem.code)
    }

    /// Like [`refusal`](Self::refusal), for this module's own requests.
    pub(crate) fn own_refusal(&self, url: &str) -> Option<ClientError> {
        if self.is_success() { None } else { Some(self.refusal(self.own_code(), url)) }
    }

    /// The failure of an answer whose `field` is missing or has the wrong type.
    pub(crate) fn breaks_contract(&self, field: &str) -> ClientError {
        ClientError::new(ErrorCode::ServerAnswerInvalid)
            .because(&joined(&[field, " is missing or malformed"]))
            .with_value("cause", &self.data())
            .with_value("response", &self.0)
    }
}

impl Shared {
    /// Sends a request with or without a session.
    pub(crate) async fn send(
        &self,
        operation: &str,
        request: &Request,
        session: Option<&SessionToken>,
    ) -> Result<Response, ClientError> {
        self.search(operation, request)?;
        let options = platform_options(&request.fields, session.map(SessionToken::expose));
        let call = text(&request.fields, "call");
        let name = call.as_deref().unwrap_or(if self.platform.has("request") { "request" } else { "httpRequest" });
        match self.send_in_time(name, &options, request).await {
            Ok(answer) => Response::read(&answer).ok_or_else(|| {
                ClientError::new(ErrorCode::Network).caused_by(answer).because("the answer has no status")
            }),
            Err(cause) => {
                let status = number(&cause, "status").map(|status| whole(status) as u32);
                let code = request_failure(error_number(&cause), status);
                // Many versions treat every status outside 2xx, and even 201, as a failure; and likewise an answer of another
                // type than requested, such as a proxy's page.
                let is_answer = matches!(code, ErrorCode::HttpStatus | ErrorCode::RequestEncoding);
                match is_answer.then(|| Response::read(&cause)).flatten() {
                    Some(response) if code == ErrorCode::RequestEncoding => response
                        .of_type(&request.text("dataType"))
                        .map_err(|response| passed_on(code, cause).with_value("response", &response.0)),
                    Some(response) => Ok(response),
                    None => Err(passed_on(code, cause)),
                }
            }
        }
    }

    /// Calls the platform with our own time-out: some versions are said to ignore the platform's.
    async fn send_in_time(&self, name: &str, options: &Object, request: &Request) -> Result<JsValue, JsValue> {
        if request.control.as_ref().is_some_and(Control::is_cancelled) {
            return Err(ClientError::new(ErrorCode::Aborted).into());
        }
        let timer = Timer::start(request.timeout());
        let (answered, task) = self.platform.start(name, options);
        if let Some(control) = &request.control {
            control.attach(&task, &timer.abort());
        }
        let outcome = timer.race(&answered).await;
        let timed_out = outcome.as_ref().is_err_and(|cause| timer.is_cause(cause));
        if timed_out && let Some(abort) = function(&task, "abort") {
            // Nobody waits for the answer or the task any more.
            let _ = abort.call0(&task);
        }
        outcome
    }

    fn search(&self, operation: &str, request: &Request) -> Result<(), ClientError> {
        let of = |name| field(&request.fields, name);
        if request.control.is_none() && !of("typed").is_object() {
            // Only this part of our own request came from the app.
            return self.check_purpose(operation, &field(&field(&of("data"), "consent"), "purpose"));
        }
        let typed = texts(&request.fields, "typed");
        let checked = self.page.check(&request.url(), &of("headers"), &of("data"), &typed);
        let typed = checked.map_err(|refusal| self.refuse(operation, &refusal))?;
        for place in typed {
            self.observe(Decision::new("guard", operation, "typed").typed(&place));
        }
        Ok(())
    }
}
