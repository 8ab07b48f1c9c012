//! Consents as clients reported them: a record for the team, never a basis for a decision.

use super::moment;
use miniauth_core::{scope::Scope, time::Timestamp, wire::ConsentReport};
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection, SqlitePool};

/// The longest list that is answered: the newest reports.
const LONGEST_LIST: i64 = 200;

/// A report as it was received.
#[derive(Serialize)]
pub(crate) struct ReportedConsent {
    pub(crate) scope: String,
    pub(crate) purpose: String,
    /// The client's time, as reported.
    pub(crate) reported_at: Timestamp,
    /// The server's own time.
    pub(crate) received_at: Timestamp,
}

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

/// What a user's clients reported, the newest first, at most 200 reports.
pub(crate) async fn list(reader: &SqlitePool, app_id: &str, subject: &str) -> sqlx::Result<Vec<ReportedConsent>> {
    let rows = sqlx::query(
        "SELECT scope, purpose, reported_at, received_at FROM consents
         WHERE app_id = ? AND subject = ? ORDER BY id DESC LIMIT ?",
    )
    .bind(app_id)
    .bind(subject)
    .bind(LONGEST_LIST)
    .fetch_all(reader)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ReportedConsent {
                scope: row.try_get("scope")?,
                purpose: row.try_get("purpose")?,
                reported_at: moment::from_stored(row.try_get("reported_at")?),
                received_at: moment::from_stored(row.try_get("received_at")?),
            })
        })
        .collect()
}
