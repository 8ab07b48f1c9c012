//! `/session/token`: a signed token for a back-end, in exchange for a session.

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

/// A signed token that names the session's user to a back-end.
///
/// A JWT (ES256) with `iss`, `sub` (the subject), `aud`, `iat`, `exp`, `jti`, `app`, `scope` and, where there are any,
/// `previous_subjects`; `ids`, the platform's, only for audiences to which the configuration grants them. It lives for at most five
/// minutes and no longer than the session is to. Whoever verifies it asks nobody, so that the end of a session (logout, erasure,
/// withdrawal) counts there only when the token has expired.
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
