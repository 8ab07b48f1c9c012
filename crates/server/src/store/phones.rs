//! Phone numbers: one per user of an app, sealed, and found by keyed hashes.
//!
//! The platform's answer does not name the user, so a number proves nothing about its owner. A number that another user
//! of the app already has is stored as unconfirmed, and never merges two users.

use super::StoreError;
use async_trait::async_trait;
use miniauth_core::{
    time::Timestamp,
    wire::{ConsentReport, SubjectId},
};
use miniauth_openplatform::UserIds;
use std::sync::Arc;

/// The scope under which consents to phone numbers are reported.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const SCOPE: &str = "phoneNumber";

/// A sealed number for the database, with the hash under which it is found.
#[derive(Clone)]
pub(crate) struct SealedNumber {
    pub(crate) key_id: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

/// A number that replaces the user's present one.
pub(crate) struct NewPhone {
    pub(crate) app_id: String,
    pub(crate) subject: SubjectId,
    pub(crate) number: SealedNumber,
    /// The number's hashes under older keys.
    pub(crate) older_hashes: Vec<Vec<u8>>,
    pub(crate) signed: bool,
    pub(crate) consent: Option<ConsentReport>,
    pub(crate) consented_at: Timestamp,
    pub(crate) now: Timestamp,
}

/// A stored number.
pub(crate) struct KeptPhone {
    pub(crate) subject: SubjectId,
    pub(crate) app_id: String,
    pub(crate) ids: UserIds,
    pub(crate) key_id: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) signed: bool,
    pub(crate) confirmed: bool,
}

/// Stores the numbers of subjects. A subject's own id and its retired ids all name it.
#[async_trait]
pub(crate) trait PhoneStore: Send + Sync {
    /// Saves a number and the report of its consent in one transaction. Returns whether it is confirmed: no other user
    /// of the app has it confirmed. If not, adds an audit row, once. `None` if the user was erased in the meantime.
    async fn save_phone(&self, phone: Arc<NewPhone>) -> Result<Option<bool>, StoreError>;

    /// Returns a user's number.
    async fn phone(&self, subject: SubjectId) -> Result<Option<KeptPhone>, StoreError>;

    /// Returns up to `limit` numbers that a key sealed, of subjects after `after`, in the order of the subjects.
    async fn phones_sealed_by(&self, key_id: &str, after: i64, limit: u32) -> Result<Vec<KeptPhone>, StoreError>;

    /// Replaces `old` by the same number, sealed with the current key, unless it was replaced in the meantime.
    async fn reseal_phone(&self, old: &KeptPhone, number: SealedNumber) -> Result<(), StoreError>;
}

/// Selects the columns of a [`KeptPhone`].
#[cfg(any(feature = "postgres", feature = "sqlite"))]
macro_rules! kept_phones {
    () => {
        "SELECT subjects.id, app_id, open_id, user_id, union_id, key_id, number, signed, confirmed
         FROM phones JOIN subjects ON subjects.id = phones.subject "
    };
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) use statements::*;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod statements {
    pub(in crate::store) const FIND: &str =
        concat!(kept_phones!(), "WHERE subjects.id = (SELECT coalesce(retired_into, id) FROM subjects WHERE id = $1)");

    /// The numbers sealed by the key `$1`, of subjects after `$2`, at most `$3`.
    pub(in crate::store) const SEALED_BY: &str =
        concat!(kept_phones!(), "WHERE key_id = $1 AND subjects.id > $2 ORDER BY subjects.id LIMIT $3");

    /// Counts the users of the app `$1` other than `$3` who have the number with the hash `$2` confirmed.
    pub(in crate::store) const HELD: &str = "
        SELECT count(*) FROM phones JOIN subjects ON subjects.id = phones.subject
        WHERE app_id = $1 AND number_hash = $2 AND phones.subject <> $3 AND confirmed = 1";

    /// Whether the user `$1` already has the number with the hash `$2` unconfirmed.
    pub(in crate::store) const UNCONFIRMED: &str =
        "SELECT count(*) FROM phones WHERE subject = $1 AND number_hash = $2 AND confirmed = 0";

    pub(in crate::store) const SAVE: &str = "
        INSERT INTO phones (subject, key_id, number, number_hash, signed, confirmed, consented_at, stored_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (subject) DO UPDATE SET
            key_id = excluded.key_id, number = excluded.number, number_hash = excluded.number_hash,
            signed = excluded.signed, confirmed = excluded.confirmed, consented_at = excluded.consented_at,
            stored_at = excluded.stored_at";

    pub(in crate::store) const RESEAL: &str =
        "UPDATE phones SET key_id = $1, number = $2, number_hash = $3 WHERE subject = $4 AND number = $5";
}
