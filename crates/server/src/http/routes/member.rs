//! `/member`: the member of a session, as stored; its refresh and its erasure.

use crate::{
    app::App,
    http::{Refusal, method_not_allowed},
    session::Session,
    store::StoreError,
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    routing::{MethodRouter, get, post},
};
use miniauth_core::{error_code::ErrorCode, wire::MemberView};
use std::sync::Arc;

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(show).delete(erase).fallback(method_not_allowed)
}

pub(in crate::http) fn refresh_methods() -> MethodRouter<App> {
    post(refresh).fallback(method_not_allowed)
}

async fn show(session: Session) -> Result<Json<MemberView>, Refusal> {
    session.member().cloned().map(Json).ok_or_else(|| Refusal::new(ErrorCode::MemberUnknown))
}

/// Asks the platform again. A task of its own, like a login: the refresh token is spent even when the client hangs up.
async fn refresh(State(app): State<App>, session: Session) -> Result<Json<MemberView>, Refusal> {
    let logins = Arc::clone(&app.logins);
    match app.running.spawn(async move { logins.refresh_member(&session.stored).await }).await {
        Ok(member) => Ok(Json(member?)),
        Err(_) => Err(Refusal::new(ErrorCode::Internal).because("the refresh of a member panicked")),
    }
}

/// Erases everything about the user of the session, who may be a member or not.
async fn erase(State(app): State<App>, session: Session) -> Result<StatusCode, Refusal> {
    let running = app.running.clone();
    let erasing = running.spawn(async move {
        let erasure = app.stores.members.erase(session.app_id(), session.user()).await?;
        if !erasure.complete {
            tracing::warn!("a reader kept the journal from being emptied after an erasure; the next clean-up does it");
            app.clean_up.erasures_are_due();
        }
        // Sessions that are kept elsewhere: without their grant they are dead already, and they hold nothing personal.
        if let Some(grant) = erasure.grant
            && let Err(fault) = app.stores.sessions.end_all(grant).await
        {
            tracing::warn!(%fault, "what is left of the sessions of an erased user goes when it is over");
        }
        Ok::<_, StoreError>(())
    });
    match erasing.await {
        Ok(erased) => Ok(erased.map(|()| StatusCode::NO_CONTENT)?),
        Err(_) => Err(Refusal::new(ErrorCode::Internal).because("an erasure panicked")),
    }
}
