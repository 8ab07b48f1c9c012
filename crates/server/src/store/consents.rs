//! Consents as clients reported them: a record for the team, never a basis for a decision.

use super::moment;
use miniauth_core::{scope::Scope, time::Timestamp, wire::ConsentReport};
use sqlx::SqliteConnection;

/// Keeps a report beside the server's own time.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    app_id: &str,
    subject: &str,
    scope: Scope,
    report: &ConsentReport,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO consents (app_id, subject, scope, purpose, reported_at, received_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(app_id)
    .bind(subject)
    .bind(scope.as_str())
    .bind(report.purpose.as_str())
    .bind(moment::to_stored(report.at))
    .bind(moment::to_stored(now))
    .execute(connection)
    .await?;
    Ok(())
}
