//! `GET /sessions`: the user's living sessions; `DELETE /sessions/{id}`: ends one of them, on a lost phone say.

use crate::{
    app::App,
    http::{Refusal, method_not_allowed},
    session::Session,
    store::sessions::{ListedSession, SessionId},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    routing::{MethodRouter, delete, get},
};
use miniauth_core::{error_code::ErrorCode, time::Timestamp};
use serde::Serialize;

#[derive(Serialize)]
struct SessionList {
    sessions: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    /// Names the session to its user; it is no bearer and cannot be turned into one.
    id: SessionId,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// Whether it is the session that asks.
    current: bool,
}

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(list).fallback(method_not_allowed)
}

pub(in crate::http) fn one_methods() -> MethodRouter<App> {
    delete(revoke).fallback(method_not_allowed)
}

async fn list(State(app): State<App>, session: Session) -> Result<Json<SessionList>, Refusal> {
    let own = SessionId::of(&session.hash);
    let listed = app.stores.sessions.list(session.stored.grant, app.clock.now()).await?;
    let entry = |ListedSession { id, created_at, expires_at }| Entry { current: id == own, id, created_at, expires_at };
    Ok(Json(SessionList { sessions: listed.into_iter().map(entry).collect() }))
}

/// Ends a session of the same user; one that is over already is ended too.
async fn revoke(State(app): State<App>, session: Session, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let id = SessionId::parse(&id).ok_or_else(|| Refusal::new(ErrorCode::NotFound))?;
    app.stores.sessions.revoke(session.stored.grant, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
