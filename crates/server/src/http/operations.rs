//! Endpoints for monitoring: health, readiness, metrics and the OpenAPI document.

use crate::{
    api_error::{ApiError, describe_errors},
    app::App,
    observation::Metrics,
    store::StoreError,
};
use axum::{Json, extract::State, http::header::CONTENT_TYPE, response::IntoResponse};
use miniauth_core::error_code::ErrorCode::Overloaded;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// How long a readiness check may take.
const LIMIT: Duration = Duration::from_secs(2);

/// Returns the public endpoints.
pub(super) fn public_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(openapi))
}

/// Returns the endpoints for operators only. They move to the operators' listener if there is one.
pub(super) fn private_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(readyz)).routes(routes!(readyz_reads)).routes(routes!(metrics))
}

/// The answer of a healthy server.
#[derive(Serialize, ToSchema)]
struct Status {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the server answers at all.
///
/// It does not check the database or the platform, so a slow dependency does not get a working server restarted.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthz",
    responses((status = 200, description = "It does.", body = Status)),
)]
async fn healthz() -> Json<Status> {
    Json(Status { status: "ok" })
}

describe_errors!(ReadyErrors: &[Overloaded]);

/// Whether the server can work: whether its stores can be read and written.
///
/// The detail says which of the two fails. The platform is not checked: valid sessions work without it.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    responses((status = 200, description = "It can.", body = Status), ReadyErrors),
)]
async fn readyz(State(app): State<App>) -> Result<Json<Status>, ApiError> {
    can_read(&app).await?;
    let writes = in_time(app.stores.probe_write()).await;
    writes.map_err(|error| error.with_detail("Sessions can be checked, but nothing can be written."))?;
    Ok(Json(Status { status: "ready" }))
}

/// Whether the server can check sessions, even if its stores cannot be written at the moment.
///
/// For a load balancer in front of instances with the same stores: if none can write, it should keep them all, since
/// sessions can still be checked.
#[utoipa::path(
    get,
    path = "/readyz/reads",
    operation_id = "readyzReads",
    responses((status = 200, description = "It can.", body = Status), ReadyErrors),
)]
async fn readyz_reads(State(app): State<App>) -> Result<Json<Status>, ApiError> {
    can_read(&app).await?;
    Ok(Json(Status { status: "ready" }))
}

async fn can_read(app: &App) -> Result<(), ApiError> {
    let reads = in_time(app.stores.probe()).await;
    reads.map_err(|error| error.with_detail("Sessions cannot be checked."))
}

async fn in_time(probe: impl Future<Output = Result<(), StoreError>>) -> Result<(), ApiError> {
    match tokio::time::timeout(LIMIT, probe).await {
        Ok(probed) => probed.map_err(|error| ApiError::new(Overloaded).because_of(&error)),
        Err(_) => Err(ApiError::new(Overloaded).because("a store did not answer in time")),
    }
}

/// Counters, gauges and histograms for Prometheus.
///
/// They contain no personal data. They are for the operators' network: a proxy in front of the server need not forward
/// this path. With `metrics_listen`, metrics and readiness are only at that address.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    responses((status = 200, description = "The text format, version 0.0.4.", body = String, content_type = "text/plain")),
)]
async fn metrics(State(app): State<App>) -> impl IntoResponse {
    ([(CONTENT_TYPE, Metrics::CONTENT_TYPE)], app.metrics.text(&app.shared))
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "openapi",
    responses((status = 200, description = "An OpenAPI document.", body = Object, content_type = "application/json")),
)]
async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], super::openapi_text())
}
