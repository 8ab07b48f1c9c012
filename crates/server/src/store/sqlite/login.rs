//! The end of a login, in one go.
//!
//! Each statement that is sent by itself wakes the connection's thread and then the task that waits for it, which costs more
//! than most statements: sent together, they cost a login a twentieth less processor time.

use super::sql::{Database, grants, members, moment};
use crate::{
    crypto::SessionHash,
    store::{
        members::{GrantId, Login, SavedLogin, StoredMember},
        sessions::NewSession,
    },
};
use sqlx::{Row as _, Sqlite, pool::PoolConnection};

/// Everything, and then whose grant it is and what is known about the user.
///
/// The grant is saved under a new id or over the one that the user has, unless that is better. The new session is kept
/// whatever the clock did.
const FINISH: &str = "
BEGIN IMMEDIATE;

INSERT INTO grants (id, app_id, subject, scope, key_id, access_token, refresh_token,
                    access_expires_at, refresh_expires_at, granted_at, over_at)
VALUES ($3, $1, $2, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (app_id, subject) DO UPDATE SET
    scope = excluded.scope, key_id = excluded.key_id, access_token = excluded.access_token,
    refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
    refresh_expires_at = excluded.refresh_expires_at, granted_at = excluded.granted_at,
    over_at = max(excluded.over_at, grants.over_at)
WHERE excluded.scope = 'auth_user' OR grants.scope = 'auth_base'
   OR (grants.access_expires_at <= excluded.granted_at
       AND (grants.refresh_token IS NULL OR grants.refresh_expires_at <= excluded.granted_at));
UPDATE grants SET over_at = $12 WHERE app_id = $1 AND subject = $2 AND over_at < $12;

INSERT INTO members (app_id, subject, open_id, user_id, nick_name, avatar, gender, province, city, stored_at)
SELECT $1, $2, $14, $15, $16, $17, $18, $19, $20, $10 WHERE $13
ON CONFLICT (app_id, subject) DO UPDATE SET
    open_id = excluded.open_id, user_id = excluded.user_id, nick_name = excluded.nick_name,
    avatar = excluded.avatar, gender = excluded.gender, province = excluded.province,
    city = excluded.city, stored_at = excluded.stored_at;

INSERT INTO consents (app_id, subject, scope, purpose, reported_at, received_at)
SELECT $1, $2, $4, $21, $22, $10 WHERE $21 IS NOT NULL;

INSERT INTO code_outcomes (app_id, code_hash, session_hash, answered_at) VALUES ($1, $23, $24, $10);

DELETE FROM sessions WHERE session_hash = $25
    AND grant_id = (SELECT id FROM grants WHERE app_id = $1 AND subject = $2);
INSERT INTO sessions (session_hash, grant_id, created_at, expires_at)
SELECT $24, id, $10, $26 FROM grants WHERE app_id = $1 AND subject = $2 AND $26 IS NOT NULL;
DELETE FROM sessions WHERE $26 IS NOT NULL AND session_hash IN (
    SELECT session_hash FROM sessions WHERE grant_id = (SELECT id FROM grants WHERE app_id = $1 AND subject = $2)
    ORDER BY session_hash = $24 DESC, created_at DESC LIMIT 9223372036854775807 OFFSET $27);

SELECT id, open_id, user_id, nick_name, avatar, gender, province, city, stored_at
FROM grants LEFT JOIN members USING (app_id, subject) WHERE app_id = $1 AND subject = $2;

COMMIT";

/// Member, grant, consent, outcome of the claim, and the session where sessions are kept here.
pub(super) async fn finish_login(
    database: &Database,
    login: &Login<'_>,
    session: Option<&NewSession<'_>>,
) -> sqlx::Result<SavedLogin> {
    let grant = &login.grant;
    let member = login.member.map(|verified| StoredMember::of(verified, login.now));
    let view = member.as_ref().map(StoredMember::view);
    let finish =
        sqlx::query(FINISH).bind(grant.app_id).bind(grant.subject).bind(login.new_grant.0).bind(grant.scope.as_str());
    let finish = grants::bind_tokens(finish, grant)
        .bind(grant.over_at(login.session.longest))
        .bind(moment::to_stored(login.session.longest))
        .bind(view.is_some())
        .bind(view.and_then(|view| view.open_id.as_ref()))
        .bind(view.and_then(|view| view.user_id.as_ref()))
        .bind(view.and_then(|view| view.nick_name.as_ref()))
        .bind(view.and_then(|view| view.avatar.as_ref()))
        .bind(view.and_then(|view| view.gender.as_ref()))
        .bind(view.and_then(|view| view.province.as_ref()))
        .bind(view.and_then(|view| view.city.as_ref()))
        .bind(login.consent.map(|report| report.purpose.as_str()))
        .bind(login.consent.map(|report| moment::to_stored(report.at)))
        .bind(login.code.as_bytes())
        .bind(login.session.hash.as_bytes())
        .bind(session.and_then(|session| session.replaces).map(SessionHash::as_bytes))
        .bind(session.map(|session| moment::to_stored(session.expires_at)))
        .bind(i64::from(login.session.per_user));
    let mut transaction = Transaction { connection: database.writer.acquire().await?, is_over: false };
    let saved = finish.fetch_all(&mut *transaction.connection).await?;
    transaction.is_over = true;
    let row = saved.first().ok_or(sqlx::Error::RowNotFound)?;
    Ok(SavedLogin { grant: GrantId(row.try_get("id")?), member: members::read(row)? })
}

/// A connection whose transaction is over only when all statements went well. Where one of them failed, or the waiting for
/// them was given up, the transaction ends with the connection, and the pool opens another.
struct Transaction {
    connection: PoolConnection<Sqlite>,
    is_over: bool,
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.close_on_drop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::{CodeHash, Salt},
        store::{
            codes::{Claim, CodeStore as _},
            members::SealedGrant,
            sqlite::open,
        },
    };
    use miniauth_core::{
        scope::Scope,
        time::Timestamp,
        wire::{AuthCode, SessionToken},
    };

    const APP: &str = "2021";
    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    async fn log_in(database: &Database, number: u32) -> sqlx::Result<SavedLogin> {
        let code = CodeHash::of(&AuthCode::parse(format!("code-{number}")).unwrap());
        let session = SessionHash::of(&SessionToken::parse(format!("{number:043}")).unwrap());
        let longest = NOW.plus_seconds(60);
        let login = Login {
            code: &code,
            grant: SealedGrant {
                app_id: APP,
                subject: "open-1",
                scope: Scope::AuthBase,
                key_id: "key",
                access_token: vec![1],
                refresh_token: None,
                access_expires_at: None,
                refresh_expires_at: None,
                granted_at: NOW,
            },
            new_grant: GrantId(i64::from(number)),
            member: None,
            consent: None,
            session: NewSession { hash: &session, expires_at: longest, longest, replaces: None, per_user: 1_000 },
            now: NOW,
        };
        finish_login(database, &login, Some(&login.session)).await
    }

    async fn claim(database: &Database, number: u32) {
        let code = CodeHash::of(&AuthCode::parse(format!("code-{number}")).unwrap());
        let claim = Claim { login_id: None, salt: Salt::from_stored(vec![0; 32]), claimed_at: NOW };
        assert!(database.claim(APP, &code, &claim).await.unwrap());
    }

    async fn turns(number: u32) {
        for _ in 0..number {
            tokio::task::yield_now().await;
        }
    }

    async fn count(database: &Database, table: &'static str) -> i64 {
        let counted = match table {
            "grants" => sqlx::query_scalar("SELECT count(*) FROM grants"),
            "sessions" => sqlx::query_scalar("SELECT count(*) FROM sessions"),
            _ => sqlx::query_scalar("SELECT count(*) FROM code_outcomes"),
        };
        counted.fetch_one(&database.reader).await.unwrap()
    }

    #[tokio::test]
    async fn a_login_of_which_a_part_fails_leaves_nothing_and_the_next_one_goes_well() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder.path().join("miniauth.db")).await.unwrap();
        // The outcome of a code that nobody claimed cannot be written down, and comes after the grant.
        assert!(log_in(&database, 1).await.is_err());
        assert_eq!((count(&database, "grants").await, count(&database, "sessions").await), (0, 0));
        claim(&database, 1).await;
        assert_eq!(log_in(&database, 1).await.unwrap().grant, GrantId(1));
        assert!(log_in(&database, 1).await.is_err(), "the code has an outcome");
        assert_eq!((count(&database, "grants").await, count(&database, "sessions").await), (1, 1));
    }

    #[tokio::test]
    async fn a_login_that_is_given_up_is_there_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder.path().join("miniauth.db")).await.unwrap();
        let mut given_up = 0_i64;
        for number in 0..60 {
            claim(&database, number).await;
            // At any point, from right after its beginning on.
            tokio::select! {
                biased;
                done = log_in(&database, number) => drop(done.unwrap()),
                () = turns(number * 40) => given_up += 1,
            }
        }
        claim(&database, 100).await;
        log_in(&database, 100).await.unwrap();
        let (sessions, outcomes) = (count(&database, "sessions").await, count(&database, "outcomes").await);
        assert_eq!(sessions, outcomes);
        assert!(sessions >= 61 - given_up && given_up > 0, "{sessions} of 61, {given_up} given up");
    }
}
