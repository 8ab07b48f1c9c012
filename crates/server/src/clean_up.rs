//! Deletes what has expired: sessions, grants, claims of old codes, and old rows of the audit.
//!
//! Each instance does it. In PostgreSQL they skip each other's rows, so one is enough and several do no harm.

use crate::{
    observation::Metrics,
    store::{StoreError, Stores},
    traces,
};
use miniauth_core::time::{Clock, Timestamp};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument as _;

/// How many rows are deleted in one batch. A batch blocks the writer for a few milliseconds; logins run in between.
const BATCH: u32 = 200;

/// The pause between two batches, in which others can write.
const PAUSE: Duration = Duration::from_millis(20);

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// How long an expired session is still known as such, so that its client hears `session_expired` rather than
/// `session_unknown`.
const SESSIONS_REMEMBERED_MILLIS: u64 = DAY_MILLIS;

/// How long a used code is remembered: far longer than the platform would accept it.
const CLAIMS_REMEMBERED_MILLIS: u64 = 30 * DAY_MILLIS;

/// How long a refused code is remembered: far longer than a client repeats it.
const REFUSED_CLAIMS_REMEMBERED_MILLIS: u64 = 10 * 60 * 1_000;

/// How long a withdrawal waits for an answer that links its ids to a user.
const WITHDRAWALS_REMEMBERED_MILLIS: u64 = 30 * DAY_MILLIS;

/// The background task. It ends when its last owner is dropped.
pub(crate) struct CleanUp {
    erasures_are_due: Arc<AtomicBool>,
    end: DropGuard,
}

impl CleanUp {
    pub(crate) fn start(
        stores: Stores,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        every: Duration,
        audit: Duration,
    ) -> Self {
        let erasures_are_due = Arc::new(AtomicBool::new(false));
        let ended = CancellationToken::new();
        let (due, end) = (Arc::clone(&erasures_are_due), ended.clone());
        let rounds = async move {
            let mut ticks = tokio::time::interval(every.max(Duration::from_millis(10)));
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let round = round(&stores, clock.now(), &metrics, &due, audit);
                if let Err(error) = round.instrument(traces::of_own_work("clean up")).await
                    && !end.is_cancelled()
                {
                    tracing::warn!(%error, "cleaning up failed; it is tried again");
                }
            }
        };
        let end = ended.clone().drop_guard();
        tokio::spawn(async move { ended.run_until_cancelled(rounds).await });
        Self { erasures_are_due, end }
    }

    /// Ends the task before its stores are closed, which it takes for no failure then.
    pub(crate) fn end(&self) {
        self.end.token().cancel();
    }

    /// An erasure could not remove all bytes: the next round does.
    pub(crate) fn erasures_are_due(&self) {
        self.erasures_are_due.store(true, Ordering::Relaxed);
    }
}

async fn round(
    stores: &Stores,
    now: Timestamp,
    metrics: &Metrics,
    erasures_are_due: &AtomicBool,
    audit: Duration,
) -> Result<(), StoreError> {
    if erasures_are_due.load(Ordering::Relaxed) && stores.members.complete_erasures().await? {
        erasures_are_due.store(false, Ordering::Relaxed);
    }
    let before = |millis| Timestamp::from_millis(now.as_millis().saturating_sub(millis));
    let (sessions, claims) = (before(SESSIONS_REMEMBERED_MILLIS), before(CLAIMS_REMEMBERED_MILLIS));
    let refused = before(REFUSED_CLAIMS_REMEMBERED_MILLIS);
    let withdrawals = before(WITHDRAWALS_REMEMBERED_MILLIS);
    let audit = before(u64::try_from(audit.as_millis()).unwrap_or(u64::MAX));
    let gone = |what: &'static str| move |rows| metrics.cleaned(what, rows);
    let forgotten = in_batches(gone("sessions"), || stores.sessions.forget_sessions(sessions, BATCH)).await?
        + in_batches(gone("grants"), || stores.members.forget_grants(sessions, BATCH)).await?
        + in_batches(gone("claims"), || stores.codes.forget_claims(claims, BATCH)).await?
        + in_batches(gone("refused_claims"), || stores.codes.forget_refused(refused, BATCH)).await?
        + in_batches(gone("withdrawals"), || stores.members.forget_withdrawals(withdrawals, BATCH)).await?
        + in_batches(gone("audit"), || stores.audit.forget_audit(audit, BATCH)).await?;
    metrics.cleaned_up(now);
    if forgotten > 0 {
        tracing::debug!(
            forgotten,
            "sessions, grants, claims, withdrawals and rows of the audit that had ended are gone"
        );
    }
    Ok(())
}

/// Deletes batch after batch until there is no full one left; gives how many rows are gone.
async fn in_batches<F>(note: impl Fn(u64), batch: impl Fn() -> F) -> Result<u64, StoreError>
where
    F: Future<Output = Result<u64, StoreError>>,
{
    let mut all = 0;
    loop {
        let gone = batch().await?;
        note(gone);
        all += gone;
        if gone < u64::from(BATCH) {
            return Ok(all);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
