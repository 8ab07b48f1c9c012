//! `/.well-known/jwks.json`: the public keys that verify tokens.

use crate::{
    api_error::{ApiError, describe_errors},
    app::App,
    token_keys::{JsonWebKeys, LIST_MAX_AGE},
};
use axum::{
    Json,
    extract::State,
    http::header::CACHE_CONTROL,
    response::{IntoResponse as _, Response},
};
use miniauth_core::error_code::ErrorCode::{Internal, Overloaded};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

describe_errors!(ListErrors: &[Internal, Overloaded]);

/// The public keys that verify the tokens of `POST /session/token` (RFC 7517).
///
/// A new key is published an hour before it signs (15 seconds if an operator asked for it at once), and an old key
/// until its last token has expired. So a verifier may cache the list for as long as `cache-control` says, and fetches
/// it again when it meets an unknown `kid`.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "listTokenKeys",
    responses(
        (
            status = 200,
            description = "All keys; empty if the server has no audiences configured.",
            body = inline(JsonWebKeys),
            content_type = "application/json",
            headers(("Cache-Control" = String, description = "`public, max-age=300`")),
        ),
        ListErrors,
    ),
)]
async fn list(State(app): State<App>) -> Result<Response, ApiError> {
    let cache = [(CACHE_CONTROL, format!("public, max-age={}", LIST_MAX_AGE.as_secs()))];
    if app.tokens.rules.audiences.is_empty() {
        return Ok((cache, Json(JsonWebKeys { keys: Vec::new() })).into_response());
    }
    let keys = app.tokens.keys.present(&app.shared).await?;
    Ok((cache, Json(keys.list())).into_response())
}
