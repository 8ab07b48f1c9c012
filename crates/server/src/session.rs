//! Checks the session of a request, for this server's own endpoints and for your handlers.

use crate::{
    api_error::ApiError,
    bearer,
    clocks::CLOCKS_DIFFER_BY_MILLIS,
    config::SessionRules,
    crypto::SessionHash,
    shared::Shared,
    store::{StoreError, members::StoredMember, sessions::SessionRecord},
};
use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use miniauth_core::{
    error_code::ErrorCode,
    scope::Scope,
    time::Timestamp,
    wire::{MemberView, SessionToken, SubjectId},
};
use miniauth_openplatform::UserIds;
use std::{fmt, sync::Arc, time::Duration};

/// All sessions: the state from which a handler gets its [`Session`]. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    shared: Arc<Shared>,
    /// Only the sessions of this app are valid. `None`: those of all apps.
    app_id: Option<Arc<str>>,
}

impl Sessions {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, app_id: None }
    }

    /// Returns the sessions of one app. Sessions of other apps are unknown to it.
    #[must_use]
    pub fn of_app(&self, app_id: &str) -> Self {
        Self { shared: Arc::clone(&self.shared), app_id: Some(app_id.into()) }
    }

    /// Ends the session of a bearer token, even if it has expired.
    pub(crate) async fn end(&self, token: &SessionToken) -> Result<(), StoreError> {
        let hash = SessionHash::of(token);
        match self.find(&hash).await? {
            Some(_) => self.shared.stores.sessions.end(&hash).await,
            None => Ok(()),
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    async fn find(&self, hash: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError> {
        let stored = self.shared.stores.sessions.find(hash).await?;
        Ok(stored.filter(|stored| self.app_id.as_deref().is_none_or(|app_id| *app_id == *stored.owner.app_id)))
    }

    /// Returns the valid session of a bearer token. Costs one read of the store, and no call of the platform.
    pub(crate) async fn check(&self, token: &SessionToken) -> Result<Session, ApiError> {
        let hash = SessionHash::of(token);
        let stored = self.find(&hash).await?.ok_or_else(|| ApiError::new(ErrorCode::SessionUnknown))?;
        self.shared.marks.note(stored.owner.subject);
        let (rules, now) = (&self.shared.session_rules, self.shared.clock.now());
        let end = valid_until(rules, stored.created_at, stored.expires_at, now);
        let end = end.ok_or_else(|| ApiError::new(ErrorCode::SessionExpired))?;
        let prolonged = rules.prolonged(stored.created_at, stored.expires_at, now);
        if let Some(end) = prolonged {
            self.prolong(hash.clone(), end);
        }
        Ok(Session { hash, stored, expires_at: prolonged.unwrap_or(end), now })
    }

    /// Extends a session in the background: the request does not wait for it, and if it fails, the next use tries again.
    fn prolong(&self, session: SessionHash, end: Timestamp) {
        let sessions = Arc::clone(&self.shared.stores.sessions);
        self.shared.running.spawn(async move {
            if let Err(error) = sessions.prolong(&session, end).await {
                tracing::debug!(%error, "could not extend a session");
            }
        });
    }
}

/// Returns when a valid session expires; `None` if it has expired.
fn valid_until(
    rules: &SessionRules,
    created_at: Timestamp,
    expires_at: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    // The rules may have become stricter since it was written, or the clock may have been wrong then.
    let end = expires_at.min(rules.longest(created_at)).min(rules.longest(now));
    let is_from_the_future = created_at.millis_since(now) > CLOCKS_DIFFER_BY_MILLIS;
    (end > now && !is_from_the_future).then_some(end)
}

/// A valid session: an extractor for axum handlers whose state has [`Sessions`] (`Sessions: FromRef<State>`).
///
/// Without a valid session the handler is not called. The client gets 401 with a problem document, and logs in again. With
/// `Option<Session>`, a request without a bearer token reaches the handler as `None`. A request with an expired session is still refused,
/// so that a client does not become anonymous without noticing.
///
/// ```
/// use miniauth_server::{ApiError, Session};
///
/// async fn orders(session: Session) -> Result<String, ApiError> {
///     // The subject is the key for your own rows about the user.
///     Ok(format!("orders of {}", session.subject()))
/// }
/// ```
pub struct Session {
    pub(crate) hash: SessionHash,
    pub(crate) stored: Arc<SessionRecord>,
    expires_at: Timestamp,
    now: Timestamp,
}

impl Session {
    /// The user's id in this app, made by this server: the key for your own rows. It stays the same whichever of the
    /// platform's ids name the user.
    pub fn subject(&self) -> SubjectId {
        self.stored.owner.subject
    }

    /// Earlier ids of the same user, from before the platform proved that they belong to [`subject`](Self::subject). Your rows under
    /// these belong to the user too. Almost always empty.
    pub fn previous_subjects(&self) -> &[SubjectId] {
        &self.stored.owner.previous
    }

    /// All ids that the platform has used for the user. They are personal data: do not log them.
    pub fn platform_ids(&self) -> &UserIds {
        &self.stored.owner.ids
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

    pub(crate) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// How long the session is valid, in whole seconds from its check.
    pub fn expires_in(&self) -> Duration {
        Duration::from_secs(self.expires_at.millis_since(self.now) / 1_000)
    }
}

impl fmt::Debug for Session {
    /// Leaves out the user, who must not appear in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("scope", &self.stored.owner.scope).finish_non_exhaustive()
    }
}

impl<S> FromRequestParts<S> for Session
where
    Sessions: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Sessions::from_ref(state).check(&bearer::required(&parts.headers)?).await
    }
}

impl<S> OptionalFromRequestParts<S> for Session
where
    Sessions: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, ApiError> {
        match bearer::optional(&parts.headers)? {
            Some(token) => Sessions::from_ref(state).check(&token).await.map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_valid_before_its_expiry_and_not_before_its_creation() {
        let rules = SessionRules { lifetime: Duration::from_secs(1_000), ..SessionRules::default() };
        let at = Timestamp::from_millis;
        let created = 2_000_000;
        for (expires_at, now, end) in [
            (created + 500_000, created, Some(created + 500_000)),
            (created + 500_000, created + 499_999, Some(created + 500_000)),
            (created + 500_000, created + 500_000, None),
            // Written when the rules allowed longer sessions.
            (created + 5_000_000, created + 999_999, Some(created + 1_000_000)),
            (created + 5_000_000, created + 1_000_000, None),
            // Written by a clock that is ahead.
            (created + 1_000_000, created - 300_000, Some(created + 700_000)),
            (created + 1_000_000, created - 300_001, None),
        ] {
            let found = valid_until(&rules, at(created), at(expires_at), at(now));
            assert_eq!(found, end.map(at), "{expires_at} {now}");
        }
    }
}
