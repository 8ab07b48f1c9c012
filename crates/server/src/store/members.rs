//! Members: what the open platform said about users who agreed to it.
//!
//! Three types keep the page's word out. [`save`] takes a [`VerifiedMember`], which only a verified answer of the gateway
//! makes; [`StoredMember`] is made only here; [`MemberView`] is what a client sees.

use super::moment;
use miniauth_core::{time::Timestamp, wire::MemberView};
use miniauth_openplatform::VerifiedMember;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

/// A member that stands in the database.
#[derive(Debug, Clone)]
pub struct StoredMember(MemberView);

impl StoredMember {
    /// The member as clients see it.
    pub fn view(&self) -> &MemberView {
        &self.0
    }

    /// The same, for good.
    pub fn into_view(self) -> MemberView {
        self.0
    }

    /// Reads the columns of `members`; `None` when a join found no member.
    pub(super) fn from_row(row: &SqliteRow) -> sqlx::Result<Option<Self>> {
        let Some(stored_at) = row.try_get::<Option<i64>, _>("stored_at")? else { return Ok(None) };
        Ok(Some(Self(MemberView {
            open_id: row.try_get("open_id")?,
            user_id: row.try_get("user_id")?,
            nick_name: row.try_get("nick_name")?,
            avatar: row.try_get("avatar")?,
            gender: row.try_get("gender")?,
            province: row.try_get("province")?,
            city: row.try_get("city")?,
            stored_at: moment::from_stored(stored_at),
        })))
    }
}

/// Saves what the platform says now over what it said before.
///
/// # Errors
/// What the database says.
pub async fn save(
    connection: &mut SqliteConnection,
    app_id: &str,
    member: VerifiedMember,
    now: Timestamp,
) -> sqlx::Result<StoredMember> {
    let subject = member.subject();
    sqlx::query(
        "INSERT INTO members (app_id, subject, open_id, user_id, nick_name, avatar, gender, province, city, stored_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (app_id, subject) DO UPDATE SET
             open_id = excluded.open_id, user_id = excluded.user_id, nick_name = excluded.nick_name,
             avatar = excluded.avatar, gender = excluded.gender, province = excluded.province,
             city = excluded.city, stored_at = excluded.stored_at",
    )
    .bind(app_id)
    .bind(subject.key())
    .bind(subject.open_id())
    .bind(subject.user_id())
    .bind(member.nick_name())
    .bind(member.avatar())
    .bind(member.gender())
    .bind(member.province())
    .bind(member.city())
    .bind(moment::to_stored(now))
    .execute(connection)
    .await?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(StoredMember(MemberView {
        open_id: owned(subject.open_id()),
        user_id: owned(subject.user_id()),
        nick_name: owned(member.nick_name()),
        avatar: owned(member.avatar()),
        gender: owned(member.gender()),
        province: owned(member.province()),
        city: owned(member.city()),
        stored_at: now,
    }))
}

/// The member of a user, if there is one.
///
/// # Errors
/// What the database says.
pub async fn find(
    connection: &mut SqliteConnection,
    app_id: &str,
    subject: &str,
) -> sqlx::Result<Option<StoredMember>> {
    let row = sqlx::query(
        "SELECT open_id, user_id, nick_name, avatar, gender, province, city, stored_at
         FROM members WHERE app_id = ? AND subject = ?",
    )
    .bind(app_id)
    .bind(subject)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map_or(Ok(None), StoredMember::from_row)
}
