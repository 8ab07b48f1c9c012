//! Consents as clients reported them.

use crate::store::{
    from_stored,
    members::{LONGEST_LIST, ReportedConsent},
    to_stored,
};
use miniauth_core::{scope::Scope, time::Timestamp, wire::ConsentReport};
use rusqlite::{Connection, params};

/// A user's reports, the newest first.
pub(super) fn list(connection: &Connection, app_id: &str, subject: &str) -> rusqlite::Result<Vec<ReportedConsent>> {
    let mut select = connection.prepare_cached(
        "SELECT scope, purpose, reported_at, received_at FROM consents
         WHERE app_id = ?1 AND subject = ?2 ORDER BY id DESC",
    )?;
    let reports = select.query_map((app_id, subject), |row| {
        Ok(ReportedConsent {
            scope: row.get("scope")?,
            purpose: row.get("purpose")?,
            reported_at: from_stored(row.get("reported_at")?),
            received_at: from_stored(row.get("received_at")?),
        })
    })?;
    // Not a LIMIT: SQLite parses a statement anew whenever its limit is given a value.
    reports.take(LONGEST_LIST).collect()
}

/// Keeps a report beside the server's own time.
pub(super) fn save(
    connection: &Connection,
    app_id: &str,
    subject: &str,
    scope: Scope,
    report: &ConsentReport,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO consents (app_id, subject, scope, purpose, reported_at, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            app_id,
            subject,
            scope.as_str(),
            report.purpose.as_str(),
            to_stored(report.at),
            to_stored(now)
        ])?;
    Ok(())
}
