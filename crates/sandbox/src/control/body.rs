//! What the control interface takes, and how it says that something is wrong.

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

/// A JSON body.
pub(super) struct Fields<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = ControlError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ControlError> {
        let Json(fields) = Json::from_request(request, state)
            .await
            .map_err(|rejection: JsonRejection| ControlError::new(rejection.status(), rejection.body_text()))?;
        Ok(Self(fields))
    }
}

/// The parameters of a query.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        let axum::extract::Query(fields) = query.map_err(|rejection: QueryRejection| {
            ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, rejection.body_text())
        })?;
        Ok(Self(fields))
    }
}

/// `{"error": "sentence"}` with a status.
#[derive(Debug)]
pub(super) struct ControlError {
    status: StatusCode,
    sentence: String,
}

impl ControlError {
    pub(super) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    pub(super) fn unknown_user() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such user: GET /control/users lists them")
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
        }
        (self.status, Json(Body { error: self.sentence })).into_response()
    }
}
