//! A distinguished name as text (RFC 2253), the way the platform writes it.

use super::CertificateFault;
use x509_parser::{
    der_parser::asn1_rs::{Any, Tag},
    x509::{AttributeTypeAndValue, X509Name},
};

/// The names that RFC 2253 has for types of attributes; other types are written as numbers.
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

/// The name's parts from the last to the first.
pub(super) fn rfc2253(name: &X509Name<'_>) -> Result<String, CertificateFault> {
    let parts: Result<Vec<String>, CertificateFault> = name
        .iter()
        .map(|part| part.iter().map(attribute).collect::<Result<Vec<_>, _>>().map(|attributes| attributes.join("+")))
        .collect();
    let mut parts = parts?;
    parts.reverse();
    Ok(parts.join(","))
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> Result<String, CertificateFault> {
    let kind = attribute.attr_type().to_id_string();
    let value = text(attribute.attr_value())?;
    let keyword = KEYWORDS.iter().find(|(number, _)| *number == kind).map(|(_, keyword)| *keyword);
    Ok(format!("{}={}", keyword.unwrap_or(&kind), escaped(&value)))
}

fn text(value: &Any<'_>) -> Result<String, CertificateFault> {
    let bytes = value.data;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            String::from_utf8(bytes.to_vec()).map_err(|_| CertificateFault::Name)
        }
        // Taken for ISO 8859-1, as everyone does.
        Tag::T61String => Ok(bytes.iter().map(|&byte| char::from(byte)).collect()),
        Tag::BmpString => {
            let units: Vec<u16> =
                bytes.chunks(2).map(|unit| unit.iter().fold(0, |n, &b| n << 8 | u16::from(b))).collect();
            String::from_utf16(&units).map_err(|_| CertificateFault::Name)
        }
        _ => Err(CertificateFault::Name),
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
    fn what_separates_is_escaped() {
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
