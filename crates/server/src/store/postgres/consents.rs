//! Consents as clients reported them.

use crate::store::{
    members::{LONGEST_LIST, ReportedConsent},
    moment,
};
use sqlx::{PgPool, Row as _};

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
                reported_at: moment::from_stored(row.try_get("reported_at")?),
                received_at: moment::from_stored(row.try_get("received_at")?),
            })
        })
        .collect()
}
