//! PostgreSQL: for as many instances as there need to be.
//!
//! READ COMMITTED is enough: what must not happen twice is behind a primary key, and what belongs to a user changes under
//! the lock of the subject's row. Instances that clean up at the same time leave each other's rows alone, and nobody waits
//! for a batch.

mod codes;
mod members;
mod sessions;
mod subjects;
mod transfer;
mod withdrawals;

use super::{OpenError, StoreError, address::SecretUrl};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, PgPool, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// Longer than any statement may take on the server ([`LIMITS`]), so that a cut network alone reaches it.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// The connections of an instance.
pub(super) struct Database {
    pool: PgPool,
}

/// How many connections an instance has at most. PostgreSQL takes 100 in all unless it is told otherwise.
const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection, and a connection for the server.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection that was not used for this long is asked whether it lives. One that is in steady use is not: asking would
/// double the way of every statement.
const TRUSTED_FOR: Duration = Duration::from_millis(500);

/// What a statement, a wait for a lock, and a transaction that a dead instance left open may take on the server.
const LIMITS: &str =
    "SET statement_timeout = '5s'; SET lock_timeout = '3s'; SET idle_in_transaction_session_timeout = '10s'";

/// Connects and brings the tables up to date. Whether the connection is encrypted says `sslmode` in the address, as libpq
/// reads it: `prefer` unless it is said otherwise; `verify-full` for everything beyond this machine.
pub(super) async fn open(url: &SecretUrl) -> Result<Database, OpenError> {
    let failed = |source: sqlx::Error| OpenError::Unusable {
        store: format!("the database {}", url.shown),
        source: source.into(),
        advice: "is it running, and are user, password, database and sslmode right?",
    };
    let options: PgConnectOptions = url.expose().parse().map_err(failed)?;
    let options = options.application_name("miniauth").disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move { Ok(about.idle_for < TRUSTED_FOR || lives(connection).await) })
        })
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::raw_sql(LIMITS).execute(connection).await.map(drop) })
        });
    // Without the limits: a migration of a large table takes its time. Instances that start together wait for each other.
    let mut connection = PgConnection::connect_with(&options).await.map_err(failed)?;
    Migrator::with_migrations(migrations())
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|source| OpenError::Migration { place: url.shown.clone(), source: source.into() })?;
    connection.close().await.map_err(failed)?;
    let pool = pool.connect_with(options).await.map_err(failed)?;
    Ok(Database { pool })
}

async fn lives(connection: &mut PgConnection) -> bool {
    matches!(tokio::time::timeout(ACQUIRE_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}

fn migrations() -> Vec<Migration> {
    let simple = |version, name: &'static str, text: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    vec![
        simple(1, "first", include_str!("../../../migrations/postgres/0001_first.sql")),
        simple(2, "owner of sessions", include_str!("../../../migrations/postgres/0002_owner_of_sessions.sql")),
        simple(3, "subjects", include_str!("../../../migrations/postgres/0003_subjects.sql")),
        simple(4, "withdrawals", include_str!("../../../migrations/postgres/0004_withdrawals.sql")),
        simple(5, "member of a subject", include_str!("../../../migrations/postgres/0005_member_of_a_subject.sql")),
    ]
}

/// Nobody waits for a server that does not answer.
async fn bounded<T>(work: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreError> {
    match tokio::time::timeout(LONGEST_WAIT, work).await {
        Ok(done) => done.map_err(|error| {
            let is_transient = is_transient(&error);
            StoreError::of("the database", error, is_transient)
        }),
        Err(_) => Err(StoreError::timed_out("PostgreSQL")),
    }
}

/// How often work is done anew that lost a race.
const TRIES: u32 = 8;

/// Work that is all or nothing, done anew when it loses a race about whose ids are whose: two who learn the same id at once
/// are told apart by a unique index alone, and an erasure may come across a merge.
async fn raced<T, F: Future<Output = sqlx::Result<T>>>(work: impl Fn() -> F) -> Result<T, StoreError> {
    bounded(async {
        let mut tries = 1;
        loop {
            match work().await {
                Err(sqlx::Error::Database(error)) if tries < TRIES && lost_race(&*error) => tries += 1,
                done => return done,
            }
        }
    })
    .await
}

/// A deadlock, or another who has the id meanwhile.
fn lost_race(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().as_deref() == Some("40P01")
        || error.is_unique_violation() && error.constraint().is_some_and(|name| name.starts_with("subjects_by_"))
}

/// Whether an error says that the server is away or has too much to do.
fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => is_transient_code(&error.code().unwrap_or_default()),
        _ => false,
    }
}

/// The codes are those of appendix A of PostgreSQL's manual.
fn is_transient_code(code: &str) -> bool {
    // Connection exception, transaction rollback (deadlock), insufficient resources, operator intervention (shutdown,
    // starting up, statement_timeout).
    ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class))
        // lock_not_available; read_only_sql_transaction, while a standby is being promoted; idle_in_transaction_timeout.
        || ["55P03", "25006", "25P03"].contains(&code)
}

#[cfg(test)]
mod tests;
