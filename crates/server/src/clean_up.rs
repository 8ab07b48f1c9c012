//! Deletes expired data: sessions, grants, claims of old codes, and old audit rows.
//!
//! Each instance does this. In PostgreSQL they skip each other's rows, so one is enough and several do no harm.

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

/// How many rows a batch deletes. A batch blocks the writer for a few milliseconds; logins run in between.
const BATCH: u32 = 200;

/// The pause between two batches, so that others can write.
const PAUSE: Duration = Duration::from_millis(20);

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// How long an expired session is kept, so that its client gets `session_expired` rather than `session_unknown`.
const SESSIONS_REMEMBERED_MILLIS: u64 = DAY_MILLIS;

/// How long a used code is kept: far longer than the platform would accept it.
const CLAIMS_REMEMBERED_MILLIS: u64 = 30 * DAY_MILLIS;

/// How long a refused code is kept: far longer than clients retry.
const REFUSED_CLAIMS_REMEMBERED_MILLIS: u64 = 10 * 60 * 1_000;

/// How long a withdrawal of an unknown user is kept, in case an answer of the platform links its ids to a user.
const WITHDRAWALS_REMEMBERED_MILLIS: u64 = 30 * DAY_MILLIS;

/// The background task. It stops when this is dropped.
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
                    tracing::warn!(%error, "cleaning up failed, retrying");
                }
            }
        };
        let end = ended.clone().drop_guard();
        tokio::spawn(async move { ended.run_until_cancelled(rounds).await });
        Self { erasures_are_due, end }
    }

    /// Stops the task before its stores are closed, so that it does not report that as a failure.
    pub(crate) fn end(&self) {
        self.end.token().cancel();
    }

    /// Tells the task that an erasure could not remove all bytes, so that its next round does.
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
    let counting = |what: &'static str| move |rows| metrics.cleaned(what, rows);
    let forgotten = in_batches(counting("sessions"), || stores.sessions.forget_sessions(sessions, BATCH)).await?
        + in_batches(counting("grants"), || stores.members.forget_grants(sessions, BATCH)).await?
        + in_batches(counting("claims"), || stores.codes.forget_claims(claims, BATCH)).await?
        + in_batches(counting("refused_claims"), || stores.codes.forget_refused(refused, BATCH)).await?
        + in_batches(counting("withdrawals"), || stores.members.forget_withdrawals(withdrawals, BATCH)).await?
        + in_batches(counting("audit"), || stores.audit.forget_audit(audit, BATCH)).await?;
    metrics.cleaned_up(now);
    if forgotten > 0 {
        tracing::debug!(forgotten, "deleted expired sessions, grants, claims, withdrawals and audit rows");
    }
    Ok(())
}

/// Deletes in batches until one is not full. Returns the number of deleted rows.
async fn in_batches<F>(note: impl Fn(u64), batch: impl Fn() -> F) -> Result<u64, StoreError>
where
    F: Future<Output = Result<u64, StoreError>>,
{
    let mut all = 0;
    loop {
        let deleted = batch().await?;
        note(deleted);
        all += deleted;
        if deleted < u64::from(BATCH) {
            return Ok(all);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
