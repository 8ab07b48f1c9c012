//! `POST /gateway.do`: the platform's gateway, for one app and two methods.

mod answer;
mod authentic;
mod method;
mod refusal;

use crate::{
    calls::{NOT_CARRIED_OUT, OK},
    connection::BreakOff,
    faults::{Fault, FaultKind},
    shared::Shared,
};
use answer::{Answer, Sealing};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, RawQuery, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse as _, Response},
    routing::post,
};
use miniauth_openplatform::protocol::{Charset, Parameters};
use std::{sync::Arc, time::Duration};
use tokio::{task, time::sleep};

/// Largest request that is read, in bytes.
const MAXIMUM_REQUEST: usize = 64 * 1024;

/// What a method did, and about whom.
struct Done {
    answer: Answer,
    outcome: &'static str,
    user: Option<String>,
}

/// The gateway's one address.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/gateway.do", post(call)).layer(DefaultBodyLimit::max(MAXIMUM_REQUEST)).with_state(shared)
}

async fn call(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let mut parameters = Parameters::new();
    let well_formed = parameters
        .extend_from_form(query.unwrap_or_default().as_bytes(), Charset::Utf8)
        .and_then(|()| parameters.extend_from_form(&body, Charset::Utf8));
    let method = method::name_for_log(parameters.get("method"));
    let fault = shared.world().fault.strike(method);
    let kind = fault.as_ref().map(|fault| fault.kind);
    match kind {
        Some(FaultKind::Unavailable) => {
            record(&shared, method, NOT_CARRIED_OUT, None, kind);
            return broken_off(BreakOff::Close);
        }
        Some(FaultKind::ServerError) => {
            record(&shared, method, NOT_CARRIED_OUT, None, kind);
            return (StatusCode::BAD_GATEWAY, Html("<html><body><h1>502 Bad Gateway</h1></body></html>"))
                .into_response();
        }
        Some(FaultKind::Delay) => sleep(Duration::from_millis(fault.as_ref().map_or(0, |fault| fault.delay_ms))).await,
        _ => {}
    }
    let done = match well_formed {
        Ok(()) => carry_out(&shared, &parameters, fault.as_ref()),
        Err(_) => Done::refused(Answer::error(&refusal::INVALID_PARAMETER), refusal::INVALID_PARAMETER.sub_code),
    };
    record(&shared, method, done.outcome, done.user, kind);
    if kind == Some(FaultKind::Reset) {
        return broken_off(BreakOff::Reset);
    }
    sealed(shared, done.answer, Sealing::under(kind)).await
}

fn carry_out(shared: &Shared, parameters: &Parameters, fault: Option<&Fault>) -> Done {
    match authentic::check(parameters, &shared.keys.app_public_key) {
        Ok(()) => method::carry_out(shared, parameters, fault),
        Err(refusal) => Done::refused(Answer::refusal(parameters.get("method"), &refusal), refusal.sub_code),
    }
}

impl Done {
    fn went_well(answer: Answer, user: String) -> Self {
        Self { answer, outcome: OK, user: Some(user) }
    }

    fn refused(answer: Answer, outcome: &'static str) -> Self {
        Self { answer, outcome, user: None }
    }

    fn for_user(self, user: String) -> Self {
        Self { user: Some(user), ..self }
    }
}

fn record(shared: &Shared, method: &str, outcome: &str, user: Option<String>, fault: Option<FaultKind>) {
    let now = shared.clock.now();
    shared.world().calls.record(now, method, outcome, user, fault);
}

fn broken_off(break_off: BreakOff) -> Response {
    // Nobody sees the status: the response is never sent.
    (StatusCode::BAD_GATEWAY, Extension(break_off)).into_response()
}

async fn sealed(shared: Arc<Shared>, answer: Answer, sealing: Sealing) -> Response {
    // Signing is arithmetic for two thirds of a millisecond.
    match task::spawn_blocking(move || answer.seal(&shared.keys.platform_private_key, sealing)).await {
        Ok(Ok(body)) => ([(CONTENT_TYPE, "text/html;charset=utf-8")], body).into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
