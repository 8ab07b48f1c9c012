//! The session that a request carries, as an argument of a handler.

use super::{NoSession, Sessions};
use crate::{
    crypto::SessionHash,
    http::{Refusal, bearer},
    store::{members::StoredMember, sessions},
};
use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use miniauth_core::{
    error_code::ErrorCode,
    scope::Scope,
    time::Timestamp,
    wire::{MemberView, SessionToken},
};
use std::{fmt, sync::Arc, time::Duration};

/// A living session: an extractor for axum handlers whose state holds [`Sessions`] (`Sessions: FromRef<State>`).
///
/// Without a session the handler is not called: the client is answered 401 with a problem document by which it knows to
/// log in again. As `Option<Session>`, a request without a bearer is let through as `None`; one with a bearer that is over
/// is refused all the same, so that the client does not go on as a stranger unawares.
pub struct Session {
    pub(crate) hash: SessionHash,
    pub(crate) stored: Arc<sessions::SessionRecord>,
    expires_at: Timestamp,
    now: Timestamp,
}

impl Session {
    pub(super) fn new(
        hash: SessionHash,
        stored: Arc<sessions::SessionRecord>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        Self { hash, stored, expires_at, now }
    }

    /// The key of the user within the app: the open_id, or the user_id for apps that get no open_id. It is personal data:
    /// keep it out of logs.
    pub fn user(&self) -> &str {
        &self.stored.owner.subject
    }

    /// The app that the user logged in to.
    pub fn app_id(&self) -> &str {
        &self.stored.owner.app_id
    }

    /// What the user agreed to.
    pub fn scope(&self) -> Scope {
        self.stored.owner.scope
    }

    /// The member as the open platform described it, if the user is one.
    pub fn member(&self) -> Option<&MemberView> {
        self.stored.owner.member.as_ref().map(StoredMember::view)
    }

    /// How long the session lives from the moment of its check, in whole seconds.
    pub fn expires_in(&self) -> Duration {
        Duration::from_secs(self.expires_at.millis_since(self.now) / 1_000)
    }
}

impl fmt::Debug for Session {
    /// Whose session it is does not belong into logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("scope", &self.stored.owner.scope).finish_non_exhaustive()
    }
}

impl<S> FromRequestParts<S> for Session
where
    Sessions: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        check(&bearer::required(&parts.headers)?, state).await
    }
}

impl<S> OptionalFromRequestParts<S> for Session
where
    Sessions: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refusal> {
        match bearer::optional(&parts.headers)? {
            Some(token) => check(&token, state).await.map(Some),
            None => Ok(None),
        }
    }
}

async fn check<S>(token: &SessionToken, state: &S) -> Result<Session, Refusal>
where
    Sessions: FromRef<S>,
{
    Sessions::from_ref(state).check(token).await.map_err(|absence| match absence {
        NoSession::Unknown => Refusal::new(ErrorCode::SessionUnknown),
        NoSession::Expired => Refusal::new(ErrorCode::SessionExpired),
        NoSession::Store(fault) => fault.into(),
    })
}
