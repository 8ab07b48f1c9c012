//! One line per request: enough to see what the server does, nothing about whom it does it for.

use super::problem::Reason;
use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use std::time::Instant;

/// Logs method, route (never the URL, in which a careless client may have put a code), status, time, and for a refusal
/// its code and cause.
pub(super) async fn log_request(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_name(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;

    let route = path.as_ref().map_or("(none)", MatchedPath::as_str);
    let status = response.status().as_u16();
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let reason = response.extensions().get::<Reason>();
    let code = reason.map(|reason| reason.code.as_str());
    let cause = reason.and_then(|reason| reason.cause.as_deref());
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
