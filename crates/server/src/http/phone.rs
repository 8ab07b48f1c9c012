//! `/phone`: the user's phone number, from the encrypted answer that the platform gave the page.

use super::json_body;
use crate::{
    api_error::{ANY, ApiError, BODY, NO_SESSION, describe_errors},
    app::App,
    clocks::CLOCKS_DIFFER_BY_MILLIS,
    phone::KeptPhoneNumber,
    session::Session,
    store::{StoreError, phones::NewPhone},
};
use axum::{
    Json,
    extract::{Request, State},
};
use miniauth_core::{
    error_code::ErrorCode::*,
    time::Timestamp,
    wire::{PhoneAnswer, PhoneRequest},
};
use miniauth_openplatform::PhoneError;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(take))
}

describe_errors!(TakeErrors: ANY, NO_SESSION, &[PhoneNotAuthorized], BODY, &[
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

/// Verifies and decrypts the platform's answer to the page, and stores the phone number.
///
/// The page never sees the number in clear. The platform's answer does not name the user, so a number that another user
/// of the app already has is stored as unconfirmed.
#[utoipa::path(
    post,
    path = "/phone",
    operation_id = "savePhoneNumber",
    security(("session" = [])),
    request_body = PhoneRequest,
    responses((status = 200, description = "The number, masked.", body = PhoneAnswer), TakeErrors),
)]
async fn take(State(app): State<App>, session: Session, request: Request) -> Result<Json<PhoneAnswer>, ApiError> {
    let request = PhoneRequest::from_json(&json_body(request).await?)?;
    Ok(Json(app.take_phone(&session, request).await?))
}

/// Why a POST yields no phone number.
#[derive(Debug, thiserror::Error)]
enum TakeError {
    #[error("no phone number: {0}")]
    Answer(#[from] PhoneError),
    #[error("the user was erased in the meantime")]
    Erased,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TakeError> for ApiError {
    fn from(error: TakeError) -> Self {
        let told = match &error {
            TakeError::Answer(refused) => Self::new(refused.code()).with_detail(refused.to_string()),
            TakeError::Erased => Self::new(SessionUnknown),
            TakeError::Store(error) => Self::new(error.code()),
        };
        told.because_of(&error)
    }
}

impl App {
    async fn take_phone(&self, session: &Session, request: PhoneRequest) -> Result<PhoneAnswer, TakeError> {
        let number = self.gateway.read_phone_number(&request.response, request.sign.as_deref())?;
        let now = self.clock.now();
        let phone = NewPhone {
            app_id: self.id().to_owned(),
            subject: session.subject(),
            number: self.seal_phone(self.id(), session.platform_ids(), &number),
            older_hashes: self.older_phone_hashes(self.id(), &number),
            signed: number.is_signed(),
            consent: request.consent,
            // The platform does not say when. Take the earliest time that its clock may have meant by now.
            consented_at: Timestamp::from_millis(now.as_millis().saturating_sub(CLOCKS_DIFFER_BY_MILLIS)),
            now,
        };
        let confirmed = self.stores.save_phone(phone).await?.ok_or(TakeError::Erased)?;
        if !confirmed {
            tracing::warn!("a phone number is stored as unconfirmed: another user of the app has it");
        }
        Ok(KeptPhoneNumber::new(number, confirmed).masked_answer())
    }
}
