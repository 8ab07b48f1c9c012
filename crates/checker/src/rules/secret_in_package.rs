//! `secret-in-package`

use super::{Level, Rule, Text};
use crate::{
    flow::{
        Analysis,
        facts::{Place, RawFinding},
    },
    project::Project,
    scripts::ir::Range,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

pub(super) const RULE: Rule = Rule {
    id: "secret-in-package",
    level: Level::Error,
    title: ("小程序包中含有私钥", "A private key is in the package"),
    advice: (
        "请立即更换该密钥：小程序包一经发布，其中的内容就等于公开。签名只能在服务端完成。",
        "Replace the key at once: everything in a package is public. Sign on the server.",
    ),
    documentation: DOCUMENTATION,
    check,
    message,
};

/// The shortest base64 text that may be a private key: an EC key's.
const MIN_LENGTH: usize = 60;

fn check(project: &Project, _: &Analysis) -> Vec<RawFinding> {
    let mut findings = Vec::new();
    for (file, source) in project.files.iter().enumerate() {
        for (start, end, kind) in keys_in(&source.text) {
            let range = Range { start: start as u32, end: end as u32 };
            findings.push(finding(file as u32, range, kind));
        }
    }
    let written: Vec<Place> = findings.iter().map(|finding| finding.place).collect();
    for module in &project.modules {
        for (text, range) in &module.script.strings {
            // Keys written whole in the file were found above; this finds keys that are concatenated.
            let known = written.iter().any(|place| {
                place.file == module.file && range.start <= place.range.start && place.range.end <= range.end
            });
            if !known && text.len() >= MIN_LENGTH && !keys_in(text).is_empty() {
                findings.push(finding(module.file, *range, "joined"));
            }
        }
    }
    findings
}

/// The private keys in a text: where, and in which format.
fn keys_in(text: &str) -> Vec<(usize, usize, &'static str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(place) = text[from..].find("-----BEGIN ") {
        let start = from + place;
        let line = text[start..].lines().next().unwrap_or_default();
        let header = line.get(..line.len().min(60)).unwrap_or_default();
        let body = header.find("PRIVATE KEY-----").map(|place| &text[start + place + "PRIVATE KEY-----".len()..]);
        if body.is_some_and(begins_with_key) {
            found.push((start, start + "-----BEGIN ".len(), "PEM"));
        }
        from = start + "-----BEGIN ".len();
    }
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        if !is_base64(bytes[start]) {
            start += 1;
            continue;
        }
        let end = bytes[start..].iter().position(|byte| !is_base64(*byte)).map_or(bytes.len(), |length| start + length);
        if end - start >= MIN_LENGTH && is_private(&text[start..end]) && !inside_pem(text, start) {
            found.push((start, end, "base64"));
        }
        start = end + 1;
    }
    found
}

/// The shortest text of a key after a PEM header: libraries may contain the header alone.
const MIN_START_LENGTH: usize = 24;

/// Whether the text after a PEM header is a key, perhaps after fields such as `Proc-Type: 4,ENCRYPTED`, and split into several strings.
fn begins_with_key(body: &str) -> bool {
    let mut rest = body;
    loop {
        rest = rest.trim_start_matches("\\n").trim_start_matches("\\r");
        let next = rest.trim_start_matches(['\n', '\r', ' ', '\t', '\'', '"', '`', '+', ',', '\\']);
        let line = next.lines().next().unwrap_or_default();
        if next.len() == rest.len() {
            return rest.bytes().take_while(|byte| is_base64(*byte)).count() >= MIN_START_LENGTH;
        }
        rest = if line.starts_with("Proc-Type:") || line.starts_with("DEK-Info:") { &next[line.len()..] } else { next };
    }
}

/// The body of a PEM file is reported at its header.
fn inside_pem(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end_matches(['\\', 'n', 'r', '\n', '\r', ' ', '\'', '"', '+']);
    before.ends_with("KEY-----")
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// Whether base64 text is a private key in DER, or a PEM private key encoded again.
fn is_private(text: &str) -> bool {
    if !text.starts_with('M') && !text.starts_with("LS0tLS1CRUdJTi") {
        return false;
    }
    let usable = &text[..text.len().min(4096) / 4 * 4];
    let Ok(bytes) = STANDARD_NO_PAD.decode(usable) else { return false };
    if bytes.starts_with(b"-----BEGIN ") {
        return bytes.windows(16).take(40).any(|window| window == b"PRIVATE KEY-----");
    }
    is_private_der(&bytes)
}

/// SEQUENCE { INTEGER 0 or 1, ... }: the start of PKCS#8, PKCS#1 and SEC 1; public keys and certificates begin with a SEQUENCE.
fn is_private_der(bytes: &[u8]) -> bool {
    let Some([0x30, length, rest @ ..]) = bytes.get(..) else { return false };
    let skip = match length {
        0x80..=0x84 => usize::from(length & 0x7f),
        0..=0x7f => 0,
        _ => return false,
    };
    matches!(rest.get(skip..), Some([0x02, 0x01, 0x00 | 0x01, 0x30 | 0x02 | 0x04, ..]))
}

fn finding(file: u32, range: Range, kind: &str) -> RawFinding {
    RawFinding::new(RULE.id, Place { file, range }, kind)
}

fn message(finding: &RawFinding) -> Text {
    match &*finding.subject {
        "PEM" => Text::new("这里有一个 PEM 格式的私钥", "this is a private key in PEM"),
        "joined" => Text::new("这里用多段字符串拼接出了私钥", "a private key is put together from strings here"),
        _ => Text::new("这里有一个 Base64 编码的私钥", "this is a private key in base64"),
    }
}

const DOCUMENTATION: &str = r"# secret-in-package

Everyone who has the app has its package. With a private key in it, anyone who unpacks it can sign requests in the app's name.

**The platform's rule.** No secrets in the client package: no private keys, not even encoded.

**What it looks at.** Every text file of the project, also JSON and PEM files: private keys in PEM, with more than the
header, which libraries have too; base64 text that
decodes to a private key (PKCS#8, PKCS#1, SEC 1), or to PEM; string constants that are joined to one. Public keys and
certificates are left alone. The key itself is never printed.

## Breaks it

```js
const key = '-----BEGIN ' + 'PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC...';
```

## Keeps it

The key lies on the server, in a file that only the server can read; the page asks the server to sign.
";
