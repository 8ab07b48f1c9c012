//! `GET /readyz`: whether the server can work: whether its database reads and takes writers, and the session
//! store answers. It does not ask the platform,
//! without which living sessions are as good as ever.

use crate::{
    app::App,
    http::{method_not_allowed, problem::Refusal},
};
use axum::{
    Json,
    extract::State,
    routing::{MethodRouter, get},
};
use miniauth_core::error_code::ErrorCode;
use serde::Serialize;
use std::time::Duration;

/// Who asks does not wait for long.
const LIMIT: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
}

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(answer).fallback(method_not_allowed)
}

async fn answer(State(app): State<App>) -> Result<Json<Readiness>, Refusal> {
    match tokio::time::timeout(LIMIT, app.stores.probe()).await {
        Ok(Ok(())) => Ok(Json(Readiness { status: "ready" })),
        Ok(Err(fault)) => Err(Refusal::new(ErrorCode::Overloaded).because(fault.to_string())),
        Err(_) => Err(Refusal::new(ErrorCode::Overloaded).because("a store does not answer in time")),
    }
}
