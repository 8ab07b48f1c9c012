//! PostgreSQL: for as many instances as there need to be.
//!
//! READ COMMITTED is enough: what must not happen twice is behind a primary key, and the sessions of a user change under
//! the lock of the grant's row. Instances that clean up at the same time leave each other's rows alone, and nobody waits
//! for a batch.

mod claims;
mod consents;
mod grants;
mod login;
mod members;
mod open;
mod sessions;
mod transfer;

pub(super) use open::open;

use super::StoreFault;
use sqlx::PgPool;
use std::time::Duration;

/// Longer than any statement may take on the server (`open.rs`), so that a cut network alone reaches it.
const LIMIT: Duration = Duration::from_secs(8);

/// The connections of an instance.
pub(super) struct Database {
    pool: PgPool,
}

/// Nobody waits for a server that does not answer.
async fn bounded<T>(work: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreFault> {
    match tokio::time::timeout(LIMIT, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(StoreFault::TimedOut("PostgreSQL")),
    }
}

/// Whether a fault says that the server is away or has too much to do.
pub(super) fn is_passing(fault: &sqlx::Error) -> bool {
    match fault {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(fault) => is_passing_code(&fault.code().unwrap_or_default()),
        _ => false,
    }
}

/// The codes are those of appendix A of PostgreSQL's manual.
fn is_passing_code(code: &str) -> bool {
    // Connection exception, transaction rollback (deadlock), insufficient resources, operator intervention (shutdown,
    // starting up, statement_timeout).
    ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class))
        // lock_not_available; read_only_sql_transaction, while a standby is being promoted; idle_in_transaction_timeout.
        || ["55P03", "25006", "25P03"].contains(&code)
}
