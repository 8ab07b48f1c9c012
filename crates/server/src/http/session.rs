//! `/session` and `/sessions`: describe a session, and list and end those of its user.

use super::PathPart;
use crate::{
    api_error::{ANY, ApiError, NO_SESSION, describe_errors},
    app::App,
    phone::KeptPhoneNumber,
    session::Session,
    store::sessions::{ListedSession, SessionId},
};
use axum::{Json, extract::State, http::StatusCode};
use miniauth_core::{error_code::ErrorCode::NotFound, time::Timestamp, wire::SessionAnswer};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(describe)).routes(routes!(list)).routes(routes!(revoke))
}

describe_errors!(SessionErrors: ANY, NO_SESSION);

/// Tells whether the session is valid, and what it is based on.
#[utoipa::path(
    get,
    path = "/session",
    operation_id = "getSession",
    security(("session" = [])),
    responses((status = 200, description = "It lives.", body = SessionAnswer), SessionErrors),
)]
async fn describe(State(app): State<App>, session: Session) -> Result<Json<SessionAnswer>, ApiError> {
    let phone = match session.stored.owner.has_phone {
        true => app.phone_number(session.subject()).await?,
        false => None,
    };
    Ok(Json(SessionAnswer {
        expires_in: session.expires_in().as_secs(),
        scope: session.scope(),
        subject: session.subject(),
        previous_subjects: session.previous_subjects().to_vec(),
        member: session.member().cloned(),
        phone: phone.as_ref().map(KeptPhoneNumber::masked_answer),
    }))
}

/// The answer to `GET /sessions`: the user's valid sessions, the newest first.
#[derive(Serialize, ToSchema)]
struct Sessions {
    sessions: Vec<Entry>,
}

/// A session in the user's list.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedSession)]
struct Entry {
    /// Names the session; it is not a bearer and cannot be turned into one.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{21}[AQgw]$")]
    id: SessionId,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// Whether it is the session of this request.
    current: bool,
}

/// Lists the user's valid sessions.
#[utoipa::path(
    get,
    path = "/sessions",
    operation_id = "listSessions",
    security(("session" = [])),
    responses((status = 200, description = "The newest first.", body = Sessions), SessionErrors),
)]
async fn list(State(app): State<App>, session: Session) -> Result<Json<Sessions>, ApiError> {
    let own = SessionId::of(&session.hash);
    let listed = app.stores.sessions.list(&session.stored.owner, app.clock.now()).await?;
    let entry = |ListedSession { id, created_at, expires_at }| Entry { current: id == own, id, created_at, expires_at };
    Ok(Json(Sessions { sessions: listed.into_iter().map(entry).collect() }))
}

describe_errors!(RevokeErrors: ANY, NO_SESSION, &[NotFound]);

/// Ends a session of the same user, for example on a lost phone. Succeeds also if it has ended already.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    operation_id = "revokeSession",
    security(("session" = [])),
    params(("id" = String, Path, description = "As in `GET /sessions`.", pattern = "^[A-Za-z0-9_-]{21}[AQgw]$")),
    responses((status = 204, description = "It has ended, if it was the user's."), RevokeErrors),
)]
async fn revoke(State(app): State<App>, session: Session, PathPart(id): PathPart) -> Result<StatusCode, ApiError> {
    let id = SessionId::parse(&id).ok_or_else(|| ApiError::new(NotFound))?;
    app.stores.sessions.revoke(&session.stored.owner, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
