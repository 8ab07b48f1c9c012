//! Properties that hold for any bytes. The fuzzers run them, and the ordinary tests run them on the fuzzers' corpora.
#![allow(dead_code, reason = "each fuzz target checks one of these")]

use miniauth_openplatform::{
    Certificate, Certificates, EnvelopeError, VerifyError,
    keys::{PrivateKey, PublicKey},
    protocol::{Charset, SignType, USER_INFO_SHARE},
    verify,
};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, sync::LazyLock};

/// The key with which the genuine answers of the corpus are signed.
static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    PublicKey::parse(include_str!("platform-public-key.pem")).expect("the key in the folder is sound")
});

/// The first byte chooses the character set, the rest is an answer.
pub(crate) fn answer(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else { return };
    let charset = if choice & 1 == 0 { Charset::Utf8 } else { Charset::Gbk };
    let outcome = verify(body, USER_INFO_SHARE, &KEY, charset, SignType::Rsa2);
    if let Ok(node) = &outcome {
        assert!(body.windows(node.bytes().len()).any(|window| window == node.bytes()));
        assert_eq!(charset.encode(&node.text()).map(|bytes| bytes.into_owned()).as_deref(), Ok(node.bytes()));
    }
    // In either character set, a body that a JSON parser reads as one object must not be called malformed.
    let Some(text) = charset.decode(body) else {
        assert_eq!(outcome, Err(VerifyError::Malformed(EnvelopeError::InvalidEncoding(charset))));
        return;
    };
    let is_object = serde_json::from_str::<BTreeMap<String, &RawValue>>(&text).is_ok();
    if let Err(VerifyError::Malformed(EnvelopeError::Truncated | EnvelopeError::NotJson { .. })) = outcome {
        assert!(!is_object, "{outcome:?}");
    }
}

/// Reads the bytes as the text of a private or public key.
pub(crate) fn key(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let private = PrivateKey::parse(text);
    let public = PublicKey::parse(text);
    assert!(private.is_err() || public.is_err(), "no text is both halves");
    if let Ok(key) = private {
        let pem = key.to_pkcs8_pem().expect("a key that was read can be written");
        assert_eq!(PrivateKey::parse(&pem).expect("what was written can be read").public_key(), key.public_key());
    }
    if let Ok(key) = public {
        let pem = key.to_spki_pem().expect("a key that was read can be written");
        assert_eq!(PublicKey::parse(&pem), Ok(key));
    }
}

/// Reads the bytes as the text of one or more certificates.
pub(crate) fn certificate(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(certificate) = Certificate::parse(text) {
        assert_eq!(certificate.serial().len(), 32);
        assert!(certificate.serial().bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    // One certificate cannot be both the app's and the platform's.
    assert!(Certificates::parse(text, text, text).is_err());
}
