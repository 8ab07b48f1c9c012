//! Claims: one code, one exchange. Rows are only ever inserted, so nothing can take a claim back.

use super::moment;
use crate::crypto::{CodeHash, LoginIdHash, Salt, SessionHash};
use miniauth_core::{error_code::ErrorCode, time::Timestamp};
use sqlx::{Row as _, SqliteConnection, SqlitePool};

/// The first post of a code.
pub(crate) struct Claim {
    pub(crate) login_id: Option<LoginIdHash>,
    pub(crate) salt: Salt,
    pub(crate) claimed_at: Timestamp,
}

/// How the exchange of a claimed code ended.
pub(crate) enum Outcome {
    Session(SessionHash),
    Failed(ErrorCode),
}

/// Claims a code; `false` when it was claimed before.
pub(crate) async fn insert(writer: &SqlitePool, code: &CodeHash, claim: &Claim) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "INSERT INTO code_claims (code_hash, login_id_hash, salt, claimed_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(code.as_bytes())
    .bind(claim.login_id.as_ref().map(LoginIdHash::as_bytes))
    .bind(claim.salt.as_bytes())
    .bind(moment::to_stored(claim.claimed_at))
    .execute(writer)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// A code's claim and its outcome, which is missing as long as it is unknown.
pub(crate) async fn find(reader: &SqlitePool, code: &CodeHash) -> sqlx::Result<Option<(Claim, Option<Outcome>)>> {
    let row = sqlx::query(
        "SELECT login_id_hash, salt, claimed_at, session_hash, error_code
         FROM code_claims LEFT JOIN code_outcomes USING (code_hash) WHERE code_hash = ?",
    )
    .bind(code.as_bytes())
    .fetch_optional(reader)
    .await?;
    row.map(|row| {
        let claim = Claim {
            login_id: row.try_get::<Option<Vec<u8>>, _>("login_id_hash")?.map(LoginIdHash::from_stored),
            salt: Salt::from_stored(row.try_get("salt")?),
            claimed_at: moment::from_stored(row.try_get("claimed_at")?),
        };
        let session: Option<Vec<u8>> = row.try_get("session_hash")?;
        let error: Option<String> = row.try_get("error_code")?;
        let outcome = match (session, error) {
            (Some(hash), _) => Some(Outcome::Session(SessionHash::from_stored(hash))),
            (None, Some(code)) => Some(Outcome::Failed(error_code(&code))),
            (None, None) => None,
        };
        Ok((claim, outcome))
    })
    .transpose()
}

/// Records how a claim ended.
pub(crate) async fn answer(
    connection: &mut SqliteConnection,
    code: &CodeHash,
    outcome: &Outcome,
    now: Timestamp,
) -> sqlx::Result<()> {
    let (session, error) = match outcome {
        Outcome::Session(hash) => (Some(hash.as_bytes()), None),
        Outcome::Failed(code) => (None, Some(code.as_str())),
    };
    sqlx::query("INSERT INTO code_outcomes (code_hash, session_hash, error_code, answered_at) VALUES (?, ?, ?, ?)")
        .bind(code.as_bytes())
        .bind(session)
        .bind(error)
        .bind(moment::to_stored(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// A code of another version of this server is still a failure.
fn error_code(name: &str) -> ErrorCode {
    ErrorCode::ALL.iter().copied().find(|code| code.as_str() == name).unwrap_or(ErrorCode::CodeUsed)
}
