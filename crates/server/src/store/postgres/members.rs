//! Members and what belongs to them: their grants, one for each user of an app, and their consents as clients reported them.

use super::{Database, bounded, codes};
use crate::store::{
    StoreError,
    codes::Outcome,
    from_stored,
    grants::{GrantId, SealedGrant, SealedToken, SealedTokens, end_of_day},
    logins::Login,
    members::{Erasure, GrantOwner, LONGEST_LIST, MemberStore, ReportedConsent, SavedLogin, StoredMember},
    to_stored,
};
use async_trait::async_trait;
use miniauth_core::{
    scope::Scope,
    time::Timestamp,
    wire::{ConsentReport, MemberView},
};
use miniauth_openplatform::VerifiedMember;
use sqlx::{
    PgConnection, PgPool, Postgres, Row as _,
    postgres::{PgArguments, PgRow},
    query::Query,
};
use std::sync::Arc;

#[async_trait]
impl MemberStore for Database {
    async fn save_login(&self, login: Arc<Login>) -> Result<SavedLogin, StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            let saved = save_login(&mut transaction, &login).await?;
            transaction.commit().await?;
            Ok(saved)
        })
        .await
    }

    async fn owner(&self, grant: GrantId) -> Result<Option<GrantOwner>, StoreError> {
        bounded(owner_of(&self.pool, grant)).await
    }

    async fn tokens(&self, app_id: &str, subject: &str) -> Result<Option<SealedTokens>, StoreError> {
        bounded(tokens_of(&self.pool, app_id, subject)).await
    }

    async fn renew_grant(&self, grant: SealedGrant) -> Result<bool, StoreError> {
        bounded(renew_tokens(&self.pool, &grant)).await
    }

    async fn refresh_member(
        &self,
        app_id: &str,
        member: VerifiedMember,
        now: Timestamp,
    ) -> Result<Option<StoredMember>, StoreError> {
        bounded(refresh(self, app_id, &member, now)).await
    }

    async fn consents(&self, app_id: &str, subject: &str) -> Result<Vec<ReportedConsent>, StoreError> {
        bounded(list_consents(&self.pool, app_id, subject)).await
    }

    async fn erase(&self, app_id: &str, subject: &str) -> Result<Erasure, StoreError> {
        let grant = bounded(erase(self, app_id, subject)).await?;
        Ok(Erasure { grant, complete: self.complete_erasures().await? })
    }

    /// What is deleted is out of every answer at once. Its bytes stay in the table's file until vacuum gives their place away,
    /// in the write-ahead log until that is recycled, and in archives and backups for as long as these are kept.
    async fn complete_erasures(&self) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn forget_grants(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(
            "DELETE FROM grants WHERE over_at < $1 AND id IN
                 (SELECT id FROM grants WHERE over_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(to_stored(before))
        .bind(i64::from(limit))
        .execute(&self.pool);
        Ok(bounded(forgotten).await?.rows_affected())
    }

    async fn probe(&self) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query("SELECT count(*) FROM (SELECT 1 FROM grants LIMIT 1) AS any_grant").execute(&self.pool).await?;
            self.pool.begin().await?.rollback().await
        })
        .await
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Everything that a login writes but its session. The grant's row is locked until the transaction ends, so that logins of
/// one user come one after another.
pub(super) async fn save_login(connection: &mut PgConnection, login: &Login) -> sqlx::Result<SavedLogin> {
    let Login { code, grant, member, consent, session, now, .. } = login;
    let (app_id, subject) = (grant.app_id.as_str(), grant.subject.as_str());
    let saved = save_grant(connection, grant, login.new_grant, session.longest).await?;
    let member = match member {
        Some(verified) => Some(save(connection, app_id, verified, *now).await?),
        None => find(connection, app_id, subject).await?,
    };
    if let Some(report) = consent {
        save_consent(connection, app_id, subject, grant.scope, report, *now).await?;
    }
    codes::answer(connection, app_id, code, &Outcome::Session(session.hash.clone()), *now).await?;
    Ok(SavedLogin { grant: saved, member })
}

/// Saves what the platform says now over what it said before.
async fn save(
    connection: &mut PgConnection,
    app_id: &str,
    member: &VerifiedMember,
    now: Timestamp,
) -> sqlx::Result<StoredMember> {
    let stored = StoredMember::of(member, now);
    let view = stored.view();
    sqlx::query(
        "INSERT INTO members (app_id, subject, open_id, user_id, nick_name, avatar, gender, province, city, stored_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (app_id, subject) DO UPDATE SET
             open_id = excluded.open_id, user_id = excluded.user_id, nick_name = excluded.nick_name,
             avatar = excluded.avatar, gender = excluded.gender, province = excluded.province,
             city = excluded.city, stored_at = excluded.stored_at",
    )
    .bind(app_id)
    .bind(member.ids().key())
    .bind(&view.open_id)
    .bind(&view.user_id)
    .bind(&view.nick_name)
    .bind(&view.avatar)
    .bind(&view.gender)
    .bind(&view.province)
    .bind(&view.city)
    .bind(to_stored(now))
    .execute(connection)
    .await?;
    Ok(stored)
}

/// The member of a user, if there is one.
async fn find(connection: &mut PgConnection, app_id: &str, subject: &str) -> sqlx::Result<Option<StoredMember>> {
    let row = sqlx::query(
        "SELECT open_id, user_id, nick_name, avatar, gender, province, city, stored_at
         FROM members WHERE app_id = $1 AND subject = $2",
    )
    .bind(app_id)
    .bind(subject)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map_or(Ok(None), read)
}

/// Whose a grant is.
async fn owner_of(pool: &PgPool, grant: GrantId) -> sqlx::Result<Option<GrantOwner>> {
    let row = sqlx::query(
        "SELECT app_id, subject, scope, open_id, user_id, nick_name, avatar, gender, province, city, stored_at
         FROM grants LEFT JOIN members USING (app_id, subject) WHERE id = $1",
    )
    .bind(grant.0)
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(owner).transpose()
}

/// Reads the columns of a grant and of the member that may be joined to it.
pub(super) fn owner(row: &PgRow) -> sqlx::Result<GrantOwner> {
    let scope: &str = row.try_get("scope")?;
    Ok(GrantOwner {
        app_id: row.try_get("app_id")?,
        subject: row.try_get("subject")?,
        scope: scope.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        member: read(row)?,
    })
}

/// Reads the columns of `members`; `None` when a join found no member.
fn read(row: &PgRow) -> sqlx::Result<Option<StoredMember>> {
    let Some(stored_at) = row.try_get::<Option<i64>, _>("stored_at")? else { return Ok(None) };
    Ok(Some(StoredMember::new(MemberView {
        open_id: row.try_get("open_id")?,
        user_id: row.try_get("user_id")?,
        nick_name: row.try_get("nick_name")?,
        avatar: row.try_get("avatar")?,
        gender: row.try_get("gender")?,
        province: row.try_get("province")?,
        city: row.try_get("city")?,
        stored_at: from_stored(stored_at),
    })))
}

async fn refresh(
    database: &Database,
    app_id: &str,
    member: &VerifiedMember,
    now: Timestamp,
) -> sqlx::Result<Option<StoredMember>> {
    let mut transaction = database.pool.begin().await?;
    // Who was erased while the platform was asked stays erased; who is there cannot be erased until this is done.
    let known = sqlx::query("UPDATE members SET stored_at = stored_at WHERE app_id = $1 AND subject = $2")
        .bind(app_id)
        .bind(member.ids().key())
        .execute(&mut *transaction)
        .await?;
    if known.rows_affected() == 0 {
        return Ok(None);
    }
    let stored = save(&mut transaction, app_id, member, now).await?;
    transaction.commit().await?;
    Ok(Some(stored))
}

/// Grants come first, as in a login, so that the two wait for each other and never both.
async fn erase(database: &Database, app_id: &str, subject: &str) -> sqlx::Result<Option<GrantId>> {
    let mut transaction = database.pool.begin().await?;
    // Deleting the grant deletes its sessions.
    let grant: Option<i64> = sqlx::query_scalar("DELETE FROM grants WHERE app_id = $1 AND subject = $2 RETURNING id")
        .bind(app_id)
        .bind(subject)
        .fetch_optional(&mut *transaction)
        .await?;
    for statement in [
        "DELETE FROM members WHERE app_id = $1 AND subject = $2",
        "DELETE FROM consents WHERE app_id = $1 AND subject = $2",
    ] {
        sqlx::query(statement).bind(app_id).bind(subject).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(grant.map(GrantId))
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// The tokens of a user's grant.
async fn tokens_of(pool: &PgPool, app_id: &str, subject: &str) -> sqlx::Result<Option<SealedTokens>> {
    let row = sqlx::query(
        "SELECT key_id, access_token, refresh_token, access_expires_at, refresh_expires_at FROM grants
         WHERE app_id = $1 AND subject = $2",
    )
    .bind(app_id)
    .bind(subject)
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        let end = |column| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(from_stored));
        let (access_end, refresh_end) = (end("access_expires_at")?, end("refresh_expires_at")?);
        let refresh_token: Option<Vec<u8>> = row.try_get("refresh_token")?;
        Ok(SealedTokens {
            key_id: row.try_get("key_id")?,
            access_token: SealedToken { bytes: row.try_get("access_token")?, expires_at: access_end },
            refresh_token: refresh_token.map(|bytes| SealedToken { bytes, expires_at: refresh_end }),
        })
    })
    .transpose()
}

/// Saves a grant under `new`, or over the one that the user has, unless that is better. Gives the user's grant. Its row is
/// locked until the transaction ends, so that logins of one user come one after another.
async fn save_grant(
    connection: &mut PgConnection,
    grant: &SealedGrant,
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
    .bind(&grant.app_id)
    .bind(&grant.subject)
    .bind(grant.scope.as_str());
    let saved = bind_tokens(save, grant).bind(grant.over_at(sessions_end)).fetch_optional(&mut *connection).await?;
    if let Some(row) = saved {
        return Ok(GrantId(row.try_get("id")?));
    }
    sqlx::query_scalar(
        "UPDATE grants SET over_at = greatest($1, over_at)
         WHERE app_id = $2 AND subject = $3 RETURNING id",
    )
    .bind(end_of_day(sessions_end))
    .bind(&grant.app_id)
    .bind(&grant.subject)
    .fetch_one(connection)
    .await
    .map(GrantId)
}

/// Puts new tokens into the grant that a user has.
async fn renew_tokens(pool: &PgPool, grant: &SealedGrant) -> sqlx::Result<bool> {
    let renew = sqlx::query(
        "UPDATE grants SET key_id = $1, access_token = $2, refresh_token = $3, access_expires_at = $4,
                           refresh_expires_at = $5, granted_at = $6,
                           over_at = greatest($7, over_at)
         WHERE app_id = $8 AND subject = $9",
    );
    let renewed = bind_tokens(renew, grant)
        .bind(grant.over_at(grant.granted_at))
        .bind(&grant.app_id)
        .bind(&grant.subject)
        .execute(pool)
        .await?;
    Ok(renewed.rows_affected() == 1)
}

/// The next six parameters: the key's id, both tokens, their ends, and when they were granted.
fn bind_tokens<'q>(query: Statement<'q>, grant: &'q SealedGrant) -> Statement<'q> {
    query
        .bind(&grant.key_id)
        .bind(&grant.access_token)
        .bind(&grant.refresh_token)
        .bind(grant.access_expires_at.map(to_stored))
        .bind(grant.refresh_expires_at.map(to_stored))
        .bind(to_stored(grant.granted_at))
}

/// A user's reports, the newest first.
async fn list_consents(pool: &PgPool, app_id: &str, subject: &str) -> sqlx::Result<Vec<ReportedConsent>> {
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
    .bind(to_stored(report.at))
    .bind(to_stored(now))
    .execute(connection)
    .await?;
    Ok(())
}
