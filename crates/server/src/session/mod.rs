//! Sessions: checking the one that a request carries, for this server's own endpoints and for a team's own handlers.

mod clean_up;
mod extractor;
mod rules;

pub(crate) use clean_up::CleanUp;
pub use extractor::Session;
pub use rules::SessionRules;

use crate::{
    crypto::{SessionHash, UserMarks},
    store::{StoreFault, Stores},
};
use miniauth_core::{
    time::{Clock, Timestamp},
    wire::SessionToken,
};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// Knows all sessions: the state from which a handler's [`Session`] comes. Cheap to clone.
#[derive(Clone)]
pub struct Sessions(Arc<Shared>);

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
    Store(StoreFault),
}

impl Sessions {
    pub(crate) fn new(
        stores: Stores,
        clock: Arc<dyn Clock>,
        rules: SessionRules,
        marks: UserMarks,
        running: TaskTracker,
    ) -> Self {
        Self(Arc::new(Shared { stores, clock, rules, marks, running }))
    }

    /// The living session of a bearer: one read from the store, and nothing from the platform.
    pub(crate) async fn check(&self, token: &SessionToken) -> Result<Session, NoSession> {
        let Shared { stores, clock, rules, .. } = &*self.0;
        let hash = SessionHash::of(token);
        let stored = stores.sessions.find(&hash).await.map_err(NoSession::Store)?;
        let stored = stored.ok_or(NoSession::Unknown)?;
        self.0.marks.note(&stored.owner.app_id, &stored.owner.subject);
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
        let sessions = self.0.stores.sessions.clone();
        self.0.running.spawn(async move {
            if let Err(fault) = sessions.prolong(&session, end).await {
                tracing::debug!(%fault, "a session was not prolonged");
            }
        });
    }
}
