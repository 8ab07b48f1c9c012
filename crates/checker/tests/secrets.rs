//! Private keys in a package. The test makes its own data, which only has the outer form of a key.

use base64::{Engine, engine::general_purpose::STANDARD};
use miniauth_checker::{Options, check, project::MemoryFiles};

/// DER that begins like a PKCS#8, PKCS#1, SEC 1 or public key, followed by zeros.
fn der(after_length: &[u8]) -> String {
    let mut bytes = vec![0x30, 0x82, 0x04, 0xbd];
    bytes.extend(after_length);
    bytes.resize(1_217, 0);
    STANDARD.encode(bytes)
}

fn pkcs8() -> String {
    der(&[0x02, 0x01, 0x00, 0x30, 0x0d])
}

fn found(path: &str, text: String) -> usize {
    let mut files = MemoryFiles::default();
    files.0.insert(path.to_owned(), text.into_bytes());
    let options = Options { rules: vec!["secret-in-package".to_owned()], ..Options::default() };
    check(&files, &options).expect("files in memory can be read").findings.len()
}

#[test]
fn private_keys_are_found_in_each_form() {
    let begin = |kind: &str| format!("-----BEGIN {kind}-----");
    let pem = format!("{}\n{}\n", begin("RSA PRIVATE KEY"), der(&[0x02, 0x01, 0x00, 0x02, 0x82]));
    let forms = [
        ("PKCS#8", format!("const key = '{}';", pkcs8())),
        ("PKCS#1", format!("const key = '{}';", der(&[0x02, 0x01, 0x00, 0x02, 0x82, 0x01]))),
        ("SEC 1", format!("const key = '{}';", der(&[0x02, 0x01, 0x01, 0x04, 0x20]))),
        ("PEM in a string", format!("const key = `{pem}`;")),
        ("PEM on one line", format!("const key = '{}\\n{}';", begin("PRIVATE KEY"), pkcs8())),
        ("base64 of PEM", format!("const key = '{}';", STANDARD.encode(&pem))),
        (
            "in pieces",
            format!("const key = '{}' +\n '{}' +\n '{}';", &pkcs8()[..40], &pkcs8()[40..80], &pkcs8()[80..120]),
        ),
    ];
    for (form, text) in forms {
        assert_eq!(found("a.js", text), 1, "{form}");
    }
    assert_eq!(found("keys/app.pem", pem), 1);
    assert_eq!(found("config.json", format!("{{ \"key\": \"{}\" }}", pkcs8())), 1);
    assert_eq!(found("pages/a/index.axml", format!("<view data-key=\"{}\" />", pkcs8())), 1);
}

#[test]
fn what_is_public_or_no_key_is_left_alone() {
    let public = der(&[0x30, 0x0d, 0x06, 0x09]);
    let texts = [
        format!("const key = '{public}';"),
        format!("const key = `-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----`;"),
        format!("const certificate = `-----BEGIN CERTIFICATE-----\n{}`;", der(&[0x30, 0x82, 0x03, 0xa5])),
        format!("const image = 'data:image/png;base64,{}';", STANDARD.encode(vec![0x89; 600])),
        format!("const text = 'M{}';", "IIEvQ".repeat(100)),
        "const hint = 'put the PRIVATE KEY on the server';".to_owned(),
    ];
    for text in texts {
        assert_eq!(found("a.js", text.clone()), 0, "{text:.80}");
    }
}

#[test]
fn the_key_itself_is_never_shown() {
    let mut files = MemoryFiles::default();
    let short = &pkcs8()[..160];
    files.0.insert("a.js".to_owned(), format!("const key = '{short}';").into_bytes());
    let report = check(&files, &Options::default()).expect("files in memory can be read");
    let json = miniauth_checker::report::to_json(&report).expect("JSON");
    let people = miniauth_checker::report::HumanOptions {
        language: miniauth_checker::rules::Language::English,
        colour: false,
        width: 100,
    };
    let people = miniauth_checker::report::to_human(&report, people);
    assert_eq!(report.findings.len(), 1);
    assert!(!json.contains(&short[..30]) && !people.contains(&short[..30]));
}
