//! Waiting for another process (a backup, say) that holds the file, without holding a thread.

use rusqlite::ErrorCode;
use std::time::Duration;
use tokio::time::Instant;

/// How long a request waits in all.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(5);

const LONGEST_PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Patience {
    /// When the waiting began, if it did.
    since: Option<Instant>,
    pause: Duration,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { since: None, pause: Duration::from_millis(1) }
    }

    /// Lets a moment pass; `false` when enough have.
    pub(super) async fn waits(&mut self) -> bool {
        if self.since.get_or_insert_with(Instant::now).elapsed() > LONGEST_WAIT {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = LONGEST_PAUSE.min(self.pause * 2);
        true
    }
}

/// Whether another process was in the way.
pub(in crate::store) fn is_busy(fault: &rusqlite::Error) -> bool {
    fault.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}
