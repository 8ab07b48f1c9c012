//! Deleting the sessions that are over.

use crate::store::{Database, erasure, sessions};
use miniauth_core::time::{Clock, Timestamp};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How many rows are deleted in one go. One go holds the writer for a few milliseconds; logins come in between.
const BATCH: u32 = 200;

/// How long the writer is left to others between two goes.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a session that is over is still known as such, so that its client hears `session_expired` rather than
/// `session_unknown`: a day, in milliseconds.
const REMEMBERED_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// The task in the background; it ends when the last of its holders is gone.
pub(crate) struct CleanUp {
    journal_is_due: Arc<AtomicBool>,
    _ends: DropGuard,
}

impl CleanUp {
    pub(crate) fn start(database: Database, clock: Arc<dyn Clock>, every: Duration) -> Self {
        let journal_is_due = Arc::new(AtomicBool::new(false));
        let ended = CancellationToken::new();
        let due = Arc::clone(&journal_is_due);
        let rounds = async move {
            let mut ticks = tokio::time::interval(every.max(Duration::from_millis(10)));
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                if let Err(fault) = round(&database, clock.now(), &due).await {
                    tracing::warn!(%fault, "cleaning up failed; it is tried again");
                }
            }
        };
        let end = ended.clone();
        tokio::spawn(async move { end.run_until_cancelled(rounds).await });
        Self { journal_is_due, _ends: ended.drop_guard() }
    }

    /// An erasure could not empty the journal: the next round does.
    pub(crate) fn journal_is_due(&self) {
        self.journal_is_due.store(true, Ordering::Relaxed);
    }
}

async fn round(database: &Database, now: Timestamp, journal_is_due: &AtomicBool) -> sqlx::Result<()> {
    if journal_is_due.load(Ordering::Relaxed) && erasure::empty_journal(database).await? {
        journal_is_due.store(false, Ordering::Relaxed);
    }
    let before = Timestamp::from_millis(now.as_millis().saturating_sub(REMEMBERED_MILLIS));
    let mut deleted = 0;
    loop {
        let batch = sessions::delete_over(&database.writer, before, BATCH).await?;
        deleted += batch;
        if batch < u64::from(BATCH) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    if deleted > 0 {
        tracing::debug!(deleted, "sessions that were over are gone");
    }
    Ok(())
}
