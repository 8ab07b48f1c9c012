//! An instance's connections, none of which is waited for without a limit.
//!
//! sqlx's pool opens and closes them. It asks each that it gets back whether it lives, a way to the server and back of its own, and so
//! doubles what a statement costs. So those whose last statement was answered in full are kept beside it, and lent out from there; all
//! others (a request was cancelled, a transaction left open) go back through it. There is a place for each connection that may be lent:
//! who has one finds a kept connection, or room for another in sqlx's pool.
//!
//! A network may lose a connection without a word: a failover that moves the address, a firewall that forgets. Whoever waits on
//! such a connection would wait until the kernel gives up, a quarter of an hour. So each step has its time: to get a
//! connection, to use it, and to give it back.

use super::{LONGEST_WAIT, Statement};
use crate::store::members::Lending;
use parking_lot::Mutex;
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow},
};
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How many connections an instance has at most. PostgreSQL takes 100 in all unless it is told otherwise.
const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection, and a connection for the server.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection that was not used for this long is asked whether it lives. One that is in steady use is not: asking would
/// double the way of every statement.
const TRUSTED_FOR: Duration = Duration::from_millis(500);

/// How long a connection that does nothing else may take to say that it lives.
const LIVES_WITHIN: Duration = Duration::from_secs(1);

/// What a statement, a wait for a lock, and a transaction that a dead instance left open may take on the server.
const LIMITS: &str =
    "SET statement_timeout = '5s'; SET lock_timeout = '3s'; SET idle_in_transaction_session_timeout = '10s'";

/// How long a connection is kept, used or not, before sqlx's pool sees it again, which replaces old ones and closes idle ones.
const KEPT_FOR: Duration = Duration::from_mins(1);

#[derive(Clone)]
pub(super) struct Pool {
    opened: PgPool,
    /// A place for each connection that may be lent.
    places: Arc<Semaphore>,
    /// The last one was used last.
    kept: Arc<Mutex<Vec<Lent>>>,
    /// When a connection was last found dead. What one died of the others have probably died of too: they are replaced unasked.
    last_death: Arc<Mutex<Option<Instant>>>,
}

impl Pool {
    pub(super) async fn connect(options: PgConnectOptions) -> sqlx::Result<Self> {
        let last_death = Arc::new(Mutex::new(None));
        let deaths = Arc::clone(&last_death);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(move |connection, about| {
                let deaths = Arc::clone(&deaths);
                Box::pin(async move {
                    let idle_since = Instant::now().checked_sub(about.idle_for);
                    Ok(is_good(connection, idle_since, &deaths).await)
                })
            })
            .after_connect(|connection, _| {
                Box::pin(async move { sqlx::raw_sql(LIMITS).execute(connection).await.map(drop) })
            });
        let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
        Ok(Self { opened: pool.connect_with(options).await?, places, kept: Arc::default(), last_death })
    }

    pub(super) async fn acquire(&self) -> sqlx::Result<Lent> {
        let place = timeout(ACQUIRE_TIMEOUT, Arc::clone(&self.places).acquire_owned())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        while let Some(mut lent) = self.kept() {
            if lent.opened_or_checked.elapsed() > KEPT_FOR {
                continue;
            }
            let idle_since = Some(lent.since);
            if is_good(&mut lent, idle_since, &self.last_death).await {
                lent.since = Instant::now();
                lent.place = Some(place);
                return Ok(lent);
            }
            lent.close();
        }
        let (connection, now) = (self.opened.acquire().await?, Instant::now());
        Ok(Lent { connection, place: Some(place), since: now, opened_or_checked: now })
    }

    fn kept(&self) -> Option<Lent> {
        self.kept.lock().pop()
    }

    /// Takes back a connection whose statement was answered in full, outside of any transaction.
    fn keep(&self, mut lent: Lent) {
        lent.since = Instant::now();
        let place = lent.place.take();
        let mut kept = self.kept.lock();
        // Once it is closed, sqlx's pool waits for those that were lent.
        if self.places.is_closed() {
            return;
        }
        kept.push(lent);
        let idle = kept.first().is_some_and(|first| first.since.elapsed() > KEPT_FOR).then(|| kept.remove(0));
        drop(kept);
        // Only now: who gets the place finds the connection.
        drop((place, idle));
    }

    /// Asks for one row.
    pub(super) async fn fetch_optional(&self, statement: Statement<'_>) -> sqlx::Result<Option<PgRow>> {
        let mut lent = self.acquire().await?;
        let row = statement.fetch_optional(&mut *lent).await?;
        self.keep(lent);
        Ok(row)
    }

    /// Asks for rows.
    pub(super) async fn fetch_all(&self, statement: Statement<'_>) -> sqlx::Result<Vec<PgRow>> {
        let mut lent = self.acquire().await?;
        let rows = statement.fetch_all(&mut *lent).await?;
        self.keep(lent);
        Ok(rows)
    }

    /// Runs a statement by itself.
    pub(super) async fn execute(&self, statement: Statement<'_>) -> sqlx::Result<PgQueryResult> {
        let mut lent = self.acquire().await?;
        let done = statement.execute(&mut *lent).await?;
        self.keep(lent);
        Ok(done)
    }

    /// How many are in use, and how many can be.
    pub(super) fn lending(&self) -> Lending {
        let most = CONNECTIONS as usize;
        Lending { lent: most - self.places.available_permits(), most }
    }

    pub(super) async fn close(&self) {
        self.places.close();
        let kept = std::mem::take(&mut *self.kept.lock());
        drop(kept);
        self.opened.close().await;
    }
}

/// A connection that is lent out, or kept. Given back otherwise than by [`Pool::keep`], it is asked whether it lives: there may be an
/// answer that nobody waited for, or a transaction to undo.
pub(super) struct Lent {
    connection: PoolConnection<Postgres>,
    /// None while it is kept.
    place: Option<OwnedSemaphorePermit>,
    /// When it was lent, or kept.
    since: Instant,
    /// When sqlx's pool gave it.
    opened_or_checked: Instant,
}

impl Lent {
    /// Closes one that is dead, without a word.
    fn close(mut self) {
        // What would ask it is dropped before it begins, and the connection with it.
        drop(self.connection.return_to_pool());
    }
}

impl Drop for Lent {
    /// The pool itself asks without a limit, and would count a dead connection as one of its own for as long.
    fn drop(&mut self) {
        let limit = LONGEST_WAIT.saturating_sub(self.since.elapsed()).max(LIVES_WITHIN);
        let returned = self.connection.return_to_pool();
        let place = self.place.take();
        // Without a runtime there is nobody to ask it any more, and it is closed.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                let _place = place;
                timeout(limit, returned).await
            });
        }
    }
}

impl Deref for Lent {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// Whether a connection that nobody has used since then can be lent out.
async fn is_good(
    connection: &mut PgConnection,
    idle_since: Option<Instant>,
    last_death: &Mutex<Option<Instant>>,
) -> bool {
    if idle_since < *last_death.lock() {
        return false;
    }
    let trusted = idle_since.is_some_and(|since| since.elapsed() < TRUSTED_FOR);
    let good = trusted || lives(connection).await;
    if !good {
        *last_death.lock() = Some(Instant::now());
    }
    good
}

async fn lives(connection: &mut PgConnection) -> bool {
    matches!(timeout(LIVES_WITHIN, connection.ping()).await, Ok(Ok(())))
}
