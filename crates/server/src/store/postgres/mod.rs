//! PostgreSQL: for as many instances as there need to be.

mod dialect;
mod login;
mod open;
#[path = "../sql/mod.rs"]
#[allow(clippy::duplicate_mod, reason = "one source for both databases")]
mod sql;

pub(super) use open::open;

/// Whether an error code (appendix A of PostgreSQL's manual) says that the server is away or has too much to do.
pub(super) fn is_passing(code: &str) -> bool {
    // Connection exception, transaction rollback (deadlock), insufficient resources, operator intervention (shutdown,
    // starting up, statement_timeout).
    ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class))
        // lock_not_available; read_only_sql_transaction, while a standby is being promoted; idle_in_transaction_timeout.
        || ["55P03", "25006", "25P03"].contains(&code)
}
