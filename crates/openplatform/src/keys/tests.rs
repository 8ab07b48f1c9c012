//! Keys as people configure them, correct and mixed up.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

fn private_pem() -> String {
    KEY.to_pkcs8_pem().unwrap().to_string()
}

fn public_pem() -> String {
    KEY.public_key().to_spki_pem().unwrap()
}

/// The base64 between the PEM lines, on one line, as the platform's key tool saves it.
fn bare(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

/// The PKCS#1 document inside a PKCS#8 one of a 2048-bit key: it follows 26 bytes of header.
fn pkcs1_private() -> String {
    STANDARD.encode(&STANDARD.decode(bare(&private_pem())).unwrap()[26..])
}

/// The PKCS#1 document inside an X.509 public key of 2048 bits: it follows 24 bytes of header.
fn pkcs1_public() -> String {
    STANDARD.encode(&STANDARD.decode(bare(&public_pem())).unwrap()[24..])
}

#[test]
fn a_private_key_is_read_however_it_is_written() {
    let message = "app_id=1&method=钥".as_bytes();
    let without_padding = bare(&private_pem()).trim_end_matches('=').to_owned();
    let mislabelled = private_pem().replace("PRIVATE KEY", "RSA PRIVATE KEY");
    let windows = private_pem().replace('\n', "\r\n");
    // As in JSON, in one line of an environment variable, and in one line without PEM's lines.
    let escaped = private_pem().replace('\n', r"\n");
    let escaped_windows = private_pem().replace('\n', r"\r\n");
    let escaped_bare = bare(&private_pem()).replace("MII", r"MII\n") + r"\n";
    let written = [escaped, escaped_windows, escaped_bare];
    let all = [private_pem(), bare(&private_pem()), pkcs1_private(), without_padding, mislabelled, windows];
    for text in all.into_iter().chain(written) {
        let key = PrivateKey::parse(&text).unwrap();
        assert_eq!(key.public_key(), KEY.public_key());
        KEY.public_key().verify(message, &key.sign(message).unwrap()).unwrap();
    }
}

#[test]
fn a_public_key_is_read_however_it_is_written() {
    for text in [public_pem(), bare(&public_pem()), pkcs1_public(), format!("\u{feff}{}", public_pem())] {
        assert_eq!(&PublicKey::parse(&text).unwrap(), KEY.public_key());
    }
    assert_ne!(PrivateKey::generate().unwrap().public_key(), KEY.public_key());
}

#[test]
fn the_wrong_half_of_a_pair_is_named_with_what_to_do() {
    for text in [public_pem(), bare(&public_pem()), pkcs1_public()] {
        assert_eq!(PrivateKey::parse(&text).unwrap_err(), KeyError::PublicForPrivate);
    }
    for text in [private_pem(), bare(&private_pem()), pkcs1_private()] {
        assert_eq!(PublicKey::parse(&text).unwrap_err(), KeyError::PrivateForPublic);
    }
    assert!(KeyError::PrivateForPublic.to_string().contains("支付宝公钥"));
    assert!(KeyError::PublicForPrivate.to_string().contains("应用私钥"));
}

#[test]
fn an_invalid_key_says_why() {
    let cases = [
        ("", KeyError::Empty),
        ("  \n", KeyError::Empty),
        ("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", KeyError::Empty),
        ("-----BEGIN PUBLIC KEY-----\nMIIB", KeyError::NotBase64),
        ("{\"key\": \"MIIB\"}", KeyError::NotBase64),
        ("aGVsbG8=", KeyError::NotAKey),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----",
            KeyError::Encrypted,
        ),
    ];
    for (text, fault) in cases {
        assert_eq!(PrivateKey::parse(text).unwrap_err(), fault, "{text:?}");
        assert_eq!(PublicKey::parse(text).unwrap_err(), fault, "{text:?}");
    }
    assert_eq!(PublicKey::parse(&(public_pem() + &public_pem())).unwrap_err(), KeyError::Several);
    assert_eq!(PrivateKey::parse(&"A".repeat(1 << 20)).unwrap_err(), KeyError::NotAKey);
}

/// A 1024-bit key that openssl made: `openssl genrsa 1024 | openssl rsa -pubout`.
const SHORT: &str = "\
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDbcedKZ6GKKVbTOBTfsrLiE5/8tqMqdP4JyMwQMBNc1EjMKTrSRjP8IiCKB6UG6UAIXlrpmq\
    nIlITdgfG+B6F565j4vrj7sIdkyGBmLOs/kcQt0q8lZOKtjdM2RBU8CF6P05VDDxos3v5Ha4wXLzNxR1qI5rcyfyBElNhNUbgIFwIDAQAB";

#[test]
fn a_key_that_is_too_short_is_refused() {
    assert_eq!(PublicKey::parse(SHORT).unwrap_err(), KeyError::Size(1024));
}

/// An elliptic-curve key that openssl made: `openssl ecparam -name prime256v1 -genkey | openssl ec -pubout`.
const ELLIPTIC: &str = "\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXI1jQTiBBdXvdKnLk/omUdKfe8BDzenYYX8TirPD743xAq82c4X5aB3pNA79yH103X/g6x8mXL\
    LW/JsJ1fjZfg==";

#[test]
fn a_key_of_another_algorithm_is_recognised() {
    assert_eq!(PublicKey::parse(ELLIPTIC).unwrap_err(), KeyError::NotRsa);
    assert_eq!(PrivateKey::parse(ELLIPTIC).unwrap_err(), KeyError::NotRsa);
}

/// Made by openssl, to check against another implementation:
/// `openssl genrsa 2048`, `openssl rsa -pubout`, `openssl dgst -sha256 -sign`.
const OPENSSL_PUBLIC: &str = "\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsoJsF7Y7RkQTRFk0wKeiy6qrvuphR2V4EiwFua/OZs52IIhZYmT9qvms5m4GVvMgT4\
    b/xclBe4HZT5G7GhlcKUBhxqk6iyYQigRG/M3/oGM2RoF8El77DdtnPng/h7B0V5P1e2jKc/tOrZR0AvEpGxrvbRyQGmhgdETV/h/s1oWb8QHo\
    aMRElfCcXvRzKdWPWKU3jYMf4m3Xre3QcHrK/aGM219J/IMrRrvsuAR588GPV2AAcYKoIF/8Ub+emaZajXYj2KZd2gv3TAfbn78efBfXnlfBb1\
    xLZgkG020ramFV6sY5n2YhHftRK5t8bNlbOZvgSeyhk7mRIue2ag+ynQIDAQAB";
const OPENSSL_SIGNATURE: &str = "\
    XOh++I//Fo1nY+sc5wqiYKarRJn0Zd8TYa7wZzARUq7RHIUS7H+X2ZfuxnT3rjMamN3UoCwgzO7IZ4WeT43u2zF9cYDoSw1kh9G30rGVdvY1E4\
    heVP50qv82l/DEm3Byq0iol+K1htVl4j8mILBdEolY2j87RJmTQIaJH6odbtndcRtVLI7jYFbMgmtpba9OQPkGeCSxzomX94D2qCG2wwT3+dXl\
    NwpFR+AiNxn/quEbwzOV4EZX7sAeS9wX+2mtFWPa0xmucKnjIOLXadhdv0AJfpFfsEaWswsYDGja36yUxtP719IUBJSrpxgA5rfkzyv9Ncv4S8\
    /qnDSFL7LaBw==";
const OPENSSL_MESSAGE: &str =
    r#"{"code":"10000","msg":"Success","nick_name":"张伟","avatar":"https:\/\/t.example\/a.png"}"#;

#[test]
fn a_signature_of_openssl_verifies_over_its_exact_bytes_only() {
    let key = PublicKey::parse(OPENSSL_PUBLIC).unwrap();
    key.verify(OPENSSL_MESSAGE.as_bytes(), OPENSSL_SIGNATURE).unwrap();
    let unescaped = OPENSSL_MESSAGE.replace(r"\/", "/");
    assert_eq!(key.verify(unescaped.as_bytes(), OPENSSL_SIGNATURE), Err(SignatureError));
    assert_eq!(key.verify(OPENSSL_MESSAGE.as_bytes(), "not base64"), Err(SignatureError));
    assert_eq!(key.verify(OPENSSL_MESSAGE.as_bytes(), ""), Err(SignatureError));
}

/// Made by openssl like those above, with 1024 bits and SHA-1, and with 512: `openssl dgst -sha1 -sign`.
const OLD_PUBLIC: &str = "\
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDAJsz8Ks6h71exk8oy+kw5bLPD1Nt/xP0xcN9scM/FAwUukP9Dps8BdvMafi5ihPOl2fn8DIre\
    j0VmMEjAwww1quDYzjooh7Ucevus6jecMd1nBozV/8CbHhmzzqx6WrBqgunQT7icDLxrbBQi3r1TdjuAKlB5MeqwQMxRi8YzDQIDAQAB";
const OLD_SIGNATURE: &str = "\
    QhzCcbhH/zjeBj9SJUNqtabXWive6J/oMsMi99FZerFRzE/SHQTauTO5a+rKoH9CwoHoWlK6JXRsL99Ur7wWEjA0YWnwSORSGOGWVonDHAxlcVzs\
    kaNG7U88rD6gZHtWkl/xr9U1FWaRhsq3UBCuhchMR97lLabLede/VxQp6fA=";
const TOO_OLD_PUBLIC: &str = "\
    MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALef5dcGBw6nEmMlgoYyeu0qcnTRntX96juooSz/5MXf0Fk8AbjpPeFZad5WfF26NkpUD/WKkwqLRR6h\
    ld71vZcCAwEAAQ==";

#[test]
fn an_old_key_verifies_old_signatures_alone() {
    assert_eq!(PublicKey::parse(OLD_PUBLIC).unwrap_err(), KeyError::Size(1_024));
    let key = PublicKey::parse_old(OLD_PUBLIC).unwrap();
    assert_eq!(key.bits(), 1_024);
    let verify = |sign_type, message: &str| key.verify_as(sign_type, message.as_bytes(), OLD_SIGNATURE);
    assert_eq!([SignType::Rsa, SignType::Rsa2].map(SignType::other), [SignType::Rsa2, SignType::Rsa]);
    assert_eq!(verify(SignType::Rsa, OPENSSL_MESSAGE), Ok(()));
    assert_eq!(verify(SignType::Rsa, r#"{"code":"10000"}"#), Err(SignatureError));
    assert_eq!(verify(SignType::Rsa2, OPENSSL_MESSAGE), Err(SignatureError));
    assert_eq!(key.check_for_rsa2(), Err(KeyError::Size(1_024)), "no gateway takes it");

    assert_eq!(PublicKey::parse_old(TOO_OLD_PUBLIC).unwrap_err(), KeyError::OldSize(512));
    let present = PublicKey::parse_old(OPENSSL_PUBLIC).unwrap();
    present.verify(OPENSSL_MESSAGE.as_bytes(), OPENSSL_SIGNATURE).unwrap();
    assert_eq!(present.check_for_rsa2(), Ok(()));
}

#[test]
fn a_key_does_not_print() {
    let printed = format!("{:?}", *KEY);
    assert_eq!(printed, "PrivateKey(redacted)");
    assert_eq!(format!("{:?}", KEY.public_key()), "PublicKey(RSA)");
}

#[test]
fn documents_are_recognised_by_their_structure() {
    let pkcs8_of_ec = [0x30, 11, 0x02, 1, 0, 0x30, 3, 0x06, 1, 0x2a, 0x04, 1, 7];
    assert_eq!(Document::of(&pkcs8_of_ec), Document::OtherAlgorithm);
    let ec_public = [0x30, 8, 0x30, 3, 0x06, 1, 0x2a, 0x03, 1, 0];
    assert_eq!(Document::of(&ec_public), Document::OtherAlgorithm);
    let ec_private = [0x30, 6, 0x02, 1, 1, 0x04, 1, 7];
    assert_eq!(Document::of(&ec_private), Document::OtherAlgorithm);
    let encrypted = [0x30, 5, 0x30, 0, 0x04, 1, 7];
    assert_eq!(Document::of(&encrypted), Document::EncryptedPrivate);
    let certificate = [0x30, 7, 0x30, 0, 0x30, 0, 0x03, 1, 0];
    assert_eq!(Document::of(&certificate), Document::Certificate);
    assert_eq!(Document::of(&[0x30, 0x80, 0, 0]), Document::Unknown, "BER's indefinite length is not DER");
}

proptest! {
    #[test]
    fn any_bytes_are_some_document(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        Document::of(&bytes);
    }
}
