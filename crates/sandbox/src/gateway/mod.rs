//! `POST /gateway.do`: the platform's gateway, for one app and two methods. Some SDKs send everything in a GET.

mod answer;
mod method;

use crate::{
    faults::{Fault, FaultKind},
    random::hexadecimal,
    server::BreakOffError,
    world::{NOT_CARRIED_OUT, OK, Shared},
};
pub(crate) use answer::RefusalNode;
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, RawQuery, State},
    http::{HeaderName, StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse as _, Response},
    routing::post,
};
use method::Request;

use answer::{Answer, Writing};
use std::{sync::Arc, time::Duration};
use tokio::{task, time::sleep};

/// Largest request that is read, in bytes.
const MAXIMUM_REQUEST: usize = 64 * 1024;

/// The platform's own name for a call, as its support asks for it.
const TRACE_ID: HeaderName = HeaderName::from_static("trace_id");

/// How long a call without an answer is held, unless its client gives up first.
const HELD_FOR: Duration = Duration::from_secs(120);

/// What a method did, and about whom.
struct Done {
    answer: Answer,
    outcome: &'static str,
    user: Option<String>,
    /// The platform knows the app and has a key of its.
    knows_app: bool,
}

/// The gateway's one address.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let route = post(call).get(call);
    Router::new().route("/gateway.do", route).layer(DefaultBodyLimit::max(MAXIMUM_REQUEST)).with_state(shared)
}

async fn call(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let request = Request::read(query.unwrap_or_default().as_bytes(), &body);
    let method = method::name_for_log(request.parameters.get("method"));
    let fault = shared.world().faults.strike(method);
    let kind = fault.as_ref().map(|fault| fault.kind);
    let delay = fault.as_ref().map_or(0, |fault| fault.delay_ms);
    if delay > 0 {
        sleep(Duration::from_millis(delay)).await;
    }
    match (kind, &fault) {
        (Some(FaultKind::Unavailable), _) => {
            record(&shared, method, NOT_CARRIED_OUT, None, kind);
            return broken_off(BreakOffError::Close);
        }
        (Some(FaultKind::ServerError), Some(fault)) => {
            record(&shared, method, NOT_CARRIED_OUT, None, kind);
            return page_of_error(fault.status);
        }
        _ => {}
    }
    if kind == Some(FaultKind::DuplicateDelivery) {
        let first = carry_out(&shared, &request, fault.as_ref());
        record(&shared, method, first.outcome, first.user, kind);
    }
    let done = carry_out(&shared, &request, fault.as_ref());
    record(&shared, method, done.outcome, done.user, kind);
    match kind {
        Some(FaultKind::Reset) => broken_off(BreakOffError::Reset),
        Some(FaultKind::NoAnswer) => {
            sleep(HELD_FOR).await;
            broken_off(BreakOffError::Close)
        }
        _ => {
            let writing = writing(&shared, &request, done.knows_app, kind);
            sealed(shared, done.answer, writing).await
        }
    }
}

fn carry_out(shared: &Shared, request: &Request, fault: Option<&Fault>) -> Done {
    let parameters = &request.parameters;
    if let Some(complaint) = request.complaint() {
        return Done::refused(Answer::error(&complaint), complaint.sub_code);
    }
    let asked_for = || fault.and_then(|fault| fault.refusal.clone());
    match method::check(request, &shared.keys).err().or_else(asked_for) {
        Some(refusal) => {
            let done = method::refuse(&shared.world(), parameters.get("method"), &refusal);
            Done { knows_app: !refusal.of_no_app, ..done }
        }
        None => method::carry_out(shared, parameters, fault),
    }
}

fn writing(shared: &Shared, request: &Request, knows_app: bool, fault: Option<FaultKind>) -> Writing {
    let signed = knows_app || shared.world().profiles.signs_every_refusal();
    let certificate_mode = signed && request.parameters.get("app_cert_sn").is_some();
    let serial = || shared.keys.certificates.platform().serial().to_owned();
    let charset = request.charset.unwrap_or_default();
    Writing { charset, certificate_serial: certificate_mode.then(serial), signed, fault }
}

fn page_of_error(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, Html(format!("<html><body><h1>{status}</h1></body></html>"))).into_response()
}

impl Done {
    fn went_well(answer: Answer, user: String) -> Self {
        Self { answer, outcome: OK, user: Some(user), knows_app: true }
    }

    fn refused(answer: Answer, outcome: &'static str) -> Self {
        Self { answer, outcome, user: None, knows_app: true }
    }

    fn for_user(self, user: String) -> Self {
        Self { user: Some(user), ..self }
    }
}

fn record(shared: &Shared, method: &str, outcome: &str, user: Option<String>, fault: Option<FaultKind>) {
    let now = shared.clock.now();
    shared.world().calls.record(now, method, outcome, user, fault);
}

fn broken_off(break_off: BreakOffError) -> Response {
    // Nobody sees the status: the response is never sent.
    (StatusCode::BAD_GATEWAY, Extension(break_off)).into_response()
}

async fn sealed(shared: Arc<Shared>, answer: Answer, writing: Writing) -> Response {
    let trace_id = hexadecimal(&*shared.random, 16);
    let content_type = format!("text/html;charset={}", writing.written_charset());
    // Signing is arithmetic for two thirds of a millisecond.
    match task::spawn_blocking(move || answer.seal(&shared.keys.platform_private_key, &writing)).await {
        Ok(Ok(body)) => ([(CONTENT_TYPE, content_type), (TRACE_ID, trace_id)], body).into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
