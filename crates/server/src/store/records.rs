//! Everything that is stored about a user, for an operator who must disclose it.

use super::{
    Actor, AuditAction, StoreError, Stores,
    audit::AuditEntry,
    members::{Owner, ReportedConsent},
    phones::KeptPhone,
    sessions::SessionId,
};
use crate::crypto::{Sealers, ServerKey};
use async_trait::async_trait;
use miniauth_core::{scope::Scope, time::Timestamp, wire::SubjectId};
use miniauth_openplatform::UserIds;
use serde::{Serialize, Serializer};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Everything that is stored about a user of an app, with the source and time of each value. It is personal data, so it
/// does not print; its JSON form answers a person's request for their data. Times are RFC 3339, in UTC.
///
/// Two things are stored but not included: hashes of used codes, which identify nobody; and, for 30 days, hashes of the
/// ids of users who withdrew consent, so that a late answer does not undo that.
#[derive(Serialize)]
pub struct UserRecord {
    /// The user's id in this app.
    pub subject: SubjectId,
    /// Other subjects that turned out to be the same user.
    pub previous_subjects: Vec<SubjectId>,
    /// The app that the user uses.
    pub app_id: String,
    /// When the user was first seen.
    #[serde(serialize_with = "date")]
    pub known_since: Timestamp,
    /// The platform's ids of the user.
    pub ids: IdRecord,
    /// The profile, if the user became a member.
    pub member: Option<MemberRecord>,
    /// The phone number, if the user gave one.
    pub phone: Option<PhoneRecord>,
    /// The platform's permission to query it about the user.
    pub grant: Option<GrantRecord>,
    /// What the user's clients reported about consent, the newest first.
    pub consents: Vec<ConsentRecord>,
    /// The valid sessions, the newest first.
    pub sessions: Vec<SessionRecord>,
}

/// The platform's ids of a user.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the platform's own names")]
pub struct IdRecord {
    pub user_id: Option<String>,
    pub open_id: Option<String>,
    pub union_id: Option<String>,
    /// The source of the ids.
    pub source: &'static str,
}

impl IdRecord {
    pub(super) fn new(ids: &UserIds) -> Self {
        let [user_id, open_id, union_id] =
            [ids.user_id(), ids.open_id(), ids.union_id()].map(|id| id.map(str::to_owned));
        Self { user_id, open_id, union_id, source: "the platform's answers at logins" }
    }
}

/// The profile that the platform gave after the user agreed.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the platform's own names")]
pub struct MemberRecord {
    pub nick_name: Option<String>,
    pub avatar: Option<String>,
    pub gender: Option<String>,
    pub province: Option<String>,
    pub city: Option<String>,
    /// The source of the profile.
    pub source: &'static str,
    /// When the user agreed to it, as far as known.
    #[serde(serialize_with = "date")]
    pub consented_at: Timestamp,
    /// When the platform gave it.
    #[serde(serialize_with = "date")]
    pub stored_at: Timestamp,
}

impl MemberRecord {
    pub(super) const SOURCE: &'static str = "the platform's answer to alipay.user.info.share";
}

/// A phone number.
#[derive(Serialize)]
pub struct PhoneRecord {
    /// In clear. `None`: none of the given keys sealed it.
    pub number: Option<String>,
    /// Whether no other user of the app had it when it was posted.
    pub confirmed: bool,
    /// Whether the platform had signed it.
    pub signed: bool,
    /// The source of the number.
    pub source: &'static str,
    /// When the user pressed the button.
    #[serde(serialize_with = "date")]
    pub consented_at: Timestamp,
    /// When it was stored.
    #[serde(serialize_with = "date")]
    pub stored_at: Timestamp,
}

impl PhoneRecord {
    pub(super) fn new(kept: &KeptPhone, consented_at: Timestamp, stored_at: Timestamp) -> Self {
        let KeptPhone { signed, confirmed, .. } = *kept;
        let source = "the platform's encrypted answer after the user pressed the button, posted by the page";
        Self { number: None, confirmed, signed, source, consented_at, stored_at }
    }
}

/// The grant, without the platform's tokens: they are the server's secrets, and say nothing about the user.
#[derive(Serialize)]
pub struct GrantRecord {
    /// Its scope: `auth_base` or `auth_user`.
    pub scope: String,
    /// The source of the grant.
    pub source: &'static str,
    /// When the user agreed to it, as far as known.
    #[serde(serialize_with = "date")]
    pub consented_at: Timestamp,
    /// When the platform issued its tokens.
    #[serde(serialize_with = "date")]
    pub granted_at: Timestamp,
    /// When the access token expires, if the platform said so.
    #[serde(serialize_with = "date_if_any")]
    pub access_expires_at: Option<Timestamp>,
    /// When it can no longer be renewed, if the platform said so.
    #[serde(serialize_with = "date_if_any")]
    pub refresh_expires_at: Option<Timestamp>,
}

impl GrantRecord {
    pub(super) const SOURCE: &'static str = "the platform's answer to alipay.system.oauth.token";
}

/// A consent as a client reported it.
#[derive(Serialize)]
pub struct ConsentRecord {
    /// What it was about: `auth_base`, `auth_user` or `phoneNumber`.
    pub scope: String,
    /// What the user was told.
    pub purpose: String,
    /// The source of the report.
    pub source: &'static str,
    /// The client's time.
    #[serde(serialize_with = "date")]
    pub reported_at: Timestamp,
    /// The server's time.
    #[serde(serialize_with = "date")]
    pub received_at: Timestamp,
}

impl From<ReportedConsent> for ConsentRecord {
    fn from(report: ReportedConsent) -> Self {
        let ReportedConsent { scope, purpose, reported_at, received_at } = report;
        Self { scope, purpose, source: "reported by the user's client", reported_at, received_at }
    }
}

/// A valid session.
#[derive(Serialize)]
pub struct SessionRecord {
    /// Its id in `GET /sessions`; no bearer can be derived from it.
    pub id: String,
    /// The source of the session.
    pub source: &'static str,
    /// When the user logged in.
    #[serde(serialize_with = "date")]
    pub created_at: Timestamp,
    /// When it expires.
    #[serde(serialize_with = "date")]
    pub expires_at: Timestamp,
}

/// Formats a time in RFC 3339, to the second.
pub fn rfc3339(moment: Timestamp) -> String {
    let seconds = i64::try_from(moment.as_seconds()).unwrap_or(i64::MAX);
    let at = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(&Rfc3339).ok());
    // After the year 9999, for example as a client reported it.
    at.unwrap_or_else(|| format!("{} ms after 1970", moment.as_millis()))
}

/// Parses a time in RFC 3339; `None` if it is malformed or before 1970.
pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(at.unix_timestamp()).ok().map(Timestamp::from_seconds)
}

fn date<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*moment))
}

fn date_if_any<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(rfc3339).serialize(serializer)
}

/// A user's data in the database: without sessions, which may be elsewhere, and with the number still sealed.
pub(crate) struct StoredUser {
    pub(crate) record: UserRecord,
    pub(crate) ids: UserIds,
    pub(crate) phone: Option<KeptPhone>,
}

/// Reads all data of users. A subject's own id and its retired ids all name it.
#[async_trait]
pub(crate) trait RecordStore: Send + Sync {
    /// Returns the users with this id of the platform, of any kind, in one app or all; at most 20. Without an app it
    /// scans the whole table.
    async fn users_named(&self, id: &str, app_id: Option<&str>) -> Result<Vec<SubjectId>, StoreError>;

    /// Returns all data about a user in the database, as it is at one moment.
    async fn user(&self, subject: SubjectId) -> Result<Option<StoredUser>, StoreError>;
}

impl Stores {
    /// Returns the users with this id: a subject (also a retired one) or an id of the platform, in one app or all. At
    /// most 20.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn users_named(&self, id: &str, app_id: Option<&str>) -> Result<Vec<SubjectId>, StoreError> {
        let mut found = self.records.users_named(id, app_id).await?;
        let number = Some(id).filter(|id| id.len() == 16).and_then(|id| i64::from_str_radix(id, 16).ok());
        if let Some(subject) = number.map(SubjectId::from_stored)
            && let Some(user) = self.records.user(subject).await?
            && app_id.is_none_or(|app_id| app_id == user.record.app_id)
            && !found.contains(&user.record.subject)
        {
            found.push(user.record.subject);
        }
        Ok(found)
    }

    /// Returns everything that is stored about a user; `None` if there is nothing. `keys` decrypt the phone number: the
    /// server's key and the earlier ones.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails.
    pub async fn user_record(
        &self,
        subject: SubjectId,
        keys: &[ServerKey],
        now: Timestamp,
    ) -> Result<Option<UserRecord>, StoreError> {
        let Some(StoredUser { mut record, ids, phone }) = self.records.user(subject).await? else { return Ok(None) };
        if let (Some(record), Some(kept), [current, old @ ..]) = (&mut record.phone, &phone, keys) {
            let number = Sealers::new(current, old).open_phone(kept);
            record.number = number.map(|number| number.expose().to_owned());
        }
        let sessions = self.sessions.list(&owner(&record, ids), now).await?;
        record.sessions = sessions
            .into_iter()
            .map(|session| SessionRecord {
                id: session.id.to_string(),
                source: "created by this server at a login",
                created_at: session.created_at,
                expires_at: session.expires_at,
            })
            .collect();
        Ok(Some(record))
    }

    /// Erases everything that is stored about a user, including all sessions, as `DELETE /member` does; writes the
    /// erasure journal first. Returns `false` if nothing was stored.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails. If it was the session store, the user is erased all the same; the sessions are
    /// invalid, and are deleted when they expire.
    pub async fn erase_user(&self, subject: SubjectId, by: &Actor, now: Timestamp) -> Result<bool, StoreError> {
        let Some(StoredUser { record, ids, .. }) = self.records.user(subject).await? else { return Ok(false) };
        self.note_erasure(&owner(&record, ids), now).await?;
        let entry = AuditEntry::new(by, AuditAction::MemberErased, now);
        let erasure = self.members.erase(subject, entry).await?;
        self.sessions.end_all(&erasure.subjects).await?;
        Ok(!erasure.subjects.is_empty())
    }

    /// Ends a user's sessions, or the one with this id; records it in the audit first. Returns how many valid sessions
    /// that were.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails.
    pub async fn end_sessions(
        &self,
        subject: SubjectId,
        only: Option<&str>,
        by: &Actor,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let Some(StoredUser { record, ids, .. }) = self.records.user(subject).await? else { return Ok(0) };
        let owner = owner(&record, ids);
        let living = self.sessions.list(&owner, now).await?;
        let which = if only.is_some() { "one" } else { "all" };
        self.note(by, AuditAction::SessionsEnded, Some(record.subject), Some(which.to_owned()), now).await?;
        match only {
            None => {
                let every: Vec<_> = owner.every_subject().collect();
                self.sessions.end_all(&every).await?;
                Ok(living.len())
            }
            Some(id) => {
                let Some(id) = SessionId::parse(id) else { return Ok(0) };
                self.sessions.revoke(&owner, &id).await?;
                Ok(living.iter().filter(|session| session.id == id).count())
            }
        }
    }
}

/// Returns the user as the owner of sessions.
fn owner(record: &UserRecord, ids: UserIds) -> Owner {
    Owner {
        app_id: record.app_id.clone(),
        subject: record.subject,
        previous: record.previous_subjects.clone(),
        ids,
        scope: record.grant.as_ref().and_then(|grant| grant.scope.parse().ok()).unwrap_or(Scope::AuthBase),
        member: None,
        has_phone: record.phone.is_some(),
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) use statements::*;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod statements {
    /// Users with the id `$1`, in the app `$2` or all.
    pub(in crate::store) const NAMED: &str = "
        SELECT id FROM subjects WHERE (open_id = $1 OR user_id = $1 OR union_id = $1) AND app_id = coalesce($2, app_id)
        ORDER BY created_at LIMIT 20";

    /// A user's row with the related data: `$1` is the subject, or a retired id of it.
    pub(in crate::store) const USER: &str = "
        SELECT subjects.id, app_id, open_id, user_id, union_id, created_at,
               nick_name, avatar, gender, province, city, subjects.stored_at, subjects.consented_at,
               grants.scope, granted_at, grants.consented_at, access_expires_at, refresh_expires_at,
               phones.consented_at, phones.stored_at
        FROM subjects LEFT JOIN grants ON grants.subject = subjects.id LEFT JOIN phones ON phones.subject = subjects.id
        WHERE subjects.id = (SELECT coalesce(retired_into, id) FROM subjects WHERE id = $1)";

    pub(in crate::store) const PREVIOUS: &str = "SELECT id FROM subjects WHERE retired_into = $1 ORDER BY created_at";

    pub(in crate::store) const CONSENTS: &str =
        "SELECT scope, purpose, reported_at, received_at FROM consents WHERE subject = $1 ORDER BY id DESC";
}
