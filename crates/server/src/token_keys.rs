//! The keys that sign tokens. They are made and replaced by themselves, and shared by all instances through the database.
//!
//! A key is told before it signs and for a while after it has signed for the last time, so that whoever keeps the list for a
//! while knows every key that a good token names.

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

/// How long keys that were read are good while the database is away.
const STALE_MILLIS: u64 = 10 * 60 * 1_000;

/// How long a key is told before it signs.
const TOLD_BEFORE_MILLIS: u64 = 60 * 60 * 1_000;

/// The same when an operator does not want to wait: until every instance has read of it.
const SOON_MILLIS: u64 = REREAD_MILLIS + 5_000;

/// For how long others may keep the list.
pub(crate) const LIST_KEPT: Duration = Duration::from_secs(300);

/// How often it is tried to add a key: others that are faster bring theirs.
const TRIES: u32 = 8;

/// The keys as they were last read.
#[derive(Default)]
pub(crate) struct TokenKeys(Reread<KeySet>);

impl TokenKeys {
    /// The keys as they are at present. Makes the next one when it is time.
    pub(crate) async fn present(&self, shared: &Shared) -> Result<Arc<KeySet>, StoreError> {
        self.0.get(&*shared.clock, REREAD_MILLIS, STALE_MILLIS, read(shared)).await
    }

    /// Since when the key signs that signs now, as far as it is known here: nothing is read.
    pub(crate) fn signing_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.last()?.present(now).map(|key| key.signs_from)
    }
}

async fn read(shared: &Shared) -> Result<KeySet, StoreError> {
    let store = &shared.stores.token_keys;
    let period = u64::try_from(shared.tokens.rules.key_period.as_millis()).unwrap_or(u64::MAX);
    let mut tries = 1;
    loop {
        let now = shared.clock.now();
        let keys = KeySet::open(store.token_keys().await?, &shared.sealers);
        match keys.next(now, period) {
            Some(signs_from) if tries < TRIES => store.add_token_key(make(shared, keys.last() + 1, signs_from)).await?,
            _ => {
                let (keys, past) = keys.without_past(now);
                for id in past {
                    store.forget_token_key(&id).await?;
                }
                return Ok(keys);
            }
        }
        tries += 1;
    }
}

/// A new key, sealed for the database.
fn make(shared: &Shared, number: i64, signs_from: Timestamp) -> StoredTokenKey {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("the system gives random bytes");
    let der = pair.to_pkcs8v1().expect("a key that was made here can be written down");
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

/// A key belongs to no user, and to all apps.
fn owner(id: &str) -> TokenOwner<'_> {
    TokenOwner { app_id: "", user: id }
}

/// Keys, in the order in which they were made.
pub(crate) struct KeySet(Vec<Key>);

struct Key {
    number: i64,
    signs_from: Timestamp,
    retired: bool,
    public: PublicKey,
    /// Absent when the server's key that sealed it is not configured any more.
    private: Option<SigningKey>,
}

/// A private key, and its name in the header of what it signs.
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

    /// The key that signs now.
    fn present(&self, now: Timestamp) -> Option<&Key> {
        let able = self.0.iter().filter(|key| key.private.is_some() && key.signs_from <= now);
        able.max_by_key(|key| (key.signs_from, key.number))
    }

    /// The key that signs now, with its secret.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<&SigningKey> {
        self.present(now)?.private.as_ref()
    }

    /// From when on a further key is to sign, if it is time to make one.
    fn next(&self, now: Timestamp, period: u64) -> Option<Timestamp> {
        // At once, also by the clock of an instance that is behind.
        let at_once = Timestamp::from_millis(now.as_millis().saturating_sub(CLOCKS_DIFFER_BY_MILLIS));
        if self.present(now).is_none() {
            return Some(at_once);
        }
        let newest = self.0.last()?;
        if newest.retired {
            Some(now.plus_millis(SOON_MILLIS))
        } else if newest.signs_from.plus_millis(period) <= now {
            Some(now.plus_millis(TOLD_BEFORE_MILLIS))
        } else {
            None
        }
    }

    /// Without those of which no token is good any more, whose names are given too.
    fn without_past(self, now: Timestamp) -> (Self, Vec<String>) {
        let long_ago = Timestamp::from_millis(now.as_millis().saturating_sub(KEPT_MILLIS));
        let Some(signed_since) = self.present(long_ago).map(|key| key.signs_from) else { return (self, Vec::new()) };
        let (past, kept): (Vec<_>, _) = self.0.into_iter().partition(|key| key.signs_from < signed_since);
        (Self(kept), past.into_iter().map(|key| key.public.kid).collect())
    }

    /// What back-ends are told.
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
    /// Names it in the header of a token.
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
    fn the_next_key_is_told_an_hour_before_it_signs_and_the_old_one_until_its_tokens_are_no_good() {
        let mut keys = KeySet(vec![key(1, at(0))]);
        assert_eq!(keys.next(at(DAY - 1), DAY), None);
        let next = keys.next(at(DAY), DAY).unwrap();
        assert_eq!(next, at(DAY + TOLD_BEFORE_MILLIS));
        keys.0.push(key(2, next));
        assert_eq!(keys.next(at(DAY), DAY), None, "one is enough");
        let signs = DAY + TOLD_BEFORE_MILLIS;
        assert_eq!((signing(&keys, signs - 1), signing(&keys, signs)), ("1", "2"));

        let (keys, past) = keys.without_past(at(signs + KEPT_MILLIS - 1));
        assert_eq!((keys.list().keys.len(), past), (2, Vec::new()));
        let (keys, past) = keys.without_past(at(signs + KEPT_MILLIS));
        assert_eq!((keys.list().keys.len(), past), (1, vec!["1".to_owned()]));
    }

    #[test]
    fn who_asks_for_the_next_key_waits_until_every_instance_has_read_of_it() {
        let mut keys = KeySet(vec![Key { retired: true, ..key(1, at(0)) }]);
        let next = keys.next(at(5), DAY).unwrap();
        assert_eq!(next, at(5 + SOON_MILLIS));
        keys.0.push(key(2, next));
        assert_eq!(keys.next(at(5), DAY), None);
    }

    #[test]
    fn a_key_that_cannot_be_opened_is_replaced_at_once_and_told_on() {
        let now = DAY / 2;
        let mut keys = KeySet(vec![Key { private: None, ..key(1, at(0)) }]);
        let next = keys.next(at(now), DAY).unwrap();
        assert!(next < at(now));
        keys.0.push(key(2, next));
        assert_eq!((signing(&keys, now), keys.next(at(now), DAY)), ("2", None));
        // What another instance signed with it until now.
        let (keys, past) = keys.without_past(at(now + 300_000));
        assert_eq!((keys.list().keys.len(), past), (2, Vec::new()));
    }
}
