//! `/auth`: from an auth code to a session, and the end of a session.

use crate::{
    app::App,
    crypto::SessionHash,
    http::{bearer, body::AuthBody, problem::Refusal},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    routing::{MethodRouter, delete},
};
use miniauth_core::{error_code::ErrorCode, wire::AuthAnswer};
use std::sync::Arc;
use tracing::Instrument as _;

pub(in crate::http) fn methods() -> MethodRouter<App> {
    delete(log_out).post(log_in).fallback(refuse)
}

/// Exchanges an auth code for a session. A session that is sent along is replaced if it is the same user's.
async fn log_in(
    State(app): State<App>,
    headers: HeaderMap,
    AuthBody(request): AuthBody,
) -> Result<Json<AuthAnswer>, Refusal> {
    let replaced = bearer::optional(&headers)?.as_ref().map(SessionHash::of);
    let logins = Arc::clone(&app.logins);
    // A task of its own: when the client hangs up, the login still ends, and a repeated post finds what came of it.
    let login = app.running.spawn(async move { logins.log_in(request, replaced).await }.in_current_span());
    match login.await {
        Ok(outcome) => Ok(Json(outcome?)),
        Err(_) => Err(Refusal::new(ErrorCode::Internal).because("a login panicked")),
    }
}

/// Ends a session; one that is over already is ended too.
async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<StatusCode, Refusal> {
    let session = bearer::required(&headers)?;
    app.sessions.end(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says to whoever puts an auth code into a URL why that is wrong.
async fn refuse(method: Method) -> Refusal {
    let refusal = Refusal::new(ErrorCode::MethodNotAllowed);
    if method == Method::GET || method == Method::HEAD {
        refusal.with_detail("An auth code does not belong into a URL, which is logged on its way: POST it in the body.")
    } else {
        refusal
    }
}
