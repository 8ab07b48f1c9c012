//! The end of a login, in one transaction: each statement sees what the one before it did.

use super::{Database, claims, grants, members};
use crate::store::{
    codes::Outcome,
    members::{GrantId, Login, SavedLogin, SealedGrant, StoredMember, end_of_day},
    moment,
    sessions::NewSession,
};
use miniauth_core::{scope::Scope, time::Timestamp, wire::ConsentReport};
use sqlx::{PgConnection, Row as _};

/// Member, grant, consent, outcome of the claim, and the session where sessions are kept here.
pub(super) async fn finish_login(
    database: &Database,
    login: &Login<'_>,
    session: Option<&NewSession<'_>>,
) -> sqlx::Result<SavedLogin> {
    let mut transaction = database.pool.begin().await?;
    let connection = &mut *transaction;
    let (app_id, subject, now) = (login.grant.app_id, login.grant.subject, login.now);
    let grant = save_grant(connection, &login.grant, login.new_grant, login.session.longest).await?;
    let member = match login.member {
        Some(verified) => Some(members::save(connection, app_id, verified, now).await?),
        None => find_member(connection, app_id, subject).await?,
    };
    if let Some(report) = login.consent {
        save_consent(connection, app_id, subject, login.grant.scope, report, now).await?;
    }
    let outcome = Outcome::Session(login.session.hash.clone());
    claims::answer(connection, app_id, login.code, &outcome, now).await?;
    if let Some(session) = session {
        begin_session(connection, grant, session, now).await?;
    }
    transaction.commit().await?;
    Ok(SavedLogin { grant, member })
}

/// Saves a grant under `new`, or over the one that the user has, unless that is better. Gives the user's grant. Its row is
/// locked until the transaction ends, so that logins of one user come one after another.
async fn save_grant(
    connection: &mut PgConnection,
    grant: &SealedGrant<'_>,
    new: GrantId,
    sessions_end: Timestamp,
) -> sqlx::Result<GrantId> {
    let save = sqlx::query(
        "INSERT INTO grants (id, app_id, subject, scope, key_id, access_token, refresh_token,
                             access_expires_at, refresh_expires_at, granted_at, over_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (app_id, subject) DO UPDATE SET
             scope = excluded.scope, key_id = excluded.key_id, access_token = excluded.access_token,
             refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
             refresh_expires_at = excluded.refresh_expires_at, granted_at = excluded.granted_at,
             over_at = greatest(excluded.over_at, grants.over_at)
         WHERE excluded.scope = 'auth_user' OR grants.scope = 'auth_base'
            OR (grants.access_expires_at <= excluded.granted_at
                AND (grants.refresh_token IS NULL OR grants.refresh_expires_at <= excluded.granted_at))
         RETURNING id",
    )
    .bind(new.0)
    .bind(grant.app_id)
    .bind(grant.subject)
    .bind(grant.scope.as_str());
    let saved =
        grants::bind_tokens(save, grant).bind(grant.over_at(sessions_end)).fetch_optional(&mut *connection).await?;
    if let Some(row) = saved {
        return Ok(GrantId(row.try_get("id")?));
    }
    sqlx::query_scalar(
        "UPDATE grants SET over_at = greatest($1, over_at)
         WHERE app_id = $2 AND subject = $3 RETURNING id",
    )
    .bind(end_of_day(sessions_end))
    .bind(grant.app_id)
    .bind(grant.subject)
    .fetch_one(connection)
    .await
    .map(GrantId)
}

/// The member of a user, if there is one.
async fn find_member(connection: &mut PgConnection, app_id: &str, subject: &str) -> sqlx::Result<Option<StoredMember>> {
    let row = sqlx::query(
        "SELECT open_id, user_id, nick_name, avatar, gender, province, city, stored_at
         FROM members WHERE app_id = $1 AND subject = $2",
    )
    .bind(app_id)
    .bind(subject)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map_or(Ok(None), members::read)
}

/// Keeps a report beside the server's own time.
async fn save_consent(
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
    .bind(moment::to_stored(report.at))
    .bind(moment::to_stored(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds a session to a grant whose row is locked, and ends those in whose place it comes.
async fn begin_session(
    connection: &mut PgConnection,
    grant: GrantId,
    session: &NewSession<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    if let Some(replaced) = session.replaces {
        sqlx::query("DELETE FROM sessions WHERE session_hash = $1 AND grant_id = $2")
            .bind(replaced.as_bytes())
            .bind(grant.0)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO sessions (session_hash, grant_id, created_at, expires_at, app_id, subject, scope)
         SELECT $1, id, $3, $4, app_id, subject, scope FROM grants WHERE id = $2",
    )
    .bind(session.hash.as_bytes())
    .bind(grant.0)
    .bind(moment::to_stored(now))
    .bind(moment::to_stored(session.expires_at))
    .execute(&mut *connection)
    .await?;
    // The new one is kept, whatever the clock did.
    sqlx::query(
        "DELETE FROM sessions WHERE grant_id = $1 AND session_hash IN (
             SELECT session_hash FROM sessions WHERE grant_id = $1
             ORDER BY session_hash = $2 DESC, created_at DESC LIMIT 9223372036854775807 OFFSET $3)",
    )
    .bind(grant.0)
    .bind(session.hash.as_bytes())
    .bind(i64::from(session.per_user.get()))
    .execute(connection)
    .await?;
    Ok(())
}
