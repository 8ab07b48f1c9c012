//! Claims. Rows are inserted, never changed, and deleted when they are old.

use super::{Database, bounded};
use crate::{
    crypto::{CodeHash, LoginIdHash, Salt},
    store::{
        StoreError,
        codes::{Claim, CodeStore, Outcome},
        from_stored, to_stored,
    },
};
use async_trait::async_trait;
use miniauth_core::{error_code::ErrorCode, time::Timestamp};
use sqlx::{PgConnection, Row as _, postgres::PgRow};

#[async_trait]
impl CodeStore for Database {
    async fn claim(&self, app_id: &str, code: &CodeHash, claim: &Claim) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO code_claims (app_id, code_hash, login_id_hash, salt, claimed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING",
        )
        .bind(app_id)
        .bind(code.as_bytes())
        .bind(claim.login_id.as_ref().map(LoginIdHash::as_bytes))
        .bind(claim.salt.as_bytes())
        .bind(to_stored(claim.claimed_at));
        Ok(self.execute(inserted).await?.rows_affected() == 1)
    }

    async fn find(&self, app_id: &str, code: &CodeHash) -> Result<Option<(Claim, Option<Outcome>)>, StoreError> {
        bounded(async {
            let select = sqlx::query(
                "SELECT login_id_hash, salt, claimed_at, session_hash, error_code
                 FROM code_claims LEFT JOIN code_outcomes USING (app_id, code_hash)
                 WHERE app_id = $1 AND code_hash = $2",
            );
            let row = self.pool.fetch_optional(select.bind(app_id).bind(code.as_bytes())).await?;
            row.as_ref().map(found).transpose()
        })
        .await
    }

    async fn fail(&self, app_id: &str, code: &CodeHash, error: ErrorCode, now: Timestamp) -> Result<(), StoreError> {
        bounded(async {
            let mut connection = self.pool.acquire().await?;
            answer(&mut connection, app_id, code, &Outcome::Failed(error), now).await.map(drop)
        })
        .await
    }

    async fn forget_claims(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(
            "DELETE FROM code_claims WHERE (app_id, code_hash) IN
                 (SELECT app_id, code_hash FROM code_claims WHERE claimed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(to_stored(before))
        .bind(i64::from(limit));
        Ok(self.execute(forgotten).await?.rows_affected())
    }

    async fn forget_refused(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(
            "DELETE FROM code_claims WHERE (app_id, code_hash) IN
                 (SELECT app_id, code_hash FROM code_outcomes
                  WHERE error_code = 'code_invalid' AND answered_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(to_stored(before))
        .bind(i64::from(limit));
        Ok(self.execute(forgotten).await?.rows_affected())
    }
}

/// Records the outcome of a claim; `false` if this session was recorded already. There is never a second outcome.
pub(super) async fn answer(
    connection: &mut PgConnection,
    app_id: &str,
    code: &CodeHash,
    outcome: &Outcome,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let (session, error) = outcome.to_columns();
    let recorded = sqlx::query(
        "INSERT INTO code_outcomes (app_id, code_hash, session_hash, error_code, answered_at)
         SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS
             (SELECT FROM code_outcomes WHERE app_id = $1 AND code_hash = $2 AND session_hash = $3)",
    )
    .bind(app_id)
    .bind(code.as_bytes())
    .bind(session)
    .bind(error)
    .bind(to_stored(now))
    .execute(connection)
    .await?;
    Ok(recorded.rows_affected() == 1)
}

fn found(row: &PgRow) -> sqlx::Result<(Claim, Option<Outcome>)> {
    let claim = Claim {
        login_id: row.try_get::<Option<Vec<u8>>, _>("login_id_hash")?.map(LoginIdHash::from_stored),
        salt: Salt::from_stored(row.try_get("salt")?),
        claimed_at: from_stored(row.try_get("claimed_at")?),
    };
    let outcome = Outcome::of_columns(row.try_get("session_hash")?, row.try_get("error_code")?);
    Ok((claim, outcome))
}
