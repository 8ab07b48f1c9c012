//! Claims. Rows are inserted, never changed, and deleted when they are old.

use super::{Database, sweep::Sweep};
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
use rusqlite::{Connection, OptionalExtension as _, Row, params, types::Value};

#[async_trait]
impl CodeStore for Database {
    async fn claim(&self, app_id: &str, code: &CodeHash, claim: &Claim) -> Result<bool, StoreError> {
        let (app_id, code, claim) = (app_id.to_owned(), code.clone(), claim.clone());
        self.write(move |connection| {
            let inserted = connection
                .prepare_cached(
                    "INSERT INTO code_claims (app_id, code_hash, login_id_hash, salt, claimed_at)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    app_id,
                    code.as_bytes(),
                    claim.login_id.as_ref().map(LoginIdHash::as_bytes),
                    claim.salt.as_bytes(),
                    to_stored(claim.claimed_at)
                ])?;
            Ok(inserted == 1)
        })
        .await
    }

    async fn find(&self, app_id: &str, code: &CodeHash) -> Result<Option<(Claim, Option<Outcome>)>, StoreError> {
        let (app_id, code) = (app_id.to_owned(), code.clone());
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT login_id_hash, salt, claimed_at, session_hash, error_code
                     FROM code_claims LEFT JOIN code_outcomes USING (app_id, code_hash)
                     WHERE app_id = ?1 AND code_hash = ?2",
                )?
                .query_row(params![app_id, code.as_bytes()], found)
                .optional()
        })
        .await
    }

    async fn fail(&self, app_id: &str, code: &CodeHash, error: ErrorCode, now: Timestamp) -> Result<(), StoreError> {
        let (app_id, code) = (app_id.to_owned(), code.clone());
        self.write(move |connection| answer(connection, &app_id, &code, &Outcome::Failed(error), now).map(drop)).await
    }

    async fn forget_claims(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sweep(&self.old_claims, before, limit).await
    }

    async fn forget_refused(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.write(move |connection| {
            let forgotten = connection
                .prepare_cached(
                    "DELETE FROM code_claims WHERE (app_id, code_hash) IN
                         (SELECT app_id, code_hash FROM code_outcomes
                          WHERE error_code = 'code_invalid' AND answered_at < ?1 LIMIT ?2)",
                )?
                .execute((to_stored(before), limit))?;
            Ok(forgotten as u64)
        })
        .await
    }
}

pub(super) fn old() -> Sweep {
    Sweep::new(
        "SELECT claimed_at < ?1, app_id, code_hash FROM code_claims WHERE (app_id, code_hash) > (?2, ?3)
         ORDER BY app_id, code_hash",
        "DELETE FROM code_claims WHERE app_id = ?2 AND code_hash = ?3 AND claimed_at < ?1",
        vec![Value::Text(String::new()), Value::Blob(Vec::new())],
    )
}

/// Records the outcome of a claim; `false` if this session was recorded already. There is never a second outcome.
pub(super) fn answer(
    connection: &Connection,
    app_id: &str,
    code: &CodeHash,
    outcome: &Outcome,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let (session, error) = outcome.to_columns();
    let recorded = connection
        .prepare_cached(
            "INSERT INTO code_outcomes (app_id, code_hash, session_hash, error_code, answered_at)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS
                 (SELECT 1 FROM code_outcomes WHERE app_id = ?1 AND code_hash = ?2 AND session_hash = ?3)",
        )?
        .execute(params![app_id, code.as_bytes(), session, error, to_stored(now)])?;
    Ok(recorded == 1)
}

fn found(row: &Row<'_>) -> rusqlite::Result<(Claim, Option<Outcome>)> {
    let claim = Claim {
        login_id: row.get::<_, Option<Vec<u8>>>("login_id_hash")?.map(LoginIdHash::from_stored),
        salt: Salt::from_stored(row.get("salt")?),
        claimed_at: from_stored(row.get("claimed_at")?),
    };
    let outcome = Outcome::of_columns(row.get("session_hash")?, row.get("error_code")?);
    Ok((claim, outcome))
}
