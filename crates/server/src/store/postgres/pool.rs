//! An instance's connections, none of which is waited for without a limit.
//!
//! A network may lose a connection without a word: a failover that moves the address, a firewall that forgets. Whoever waits on
//! such a connection would wait until the kernel gives up, a quarter of an hour. So each step has its time: to get a
//! connection, to use it, and to give it back.

use super::LONGEST_WAIT;
use crate::store::members::Lending;
use parking_lot::Mutex;
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
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

#[derive(Clone)]
pub(super) struct Pool(PgPool);

impl Pool {
    pub(super) async fn connect(options: PgConnectOptions) -> sqlx::Result<Self> {
        let last_death = Arc::new(Mutex::new(None));
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(move |connection, about| {
                let last_death = Arc::clone(&last_death);
                Box::pin(async move {
                    // What one connection died of the others have probably died of too: they are replaced unasked.
                    let idle_since = Instant::now().checked_sub(about.idle_for);
                    if idle_since < *last_death.lock() {
                        return Ok(false);
                    }
                    let lives = about.idle_for < TRUSTED_FOR || lives(connection).await;
                    if !lives {
                        *last_death.lock() = Some(Instant::now());
                    }
                    Ok(lives)
                })
            })
            .after_connect(|connection, _| {
                Box::pin(async move { sqlx::raw_sql(LIMITS).execute(connection).await.map(drop) })
            });
        pool.connect_with(options).await.map(Self)
    }

    pub(super) async fn acquire(&self) -> sqlx::Result<Lent> {
        Ok(Lent { connection: self.0.acquire().await?, since: Instant::now() })
    }

    /// How many are in use, and how many can be.
    pub(super) fn lending(&self) -> Lending {
        let lent = (self.0.size() as usize).saturating_sub(self.0.num_idle());
        Lending { lent, most: CONNECTIONS as usize }
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

/// A connection that is lent out. Given back, it is asked whether it lives: there may be an answer that nobody waited for, or a
/// transaction to undo.
pub(super) struct Lent {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Drop for Lent {
    /// The pool itself asks without a limit, and would count a dead connection as one of its own for as long.
    fn drop(&mut self) {
        let limit = LONGEST_WAIT.saturating_sub(self.since.elapsed()).max(LIVES_WITHIN);
        tokio::spawn(tokio::time::timeout(limit, self.connection.return_to_pool()));
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

async fn lives(connection: &mut PgConnection) -> bool {
    matches!(tokio::time::timeout(LIVES_WITHIN, connection.ping()).await, Ok(Ok(())))
}
