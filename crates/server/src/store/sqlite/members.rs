//! Members and what belongs to them: their grants, one for each user of an app, and their consents as clients reported them.

use super::{Database, codes, sweep::Sweep};
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
use rusqlite::{
    Connection, OptionalExtension as _, Row, params,
    types::{Type, Value},
};
use std::sync::Arc;

#[async_trait]
impl MemberStore for Database {
    async fn save_login(&self, login: Arc<Login>) -> Result<SavedLogin, StoreError> {
        self.write(move |connection| save_login(connection, &login)).await
    }

    async fn owner(&self, grant: GrantId) -> Result<Option<GrantOwner>, StoreError> {
        self.read(move |connection| owner_of(connection, grant)).await
    }

    async fn tokens(&self, app_id: &str, subject: &str) -> Result<Option<SealedTokens>, StoreError> {
        let (app_id, subject) = (app_id.to_owned(), subject.to_owned());
        self.read(move |connection| tokens_of(connection, &app_id, &subject)).await
    }

    async fn renew_grant(&self, grant: SealedGrant) -> Result<bool, StoreError> {
        self.write(move |connection| renew_tokens(connection, &grant)).await
    }

    async fn refresh_member(
        &self,
        app_id: &str,
        member: VerifiedMember,
        now: Timestamp,
    ) -> Result<Option<StoredMember>, StoreError> {
        let app_id = app_id.to_owned();
        self.write(move |connection| refresh(connection, &app_id, &member, now)).await
    }

    async fn consents(&self, app_id: &str, subject: &str) -> Result<Vec<ReportedConsent>, StoreError> {
        let (app_id, subject) = (app_id.to_owned(), subject.to_owned());
        self.read(move |connection| list_consents(connection, &app_id, &subject)).await
    }

    async fn erase(&self, app_id: &str, subject: &str) -> Result<Erasure, StoreError> {
        let (app_id, subject) = (app_id.to_owned(), subject.to_owned());
        let grant = self.write(move |connection| erase(connection, &app_id, &subject)).await?;
        Ok(Erasure { grant, complete: self.complete_erasures().await? })
    }

    /// SQLite overwrites what it deletes (`secure_delete`), and with an empty journal the bytes are in neither file. What
    /// the file system or a backup kept of older versions of these files is out of reach.
    async fn complete_erasures(&self) -> Result<bool, StoreError> {
        self.writer.empty_journal().await
    }

    async fn forget_grants(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sweep(&self.ended_grants, before, limit).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let count = "SELECT count(*) FROM (SELECT 1 FROM grants LIMIT 1)";
        self.read(move |connection| connection.prepare_cached(count)?.query_row((), |_| Ok(()))).await?;
        self.write(|_| Ok(())).await
    }

    async fn close(&self) {
        self.close().await;
    }
}

/// Everything that a login writes but its session.
pub(super) fn save_login(connection: &Connection, login: &Login) -> rusqlite::Result<SavedLogin> {
    let Login { code, grant, member, consent, session, now, .. } = login;
    let (app_id, subject) = (grant.app_id.as_str(), grant.subject.as_str());
    let saved = save_grant(connection, grant, login.new_grant, session.longest)?;
    let member = match member {
        Some(verified) => Some(save(connection, app_id, verified, *now)?),
        None => find(connection, app_id, subject)?,
    };
    if let Some(report) = consent {
        save_consent(connection, app_id, subject, grant.scope, report, *now)?;
    }
    codes::answer(connection, app_id, code, &Outcome::Session(session.hash.clone()), *now)?;
    Ok(SavedLogin { grant: saved, member })
}

/// Saves what the platform says now over what it said before.
fn save(
    connection: &Connection,
    app_id: &str,
    member: &VerifiedMember,
    now: Timestamp,
) -> rusqlite::Result<StoredMember> {
    let stored = StoredMember::of(member, now);
    let view = stored.view();
    connection
        .prepare_cached(
            "INSERT INTO members
                 (app_id, subject, open_id, user_id, nick_name, avatar, gender, province, city, stored_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (app_id, subject) DO UPDATE SET
                 open_id = excluded.open_id, user_id = excluded.user_id, nick_name = excluded.nick_name,
                 avatar = excluded.avatar, gender = excluded.gender, province = excluded.province,
                 city = excluded.city, stored_at = excluded.stored_at",
        )?
        .execute(params![
            app_id,
            member.ids().key(),
            view.open_id,
            view.user_id,
            view.nick_name,
            view.avatar,
            view.gender,
            view.province,
            view.city,
            to_stored(now)
        ])?;
    Ok(stored)
}

/// The member of a user, if there is one.
fn find(connection: &Connection, app_id: &str, subject: &str) -> rusqlite::Result<Option<StoredMember>> {
    let found = connection
        .prepare_cached(
            "SELECT open_id, user_id, nick_name, avatar, gender, province, city, stored_at
             FROM members WHERE app_id = ?1 AND subject = ?2",
        )?
        .query_row((app_id, subject), |row| read(row, 0))
        .optional()?;
    Ok(found.flatten())
}

/// Whose a grant is.
fn owner_of(connection: &Connection, grant: GrantId) -> rusqlite::Result<Option<GrantOwner>> {
    connection
        .prepare_cached(
            "SELECT app_id, subject, scope, open_id, user_id, nick_name, avatar, gender, province, city, stored_at
             FROM grants LEFT JOIN members USING (app_id, subject) WHERE id = ?1",
        )?
        .query_row([grant.0], |row| owner(row, 0))
        .optional()
}

/// Reads `app_id, subject, scope` from the column `first` on, and after them the columns of the member that may be joined.
pub(super) fn owner(row: &Row<'_>, first: usize) -> rusqlite::Result<GrantOwner> {
    let scope = row.get_ref(first + 2)?.as_str()?;
    Ok(GrantOwner {
        app_id: row.get(first)?,
        subject: row.get(first + 1)?,
        scope: scope
            .parse()
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(first + 2, Type::Text, Box::new(error)))?,
        member: read(row, first + 3)?,
    })
}

/// Reads `open_id, user_id, nick_name, avatar, gender, province, city, stored_at` from the column `first` on; `None` when a
/// join found no member.
fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<StoredMember>> {
    let Some(stored_at) = row.get::<_, Option<i64>>(first + 7)? else { return Ok(None) };
    Ok(Some(StoredMember::new(MemberView {
        open_id: row.get(first)?,
        user_id: row.get(first + 1)?,
        nick_name: row.get(first + 2)?,
        avatar: row.get(first + 3)?,
        gender: row.get(first + 4)?,
        province: row.get(first + 5)?,
        city: row.get(first + 6)?,
        stored_at: from_stored(stored_at),
    })))
}

/// Who was erased while the platform was asked stays erased.
fn refresh(
    connection: &Connection,
    app_id: &str,
    member: &VerifiedMember,
    now: Timestamp,
) -> rusqlite::Result<Option<StoredMember>> {
    if find(connection, app_id, member.ids().key())?.is_none() {
        return Ok(None);
    }
    let stored = save(connection, app_id, member, now)?;
    Ok(Some(stored))
}

fn erase(connection: &Connection, app_id: &str, subject: &str) -> rusqlite::Result<Option<GrantId>> {
    // Deleting the grant deletes its sessions.
    let grant = connection
        .prepare_cached("DELETE FROM grants WHERE app_id = ?1 AND subject = ?2 RETURNING id")?
        .query_row((app_id, subject), |row| row.get(0).map(GrantId))
        .optional()?;
    for statement in [
        "DELETE FROM members WHERE app_id = ?1 AND subject = ?2",
        "DELETE FROM consents WHERE app_id = ?1 AND subject = ?2",
    ] {
        connection.prepare_cached(statement)?.execute((app_id, subject))?;
    }
    Ok(grant)
}

/// The tokens of a user's grant.
fn tokens_of(connection: &Connection, app_id: &str, subject: &str) -> rusqlite::Result<Option<SealedTokens>> {
    connection
        .prepare_cached(
            "SELECT key_id, access_token, refresh_token, access_expires_at, refresh_expires_at FROM grants
             WHERE app_id = ?1 AND subject = ?2",
        )?
        .query_row((app_id, subject), sealed_tokens)
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

/// Saves a grant under `new`, or over the one that the user has, unless that is better. Gives the user's grant.
fn save_grant(
    connection: &Connection,
    grant: &SealedGrant,
    new: GrantId,
    sessions_end: Timestamp,
) -> rusqlite::Result<GrantId> {
    let saved = connection
        .prepare_cached(
            "INSERT INTO grants (id, app_id, subject, scope, key_id, access_token, refresh_token,
                                 access_expires_at, refresh_expires_at, granted_at, over_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (app_id, subject) DO UPDATE SET
                 scope = excluded.scope, key_id = excluded.key_id, access_token = excluded.access_token,
                 refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
                 refresh_expires_at = excluded.refresh_expires_at, granted_at = excluded.granted_at,
                 over_at = max(grants.over_at, excluded.over_at)
             WHERE excluded.scope = 'auth_user' OR grants.scope = 'auth_base'
                OR (grants.access_expires_at <= excluded.granted_at
                    AND (grants.refresh_token IS NULL OR grants.refresh_expires_at <= excluded.granted_at))
             RETURNING id",
        )?
        .query_row(
            params![
                new.0,
                grant.app_id,
                grant.subject,
                grant.scope.as_str(),
                grant.key_id,
                grant.access_token,
                grant.refresh_token,
                grant.access_expires_at.map(to_stored),
                grant.refresh_expires_at.map(to_stored),
                to_stored(grant.granted_at),
                grant.over_at(sessions_end)
            ],
            |row| row.get(0).map(GrantId),
        )
        .optional()?;
    match saved {
        Some(id) => Ok(id),
        None => keep(connection, grant, sessions_end),
    }
}

/// Leaves the better grant that the user has as it is, but for its end, and gives it.
fn keep(connection: &Connection, grant: &SealedGrant, sessions_end: Timestamp) -> rusqlite::Result<GrantId> {
    let (id, known_end): (i64, i64) = connection
        .prepare_cached("SELECT id, over_at FROM grants WHERE app_id = ?1 AND subject = ?2")?
        .query_row((&grant.app_id, &grant.subject), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let end = end_of_day(sessions_end);
    // Seldom, for the logins of one day end on one day.
    if known_end < end {
        connection.prepare_cached("UPDATE grants SET over_at = ?1 WHERE id = ?2")?.execute((end, id))?;
    }
    Ok(GrantId(id))
}

/// Puts new tokens into the grant that a user has.
fn renew_tokens(connection: &Connection, grant: &SealedGrant) -> rusqlite::Result<bool> {
    let renewed = connection
        .prepare_cached(
            "UPDATE grants SET key_id = ?1, access_token = ?2, refresh_token = ?3, access_expires_at = ?4,
                               refresh_expires_at = ?5, granted_at = ?6, over_at = max(?7, over_at)
             WHERE app_id = ?8 AND subject = ?9",
        )?
        .execute(params![
            grant.key_id,
            grant.access_token,
            grant.refresh_token,
            grant.access_expires_at.map(to_stored),
            grant.refresh_expires_at.map(to_stored),
            to_stored(grant.granted_at),
            grant.over_at(grant.granted_at),
            grant.app_id,
            grant.subject
        ])?;
    Ok(renewed == 1)
}

pub(super) fn ended_grants() -> Sweep {
    Sweep::new(
        "SELECT over_at < ?1, id FROM grants WHERE id > ?2 ORDER BY id",
        "DELETE FROM grants WHERE id = ?2 AND over_at < ?1",
        // Comes before every number.
        vec![Value::Real(f64::NEG_INFINITY)],
    )
}

/// A user's reports, the newest first.
fn list_consents(connection: &Connection, app_id: &str, subject: &str) -> rusqlite::Result<Vec<ReportedConsent>> {
    let mut select = connection.prepare_cached(
        "SELECT scope, purpose, reported_at, received_at FROM consents
         WHERE app_id = ?1 AND subject = ?2 ORDER BY id DESC",
    )?;
    let reports = select.query_map((app_id, subject), |row| {
        Ok(ReportedConsent {
            scope: row.get("scope")?,
            purpose: row.get("purpose")?,
            reported_at: from_stored(row.get("reported_at")?),
            received_at: from_stored(row.get("received_at")?),
        })
    })?;
    // Not a LIMIT: SQLite parses a statement anew whenever its limit is given a value.
    reports.take(LONGEST_LIST).collect()
}

/// Keeps a report beside the server's own time.
fn save_consent(
    connection: &Connection,
    app_id: &str,
    subject: &str,
    scope: Scope,
    report: &ConsentReport,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO consents (app_id, subject, scope, purpose, reported_at, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            app_id,
            subject,
            scope.as_str(),
            report.purpose.as_str(),
            to_stored(report.at),
            to_stored(now)
        ])?;
    Ok(())
}
