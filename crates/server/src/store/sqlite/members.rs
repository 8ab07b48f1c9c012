//! Members and what belongs to them.

use super::{Database, Patience, consents, grants, login::finish_login};
use crate::store::{
    StoreFault,
    members::{
        Erasure, GrantId, Login, MemberStore, Owner, ReportedConsent, SavedLogin, SealedGrant, SealedTokens,
        StoredMember,
    },
    moment,
};
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::MemberView};
use miniauth_openplatform::VerifiedMember;
use rusqlite::{Connection, OptionalExtension as _, Row, params, types::Type};

#[async_trait]
impl MemberStore for Database {
    async fn save_login(&self, login: &Login<'_>) -> Result<SavedLogin, StoreFault> {
        self.write_with(|connection| finish_login(connection, login, None)).await
    }

    async fn owner(&self, grant: GrantId) -> Result<Option<Owner>, StoreFault> {
        self.read_with(|connection| grants::owner(connection, grant)).await
    }

    async fn tokens(&self, app_id: &str, subject: &str) -> Result<Option<SealedTokens>, StoreFault> {
        self.read_with(|connection| grants::tokens(connection, app_id, subject)).await
    }

    async fn renew_grant(&self, grant: &SealedGrant<'_>) -> Result<bool, StoreFault> {
        self.write_with(|connection| grants::renew(connection, grant)).await
    }

    async fn refresh_member(
        &self,
        app_id: &str,
        member: &VerifiedMember,
        now: Timestamp,
    ) -> Result<Option<StoredMember>, StoreFault> {
        self.write_with(|connection| refresh(connection, app_id, member, now)).await
    }

    async fn consents(&self, app_id: &str, subject: &str) -> Result<Vec<ReportedConsent>, StoreFault> {
        self.read_with(|connection| consents::list(connection, app_id, subject)).await
    }

    async fn erase(&self, app_id: &str, subject: &str) -> Result<Erasure, StoreFault> {
        let grant = self.write_with(|connection| erase(connection, app_id, subject)).await?;
        Ok(Erasure { grant, complete: self.complete_erasures().await? })
    }

    /// Empties the journal; `false` when others were in the way for longer than anyone should wait.
    ///
    /// SQLite overwrites what it deletes (`secure_delete`), and with an empty journal the bytes are in neither file. What
    /// the file system or a backup kept of older versions of these files is out of reach.
    async fn complete_erasures(&self) -> Result<bool, StoreFault> {
        let mut patience = Patience::new();
        loop {
            let is_empty = self.journal.empty().await?;
            if is_empty || !patience.waits().await {
                return Ok(is_empty);
            }
        }
    }

    async fn forget_grants(&self, before: Timestamp, limit: u32) -> Result<u64, StoreFault> {
        self.sweep(&self.over_grants, before, limit).await
    }

    async fn probe(&self) -> Result<(), StoreFault> {
        self.read_with(|connection| {
            connection.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM grants LIMIT 1)")?.query_row((), |_| Ok(()))
        })
        .await?;
        self.write_with(|_| Ok(())).await
    }

    async fn close(&self) {
        self.close_all().await;
    }
}

/// Saves what the platform says now over what it said before.
pub(super) fn save(
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
            member.subject().key(),
            view.open_id,
            view.user_id,
            view.nick_name,
            view.avatar,
            view.gender,
            view.province,
            view.city,
            moment::to_stored(now)
        ])?;
    Ok(stored)
}

/// The member of a user, if there is one.
pub(super) fn find(connection: &Connection, app_id: &str, subject: &str) -> rusqlite::Result<Option<StoredMember>> {
    let found = connection
        .prepare_cached(
            "SELECT open_id, user_id, nick_name, avatar, gender, province, city, stored_at
             FROM members WHERE app_id = ?1 AND subject = ?2",
        )?
        .query_row((app_id, subject), |row| read(row, 0))
        .optional()?;
    Ok(found.flatten())
}

/// Reads `app_id, subject, scope` from the column `first` on, and after them the columns of the member that may be joined.
pub(super) fn owner(row: &Row<'_>, first: usize) -> rusqlite::Result<Owner> {
    let scope = row.get_ref(first + 2)?.as_str()?;
    Ok(Owner {
        app_id: row.get(first)?,
        subject: row.get(first + 1)?,
        scope: scope
            .parse()
            .map_err(|fault| rusqlite::Error::FromSqlConversionFailure(first + 2, Type::Text, Box::new(fault)))?,
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
        stored_at: moment::from_stored(stored_at),
    })))
}

/// Who was erased while the platform was asked stays erased.
fn refresh(
    connection: &Connection,
    app_id: &str,
    member: &VerifiedMember,
    now: Timestamp,
) -> rusqlite::Result<Option<StoredMember>> {
    if find(connection, app_id, member.subject().key())?.is_none() {
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
