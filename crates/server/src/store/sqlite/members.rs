//! The data of subjects: members, grants (one per user of an app), and consents as clients reported them.

use super::{
    Database, audit, codes,
    subjects::{self, settle, settle_known},
    sweep::Sweep,
    withdrawals,
};
use crate::store::{
    StoreError,
    audit::AuditEntry,
    codes::Outcome,
    from_stored,
    grants::{SealedGrant, SealedToken, SealedTokens, end_of_day},
    logins::Login,
    members::{
        Erasure, FIRST_KEY, LONGEST_LIST, MemberStore, NEXT_KEY, Owner, ReportedConsent, SavedLogin, StoredMember,
    },
    subjects::{Judged, SecondIdError, Subject},
    to_stored,
    withdrawals::{AfterWithdrawal, Withdrawal, WithdrawalResult, Withdrawn},
};
use async_trait::async_trait;
use miniauth_core::{
    time::Timestamp,
    wire::{ConsentReport, MemberView, SubjectId},
};
use miniauth_openplatform::{UserIds, VerifiedMember};
use rusqlite::{
    Connection, OptionalExtension as _, Row, params,
    types::{Type, Value},
};
use std::sync::Arc;

#[async_trait]
impl MemberStore for Database {
    async fn adopt_key(&self, key_id: &str, old: &[&str]) -> Result<String, StoreError> {
        let (key_id, old) = (key_id.to_owned(), old.iter().map(|&id| id.to_owned()).collect::<Vec<_>>());
        self.write(move |connection| {
            connection.prepare_cached(FIRST_KEY)?.execute([&key_id])?;
            for old in &old {
                connection.prepare_cached(NEXT_KEY)?.execute([&key_id, old])?;
            }
            connection.query_row("SELECT key_id FROM server_key", (), |row| row.get(0))
        })
        .await
    }

    async fn save_login(&self, login: Arc<Login>) -> Judged<SavedLogin> {
        self.write(move |connection| save_login(connection, &login)).await
    }

    async fn owner(&self, subject: SubjectId) -> Result<Option<Owner>, StoreError> {
        self.read(move |connection| owner_of(connection, subject)).await
    }

    async fn tokens(&self, subject: SubjectId) -> Result<Option<SealedTokens>, StoreError> {
        self.read(move |connection| tokens_of(connection, subject)).await
    }

    async fn renew_grant(&self, subject: SubjectId, ids: UserIds, grant: SealedGrant) -> Judged<bool> {
        self.write(move |connection| match settle_known(connection, subject, &ids, grant.granted_at)? {
            Ok(Some(settled)) => renew_tokens(connection, settled.id, &grant).map(Ok),
            Ok(None) => Ok(Ok(false)),
            Err(error) => Ok(Err(error)),
        })
        .await
    }

    async fn end_tokens(&self, subject: SubjectId, refresh_token: &[u8], now: Timestamp) -> Result<(), StoreError> {
        let refresh_token = refresh_token.to_vec();
        self.write(move |connection| {
            let Some(subject) = subjects::resolve(connection, subject)? else { return Ok(()) };
            let mut end = connection.prepare_cached(
                "UPDATE grants SET refresh_token = NULL, refresh_expires_at = NULL, access_expires_at = ?1
                 WHERE subject = ?2 AND refresh_token = ?3",
            )?;
            end.execute(params![to_stored(now), subject.stored(), refresh_token]).map(|_| ())
        })
        .await
    }

    async fn refresh_member(
        &self,
        subject: SubjectId,
        member: VerifiedMember,
        now: Timestamp,
    ) -> Judged<Option<StoredMember>> {
        self.write(move |connection| refresh(connection, subject, &member, now)).await
    }

    async fn consents(&self, subject: SubjectId) -> Result<Vec<ReportedConsent>, StoreError> {
        self.read(move |connection| list_consents(connection, subject)).await
    }

    async fn erase(&self, subject: SubjectId, entry: AuditEntry) -> Result<Erasure, StoreError> {
        let subjects = self.write(move |connection| erase(connection, subject, &entry)).await?;
        Ok(Erasure { subjects, complete: self.complete_erasures().await? })
    }

    /// SQLite overwrites what it deletes (`secure_delete`), and with an empty journal the bytes are in neither file.
    /// Older versions of these files in the file system or in backups are out of reach.
    async fn complete_erasures(&self) -> Result<bool, StoreError> {
        self.writer.empty_journal().await
    }

    async fn forget_grants(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sweep(&self.ended_grants, before, limit).await
    }

    async fn withdraw(&self, withdrawal: Arc<Withdrawal>) -> Result<WithdrawalResult, StoreError> {
        let result = self.write(move |connection| withdrawals::withdraw(connection, &withdrawal)).await?;
        // If the journal cannot be emptied now, the clean-up does it. A replay need not empty it.
        if result.withdrawn == Withdrawn::Ended {
            self.complete_erasures().await?;
        }
        Ok(result)
    }

    async fn withdraw_again(
        &self,
        subject: SubjectId,
        at: Timestamp,
        after: AfterWithdrawal,
        entry: AuditEntry,
    ) -> Result<bool, StoreError> {
        let again = move |connection: &_| withdrawals::end_again(connection, subject, at, after, &entry);
        let ended = self.write(again).await?;
        self.complete_erasures().await?;
        Ok(ended)
    }

    async fn knows(&self, subject: SubjectId) -> Result<bool, StoreError> {
        self.read(move |connection| Ok(subjects::resolve(connection, subject)?.is_some())).await
    }

    async fn forget_withdrawals(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sweep(&self.old_withdrawals, before, limit).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let count = "SELECT count(*) FROM (SELECT 1 FROM grants LIMIT 1)";
        self.read(move |connection| connection.prepare_cached(count)?.query_row((), |_| Ok(()))).await
    }

    async fn probe_write(&self) -> Result<(), StoreError> {
        self.test_writing().await
    }

    async fn close(&self) {
        self.close().await;
    }
}

/// Saves everything of a login except its session. Repeating it changes nothing.
pub(super) fn save_login(
    connection: &Connection,
    login: &Login,
) -> rusqlite::Result<Result<SavedLogin, SecondIdError>> {
    let Login { app_id, code, ids, grant, member, consent, session, now, .. } = login;
    let Subject { id: subject, ids, previous, mut ended, .. } =
        match settle(connection, app_id, ids, login.new_subject, *now)? {
            Ok(settled) => settled,
            Err(error) => return Ok(Err(error)),
        };
    save_grant(connection, subject, grant, session.longest)?;
    let mut member = match member {
        Some(verified) => Some(save(connection, subject, &ids, verified, Some(grant.consented_at), *now)?),
        None => find(connection, subject, &ids)?,
    };
    let is_new = codes::answer(connection, app_id, code, &Outcome::Session(session.hash.clone()), *now)?;
    if let Some(report) = consent
        && is_new
    {
        save_consent(connection, subject, grant.scope.as_str(), report, *now)?;
    }
    // The withdrawal arrived before the consent that it applies to: create no session, as if it had been lost.
    if let Some(noted) = withdrawals::noted(connection, app_id, &ids)?
        && noted.overtook(login)
    {
        let users = [subject].into_iter().chain(previous.iter().copied()).collect();
        ended = Some(withdrawals::apply(connection, noted, &[subject], users, *now)?);
        member = find(connection, subject, &ids)?;
    }
    Ok(Ok(SavedLogin { subject, previous, member, ended }))
}

/// Replaces the stored member by the new one. Keeps the time of consent if the answer has none.
fn save(
    connection: &Connection,
    subject: SubjectId,
    ids: &UserIds,
    member: &VerifiedMember,
    consented_at: Option<Timestamp>,
    now: Timestamp,
) -> rusqlite::Result<StoredMember> {
    let stored = StoredMember::of(subject, ids, member, now);
    let view = stored.view();
    connection
        .prepare_cached(
            "UPDATE subjects SET
                 nick_name = ?2, avatar = ?3, gender = ?4, province = ?5, city = ?6, stored_at = ?7,
                 consented_at = coalesce(?8, consented_at)
             WHERE id = ?1",
        )?
        .execute(params![
            subject.stored(),
            view.nick_name,
            view.avatar,
            view.gender,
            view.province,
            view.city,
            to_stored(now),
            consented_at.map(to_stored)
        ])?;
    Ok(stored)
}

/// Returns the member of a user, if there is one.
fn find(connection: &Connection, subject: SubjectId, ids: &UserIds) -> rusqlite::Result<Option<StoredMember>> {
    let found = connection
        .prepare_cached("SELECT nick_name, avatar, gender, province, city, stored_at FROM members WHERE subject = ?1")?
        .query_row([subject.stored()], |row| read(row, 0, subject, ids))
        .optional()?;
    Ok(found.flatten())
}

/// The columns that [`owner_at`] reads, of subjects joined with a table that has a scope.
macro_rules! owner {
    () => {
        concat!(
            "subjects.app_id, subjects.id, scope, ",
            crate::store::sqlite::subjects::previous!(),
            ", subjects.open_id, subjects.user_id, subjects.union_id,
             subjects.nick_name, subjects.avatar, subjects.gender, subjects.province, subjects.city, subjects.stored_at,
             EXISTS (SELECT 1 FROM phones WHERE phones.subject = subjects.id) AS has_phone"
        )
    };
}
pub(super) use owner;

/// Returns the owner of a subject's sessions.
fn owner_of(connection: &Connection, subject: SubjectId) -> rusqlite::Result<Option<Owner>> {
    connection
        .prepare_cached(concat!(
            "SELECT ",
            owner!(),
            " FROM subjects AS made
             JOIN subjects ON subjects.id = coalesce(made.retired_into, made.id)
             JOIN grants ON grants.subject = subjects.id
             WHERE made.id = ?1"
        ))?
        .query_row([subject.stored()], |row| owner_at(row, 0))
        .optional()
}

/// Reads `owner!` from the column `first` on.
pub(super) fn owner_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Owner> {
    let scope = row.get_ref(first + 2)?.as_str()?;
    let subject = SubjectId::from_stored(row.get(first + 1)?);
    let ids = subjects::ids(row, first + 4)?;
    Ok(Owner {
        app_id: row.get(first)?,
        subject,
        scope: scope
            .parse()
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(first + 2, Type::Text, Box::new(error)))?,
        previous: subjects::previous_of(row, first + 3)?,
        member: read(row, first + 7, subject, &ids)?,
        has_phone: row.get(first + 13)?,
        ids,
    })
}

/// Reads `nick_name, avatar, gender, province, city, stored_at` from the column `first` on; `None` where there is no member.
fn read(row: &Row<'_>, first: usize, subject: SubjectId, ids: &UserIds) -> rusqlite::Result<Option<StoredMember>> {
    let Some(stored_at) = row.get::<_, Option<i64>>(first + 5)? else { return Ok(None) };
    Ok(Some(StoredMember::new(MemberView {
        subject,
        open_id: ids.open_id().map(str::to_owned),
        user_id: ids.user_id().map(str::to_owned),
        nick_name: row.get(first)?,
        avatar: row.get(first + 1)?,
        gender: row.get(first + 2)?,
        province: row.get(first + 3)?,
        city: row.get(first + 4)?,
        stored_at: from_stored(stored_at),
    })))
}

/// Saves a member, unless the user was erased while the platform was queried.
fn refresh(
    connection: &Connection,
    subject: SubjectId,
    member: &VerifiedMember,
    now: Timestamp,
) -> rusqlite::Result<Result<Option<StoredMember>, SecondIdError>> {
    let Subject { id, ids, .. } = match settle_known(connection, subject, member.ids(), now)? {
        Ok(Some(settled)) => settled,
        Ok(None) => return Ok(Ok(None)),
        Err(error) => return Ok(Err(error)),
    };
    if find(connection, id, &ids)?.is_none() {
        return Ok(Ok(None));
    }
    save(connection, id, &ids, member, None, now).map(|stored| Ok(Some(stored)))
}

/// Erases a subject, and with it all rows that refer to it. Returns all ids that the user had.
fn erase(connection: &Connection, subject: SubjectId, entry: &AuditEntry) -> rusqlite::Result<Vec<SubjectId>> {
    let Some(subject) = subjects::resolve(connection, subject)? else { return Ok(Vec::new()) };
    let mut delete =
        connection.prepare_cached("DELETE FROM subjects WHERE id = ?1 OR retired_into = ?1 RETURNING id")?;
    let erased = delete.query_map([subject.stored()], |row| row.get(0).map(SubjectId::from_stored))?;
    let erased: Vec<SubjectId> = erased.collect::<rusqlite::Result<_>>()?;
    erased.iter().try_for_each(|subject| audit::note(connection, &entry.about(*subject)))?;
    Ok(erased)
}

/// Returns the tokens of a user's grant.
fn tokens_of(connection: &Connection, subject: SubjectId) -> rusqlite::Result<Option<SealedTokens>> {
    let Some(subject) = subjects::resolve(connection, subject)? else { return Ok(None) };
    connection
        .prepare_cached(
            "SELECT key_id, access_token, refresh_token, access_expires_at, refresh_expires_at FROM grants
             WHERE subject = ?1",
        )?
        .query_row([subject.stored()], sealed_tokens)
        .optional()
}

fn sealed_tokens(row: &Row<'_>) -> rusqlite::Result<SealedTokens> {
    let end = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(from_stored));
    let (access_end, refresh_end) = (end("access_expires_at")?, end("refresh_expires_at")?);
    let refresh_token: Option<Vec<u8>> = row.get("refresh_token")?;
    Ok(SealedTokens {
        key_id: row.get("key_id")?,
        access_token: SealedToken { bytes: row.get("access_token")?, expires_at: access_end },
        refresh_token: refresh_token.map(|bytes| SealedToken { bytes, expires_at: refresh_end }),
    })
}

/// Replaces a user's grant, unless the stored one is better.
fn save_grant(
    connection: &Connection,
    subject: SubjectId,
    grant: &SealedGrant,
    sessions_end: Timestamp,
) -> rusqlite::Result<()> {
    let saved = connection
        .prepare_cached(
            "INSERT INTO grants (subject, scope, key_id, access_token, refresh_token,
                                 access_expires_at, refresh_expires_at, granted_at, over_at, consented_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (subject) DO UPDATE SET
                 scope = excluded.scope, key_id = excluded.key_id, access_token = excluded.access_token,
                 refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
                 refresh_expires_at = excluded.refresh_expires_at, granted_at = excluded.granted_at,
                 over_at = max(grants.over_at, excluded.over_at), consented_at = excluded.consented_at
             WHERE excluded.scope = 'auth_user' OR grants.scope = 'auth_base'
                OR (grants.access_expires_at <= excluded.granted_at
                    AND (grants.refresh_token IS NULL OR grants.refresh_expires_at <= excluded.granted_at))",
        )?
        .execute(params![
            subject.stored(),
            grant.scope.as_str(),
            grant.key_id,
            grant.access_token,
            grant.refresh_token,
            grant.access_expires_at.map(to_stored),
            grant.refresh_expires_at.map(to_stored),
            to_stored(grant.granted_at),
            grant.over_at(sessions_end),
            to_stored(grant.consented_at)
        ])?;
    if saved == 0 {
        // Rarely changes anything, because the grants of one day's logins expire at the same time.
        connection
            .prepare_cached("UPDATE grants SET over_at = ?1 WHERE subject = ?2 AND over_at < ?1")?
            .execute((end_of_day(sessions_end), subject.stored()))?;
    }
    Ok(())
}

/// Replaces the tokens of a user's grant.
fn renew_tokens(connection: &Connection, subject: SubjectId, grant: &SealedGrant) -> rusqlite::Result<bool> {
    let renewed = connection
        .prepare_cached(
            "UPDATE grants SET key_id = ?1, access_token = ?2, refresh_token = ?3, access_expires_at = ?4,
                               refresh_expires_at = ?5, granted_at = ?6, over_at = max(?7, over_at)
             WHERE subject = ?8",
        )?
        .execute(params![
            grant.key_id,
            grant.access_token,
            grant.refresh_token,
            grant.access_expires_at.map(to_stored),
            grant.refresh_expires_at.map(to_stored),
            to_stored(grant.granted_at),
            grant.over_at(grant.granted_at),
            subject.stored()
        ])?;
    Ok(renewed == 1)
}

pub(super) fn ended_grants() -> Sweep {
    Sweep::new(
        "SELECT over_at < ?1, subject FROM grants WHERE subject > ?2 ORDER BY subject",
        "DELETE FROM grants WHERE subject = ?2 AND over_at < ?1",
        // Comes before every number.
        vec![Value::Real(f64::NEG_INFINITY)],
    )
}

/// Returns a user's reports, the newest first.
fn list_consents(connection: &Connection, subject: SubjectId) -> rusqlite::Result<Vec<ReportedConsent>> {
    let Some(subject) = subjects::resolve(connection, subject)? else { return Ok(Vec::new()) };
    let mut select = connection.prepare_cached(
        "SELECT scope, purpose, reported_at, received_at FROM consents
         WHERE subject = ?1 ORDER BY id DESC",
    )?;
    let reports = select.query_map([subject.stored()], |row| {
        Ok(ReportedConsent {
            scope: row.get("scope")?,
            purpose: row.get("purpose")?,
            reported_at: from_stored(row.get("reported_at")?),
            received_at: from_stored(row.get("received_at")?),
        })
    })?;
    // Without LIMIT: SQLite parses a statement again whenever its limit gets a value.
    reports.take(LONGEST_LIST).collect()
}

/// Saves a report with the server's time.
pub(super) fn save_consent(
    connection: &Connection,
    subject: SubjectId,
    scope: &str,
    report: &ConsentReport,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO consents (subject, scope, purpose, reported_at, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![subject.stored(), scope, report.purpose.as_str(), to_stored(report.at), to_stored(now)])?;
    Ok(())
}
