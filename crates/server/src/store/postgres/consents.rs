//! Consents as clients reported them.

use crate::store::{
    from_stored,
    members::{LONGEST_LIST, ReportedConsent},
    to_stored,
};
use miniauth_core::{scope::Scope, time::Timestamp, wire::ConsentReport};
use sqlx::{PgConnection, PgPool, Row as _};

/// A user's reports, the newest first.
pub(super) async fn list(pool: &PgPool, app_id: &str, subject: &str) -> sqlx::Result<Vec<ReportedConsent>> {
    let rows = sqlx::query(
        "SELECT scope, purpose, reported_at, received_at FROM consents
         WHERE app_id = $1 AND subject = $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(app_id)
    .bind(subject)
    .bind(LONGEST_LIST as i64)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ReportedConsent {
                scope: row.try_get("scope")?,
                purpose: row.try_get("purpose")?,
                reported_at: from_stored(row.try_get("reported_at")?),
                received_at: from_stored(row.try_get("received_at")?),
            })
        })
        .collect()
}

/// Keeps a report beside the server's own time.
pub(super) async fn save(
    connection: &mut PgConnection,
    app_id: &str,
    subject: &str,
    scope: Scope,
    report: &ConsentReport,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO consents (app_id, subject, scope, purpose, reported_at, received_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(app_id)
    .bind(subject)
    .bind(scope.as_str())
    .bind(report.purpose.as_str())
    .bind(to_stored(report.at))
    .bind(to_stored(now))
    .execute(connection)
    .await?;
    Ok(())
}
