//! Forms and queries (`application/x-www-form-urlencoded`) in either character set.

use crate::charset::{Charset, Unencodable};
use percent_encoding::percent_decode;
use std::borrow::Cow;
use url::form_urlencoded::byte_serialize;

/// Appends `name=value` to a form, percent-encoded.
pub(super) fn append(form: &mut String, name: &str, value: &str, charset: Charset) -> Result<(), Unencodable> {
    if !form.is_empty() {
        form.push('&');
    }
    form.extend(byte_serialize(&charset.encode(name)?));
    form.push('=');
    form.extend(byte_serialize(&charset.encode(value)?));
    Ok(())
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
