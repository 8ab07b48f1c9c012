//! The back-ends that may introspect sessions.

use super::{Actor, AuditAction, StoreError, Stores, audit::AuditEntry};
use crate::crypto::{BackendSecret, BackendSecretHash};
use async_trait::async_trait;
use miniauth_core::{random::Random, time::Timestamp};
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr, time::Duration};

/// The name with which a back-end authenticates.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct BackendName(String);

impl BackendName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BackendName {
    type Err = BackendNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if (1..=64).contains(&name.len()) && name.bytes().all(is_plain) {
            Ok(Self(name.to_owned()))
        } else {
            Err(BackendNameError)
        }
    }
}

/// The text is not a valid name of a back-end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid name of a back-end: 1 to 64 letters, digits, - . or _")]
pub struct BackendNameError;

/// The data about a session's user that a back-end gets beside the subject. By default none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BackendClaims {
    /// The member as the platform described it: nickname, avatar and the like.
    pub member: bool,
    /// The phone number in full.
    pub phone: bool,
    /// All ids that the platform has used for the user.
    pub ids: bool,
}

impl BackendClaims {
    /// Returns the names of the granted claims.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let granted = [(self.member, "member"), (self.phone, "phone"), (self.ids, "ids")];
        granted.into_iter().filter_map(|(granted, name)| granted.then_some(name))
    }
}

impl FromStr for BackendClaims {
    type Err = BackendClaimsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut claims = Self::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name {
                "member" => claims.member = true,
                "phone" => claims.phone = true,
                "ids" => claims.ids = true,
                _ => return Err(BackendClaimsError),
            }
        }
        Ok(claims)
    }
}

/// The text is not a list of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not claims: they are member, phone and ids, separated by commas")]
pub struct BackendClaimsError;

impl fmt::Display for BackendClaims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.names().collect::<Vec<_>>().join(","))
    }
}

impl Serialize for BackendClaims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

/// A back-end as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backend {
    /// The name with which it authenticates.
    pub name: BackendName,
    /// The data that it gets beside the subject.
    pub claims: BackendClaims,
    /// The only app whose sessions it may introspect; `None`: all apps.
    pub app_id: Option<String>,
    /// When its secret was created.
    pub changed_at: Timestamp,
}

/// A back-end, as stored in the database.
pub(crate) struct StoredBackend {
    pub(crate) backend: Backend,
    pub(crate) secret: BackendSecretHash,
    /// The previous secret, and until when it is valid.
    pub(crate) old_secret: Option<(BackendSecretHash, Timestamp)>,
}

/// Stores the back-ends. Changes are recorded in the audit in the same transaction.
#[async_trait]
pub(crate) trait BackendStore: Send + Sync {
    /// Returns all back-ends, by name.
    async fn backends(&self) -> Result<Vec<StoredBackend>, StoreError>;

    /// Adds a back-end; `false` if the name is taken.
    async fn add_backend(&self, backend: StoredBackend, entry: AuditEntry) -> Result<bool, StoreError>;

    /// Replaces a back-end's secret; the previous one stays valid until `old_until`. `false` if there is no such
    /// back-end.
    async fn change_secret(
        &self,
        name: &BackendName,
        secret: BackendSecretHash,
        old_until: Timestamp,
        entry: AuditEntry,
    ) -> Result<bool, StoreError>;

    /// Removes a back-end; `false` if there is none of that name.
    async fn remove_backend(&self, name: &BackendName, entry: AuditEntry) -> Result<bool, StoreError>;
}

impl Stores {
    /// Returns the back-ends that may introspect sessions, by name.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn backends(&self) -> Result<Vec<Backend>, StoreError> {
        Ok(self.backends.backends().await?.into_iter().map(|stored| stored.backend).collect())
    }

    /// Adds a back-end and returns its secret, whose hash alone is stored; `None` if the name is taken.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn add_backend(
        &self,
        backend: Backend,
        by: &Actor,
        random: &dyn Random,
    ) -> Result<Option<BackendSecret>, StoreError> {
        let secret = BackendSecret::generate(random);
        let entry = entry(by, AuditAction::BackendAdded, &backend.name, backend.changed_at);
        let stored = StoredBackend { backend, secret: BackendSecretHash::of(&secret), old_secret: None };
        Ok(self.backends.add_backend(stored, entry).await?.then_some(secret))
    }

    /// Replaces a back-end's secret; the previous one stays valid for `grace`. `None` if there is no such back-end.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn rotate_backend(
        &self,
        name: &BackendName,
        grace: Duration,
        by: &Actor,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Option<BackendSecret>, StoreError> {
        let secret = BackendSecret::generate(random);
        let entry = entry(by, AuditAction::BackendRotated, name, now);
        let old_until = now.plus_seconds(grace.as_secs());
        let changed = self.backends.change_secret(name, BackendSecretHash::of(&secret), old_until, entry).await?;
        Ok(changed.then_some(secret))
    }

    /// Removes a back-end; `false` if there is none of that name.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn remove_backend(&self, name: &BackendName, by: &Actor, now: Timestamp) -> Result<bool, StoreError> {
        self.backends.remove_backend(name, entry(by, AuditAction::BackendRemoved, name, now)).await
    }
}

fn entry(by: &Actor, action: AuditAction, name: &BackendName, now: Timestamp) -> AuditEntry {
    AuditEntry::new(by, action, now).saying(name.as_str())
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) use statements::*;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod statements {
    use super::*;
    use crate::store::from_stored;

    /// A row as read.
    pub(in crate::store) struct BackendRow {
        pub(in crate::store) name: String,
        pub(in crate::store) claims: String,
        pub(in crate::store) app_id: Option<String>,
        pub(in crate::store) secret_hash: Vec<u8>,
        pub(in crate::store) old_secret_hash: Option<Vec<u8>>,
        pub(in crate::store) old_secret_until: Option<i64>,
        pub(in crate::store) changed_at: i64,
    }

    impl From<BackendRow> for StoredBackend {
        fn from(row: BackendRow) -> Self {
            let old_secret = row.old_secret_hash.zip(row.old_secret_until);
            Self {
                backend: Backend {
                    name: BackendName(row.name),
                    // Claims that only a newer version knows are not granted by this one.
                    claims: row.claims.parse().unwrap_or_default(),
                    app_id: row.app_id,
                    changed_at: from_stored(row.changed_at),
                },
                secret: BackendSecretHash::from_stored(row.secret_hash),
                old_secret: old_secret.map(|(hash, until)| (BackendSecretHash::from_stored(hash), from_stored(until))),
            }
        }
    }

    pub(in crate::store) const ALL: &str = "
        SELECT name, claims, app_id, secret_hash, old_secret_hash, old_secret_until, changed_at
        FROM backends ORDER BY name";

    pub(in crate::store) const ADD: &str = "
        INSERT INTO backends (name, claims, app_id, secret_hash, changed_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING";

    /// Replaces the secret of the back-end `$4` by `$2`, at `$3`; the previous one stays valid until `$1`.
    pub(in crate::store) const CHANGE: &str = "
        UPDATE backends SET old_secret_hash = secret_hash, old_secret_until = $1, secret_hash = $2, changed_at = $3
        WHERE name = $4";

    pub(in crate::store) const REMOVE: &str = "DELETE FROM backends WHERE name = $1";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_words_with_commas_and_no_others() {
        let claims: BackendClaims = "ids, member".parse().unwrap();
        assert_eq!(claims, BackendClaims { member: true, phone: false, ids: true });
        assert_eq!(
            (claims.to_string().as_str(), serde_json::to_string(&claims).unwrap().as_str()),
            ("member,ids", r#"["member","ids"]"#)
        );
        assert_eq!("".parse(), Ok(BackendClaims::default()));
        for text in ["all", "member;phone", "Member", "*"] {
            assert_eq!(text.parse::<BackendClaims>(), Err(BackendClaimsError), "{text}");
        }
    }

    #[test]
    fn a_back_ends_name_needs_no_encoding_anywhere() {
        for name in ["shop", "orders-2.eu_west", &"a".repeat(64)] {
            assert_eq!(name.parse::<BackendName>().unwrap().as_str(), name);
        }
        for name in ["", "a:b", "a b", "a/b", "商店", "a%20b", &"a".repeat(65)] {
            assert!(name.parse::<BackendName>().is_err(), "{name}");
        }
    }
}
