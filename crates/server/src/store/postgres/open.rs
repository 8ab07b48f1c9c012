//! Connecting.

use super::Database;
use crate::store::{OpenFault, address::SecretUrl};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

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
pub(in crate::store) async fn open(url: &SecretUrl) -> Result<Database, OpenFault> {
    let failed = |source: sqlx::Error| OpenFault::Database {
        place: url.shown.clone(),
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
    migrations()
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|source| OpenFault::Migration { place: url.shown.clone(), source: source.into() })?;
    connection.close().await.map_err(failed)?;
    let pool = pool.connect_with(options).await.map_err(failed)?;
    Ok(Database { pool })
}

async fn lives(connection: &mut PgConnection) -> bool {
    matches!(tokio::time::timeout(ACQUIRE_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}

fn migrations() -> Migrator {
    let simple = |version, name: &'static str, text: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations(vec![
        simple(1, "first", include_str!("../../../migrations/postgres/0001_first.sql")),
        simple(2, "owner of sessions", include_str!("../../../migrations/postgres/0002_owner_of_sessions.sql")),
    ])
}
