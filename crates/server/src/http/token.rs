//! `/session/token`: issues a signed token for a back-end, in exchange for a session.

use super::json_body;
use crate::{
    api_error::{ANY, ApiError, BODY, NO_SESSION, describe_errors},
    app::App,
    session::Session,
};
use axum::{
    Json,
    extract::{Request, State},
};
use miniauth_core::wire::{TokenAnswer, TokenRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(issue))
}

describe_errors!(TokenErrors: ANY, NO_SESSION, BODY);

/// Issues a signed token that names the session's user to a back-end.
///
/// A JWT (ES256) with `iss`, `sub` (the subject), `aud`, `iat`, `exp`, `jti`, `app`, `scope` and, if there are any,
/// `previous_subjects`; the platform's `ids` only for audiences that the configuration grants them to. It is valid for
/// at most five minutes, and no longer than the session. Back-ends verify it offline, so the end of a session (logout,
/// erasure, withdrawal) takes effect there only when the token expires.
#[utoipa::path(
    post,
    path = "/session/token",
    operation_id = "issueToken",
    security(("session" = [])),
    request_body = TokenRequest,
    responses((status = 200, description = "The token.", body = TokenAnswer), TokenErrors),
)]
async fn issue(State(app): State<App>, session: Session, request: Request) -> Result<Json<TokenAnswer>, ApiError> {
    let request = TokenRequest::from_json(&json_body(request).await?)?;
    app.token(&session, &request.audience).await.map(Json)
}
