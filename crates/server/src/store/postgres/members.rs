//! The data of subjects: members, grants (one per user of an app), and consents as clients reported them.

use super::{
    Database, Statement, answered, audit, bounded, by_place, codes, for_each,
    pool::Pool,
    raced,
    subjects::{self, settle, settle_known},
    withdrawals,
};
use crate::store::{
    StoreError,
    audit::AuditEntry,
    batches::Batches,
    codes::Outcome,
    from_stored,
    grants::{SealedGrant, SealedToken, SealedTokens, end_of_day},
    logins::Login,
    members::{
        Erasure, FIRST_KEY, LONGEST_LIST, Lending, MemberStore, NEXT_KEY, Owner, ReportedConsent, SavedLogin,
        StoredMember,
    },
    subjects::{Judged, SecondIdError, Subject},
    to_stored,
    withdrawals::{AfterWithdrawal, Withdrawal, WithdrawalResult},
};
use async_trait::async_trait;
use miniauth_core::{
    time::Timestamp,
    wire::{ConsentReport, MemberView, SubjectId},
};
use miniauth_openplatform::{UserIds, VerifiedMember};
use sqlx::{Connection as _, PgConnection, Row as _, postgres::PgRow};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long the result of a write test is reused, unless a login fails in that time.
const WRITE_PROBE_EVERY: Duration = Duration::from_secs(1);

/// Tests whether rows can be inserted. Four of these rows fill a page, so this takes 256 KiB: twice what a login needs if all pages of its tables and indexes are
/// full.
const WRITE_PROBE: &str = "INSERT INTO write_probe SELECT repeat('-', 1900) FROM generate_series(1, 128)";

#[async_trait]
impl MemberStore for Database {
    async fn adopt_key(&self, key_id: &str, old: &[&str]) -> Result<String, StoreError> {
        bounded(async {
            let mut connection = self.pool.acquire().await?;
            let mut transaction = connection.begin().await?;
            sqlx::query(FIRST_KEY).bind(key_id).execute(&mut *transaction).await?;
            for &old in old {
                sqlx::query(NEXT_KEY).bind(key_id).bind(old).execute(&mut *transaction).await?;
            }
            let adopted = sqlx::query_scalar("SELECT key_id FROM server_key").fetch_one(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(adopted)
        })
        .await
    }

    async fn save_login(&self, login: Arc<Login>) -> Judged<SavedLogin> {
        let login = &*login;
        let saved = raced(move || async move {
            let mut connection = self.pool.acquire().await?;
            let mut transaction = connection.begin().await?;
            let saved = save_login(&mut transaction, login).await?;
            transaction.commit().await?;
            Ok(saved)
        });
        self.rechecking_on_failure(saved).await
    }

    async fn owner(&self, subject: SubjectId) -> Result<Option<Owner>, StoreError> {
        answered(self.owners.ask(subject)).await
    }

    async fn tokens(&self, subject: SubjectId) -> Result<Option<SealedTokens>, StoreError> {
        bounded(tokens_of(&self.pool, subject)).await
    }

    async fn renew_grant(&self, subject: SubjectId, ids: UserIds, grant: SealedGrant) -> Judged<bool> {
        let (ids, grant) = (&ids, &grant);
        raced(move || renew(self, subject, ids, grant)).await
    }

    async fn end_tokens(&self, subject: SubjectId, refresh_token: &[u8], now: Timestamp) -> Result<(), StoreError> {
        let end = sqlx::query(
            "UPDATE grants SET refresh_token = NULL, refresh_expires_at = NULL, access_expires_at = $1
             WHERE subject = (SELECT coalesce(retired_into, id) FROM subjects WHERE id = $2) AND refresh_token = $3",
        )
        .bind(to_stored(now))
        .bind(subject.stored())
        .bind(refresh_token);
        self.execute(end).await.map(|_| ())
    }

    async fn refresh_member(
        &self,
        subject: SubjectId,
        member: VerifiedMember,
        now: Timestamp,
    ) -> Judged<Option<StoredMember>> {
        let member = &member;
        raced(move || refresh(self, subject, member, now)).await
    }

    async fn consents(&self, subject: SubjectId) -> Result<Vec<ReportedConsent>, StoreError> {
        bounded(list_consents(&self.pool, subject)).await
    }

    async fn erase(&self, subject: SubjectId, entry: AuditEntry) -> Result<Erasure, StoreError> {
        let entry = &entry;
        let subjects = raced(move || erase(self, subject, entry)).await?;
        Ok(Erasure { subjects, complete: self.complete_erasures().await? })
    }

    /// Deleted data is in no answer any more. Its bytes stay in the table's file until vacuum frees their space, in the
    /// write-ahead log until that is recycled, and in archives and backups as long as these are kept.
    async fn complete_erasures(&self) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn forget_grants(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(
            "DELETE FROM grants WHERE over_at < $1 AND subject IN
                 (SELECT subject FROM grants WHERE over_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(to_stored(before))
        .bind(i64::from(limit));
        Ok(self.execute(forgotten).await?.rows_affected())
    }

    async fn withdraw(&self, withdrawal: Arc<Withdrawal>) -> Result<WithdrawalResult, StoreError> {
        let withdrawal = &*withdrawal;
        raced(move || withdrawals::withdraw(self, withdrawal)).await
    }

    async fn withdraw_again(
        &self,
        subject: SubjectId,
        at: Timestamp,
        after: AfterWithdrawal,
        entry: AuditEntry,
    ) -> Result<bool, StoreError> {
        let entry = &entry;
        raced(move || withdrawals::end_again(self, subject, at, after, entry)).await
    }

    async fn knows(&self, subject: SubjectId) -> Result<bool, StoreError> {
        let known = async { Ok(subjects::resolve(&mut *self.pool.acquire().await?, subject).await?.is_some()) };
        bounded(known).await
    }

    async fn forget_withdrawals(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(
            "DELETE FROM withdrawals WHERE (app_id, id_hash) IN
                 (SELECT app_id, id_hash FROM withdrawals WHERE heard_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(to_stored(before))
        .bind(i64::from(limit));
        Ok(self.execute(forgotten).await?.rows_affected())
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let any = sqlx::query("SELECT count(*) FROM (SELECT 1 FROM grants LIMIT 1) AS any_grant");
        self.execute(any).await.map(drop)
    }

    /// Inserts rows and rolls back: a read-only or full database refuses them.
    async fn probe_write(&self) -> Result<(), StoreError> {
        let mut last = self.write_probe.lock().await;
        if let Some((at, outcome)) = &*last
            && at.elapsed() < WRITE_PROBE_EVERY
        {
            return outcome.clone();
        }
        let outcome = bounded(async {
            let mut connection = self.pool.acquire().await?;
            let mut transaction = connection.begin().await?;
            sqlx::query(WRITE_PROBE).execute(&mut *transaction).await?;
            transaction.rollback().await
        })
        .await;
        *last = Some((Instant::now(), outcome.clone()));
        self.vacuum_write_probe();
        outcome
    }

    async fn close(&self) {
        self.pool.close().await;
    }

    fn connections(&self) -> Option<Lending> {
        Some(self.pool.lending())
    }
}

/// Saves everything of a login except its session. The outcome of a transaction may be unknown, so it may be repeated:
/// that changes nothing. Locks the subject's row until the transaction ends.
pub(super) async fn save_login(
    connection: &mut PgConnection,
    login: &Login,
) -> sqlx::Result<Result<SavedLogin, SecondIdError>> {
    let Login { app_id, code, ids, grant, member, consent, session, now, .. } = login;
    let Subject { id: subject, ids, previous, mut ended, .. } =
        match settle(connection, app_id, ids, login.new_subject, *now).await? {
            Ok(settled) => settled,
            Err(error) => return Ok(Err(error)),
        };
    save_grant(connection, subject, grant, session.longest).await?;
    let mut member = match member {
        Some(verified) => Some(save(connection, subject, &ids, verified, Some(grant.consented_at), *now).await?),
        None => find(connection, subject, &ids).await?,
    };
    let is_new = codes::answer(connection, app_id, code, &Outcome::Session(session.hash.clone()), *now).await?;
    if let Some(report) = consent
        && is_new
    {
        save_consent(connection, subject, grant.scope.as_str(), report, *now).await?;
    }
    // The withdrawal arrived before the consent that it applies to: create no session, as if it had been lost.
    if let Some(noted) = withdrawals::noted(connection, app_id, &ids).await?
        && noted.overtook(login)
    {
        let users = [subject].into_iter().chain(previous.iter().copied()).collect();
        ended = Some(withdrawals::apply(connection, noted, &[subject], users, *now).await?);
        member = find(connection, subject, &ids).await?;
    }
    Ok(Ok(SavedLogin { subject, previous, member, ended }))
}

/// Replaces the stored member by the new one. Keeps the time of consent if the answer has none.
async fn save(
    connection: &mut PgConnection,
    subject: SubjectId,
    ids: &UserIds,
    member: &VerifiedMember,
    consented_at: Option<Timestamp>,
    now: Timestamp,
) -> sqlx::Result<StoredMember> {
    let stored = StoredMember::of(subject, ids, member, now);
    let view = stored.view();
    sqlx::query(
        "UPDATE subjects SET
             nick_name = $2, avatar = $3, gender = $4, province = $5, city = $6, stored_at = $7,
             consented_at = coalesce($8, consented_at)
         WHERE id = $1",
    )
    .bind(subject.stored())
    .bind(&view.nick_name)
    .bind(&view.avatar)
    .bind(&view.gender)
    .bind(&view.province)
    .bind(&view.city)
    .bind(to_stored(now))
    .bind(consented_at.map(to_stored))
    .execute(connection)
    .await?;
    Ok(stored)
}

/// Returns the member of a user, if there is one.
async fn find(connection: &mut PgConnection, subject: SubjectId, ids: &UserIds) -> sqlx::Result<Option<StoredMember>> {
    let row =
        sqlx::query("SELECT nick_name, avatar, gender, province, city, stored_at FROM members WHERE subject = $1")
            .bind(subject.stored())
            .fetch_optional(connection)
            .await?;
    row.as_ref().map_or(Ok(None), |row| read(row, subject, ids))
}

/// The columns that [`owner_of_row`] reads, of subjects joined with a table that has a scope.
macro_rules! owner {
    () => {
        concat!(
            "subjects.app_id, subjects.id, scope, ",
            crate::store::postgres::subjects::previous!(),
            ", subjects.open_id, subjects.user_id, subjects.union_id,
             subjects.nick_name, subjects.avatar, subjects.gender, subjects.province, subjects.city, subjects.stored_at,
             EXISTS (SELECT 1 FROM phones WHERE phones.subject = subjects.id) AS has_phone"
        )
    };
}
pub(super) use owner;

/// Reads the owners of all concurrently checked sessions with one statement.
pub(super) fn read_owners(pool: Pool) -> Batches<SubjectId, Owner> {
    Batches::new(move |subjects: Vec<SubjectId>| {
        let pool = pool.clone();
        bounded(async move {
            let select = sqlx::query(for_each!(
                "SELECT ",
                owner!(),
                " FROM subjects AS made JOIN subjects ON subjects.id = coalesce(made.retired_into, made.id)
                 JOIN grants ON grants.subject = subjects.id
                 WHERE made.id"
            ));
            let keys: Vec<i64> = subjects.iter().map(|subject| subject.stored()).collect();
            let rows = pool.fetch_all(select.bind(keys)).await?;
            by_place(subjects.len(), &rows, owner_of_row)
        })
    })
}

/// Reads `owner!`.
pub(super) fn owner_of_row(row: &PgRow) -> sqlx::Result<Owner> {
    let scope: &str = row.try_get("scope")?;
    let (subject, ids) = (SubjectId::from_stored(row.try_get("id")?), subjects::ids(row)?);
    Ok(Owner {
        app_id: row.try_get("app_id")?,
        subject,
        previous: subjects::previous_of(row)?,
        scope: scope.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        member: read(row, subject, &ids)?,
        has_phone: row.try_get("has_phone")?,
        ids,
    })
}

/// Reads the columns of `members`; `None` where there is no member.
fn read(row: &PgRow, subject: SubjectId, ids: &UserIds) -> sqlx::Result<Option<StoredMember>> {
    let Some(stored_at) = row.try_get::<Option<i64>, _>("stored_at")? else { return Ok(None) };
    Ok(Some(StoredMember::new(MemberView {
        subject,
        open_id: ids.open_id().map(str::to_owned),
        user_id: ids.user_id().map(str::to_owned),
        nick_name: row.try_get("nick_name")?,
        avatar: row.try_get("avatar")?,
        gender: row.try_get("gender")?,
        province: row.try_get("province")?,
        city: row.try_get("city")?,
        stored_at: from_stored(stored_at),
    })))
}

/// Saves a member, unless the user was erased while the platform was queried. Blocks an erasure until it is done.
async fn refresh(
    database: &Database,
    subject: SubjectId,
    member: &VerifiedMember,
    now: Timestamp,
) -> sqlx::Result<Result<Option<StoredMember>, SecondIdError>> {
    let mut connection = database.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let Subject { id, ids, .. } = match settle_known(&mut transaction, subject, member.ids(), now).await? {
        Ok(Some(settled)) => settled,
        Ok(None) => return Ok(Ok(None)),
        Err(error) => return Ok(Err(error)),
    };
    if find(&mut transaction, id, &ids).await?.is_none() {
        return Ok(Ok(None));
    }
    let stored = save(&mut transaction, id, &ids, member, None, now).await?;
    transaction.commit().await?;
    Ok(Ok(Some(stored)))
}

/// Erases a subject, and with it all rows that refer to it. Returns all ids that the user had.
async fn erase(database: &Database, subject: SubjectId, entry: &AuditEntry) -> sqlx::Result<Vec<SubjectId>> {
    let mut connection = database.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    // Waits for a running merge, so that the row then leads to the right subject.
    let resolved: Option<i64> =
        sqlx::query_scalar("SELECT coalesce(retired_into, id) FROM subjects WHERE id = $1 FOR UPDATE")
            .bind(subject.stored())
            .fetch_optional(&mut *transaction)
            .await?;
    let erased: Vec<i64> = sqlx::query_scalar("DELETE FROM subjects WHERE id = $1 OR retired_into = $1 RETURNING id")
        .bind(resolved)
        .fetch_all(&mut *transaction)
        .await?;
    let erased: Vec<SubjectId> = erased.into_iter().map(SubjectId::from_stored).collect();
    for subject in &erased {
        audit::note(&mut transaction, &entry.about(*subject)).await?;
    }
    transaction.commit().await?;
    Ok(erased)
}

/// Returns the tokens of a user's grant.
async fn tokens_of(pool: &Pool, subject: SubjectId) -> sqlx::Result<Option<SealedTokens>> {
    let select = sqlx::query(
        "SELECT key_id, access_token, refresh_token, access_expires_at, refresh_expires_at FROM grants
         WHERE subject = (SELECT coalesce(retired_into, id) FROM subjects WHERE id = $1)",
    );
    let row = pool.fetch_optional(select.bind(subject.stored())).await?;
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

/// Replaces a user's grant, unless the stored one is better.
async fn save_grant(
    connection: &mut PgConnection,
    subject: SubjectId,
    grant: &SealedGrant,
    sessions_end: Timestamp,
) -> sqlx::Result<()> {
    let save = sqlx::query(
        "INSERT INTO grants (subject, scope, key_id, access_token, refresh_token,
                             access_expires_at, refresh_expires_at, granted_at, over_at, consented_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (subject) DO UPDATE SET
             scope = excluded.scope, key_id = excluded.key_id, access_token = excluded.access_token,
             refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
             refresh_expires_at = excluded.refresh_expires_at, granted_at = excluded.granted_at,
             over_at = greatest(excluded.over_at, grants.over_at), consented_at = excluded.consented_at
         WHERE excluded.scope = 'auth_user' OR grants.scope = 'auth_base'
            OR (grants.access_expires_at <= excluded.granted_at
                AND (grants.refresh_token IS NULL OR grants.refresh_expires_at <= excluded.granted_at))",
    )
    .bind(subject.stored())
    .bind(grant.scope.as_str());
    let saved = bind_tokens(save, grant)
        .bind(grant.over_at(sessions_end))
        .bind(to_stored(grant.consented_at))
        .execute(&mut *connection)
        .await?;
    if saved.rows_affected() == 0 {
        // Rarely changes anything, because the grants of one day's logins expire at the same time.
        sqlx::query("UPDATE grants SET over_at = $1 WHERE subject = $2 AND over_at < $1")
            .bind(end_of_day(sessions_end))
            .bind(subject.stored())
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Replaces the tokens of a user's grant.
async fn renew(
    database: &Database,
    subject: SubjectId,
    ids: &UserIds,
    grant: &SealedGrant,
) -> sqlx::Result<Result<bool, SecondIdError>> {
    let mut connection = database.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let subject = match settle_known(&mut transaction, subject, ids, grant.granted_at).await? {
        Ok(Some(settled)) => settled.id,
        Ok(None) => return Ok(Ok(false)),
        Err(error) => return Ok(Err(error)),
    };
    let renew = sqlx::query(
        "UPDATE grants SET key_id = $1, access_token = $2, refresh_token = $3, access_expires_at = $4,
                           refresh_expires_at = $5, granted_at = $6,
                           over_at = greatest($7, over_at)
         WHERE subject = $8",
    );
    let renewed = bind_tokens(renew, grant)
        .bind(grant.over_at(grant.granted_at))
        .bind(subject.stored())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(Ok(renewed.rows_affected() == 1))
}

/// Binds the next six parameters: the key's id, both tokens, their expiries, and when they were granted.
fn bind_tokens<'q>(query: Statement<'q>, grant: &'q SealedGrant) -> Statement<'q> {
    query
        .bind(&grant.key_id)
        .bind(&grant.access_token)
        .bind(&grant.refresh_token)
        .bind(grant.access_expires_at.map(to_stored))
        .bind(grant.refresh_expires_at.map(to_stored))
        .bind(to_stored(grant.granted_at))
}

/// Returns a user's reports, the newest first.
async fn list_consents(pool: &Pool, subject: SubjectId) -> sqlx::Result<Vec<ReportedConsent>> {
    let select = sqlx::query(
        "SELECT scope, purpose, reported_at, received_at FROM consents
         WHERE subject = (SELECT coalesce(retired_into, id) FROM subjects WHERE id = $1) ORDER BY id DESC LIMIT $2",
    );
    let rows = pool.fetch_all(select.bind(subject.stored()).bind(LONGEST_LIST as i64)).await?;
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

/// Saves a report with the server's time.
pub(super) async fn save_consent(
    connection: &mut PgConnection,
    subject: SubjectId,
    scope: &str,
    report: &ConsentReport,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO consents (subject, scope, purpose, reported_at, received_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(subject.stored())
        .bind(scope)
        .bind(report.purpose.as_str())
        .bind(to_stored(report.at))
        .bind(to_stored(now))
        .execute(connection)
        .await?;
    Ok(())
}
