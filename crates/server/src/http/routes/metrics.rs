//! `GET /metrics`: counters for Prometheus, without personal data. For the team's own network: a proxy in front of the
//! server need not pass it on.

use crate::{app::App, http::method_not_allowed};
use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::IntoResponse,
    routing::{MethodRouter, get},
};

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(answer).fallback(method_not_allowed)
}

async fn answer(State(app): State<App>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.text())
}
