//! Authenticates back-ends by name and secret (RFC 6749, section 2.3.1). The database has only the secret's hash.

use crate::{
    api_error::ApiError,
    crypto::{BackendSecret, BackendSecretHash},
    reread::{REREAD_MILLIS, Reread},
    shared::Shared,
    store::{Backend, StoreError, backends::StoredBackend},
};
use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use miniauth_core::{error_code::ErrorCode, time::Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use std::{collections::HashMap, net::IpAddr};

/// How soon the list is read again for an unknown name or secret, which may be new.
const REREAD_FOR_NEW_MILLIS: u64 = 1_000;

/// The longest name and secret that are accepted, in characters.
const LONGEST: usize = 256;

/// The cached back-ends. A removed one stays valid until the list is read again.
#[derive(Default)]
pub(crate) struct Backends(Reread<Known>);

type Known = HashMap<String, StoredBackend>;

impl Backends {
    /// Authenticates the back-end of a request by its headers. An address with too many failures must wait.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        shared: &Shared,
    ) -> Result<Backend, ApiError> {
        if let Some((name, secret)) = credentials(headers) {
            for good_for in [REREAD_MILLIS, REREAD_FOR_NEW_MILLIS] {
                let known = self.0.get(&*shared.clock, good_for, 0, read(shared)).await?;
                if let Some(backend) = authenticated(&known, &name, &secret, shared.clock.now()) {
                    return Ok(backend);
                }
            }
        }
        if let Some(address) = address {
            let failed = &shared.rates.failed_introspections;
            failed.check(address).map_err(|wait| {
                let error = ApiError::new(ErrorCode::RateLimited).retry_after(wait);
                error.because("this address sent a wrong name or secret of a back-end too often")
            })?;
            failed.count(address);
        }
        Err(ApiError::new(ErrorCode::BackendUnknown))
    }
}

async fn read(shared: &Shared) -> Result<Known, StoreError> {
    let backends = shared.stores.backends.backends().await?;
    Ok(backends.into_iter().map(|stored| (stored.backend.name.as_str().to_owned(), stored)).collect())
}

/// Returns the back-end of that name if the secret is right. The time that it takes does not depend on how much of the
/// secret is right.
fn authenticated(known: &Known, name: &str, secret: &BackendSecret, now: Timestamp) -> Option<Backend> {
    let stored = known.get(name)?;
    let given = BackendSecretHash::of(secret);
    let is_present = stored.secret.is_same_as(&given);
    let is_old = stored.old_secret.as_ref().is_some_and(|(old, until)| old.is_same_as(&given) & (now < *until));
    (is_present | is_old).then(|| stored.backend.clone())
}

/// Returns name and secret of the only `Authorization: Basic` header, if it is well-formed.
fn credentials(headers: &HeaderMap) -> Option<(String, BackendSecret)> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > LONGEST {
        return None;
    }
    let decoded = SecretString::from(String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?);
    let (name, secret) = decoded.expose_secret().split_once(':')?;
    Some((name.to_owned(), BackendSecret::presented(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::backends::BackendClaims;
    use miniauth_openplatform::system::SystemRandom;

    fn known(secret: &BackendSecret, old: Option<(&BackendSecret, u64)>) -> Known {
        let backend = Backend {
            name: "shop".parse().unwrap(),
            claims: BackendClaims::default(),
            app_id: None,
            changed_at: Timestamp::from_seconds(1),
        };
        let old_secret = old.map(|(secret, until)| (BackendSecretHash::of(secret), Timestamp::from_seconds(until)));
        HashMap::from([(
            "shop".to_owned(),
            StoredBackend { backend, secret: BackendSecretHash::of(secret), old_secret },
        )])
    }

    #[test]
    fn the_previous_secret_is_valid_until_its_end() {
        let [old, new, other] = [(); 3].map(|()| BackendSecret::generate(&SystemRandom));
        let known = known(&new, Some((&old, 100)));
        let at =
            |name, secret, seconds| authenticated(&known, name, secret, Timestamp::from_seconds(seconds)).is_some();
        assert!(at("shop", &new, 50) && at("shop", &new, 200));
        assert!(at("shop", &old, 99) && !at("shop", &old, 100));
        assert!(!at("shop", &other, 50) && !at("Shop", &new, 50) && !at("", &new, 50));
    }

    #[test]
    fn only_one_well_formed_header_authenticates() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            credentials(&headers).map(|(name, secret)| (name, secret.expose().to_owned()))
        };
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let good = basic("shop:s3cret");
        assert_eq!(read(&[&good]), Some(("shop".to_owned(), "s3cret".to_owned())));
        assert_eq!(read(&[&good.replace("Basic", "basic")]), Some(("shop".to_owned(), "s3cret".to_owned())));
        assert_eq!(read(&[&basic("shop:a:b")]), Some(("shop".to_owned(), "a:b".to_owned())));
        for values in [
            &[][..],
            &[good.as_str(), good.as_str()],
            &["Basic"],
            &["Basic shop:s3cret"],
            &[&good.replace("Basic", "Bearer")],
            &[&basic("shop")],
            &[&basic(&format!("shop:{}", "a".repeat(300)))],
        ] {
            assert_eq!(read(values), None, "{values:?}");
        }
    }
}
