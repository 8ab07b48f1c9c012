//! Claims. Rows are inserted and, when they are old, deleted; nothing changes them.

use super::Database;
use crate::{
    crypto::{CodeHash, LoginIdHash, Salt},
    store::{
        StoreFault,
        codes::{Claim, CodeStore, Outcome},
        moment,
    },
};
use async_trait::async_trait;
use miniauth_core::{error_code::ErrorCode, time::Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

#[async_trait]
impl CodeStore for Database {
    async fn claim(&self, app_id: &str, code: &CodeHash, claim: &Claim) -> Result<bool, StoreFault> {
        self.write_with(|connection| {
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
                    moment::to_stored(claim.claimed_at)
                ])?;
            Ok(inserted == 1)
        })
        .await
    }

    async fn find(&self, app_id: &str, code: &CodeHash) -> Result<Option<(Claim, Option<Outcome>)>, StoreFault> {
        self.read_with(|connection| {
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

    async fn fail(&self, app_id: &str, code: &CodeHash, error: ErrorCode, now: Timestamp) -> Result<(), StoreFault> {
        self.write_with(|connection| answer(connection, app_id, code, &Outcome::Failed(error), now)).await
    }

    async fn forget_claims(&self, before: Timestamp, limit: u32) -> Result<u64, StoreFault> {
        self.sweep(&self.old_claims, before, limit).await
    }
}

/// Records how a claim ended.
pub(super) fn answer(
    connection: &Connection,
    app_id: &str,
    code: &CodeHash,
    outcome: &Outcome,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (session, error) = outcome.to_columns();
    connection
        .prepare_cached(
            "INSERT INTO code_outcomes (app_id, code_hash, session_hash, error_code, answered_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![app_id, code.as_bytes(), session, error, moment::to_stored(now)])?;
    Ok(())
}

fn found(row: &Row<'_>) -> rusqlite::Result<(Claim, Option<Outcome>)> {
    let claim = Claim {
        login_id: row.get::<_, Option<Vec<u8>>>("login_id_hash")?.map(LoginIdHash::from_stored),
        salt: Salt::from_stored(row.get("salt")?),
        claimed_at: moment::from_stored(row.get("claimed_at")?),
    };
    let outcome = Outcome::of_columns(row.get("session_hash")?, row.get("error_code")?);
    Ok((claim, outcome))
}
