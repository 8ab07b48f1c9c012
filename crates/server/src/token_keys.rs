//! The keys that sign tokens. They are created and replaced automatically, and all instances share them through the
//! database.
//!
//! A key is published before it signs, and for a while after its last signature, so that a verifier that caches the
//! list knows the key of every valid token.

use crate::{
    clocks::CLOCKS_DIFFER_BY_MILLIS,
    crypto::{Column, Sealers, TokenOwner},
    reread::{REREAD_MILLIS, Reread},
    shared::Shared,
    store::{StoreError, token_keys::StoredTokenKey},
    tokens::KEPT_MILLIS,
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::EncodingKey;
use miniauth_core::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use utoipa::ToSchema;

/// How long cached keys are used while the database is unavailable.
const STALE_MILLIS: u64 = 10 * 60 * 1_000;

/// How long a key is published before it signs.
const PUBLISHED_BEFORE_MILLIS: u64 = 60 * 60 * 1_000;

/// The same if an operator asked for a new key at once: until every instance has read it.
const ROTATE_NOW_MILLIS: u64 = REREAD_MILLIS + 5_000;

/// How long verifiers may cache the list.
pub(crate) const LIST_MAX_AGE: Duration = Duration::from_secs(300);

/// How often adding a key is attempted, in case other instances add theirs first.
const MAX_ATTEMPTS: u32 = 8;

/// The cached keys.
#[derive(Default)]
pub(crate) struct TokenKeys(Reread<KeySet>);

impl TokenKeys {
    /// Returns the current keys. Creates the next one when it is due.
    pub(crate) async fn present(&self, shared: &Shared) -> Result<Arc<KeySet>, StoreError> {
        self.0.get(&*shared.clock, REREAD_MILLIS, STALE_MILLIS, read(shared)).await
    }

    /// Returns since when the current key signs, according to the cache.
    pub(crate) fn signing_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.last()?.present(now).map(|key| key.signs_from)
    }
}

async fn read(shared: &Shared) -> Result<KeySet, StoreError> {
    let store = &shared.stores.token_keys;
    let period = u64::try_from(shared.tokens.rules.key_period.as_millis()).unwrap_or(u64::MAX);
    let mut attempts = 1;
    loop {
        let now = shared.clock.now();
        let keys = KeySet::open(store.token_keys().await?, &shared.sealers);
        match keys.next(now, period) {
            Some(signs_from) if attempts < MAX_ATTEMPTS => {
                store.add_token_key(make(shared, keys.last() + 1, signs_from)).await?
            }
            _ => {
                let (keys, past) = keys.without_past(now);
                for id in past {
                    store.forget_token_key(&id).await?;
                }
                return Ok(keys);
            }
        }
        attempts += 1;
    }
}

/// Creates a key, sealed for the database.
fn make(shared: &Shared, number: i64, signs_from: Timestamp) -> StoredTokenKey {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("the system has random bytes");
    let der = pair.to_pkcs8v1().expect("a key that was generated here can be serialized");
    let private_key = SecretString::from(STANDARD.encode(der.as_ref()));
    let mut id = [0; 12];
    shared.random.fill(&mut id);
    let id = URL_SAFE_NO_PAD.encode(id);
    let sealer = shared.sealers.current();
    tracing::info!(key = id, "a new key will sign tokens for back-ends");
    StoredTokenKey {
        number,
        key_id: sealer.key_id().to_owned(),
        private_key: sealer.seal(&private_key, owner(&id), Column::TokenKey, &*shared.random),
        public_key: pair.public_key().as_ref().to_vec(),
        signs_from,
        retired: false,
        id,
    }
}

/// A key has no user, and belongs to all apps.
fn owner(id: &str) -> TokenOwner<'_> {
    TokenOwner { app_id: "", user: id }
}

/// Keys in the order of their creation.
pub(crate) struct KeySet(Vec<Key>);

struct Key {
    number: i64,
    signs_from: Timestamp,
    retired: bool,
    public: PublicKey,
    /// Absent if the server key that sealed it is not configured any more.
    private: Option<SigningKey>,
}

/// A private key, and its id for the header of a token.
pub(crate) struct SigningKey {
    pub(crate) id: String,
    pub(crate) secret: EncodingKey,
}

impl KeySet {
    fn open(stored: Vec<StoredTokenKey>, sealers: &Sealers) -> Self {
        let keys = stored.into_iter().filter_map(|key| {
            let opened = sealers
                .of(&key.key_id)
                .and_then(|sealer| sealer.open(&key.private_key, owner(&key.id), Column::TokenKey))
                .and_then(|text| STANDARD.decode(text.expose_secret()).ok());
            let private = opened.map(|der| {
                let der = SecretBox::new(Box::new(der));
                SigningKey { id: key.id.clone(), secret: EncodingKey::from_ec_der(der.expose_secret()) }
            });
            Some(Key {
                number: key.number,
                signs_from: key.signs_from,
                retired: key.retired,
                public: PublicKey::new(key.id, &key.public_key)?,
                private,
            })
        });
        Self(keys.collect())
    }

    fn last(&self) -> i64 {
        self.0.last().map_or(0, |key| key.number)
    }

    /// Returns the key that signs at `now`.
    fn present(&self, now: Timestamp) -> Option<&Key> {
        let able = self.0.iter().filter(|key| key.private.is_some() && key.signs_from <= now);
        able.max_by_key(|key| (key.signs_from, key.number))
    }

    /// Returns the key that signs at `now`, with its secret.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<&SigningKey> {
        self.present(now)?.private.as_ref()
    }

    /// Returns from when on a further key must sign, if it is time to create one.
    fn next(&self, now: Timestamp, period: u64) -> Option<Timestamp> {
        // At once, even by the clock of an instance that is behind.
        let at_once = Timestamp::from_millis(now.as_millis().saturating_sub(CLOCKS_DIFFER_BY_MILLIS));
        if self.present(now).is_none() {
            return Some(at_once);
        }
        let newest = self.0.last()?;
        if newest.retired {
            Some(now.plus_millis(ROTATE_NOW_MILLIS))
        } else if newest.signs_from.plus_millis(period) <= now {
            Some(now.plus_millis(PUBLISHED_BEFORE_MILLIS))
        } else {
            None
        }
    }

    /// Removes keys whose last token has expired, and returns their ids too.
    fn without_past(self, now: Timestamp) -> (Self, Vec<String>) {
        let long_ago = Timestamp::from_millis(now.as_millis().saturating_sub(KEPT_MILLIS));
        let Some(signed_since) = self.present(long_ago).map(|key| key.signs_from) else { return (self, Vec::new()) };
        let (past, kept): (Vec<_>, _) = self.0.into_iter().partition(|key| key.signs_from < signed_since);
        (Self(kept), past.into_iter().map(|key| key.public.kid).collect())
    }

    /// Returns the public keys, for verifiers.
    pub(crate) fn list(&self) -> JsonWebKeys<'_> {
        JsonWebKeys { keys: self.0.iter().map(|key| &key.public).collect() }
    }
}

/// The keys that verify tokens (RFC 7517).
#[derive(Serialize, ToSchema)]
pub(crate) struct JsonWebKeys<'a> {
    #[schema(value_type = Vec<PublicKey>)]
    pub(crate) keys: Vec<&'a PublicKey>,
}

/// A key that verifies tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = JsonWebKey)]
pub(crate) struct PublicKey {
    /// The key's id in the header of a token.
    kid: String,
    #[schema(example = "EC")]
    kty: &'static str,
    #[schema(example = "P-256")]
    crv: &'static str,
    #[schema(example = "ES256")]
    alg: &'static str,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: &'static str,
    x: String,
    y: String,
}

impl PublicKey {
    fn new(kid: String, point: &[u8]) -> Option<Self> {
        let [4, x_and_y @ ..] = point else { return None };
        let ([x, y], []) = x_and_y.as_chunks::<32>() else { return None };
        let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
        Some(Self { kid, kty: "EC", crv: "P-256", alg: "ES256", usage: "sig", x, y })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60 * 1_000;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + millis)
    }

    fn key(number: i64, signs_from: Timestamp) -> Key {
        let private = SigningKey { id: number.to_string(), secret: EncodingKey::from_ec_der(&[]) };
        let public = PublicKey::new(number.to_string(), &[4; 65]).unwrap();
        Key { number, signs_from, retired: false, public, private: Some(private) }
    }

    fn signing(keys: &KeySet, now: u64) -> &str {
        &keys.signing(at(now)).unwrap().id
    }

    #[test]
    fn the_first_key_signs_at_once_also_by_a_clock_that_is_behind() {
        let signs_from = KeySet(Vec::new()).next(at(0), DAY).unwrap();
        assert!(
            KeySet(vec![key(1, signs_from)]).signing(Timestamp::from_millis(at(0).as_millis() - 300_000)).is_some()
        );
    }

    #[test]
    fn the_next_key_is_published_an_hour_before_it_signs_and_the_old_one_until_its_tokens_expire() {
        let mut keys = KeySet(vec![key(1, at(0))]);
        assert_eq!(keys.next(at(DAY - 1), DAY), None);
        let next = keys.next(at(DAY), DAY).unwrap();
        assert_eq!(next, at(DAY + PUBLISHED_BEFORE_MILLIS));
        keys.0.push(key(2, next));
        assert_eq!(keys.next(at(DAY), DAY), None, "one is enough");
        let signs = DAY + PUBLISHED_BEFORE_MILLIS;
        assert_eq!((signing(&keys, signs - 1), signing(&keys, signs)), ("1", "2"));

        let (keys, past) = keys.without_past(at(signs + KEPT_MILLIS - 1));
        assert_eq!((keys.list().keys.len(), past), (2, Vec::new()));
        let (keys, past) = keys.without_past(at(signs + KEPT_MILLIS));
        assert_eq!((keys.list().keys.len(), past), (1, vec!["1".to_owned()]));
    }

    #[test]
    fn a_requested_key_signs_once_every_instance_has_read_it() {
        let mut keys = KeySet(vec![Key { retired: true, ..key(1, at(0)) }]);
        let next = keys.next(at(5), DAY).unwrap();
        assert_eq!(next, at(5 + ROTATE_NOW_MILLIS));
        keys.0.push(key(2, next));
        assert_eq!(keys.next(at(5), DAY), None);
    }

    #[test]
    fn a_key_that_cannot_be_opened_is_replaced_at_once_and_stays_published() {
        let now = DAY / 2;
        let mut keys = KeySet(vec![Key { private: None, ..key(1, at(0)) }]);
        let next = keys.next(at(now), DAY).unwrap();
        assert!(next < at(now));
        keys.0.push(key(2, next));
        assert_eq!((signing(&keys, now), keys.next(at(now), DAY)), ("2", None));
        // Another instance may have signed with it until now.
        let (keys, past) = keys.without_past(at(now + 300_000));
        assert_eq!((keys.list().keys.len(), past), (2, Vec::new()));
    }
}
