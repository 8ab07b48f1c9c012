//! One line per request: enough to see what the server does, nothing about whom it does it for.

use crate::api_error::LoggedCause;
use crate::metrics::Metrics;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use miniauth_core::random::Random;
use std::{sync::Arc, time::Instant};
use tracing::{Instrument as _, field::Empty};

/// The header in which the client is told the request's id, which each log line about it has.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What log and metrics need.
#[derive(Clone)]
pub(super) struct Observer {
    pub(super) metrics: Arc<Metrics>,
    pub(super) random: Arc<dyn Random>,
}

/// Logs and counts method, route (never the URL, in which a careless client may have put a code), status, time, and for a
/// failed request its code and cause. The user, where there is one, stands there as a keyed hash.
///
/// The id is the server's own: one that a client sends could be anything.
pub(super) async fn observe_request(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let mut bytes = [0; 16];
    observer.random.fill(&mut bytes);
    let id = format!("{:032x}", u128::from_be_bytes(bytes));
    // At the level of errors, so that a log of warnings alone has the ids too.
    let span = tracing::error_span!("request", request_id = id, user = Empty);
    let mut response = answer(&observer.metrics, request, next).instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn answer(metrics: &Metrics, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_name(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;

    let route = path.as_ref().map_or("(none)", MatchedPath::as_str);
    let status = response.status().as_u16();
    let took = started.elapsed();
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let failed = response.extensions().get::<LoggedCause>();
    metrics.request(method, route, status, failed.map(|failed| failed.code), took);
    let code = failed.map(|failed| failed.code.as_str());
    let cause = failed.and_then(|failed| failed.cause.as_deref());
    if status >= 500 {
        tracing::warn!(method, route, status, micros, code, cause, "request failed");
    } else {
        tracing::info!(method, route, status, micros, code, cause, "request");
    }
    response
}

/// A method may be any word that a client makes up; the log has the known ones.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "(other)",
    }
}
