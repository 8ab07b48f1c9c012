//! `/forward-auth`: tells a proxy (nginx's `auth_request` and its like) whether a request has a valid session, and
//! which user's.

use crate::{
    api_error::{ApiError, NO_SESSION, describe_errors},
    app::App,
    bearer,
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
};
use miniauth_core::error_code::ErrorCode::*;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(check))
}

/// The query of the proxy's request.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The back-end for which the answer shall have a signed token, as at `POST /session/token`.
    #[param(nullable = false, min_length = 1, max_length = 200)]
    audience: Option<String>,
}

describe_errors!(CheckErrors: NO_SESSION, &[FieldInvalid, RateLimited, Internal, Overloaded]);

/// Tells a proxy whether the request that it holds has a valid session, and which user's.
///
/// For nginx's `auth_request` and its like: answers 200 without a body, or the 401 of `GET /session`, which the client
/// understands. The proxy passes the headers of this answer to the back-end, and must replace those of the same names
/// in the client's request, which are never read here. Every other fault of the bearer is a 401 too.
#[utoipa::path(
    get,
    path = "/forward-auth",
    operation_id = "forwardAuth",
    security(("session" = [])),
    params(Wanted),
    responses(
        (
            status = 200,
            description = "It has.",
            headers(
                ("X-Miniauth-Subject" = String, description = "The user."),
                ("X-Miniauth-App" = String, description = "The app that the user logged in to."),
                ("X-Miniauth-Scope" = String, description = "`auth_base` or `auth_user`."),
                ("X-Miniauth-Token" = String, description = "The signed token, where an audience was named."),
            ),
        ),
        CheckErrors,
    ),
)]
async fn check(
    State(app): State<App>,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, ApiError> {
    let invalid = |_| ApiError::new(FieldInvalid).with_detail("The query may have one parameter: audience.");
    let Query(Wanted { audience }) = wanted.map_err(invalid)?;
    // A proxy turns every error but 401 and 403 into a 500.
    let bearer = bearer::required(&headers).map_err(|_| ApiError::new(BearerMissing))?;
    let session = app.sessions.check(&bearer).await?;
    let mut answer = StatusCode::OK.into_response();
    let mut set = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value).map_err(|error| ApiError::new(Internal).because_of(&error))?;
        answer.headers_mut().insert(HeaderName::from_static(name), value);
        Ok::<_, ApiError>(())
    };
    set("x-miniauth-subject", &session.subject().to_string())?;
    set("x-miniauth-app", session.app_id())?;
    set("x-miniauth-scope", session.scope().as_str())?;
    if let Some(audience) = audience {
        set("x-miniauth-token", &app.token(&session, &audience).await?.token)?;
    }
    Ok(answer)
}
