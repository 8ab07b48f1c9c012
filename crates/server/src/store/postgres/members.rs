//! Members and what belongs to them.

use super::{Database, bounded, codes, consents, grants};
use crate::store::{
    StoreError,
    codes::Outcome,
    from_stored,
    grants::{GrantId, SealedGrant, SealedTokens},
    logins::Login,
    members::{Erasure, GrantOwner, MemberStore, ReportedConsent, SavedLogin, StoredMember},
    to_stored,
};
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::MemberView};
use miniauth_openplatform::VerifiedMember;
use sqlx::{PgConnection, PgPool, Row as _, postgres::PgRow};
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
        bounded(grants::tokens(&self.pool, app_id, subject)).await
    }

    async fn renew_grant(&self, grant: SealedGrant) -> Result<bool, StoreError> {
        bounded(grants::renew(&self.pool, &grant)).await
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
        bounded(consents::list(&self.pool, app_id, subject)).await
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
    let saved = grants::save(connection, grant, login.new_grant, session.longest).await?;
    let member = match member {
        Some(verified) => Some(save(connection, app_id, verified, *now).await?),
        None => find(connection, app_id, subject).await?,
    };
    if let Some(report) = consent {
        consents::save(connection, app_id, subject, grant.scope, report, *now).await?;
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
    .bind(member.subject().key())
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
        .bind(member.subject().key())
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
