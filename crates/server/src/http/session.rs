//! The session that a request must have.

use super::{bearer::Bearer, problem::Refusal};
use crate::{
    app::App,
    crypto::SessionHash,
    store::sessions::{self, Session},
};
use axum::{extract::FromRequestParts, http::request::Parts};
use miniauth_core::error_code::ErrorCode;

/// A living session: one read from the database, and nothing from the platform.
pub(super) struct LivingSession {
    pub(super) session: Session,
    /// How long it still lives, in seconds.
    pub(super) expires_in: u64,
}

impl FromRequestParts<App> for LivingSession {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let Bearer(token) = Bearer::from_request_parts(parts, app).await?;
        let session = sessions::find(&app.database.reader, &SessionHash::of(&token))
            .await?
            .ok_or_else(|| Refusal::new(ErrorCode::SessionUnknown))?;
        let now = app.clock.now();
        if session.expires_at <= now {
            return Err(Refusal::new(ErrorCode::SessionExpired));
        }
        Ok(Self { expires_in: session.expires_at.millis_since(now) / 1_000, session })
    }
}
