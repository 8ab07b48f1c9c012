//! Sessions: checking the one that a request carries, for this server's own endpoints and for a team's own handlers.

mod clean_up;
mod extractor;
mod rules;

pub(crate) use clean_up::CleanUp;
pub use extractor::Session;
pub use rules::SessionRules;

use crate::{
    crypto::{SessionHash, UserMarks},
    store::{StoreError, Stores, sessions},
};
use miniauth_core::{
    time::{Clock, Timestamp},
    wire::SessionToken,
};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// Knows all sessions: the state from which a handler's [`Session`] comes. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    shared: Arc<Shared>,
    /// The only app whose sessions count; `None`: every app's.
    app_id: Option<Arc<str>>,
}

struct Shared {
    stores: Stores,
    clock: Arc<dyn Clock>,
    rules: SessionRules,
    marks: UserMarks,
    running: TaskTracker,
}

/// Why a bearer is no session.
pub(crate) enum NoSession {
    Unknown,
    Expired,
    Store(StoreError),
}

impl Sessions {
    pub(crate) fn new(
        stores: Stores,
        clock: Arc<dyn Clock>,
        rules: SessionRules,
        marks: UserMarks,
        running: TaskTracker,
    ) -> Self {
        Self { shared: Arc::new(Shared { stores, clock, rules, marks, running }), app_id: None }
    }

    /// The sessions of one app; those of others are unknown to it.
    #[must_use]
    pub fn of_app(&self, app_id: &str) -> Self {
        Self { shared: Arc::clone(&self.shared), app_id: Some(app_id.into()) }
    }

    /// Ends the session of a bearer, if it is one; one that is over is ended too.
    pub(crate) async fn end(&self, token: &SessionToken) -> Result<(), StoreError> {
        let hash = SessionHash::of(token);
        match self.find(&hash).await? {
            Some(_) => self.shared.stores.sessions.end(&hash).await,
            None => Ok(()),
        }
    }

    async fn find(&self, hash: &SessionHash) -> Result<Option<Arc<sessions::SessionRecord>>, StoreError> {
        let stored = self.shared.stores.sessions.find(hash).await?;
        Ok(stored.filter(|stored| self.app_id.as_deref().is_none_or(|app_id| *app_id == *stored.owner.app_id)))
    }

    /// The living session of a bearer: one read from the store, and nothing from the platform.
    pub(crate) async fn check(&self, token: &SessionToken) -> Result<Session, NoSession> {
        let Shared { clock, rules, marks, .. } = &*self.shared;
        let hash = SessionHash::of(token);
        let stored = self.find(&hash).await.map_err(NoSession::Store)?.ok_or(NoSession::Unknown)?;
        marks.note(&stored.owner.app_id, &stored.owner.subject);
        let now = clock.now();
        // The rules may have become stricter since it was written.
        let end = stored.expires_at.min(rules.longest(stored.created_at));
        if end <= now {
            return Err(NoSession::Expired);
        }
        let prolonged = rules.prolonged(stored.created_at, stored.expires_at, now);
        if let Some(end) = prolonged {
            self.prolong(hash.clone(), end);
        }
        Ok(Session::new(hash, stored, prolonged.unwrap_or(end), now))
    }

    /// Written beside the request, which does not wait for it; when it fails, the next use tries again.
    fn prolong(&self, session: SessionHash, end: Timestamp) {
        let sessions = self.shared.stores.sessions.clone();
        self.shared.running.spawn(async move {
            if let Err(fault) = sessions.prolong(&session, end).await {
                tracing::debug!(%fault, "a session was not prolonged");
            }
        });
    }
}
