//! The gateway's serial number of a certificate.
//!
//! No library writes a name as the platform does (RFC 2253, with names for its nine attribute types and numbers for
//! others), and every character of it matters.

use md5::{Digest as _, Md5};
use x509_parser::{
    asn1_rs::{BmpString, Tag},
    certificate::X509Certificate,
    num_bigint::BigInt,
    x509::{AttributeTypeAndValue, X509Name},
};

/// RFC 2253's names of attribute types; other types are written as numbers.
const KEYWORDS: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// Returns the MD5 of issuer and number, in hexadecimal; `None` if the issuer's name is not text. It identifies a
/// certificate and protects nothing.
pub(super) fn of(certificate: &X509Certificate<'_>) -> Option<String> {
    let number = BigInt::from_signed_bytes_be(certificate.raw_serial());
    let text = format!("{}{number}", rfc2253(certificate.issuer())?);
    Some(Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns the name's parts from the last to the first.
fn rfc2253(name: &X509Name<'_>) -> Option<String> {
    let parts = name.iter().map(|part| {
        let attributes: Option<Vec<_>> = part.iter().map(attribute).collect();
        attributes.map(|attributes| attributes.join("+"))
    });
    let mut parts = parts.collect::<Option<Vec<_>>>()?;
    parts.reverse();
    Some(parts.join(","))
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let kind = attribute.attr_type().to_id_string();
    let keyword = KEYWORDS.iter().find(|(number, _)| *number == kind).map(|(_, keyword)| *keyword);
    Some(format!("{}={}", keyword.unwrap_or(&kind), escaped(&text(attribute)?)))
}

fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let value = attribute.attr_value();
    match value.tag() {
        // Read as ISO 8859-1, as everyone does.
        Tag::T61String => Some(value.data.iter().map(|&byte| char::from(byte)).collect()),
        Tag::BmpString => BmpString::try_from(value).ok().map(|text| text.string()),
        _ => attribute.as_str().ok().map(str::to_owned),
    }
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (index, character) in value.chars().enumerate() {
        let special = match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
            '#' => index == 0,
            ' ' => index == 0 || index == last,
            _ => false,
        };
        if special {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn separators_are_escaped() {
        for (value, text) in [
            ("Ant Financial", "Ant Financial"),
            ("A, B + \"C\"", "A\\, B \\+ \\\"C\\\""),
            (" #a ", "\\ #a\\ "),
            ("#a;<b>\\", "\\#a\\;\\<b\\>\\\\"),
            ("蚂蚁", "蚂蚁"),
        ] {
            assert_eq!(escaped(value), text);
        }
    }
}
