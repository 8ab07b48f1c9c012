//! Certificates as the console offers them, correct and mixed up.

use super::*;
use crate::{
    config::{AppId, ConfigError, GatewayConfig},
    keys::PrivateKey,
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256,
    SerialNumber, date_time_ymd,
};
use std::sync::LazyLock;

static KEYS: LazyLock<[PrivateKey; 4]> = LazyLock::new(|| [(); 4].map(|()| PrivateKey::generate().unwrap()));

fn pair(key: &PrivateKey) -> KeyPair {
    KeyPair::from_pem_and_sign_algo(&key.to_pkcs8_pem().unwrap(), &PKCS_RSA_SHA256).unwrap()
}

fn params(common_name: &str, number: u8) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "CN");
    name.push(DnType::OrganizationName, "Ant, \"Financial\"");
    name.push(DnType::CommonName, common_name);
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.serial_number = Some(SerialNumber::from_slice(&[0x20, number, 0xff]));
    params
}

fn authority(common_name: &str, number: u8) -> CertificateParams {
    let mut params = params(common_name, number);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A root, an intermediate authority, and certificates that they issued.
struct Platform {
    root: String,
    intermediate: String,
    platform: String,
    app: String,
    /// Signed with the app's key, as if the app were an authority.
    forged: String,
}

static PLATFORM: LazyLock<Platform> = LazyLock::new(|| {
    let [root_key, intermediate_key, platform_key, app_key] = KEYS.each_ref().map(pair);
    let root_params = authority("Root", 1);
    let root = root_params.self_signed(&root_key).unwrap().pem();
    let root_issuer = Issuer::new(root_params, root_key);
    let intermediate_params = authority("Class 2", 2);
    let intermediate = intermediate_params.signed_by(&intermediate_key, &root_issuer).unwrap().pem();
    let issuer = Issuer::new(intermediate_params, intermediate_key);
    let platform = params("Platform", 3).signed_by(&platform_key, &issuer).unwrap().pem();
    let app = params("App", 4).signed_by(&app_key, &issuer).unwrap().pem();
    let forged = params("Platform", 3).signed_by(&platform_key, &Issuer::new(params("App", 4), app_key)).unwrap().pem();
    Platform { root, intermediate, platform, app, forged }
});

#[test]
fn the_serial_number_is_what_the_official_sdks_compute() {
    let leaf = Certificate::parse(&PLATFORM.platform).unwrap();
    // md5 of the issuer's name and 0x2003ff, by openssl's command line: see tests/interoperability.
    let text = r#"CN=Class 2,O=Ant\, \"Financial\",C=CN2098175"#;
    use md5::{Digest as _, Md5};
    let expected: String = Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(leaf.serial(), expected);
    assert!(format!("{leaf:?}").contains(&expected));
}

#[test]
fn a_name_in_any_of_its_encodings_is_the_same_text() {
    use rcgen::DnValue;
    let key = pair(&KEYS[2]);
    let named = |value: DnValue| {
        let mut params = params("", 3);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, value);
        Certificate::parse(&params.self_signed(&key).unwrap().pem()).unwrap().serial().to_owned()
    };
    let utf_8 = named(DnValue::Utf8String("Ant".to_owned()));
    assert_eq!(named(DnValue::BmpString("Ant".try_into().unwrap())), utf_8);
    assert_eq!(named(DnValue::TeletexString("Ant".try_into().unwrap())), utf_8);
    assert_ne!(named(DnValue::Utf8String("Ant2".to_owned())), utf_8);
}

#[test]
fn the_three_files_make_certificate_mode() {
    let Platform { root, intermediate, platform, app, .. } = &*PLATFORM;
    let chain = format!("{platform}\n{intermediate}");
    let strange = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
    let elliptic = params("Root E1", 5).self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    for roots in [root.clone(), format!("# roots\n{strange}\n{elliptic}\n{root}")] {
        let certificates = Certificates::parse(app, &chain, &roots).unwrap();
        assert_eq!(certificates.root_serial(), Certificate::parse(root).unwrap().serial(), "others do not count");
        assert_eq!(certificates.platform_key(), KEYS[2].public_key());
        assert_eq!(certificates.app().public_key(), Ok(KEYS[3].public_key()));
    }
    let two = Certificates::parse(app, &chain, &format!("{root}{intermediate}")).unwrap();
    let joined = [root, intermediate].map(|text| Certificate::parse(text).unwrap().serial().to_owned()).join("_");
    assert_eq!(two.root_serial(), joined);
}

#[test]
fn a_certificate_without_a_root_is_refused() {
    let Platform { root, intermediate, platform, app, forged } = &*PLATFORM;
    let chain = format!("{platform}{intermediate}");
    let other_root = authority("Root", 1).self_signed(&pair(&PrivateKey::generate().unwrap())).unwrap().pem();
    let parse = |platform: &str, roots: &str| Certificates::parse(app, platform, roots).unwrap_err();
    assert_eq!(parse(platform, root), CertificateError::NotVouchedFor, "the authority between is missing");
    assert_eq!(parse(&chain, &other_root), CertificateError::NotVouchedFor, "a root of the same name");
    let app_as_authority = format!("{forged}{app}{intermediate}");
    assert_eq!(parse(&app_as_authority, root), CertificateError::NotVouchedFor, "an app is no authority");
}

/// Made by openssl, because nothing else here signs with SHA-1: a self-signed root (`openssl req -x509 -sha1`), and
/// certificates of the platform that it signed, with SHA-1 and SHA-256 (`openssl x509 -req -CA root.pem -sha1`).
macro_rules! by_openssl {
    ($name:literal) => {
        include_str!(concat!("../../tests/files/weakly-signed/", $name, ".pem"))
    };
}

#[test]
fn sha_1_signatures_prove_nothing_but_roots_are_trusted() {
    let [root, app] = [by_openssl!("root"), by_openssl!("app")];
    let parse = |platform| Certificates::parse(app, platform, root);
    assert_eq!(parse(by_openssl!("platform-sha1")).unwrap_err(), CertificateError::WeaklySigned);
    assert!(parse(by_openssl!("platform-sha256")).is_ok());
    assert!(parse(root).is_ok(), "the platform's certificate is one of the roots");
}

#[test]
fn certificates_without_a_root_are_accepted_for_the_sandbox_only() {
    let Platform { root, platform, app, intermediate, .. } = &*PLATFORM;
    let other_root = authority("Root", 1).self_signed(&pair(&PrivateKey::generate().unwrap())).unwrap().pem();
    let chain = format!("{platform}{intermediate}");
    let of_sandbox = Certificates::parse_of_sandbox(app, &chain, &other_root).unwrap();
    assert!(!of_sandbox.are_vouched_for());
    assert_eq!(of_sandbox.root_serial(), Certificate::parse(&other_root).unwrap().serial());
    assert_eq!(
        of_sandbox.in_use().map(|(file, _)| file).collect::<Vec<_>>(),
        [CertificateFile::App, CertificateFile::Platform]
    );
    assert_eq!(Certificates::parse_of_sandbox(app, app, root).unwrap_err(), CertificateError::OwnCertificate);

    let config = |certificates: &Certificates, gateway: &str| {
        let (app_id, endpoint) = (AppId::parse("2021000000000001").unwrap(), Endpoint::parse(gateway).unwrap());
        let config = GatewayConfig::new(app_id, KEYS[3].clone(), certificates.clone(), endpoint);
        config.check(Timestamp::from_seconds(1_795_230_256))
    };
    assert!(config(&of_sandbox, Endpoint::PLATFORM_SANDBOX).is_ok());
    for gateway in [Endpoint::PRODUCTION, "http://127.0.0.1:8702/gateway.do"] {
        let refused = config(&of_sandbox, gateway).unwrap_err();
        assert!(matches!(refused, ConfigError::Certificate(CertificateError::NotVouchedFor)), "{refused}");
        assert!(refused.to_string().contains(Endpoint::PLATFORM_SANDBOX), "{refused}");
        assert!(config(&Certificates::parse(app, &chain, root).unwrap(), gateway).is_ok());
    }
}

#[test]
fn mixed_up_files_are_recognised() {
    let Platform { root, intermediate, platform, app, .. } = &*PLATFORM;
    let chain = format!("{platform}{intermediate}");
    let own = Certificates::parse(app, &format!("{app}{intermediate}"), root).unwrap_err();
    assert_eq!(own, CertificateError::OwnCertificate);
    let elliptic = params("Root E1", 5).self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    assert_eq!(Certificates::parse(app, &chain, &elliptic).unwrap_err(), CertificateError::NoRsaRoot);
    assert!(matches!(
        Certificate::parse(&elliptic).unwrap().public_key(),
        Err(CertificateError::Key(KeyError::NotRsa))
    ));
    assert_eq!(Certificate::parse("").unwrap_err(), CertificateError::Empty);
    let key = KEYS[0].public_key().to_spki_pem().unwrap();
    assert_eq!(Certificate::parse(&key).unwrap_err(), CertificateError::NotACertificate);
    assert!(Certificate::parse(&root.repeat(32)).is_ok());
    assert_eq!(Certificate::parse(&root.repeat(33)).unwrap_err(), CertificateError::TooMany);
}

/// Returns a root and certificates that it issued; each is valid only in the year given for its file, or always.
fn valid_in(app: Option<i32>, platform: Option<i32>, root: Option<i32>) -> Certificates {
    let [root_key, _, platform_key, app_key] = KEYS.each_ref().map(pair);
    let root_params = in_year(authority("Root", 1), root);
    let root = root_params.self_signed(&root_key).unwrap().pem();
    let issuer = Issuer::new(root_params, root_key);
    let issued =
        |name, number, year, key: &KeyPair| in_year(params(name, number), year).signed_by(key, &issuer).unwrap().pem();
    Certificates::parse(&issued("App", 4, app, &app_key), &issued("Platform", 3, platform, &platform_key), &root)
        .unwrap()
}

fn in_year(mut params: CertificateParams, year: Option<i32>) -> CertificateParams {
    if let Some(year) = year {
        params.not_before = date_time_ymd(year, 1, 1);
        params.not_after = date_time_ymd(year + 1, 1, 1);
    }
    params
}

#[test]
fn an_expired_or_future_certificate_is_reported_with_its_file_and_dates() {
    let now = Timestamp::from_seconds(1_795_230_256); // 2026-11-21 11:04:16 in Beijing
    assert_eq!(valid_in(Some(2026), Some(2026), Some(2026)).check_validity(now), Ok(()));
    for (certificates, file, name) in [
        (valid_in(Some(2025), None, None), CertificateFile::App, "app_certificate_file (应用公钥证书"),
        (valid_in(None, Some(2025), None), CertificateFile::Platform, "alipay_certificate_file (支付宝公钥证书"),
        (valid_in(None, None, Some(2025)), CertificateFile::Roots, "alipay_root_certificates_file (支付宝根证书"),
    ] {
        let fault = certificates.check_validity(now).unwrap_err();
        assert_eq!(fault.file, file);
        let told = CertificateError::from(fault).to_string();
        for part in [name, "from 2025-01-01 08:00:00 to 2026-01-01 08:00:00", "2026-11-21 11:04:16", "download"] {
            assert!(told.contains(part), "{told}");
        }
    }
    let early = valid_in(None, Some(2027), None).check_validity(now).unwrap_err().to_string();
    assert!(early.contains("only from 2027-01-01 08:00:00,") && early.contains("clock"), "{early}");
}

#[test]
fn certificates_are_valid_from_the_first_to_the_last_moment() {
    let certificates = valid_in(None, Some(2026), None);
    let platform = certificates.platform();
    let (first, last) = (platform.not_before(), platform.not_after());
    for (now, valid) in [
        (Timestamp::from_millis(first.as_millis() - 1), false),
        (first, true),
        (last, true),
        (last.plus_millis(1), false),
    ] {
        assert_eq!(certificates.check_validity(now).is_ok(), valid, "{now:?}");
    }
}

#[test]
fn a_renewed_root_replaces_the_expired_one() {
    let [root_key, _, platform_key, app_key] = KEYS.each_ref().map(pair);
    let [over, renewed] =
        [2025, 2026].map(|year| in_year(authority("Root", 1), Some(year)).self_signed(&root_key).unwrap().pem());
    let issuer = Issuer::new(authority("Root", 1), root_key);
    let [app, platform] = [("App", &app_key), ("Platform", &platform_key)]
        .map(|(name, key)| params(name, 2).signed_by(key, &issuer).unwrap().pem());
    let now = Timestamp::from_seconds(1_795_230_256);
    for roots in [format!("{over}{renewed}"), format!("{renewed}{over}")] {
        assert_eq!(Certificates::parse(&app, &platform, &roots).unwrap().check_validity(now), Ok(()));
    }
    assert!(Certificates::parse(&app, &platform, &over).unwrap().check_validity(now).is_err());
}
