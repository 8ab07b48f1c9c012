//! `/session/token`: a signed token for a back-end, in exchange for a session.

use super::{content_type, read_body};
use crate::{
    api_error::{ANY, ApiError, NO_SESSION, describe_errors},
    app::App,
    session::Session,
};
use axum::{
    Json,
    extract::{FromRequest, Request, State},
};
use miniauth_core::{
    error_code::ErrorCode::*,
    wire::{TokenAnswer, TokenRequest},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(issue))
}

describe_errors!(TokenErrors: ANY, NO_SESSION, &[
    BodyMalformed,
    RequestTimeout,
    BodyTooLarge,
    ContentTypeUnsupported,
    DisplayOnlyForwarded,
    FieldInvalid,
    FieldUnknown,
]);

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
async fn issue(
    State(app): State<App>,
    session: Session,
    TokenBody(request): TokenBody,
) -> Result<Json<TokenAnswer>, ApiError> {
    app.token(&session, &request.audience).await.map(Json)
}

/// A JSON body that passed every check of [`TokenRequest`].
struct TokenBody(TokenRequest);

impl FromRequest<App> for TokenBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        match content_type(request.headers()).as_deref() {
            Some("application/json") => Ok(Self(TokenRequest::from_json(&read_body(request).await?)?)),
            _ => Err(ApiError::new(ContentTypeUnsupported).with_detail("It is sent as application/json.")),
        }
    }
}
