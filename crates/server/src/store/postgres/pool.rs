//! An instance's connections. Every wait for one has a limit.
//!
//! sqlx's pool opens and closes them, but pings each returned connection: a round trip that doubles the cost of a
//! statement. So connections whose last statement was answered completely are kept beside that pool and reused. All
//! others (a request was cancelled, a transaction left open) are returned to it. A semaphore has a permit for each
//! connection; a task with a permit finds a kept connection, or room for another in sqlx's pool.
//!
//! A network may drop a connection silently: a failover that moves the address, a firewall that forgets. Waiting on
//! such a connection would last until the kernel gives up, a quarter of an hour. So acquiring, using and returning a
//! connection each have a time limit.

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

/// The most connections of an instance. PostgreSQL accepts 100 in total by default.
const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection, and a connection for the server.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection that was idle for this long is pinged before use. Not one in steady use, because the ping doubles each
/// statement's latency.
const PING_AFTER_IDLE: Duration = Duration::from_millis(500);

/// How long an idle connection may take to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// The server's limits for a statement, for waiting for a lock, and for a transaction that a dead instance left open.
const LIMITS: &str =
    "SET statement_timeout = '5s'; SET lock_timeout = '3s'; SET idle_in_transaction_session_timeout = '10s'";

/// How long a connection is kept, used or not, before it returns to sqlx's pool, which replaces old connections and
/// closes idle ones.
const MAX_KEPT_TIME: Duration = Duration::from_mins(1);

#[derive(Clone)]
pub(super) struct Pool {
    opened: PgPool,
    /// A permit for each connection.
    places: Arc<Semaphore>,
    /// The most recently used one is last.
    kept: Arc<Mutex<Vec<Lent>>>,
    /// When a connection was last found dead. The others have probably died of the same cause: they are replaced
    /// without a ping.
    last_found_dead: Arc<Mutex<Option<Instant>>>,
}

impl Pool {
    pub(super) async fn connect(options: PgConnectOptions) -> sqlx::Result<Self> {
        let last_found_dead = Arc::new(Mutex::new(None));
        let deaths = Arc::clone(&last_found_dead);
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
        Ok(Self { opened: pool.connect_with(options).await?, places, kept: Arc::default(), last_found_dead })
    }

    pub(super) async fn acquire(&self) -> sqlx::Result<Lent> {
        let place = timeout(ACQUIRE_TIMEOUT, Arc::clone(&self.places).acquire_owned())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        while let Some(mut lent) = self.kept() {
            if lent.opened_or_checked.elapsed() > MAX_KEPT_TIME {
                continue;
            }
            let idle_since = Some(lent.since);
            if is_good(&mut lent, idle_since, &self.last_found_dead).await {
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

    /// Keeps a connection whose statement was answered completely, outside of a transaction.
    fn keep(&self, mut lent: Lent) {
        lent.since = Instant::now();
        let place = lent.place.take();
        let mut kept = self.kept.lock();
        // After closing, connections must return to sqlx's pool, which waits for them.
        if self.places.is_closed() {
            return;
        }
        kept.push(lent);
        let idle = kept.first().is_some_and(|first| first.since.elapsed() > MAX_KEPT_TIME).then(|| kept.remove(0));
        drop(kept);
        // Only now, so that whoever gets the permit finds the connection.
        drop((place, idle));
    }

    /// Fetches at most one row.
    pub(super) async fn fetch_optional(&self, statement: Statement<'_>) -> sqlx::Result<Option<PgRow>> {
        let mut lent = self.acquire().await?;
        let row = statement.fetch_optional(&mut *lent).await?;
        self.keep(lent);
        Ok(row)
    }

    /// Fetches rows.
    pub(super) async fn fetch_all(&self, statement: Statement<'_>) -> sqlx::Result<Vec<PgRow>> {
        let mut lent = self.acquire().await?;
        let rows = statement.fetch_all(&mut *lent).await?;
        self.keep(lent);
        Ok(rows)
    }

    /// Executes a statement.
    pub(super) async fn execute(&self, statement: Statement<'_>) -> sqlx::Result<PgQueryResult> {
        let mut lent = self.acquire().await?;
        let done = statement.execute(&mut *lent).await?;
        self.keep(lent);
        Ok(done)
    }

    /// Returns how many connections are in use, and how many can be.
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

/// A connection in use, or kept. Unless it is returned by [`Pool::keep`], it is pinged: there may be an unread answer,
/// or a transaction to roll back.
pub(super) struct Lent {
    connection: PoolConnection<Postgres>,
    /// None while it is kept.
    place: Option<OwnedSemaphorePermit>,
    /// When it was acquired or kept.
    since: Instant,
    /// When sqlx's pool returned it.
    opened_or_checked: Instant,
}

impl Lent {
    /// Closes a dead connection without talking to the server.
    fn close(mut self) {
        // Dropping the future before it is polled drops the connection.
        drop(self.connection.return_to_pool());
    }
}

impl Drop for Lent {
    /// Returns the connection within a time limit. sqlx's pool pings without one, and would count a dead connection for
    /// as long.
    fn drop(&mut self) {
        let limit = LONGEST_WAIT.saturating_sub(self.since.elapsed()).max(PING_TIMEOUT);
        let returned = self.connection.return_to_pool();
        let place = self.place.take();
        // Without a runtime nothing can ping it, and it is closed.
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

/// Returns whether a connection that was idle since then can be used.
async fn is_good(
    connection: &mut PgConnection,
    idle_since: Option<Instant>,
    last_found_dead: &Mutex<Option<Instant>>,
) -> bool {
    if idle_since < *last_found_dead.lock() {
        return false;
    }
    let trusted = idle_since.is_some_and(|since| since.elapsed() < PING_AFTER_IDLE);
    let good = trusted || answers_ping(connection).await;
    if !good {
        *last_found_dead.lock() = Some(Instant::now());
    }
    good
}

async fn answers_ping(connection: &mut PgConnection) -> bool {
    matches!(timeout(PING_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}
