//! Phone numbers: one for each user of an app, sealed, and found by keyed hashes.
//!
//! Nothing in the platform's answer names the user, so that a number proves nothing about whose it is: one that another user of
//! the app holds already is kept unconfirmed, and never makes two users one.

use super::StoreError;
use async_trait::async_trait;
use miniauth_core::{
    time::Timestamp,
    wire::{ConsentReport, SubjectId},
};
use miniauth_openplatform::UserIds;
use std::sync::Arc;

/// What consents to phone numbers are reported under.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const SCOPE: &str = "phoneNumber";

/// A number as it goes into the database, and how it is found there.
#[derive(Clone)]
pub(crate) struct SealedNumber {
    pub(crate) key_id: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

/// A number to be kept in place of the one that the user has.
pub(crate) struct NewPhone {
    pub(crate) app_id: String,
    pub(crate) subject: SubjectId,
    pub(crate) number: SealedNumber,
    /// The hashes that it has under older keys.
    pub(crate) older_hashes: Vec<Vec<u8>>,
    pub(crate) signed: bool,
    pub(crate) consent: Option<ConsentReport>,
    pub(crate) consented_at: Timestamp,
    pub(crate) now: Timestamp,
}

/// A number that is kept.
pub(crate) struct KeptPhone {
    pub(crate) subject: SubjectId,
    pub(crate) app_id: String,
    pub(crate) ids: UserIds,
    pub(crate) key_id: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) signed: bool,
    pub(crate) confirmed: bool,
}

/// Keeps the numbers of subjects. A subject is named by its own id or by a retired one.
#[async_trait]
pub(crate) trait PhoneStore: Send + Sync {
    /// Keeps a number, with the report of its consent, all or nothing; gives whether it is confirmed: no other user of the app
    /// holds it confirmed; else that is noted, once. `None` when the user was erased meanwhile.
    async fn save_phone(&self, phone: Arc<NewPhone>) -> Result<Option<bool>, StoreError>;

    /// The number of a user.
    async fn phone(&self, subject: SubjectId) -> Result<Option<KeptPhone>, StoreError>;

    /// Up to `limit` numbers that a key sealed, of subjects behind `after`, in the order of these.
    async fn phones_sealed_by(&self, key_id: &str, after: i64, limit: u32) -> Result<Vec<KeptPhone>, StoreError>;

    /// Puts a number as the present key seals it in the place of `old`; one that took its place meanwhile stays.
    async fn reseal_phone(&self, old: &KeptPhone, number: SealedNumber) -> Result<(), StoreError>;
}

/// What a [`KeptPhone`] is read from: `$1` is the subject, or a retired id of it.
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

    /// Those that the key `$1` sealed, of subjects behind `$2`, at most `$3`.
    pub(in crate::store) const SEALED_BY: &str =
        concat!(kept_phones!(), "WHERE key_id = $1 AND subjects.id > $2 ORDER BY subjects.id LIMIT $3");

    /// How many of the app `$1` hold a number by its hash `$2` but the user `$3`.
    pub(in crate::store) const HELD: &str = "
        SELECT count(*) FROM phones JOIN subjects ON subjects.id = phones.subject
        WHERE app_id = $1 AND number_hash = $2 AND phones.subject <> $3 AND confirmed = 1";

    /// Whether the user `$1` has the number of the hash `$2` unconfirmed already.
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
