//! Forms and queries (`application/x-www-form-urlencoded`) in either character set.

use crate::charset::{Charset, Unencodable};
use percent_encoding::percent_decode;
use std::borrow::Cow;

/// Appends `name=value` to a form, percent-encoded.
pub(super) fn append(form: &mut String, name: &str, value: &str, charset: Charset) -> Result<(), Unencodable> {
    if !form.is_empty() {
        form.push('&');
    }
    push_encoded(form, &charset.encode(name)?);
    form.push('=');
    push_encoded(form, &charset.encode(value)?);
    Ok(())
}

/// As the URL standard has it: letters, digits and `*-._` stay, a blank becomes `+`, everything else `%XX`.
fn push_encoded(form: &mut String, bytes: &[u8]) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for &byte in bytes {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_' => form.push(char::from(byte)),
            b' ' => form.push('+'),
            _ => form.extend(['%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xf)]]),
        }
    }
}

/// The names and values of a form, in their order; `None` for a pair that is not of the character set.
pub(super) fn pairs(form: &[u8], charset: Charset) -> impl Iterator<Item = Option<(String, String)>> {
    form.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let end = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
        let value = pair.get(end + 1..).unwrap_or_default();
        Some((decoded(&pair[..end], charset)?, decoded(value, charset)?))
    })
}

fn decoded(text: &[u8], charset: Charset) -> Option<String> {
    let blanks: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    let bytes: Cow<'_, [u8]> = percent_decode(&blanks).into();
    charset.decode(&bytes).map(Cow::into_owned)
}
