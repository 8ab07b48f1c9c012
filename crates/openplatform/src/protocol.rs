//! The gateway's conventions: names, timestamps, the parameters of a request, and the string that is signed. They serve clients and
//! implementations of a gateway.
//!
//! ```
//! use miniauth_core::time::Timestamp;
//! use miniauth_openplatform::protocol::{Parameters, beijing_time};
//! let mut parameters = Parameters::new();
//! parameters.set("method", "alipay.user.info.share");
//! parameters.set("app_id", "2021000000000001");
//! parameters.set("timestamp", beijing_time(Timestamp::from_seconds(1_800_000_000)));
//! assert_eq!(
//!     parameters.canonical_string(),
//!     "app_id=2021000000000001&method=alipay.user.info.share&timestamp=2027-01-15 16:00:00",
//! );
//! ```

pub use crate::charset::{Charset, CharsetError, EncodeError};
pub use crate::content::ENCRYPT_TYPE;
pub use crate::keys::SignType;

use crate::content::{ContentKey, DecryptError, EncryptError, decrypt_json};
use miniauth_core::time::Timestamp;
use percent_encoding::percent_decode;
use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};
use thiserror::Error;
use time::{
    OffsetDateTime, PrimitiveDateTime, UtcOffset,
    format_description::BorrowedFormatItem,
    macros::{format_description, offset},
};
use url::form_urlencoded::byte_serialize;

/// Exchanges an auth code for tokens.
pub const OAUTH_TOKEN: &str = "alipay.system.oauth.token";

/// Reads the member's information with an access token.
pub const USER_INFO_SHARE: &str = "alipay.user.info.share";

/// Lists the users who withdrew consent on one of the last seven days.
pub const REVOCATIONS_QUERY: &str = "alipay.user.deloauth.detail.query";

/// Says whether a user's consent is valid now.
pub const CONSENT_QUERY: &str = "alipay.open.auth.userauth.relationship.query";

/// The message to the app that a user withdrew consent (用户授权取消消息).
pub const WITHDRAWAL_MESSAGE: &str = "alipay.open.auth.userauth.cancelled";

/// The service by which the console checks the address for messages.
pub const ADDRESS_CHECK: &str = "alipay.service.check";

/// The node of an answer in which the gateway refuses a call, instead of the method's own node.
pub const ERROR_NODE: &str = "error_response";

/// The `code` of success. The answer of [`OAUTH_TOKEN`] has none when it succeeds.
pub const CODE_SUCCESS: &str = "10000";

/// Returns the name of the node with a method's answer: the method with dots as underscores, and `_response`.
pub fn response_node(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}

/// Beijing is eight hours ahead of UTC, in summer too.
const BEIJING: UtcOffset = offset!(+8);

const TIMESTAMP: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");

/// Formats a time as `yyyy-MM-dd HH:mm:ss` in GMT+8, as in the parameter `timestamp`. A time after the year 9999, such
/// as the end of a certificate that never expires, becomes the last second of that year.
///
/// The date is Beijing's too. With UTC's date, the gateway would refuse every call between 00:00 and 08:00 in Beijing.
pub fn beijing_time(moment: Timestamp) -> String {
    in_beijing(moment).format(TIMESTAMP).unwrap_or_default()
}

/// Formats a day as `yyyyMMdd` in GMT+8, for [`REVOCATIONS_QUERY`].
pub fn beijing_date(moment: Timestamp) -> String {
    in_beijing(moment).format(DATE).unwrap_or_default()
}

fn in_beijing(moment: Timestamp) -> OffsetDateTime {
    let utc = i64::try_from(moment.as_seconds()).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    let local = utc.and_then(|utc| utc.checked_to_offset(BEIJING));
    local.unwrap_or(PrimitiveDateTime::MAX.assume_offset(BEIJING))
}

/// Parses a time in the format of [`beijing_time`].
pub fn beijing_moment(text: &str) -> Option<Timestamp> {
    let local = PrimitiveDateTime::parse(text, TIMESTAMP).ok()?.assume_offset(BEIJING);
    local.unix_timestamp().try_into().ok().map(Timestamp::from_seconds)
}

/// The common and business parameters of one request, each name once.
///
/// `Debug` shows only the names, because the values include auth codes and tokens.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters<'a>(BTreeMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Parameters<'a> {
    /// Returns an empty set of parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a parameter. Replaces one of the same name.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.0.insert(name.into(), value.into());
    }

    /// Removes a parameter and returns it.
    pub fn take(&mut self, name: &str) -> Option<Cow<'a, str>> {
        self.0.remove(name)
    }

    /// Adds the parameters of a form or a query (`application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// [`FormError`] if a name occurs twice, because it is unclear which one was signed, or if the bytes are not in the character set.
    pub fn extend_from_form(&mut self, form: &[u8], charset: Charset) -> Result<(), FormError> {
        for pair in pairs(form, charset) {
            let (name, value) = pair.ok_or(FormError::Encoding)?;
            match self.0.entry(name.into()) {
                Entry::Vacant(place) => place.insert(value.into()),
                Entry::Occupied(_) => return Err(FormError::Duplicate),
            };
        }
        Ok(())
    }

    /// Iterates over all names and values, sorted by name, without empty values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        pairs.filter(|(_, value): &(&str, &str)| !value.is_empty())
    }

    /// Returns the value of a parameter; `None` for an empty one, as the gateway does.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Cow::as_ref).filter(|value| !value.is_empty())
    }

    /// Encrypts `biz_content` in the request's character set, and sets `encrypt_type`. Do this before signing.
    ///
    /// # Errors
    /// [`EncryptError`] if there is no `biz_content`, or the character set lacks one of its characters.
    pub fn encrypt(&mut self, key: &ContentKey, charset: Charset) -> Result<(), EncryptError> {
        let content = self.get("biz_content").ok_or(EncryptError::NoContent)?;
        let encrypted = key.encrypt(&charset.encode(content)?)?;
        self.set("biz_content", encrypted);
        self.set("encrypt_type", ENCRYPT_TYPE);
        Ok(())
    }

    /// Decrypts `biz_content` if `encrypt_type` says that it is encrypted. For an implementation of a gateway.
    ///
    /// # Errors
    /// [`DecryptError`] if none of the keys fits.
    pub fn decrypt(&mut self, keys: &[ContentKey], charset: Charset) -> Result<(), DecryptError> {
        if self.get("encrypt_type").is_none() {
            return Ok(());
        }
        let encrypted = self.get("biz_content").ok_or(DecryptError::OtherKey)?;
        let content = decrypt_json(encrypted.as_bytes(), keys, charset)?;
        self.set("biz_content", content);
        Ok(())
    }

    /// Returns the string to sign: all parameters except `sign` and empty ones (`sign_type` is included), sorted by the
    /// bytes of their names, as raw `name=value` joined with `&`. It is signed in the request's `charset`.
    pub fn canonical_string(&self) -> String {
        let mut canonical = String::with_capacity(self.length());
        for (name, value) in self.0.iter().filter(|(name, value)| *name != "sign" && !value.is_empty()) {
            if !canonical.is_empty() {
                canonical.push('&');
            }
            canonical.push_str(name);
            canonical.push('=');
            canonical.push_str(value);
        }
        canonical
    }

    /// Returns the string to sign in the request's character set.
    ///
    /// # Errors
    /// [`EncodeError`] if the character set lacks a character.
    pub fn bytes_to_sign(&self, charset: Charset) -> Result<Vec<u8>, EncodeError> {
        let canonical = self.canonical_string();
        match charset {
            Charset::Utf8 => Ok(canonical.into_bytes()),
            Charset::Gbk => charset.encode(&canonical).map(Cow::into_owned),
        }
    }

    /// Returns the parameters as a form, percent-encoded.
    ///
    /// # Errors
    /// [`EncodeError`] when the character set lacks a character.
    pub fn to_form(&self, charset: Charset) -> Result<String, EncodeError> {
        // With space for a signature and some escapes.
        let mut form = String::with_capacity(self.length() + 448);
        for (name, value) in &self.0 {
            append(&mut form, name, value, charset)?;
        }
        Ok(form)
    }

    /// Returns the length of all names and values with their separators.
    fn length(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.len() + 2).sum()
    }
}

impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.keys()).finish()
    }
}

/// Appends `name=value` to a form (`application/x-www-form-urlencoded`), percent-encoded.
fn append(form: &mut String, name: &str, value: &str, charset: Charset) -> Result<(), EncodeError> {
    if !form.is_empty() {
        form.push('&');
    }
    form.extend(byte_serialize(&charset.encode(name)?));
    form.push('=');
    form.extend(byte_serialize(&charset.encode(value)?));
    Ok(())
}

/// Returns the names and values of a form, in order; `None` for a pair that is not in the character set.
fn pairs(form: &[u8], charset: Charset) -> impl Iterator<Item = Option<(String, String)>> {
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

/// Why the parameters of a form cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FormError {
    /// A parameter occurs twice.
    #[error("a parameter occurs twice: send each one once, in the query or in the body")]
    Duplicate,
    /// The bytes are not in the character set that `charset` names.
    #[error("a parameter is not in the character set that charset names")]
    Encoding,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parameters<'a>(pairs: &[(&'a str, &'a str)]) -> Parameters<'a> {
        let mut parameters = Parameters::new();
        for &(name, value) in pairs {
            parameters.set(name, value);
        }
        parameters
    }

    #[test]
    fn the_string_to_sign_is_the_documented_one() {
        let request = parameters(&[
            ("version", "1.0"),
            ("sign", "c2lnbmF0dXJl"),
            ("method", "alipay.system.oauth.token"),
            ("sign_type", "RSA2"),
            ("app_auth_token", ""),
            ("code", "a b+c&d=e%20张"),
            ("app_id", "2021000000000001"),
        ]);
        let expected =
            "app_id=2021000000000001&code=a b+c&d=e%20张&method=alipay.system.oauth.token&sign_type=RSA2&version=1.0";
        assert_eq!(request.canonical_string(), expected);
    }

    #[test]
    fn names_sort_by_their_bytes() {
        assert_eq!(
            parameters(&[("b", "1"), ("a_", "2"), ("aB", "3"), ("a", "4")]).canonical_string(),
            "a=4&aB=3&a_=2&b=1"
        );
    }

    #[test]
    fn a_parameter_cannot_come_twice() {
        let mut request = parameters(&[("method", "alipay.user.info.share")]);
        assert_eq!(
            request.extend_from_form(b"method=alipay.system.oauth.token", Charset::Utf8),
            Err(FormError::Duplicate)
        );
    }

    #[test]
    fn a_form_has_one_character_set() {
        let request = parameters(&[("nick", "张 伟+&")]);
        assert_eq!(request.to_form(Charset::Utf8).unwrap(), "nick=%E5%BC%A0+%E4%BC%9F%2B%26");
        assert_eq!(request.to_form(Charset::Gbk).unwrap(), "nick=%D5%C5+%CE%B0%2B%26");
        let mut received = Parameters::new();
        assert_eq!(received.extend_from_form(b"nick=%D5%C5", Charset::Utf8), Err(FormError::Encoding));
        assert_eq!(parameters(&[("nick", "🐻")]).to_form(Charset::Gbk), Err(EncodeError));
    }

    #[test]
    fn a_content_is_decrypted_with_one_of_the_keys() {
        let [key, other] = [(); 2].map(|()| ContentKey::generate(&crate::system::SystemRandom));
        let mut request = parameters(&[("biz_content", "{}")]);
        request.decrypt(&[], Charset::Utf8).unwrap();
        request.encrypt(&key, Charset::Utf8).unwrap();
        assert_ne!(request.get("biz_content"), Some("{}"));
        assert_eq!(request.decrypt(std::slice::from_ref(&other), Charset::Utf8), Err(DecryptError::OtherKey));
        request.decrypt(&[other, key], Charset::Utf8).unwrap();
        assert_eq!(request.get("biz_content"), Some("{}"));
    }

    #[test]
    fn values_do_not_print() {
        assert!(!format!("{:?}", parameters(&[("auth_token", "composeB123")])).contains("compose"));
    }

    #[test]
    fn the_date_turns_at_midnight_in_beijing() {
        // 2026-11-20T16:00:00Z is midnight of the 21st in Beijing.
        let midnight = 1_795_190_400;
        let cases = [
            (midnight - 1, "2026-11-20 23:59:59"),
            (midnight, "2026-11-21 00:00:00"),
            (midnight + 7 * 3_600 + 59 * 60, "2026-11-21 07:59:00"),
            (midnight + 8 * 3_600, "2026-11-21 08:00:00"),
            (midnight + 23 * 3_600 + 59 * 60, "2026-11-21 23:59:00"),
        ];
        for (seconds, text) in cases {
            assert_eq!(beijing_time(Timestamp::from_seconds(seconds)), text);
            assert_eq!(beijing_moment(text), Some(Timestamp::from_seconds(seconds)));
            assert_eq!(beijing_date(Timestamp::from_seconds(seconds)), text[..10].replace('-', ""));
        }
        assert_eq!(beijing_moment("2026-11-21T08:00:00"), None);
    }

    #[test]
    fn months_years_and_leap_days_turn_where_they_must() {
        let cases = [
            (0, "1970-01-01 08:00:00"),
            (951_753_600, "2000-02-29 00:00:00"),
            (1_709_135_999, "2024-02-28 23:59:59"),
            (1_709_136_000, "2024-02-29 00:00:00"),
            (1_709_222_400, "2024-03-01 00:00:00"),
            (1_735_660_799, "2024-12-31 23:59:59"),
            (1_735_660_800, "2025-01-01 00:00:00"),
            (4_107_513_600, "2100-03-01 00:00:00"),
            // The end of a certificate without expiry is the last second of 9999 in UTC.
            (253_402_300_799, "9999-12-31 23:59:59"),
            (u64::MAX / 1_000, "9999-12-31 23:59:59"),
        ];
        for (seconds, text) in cases {
            assert_eq!(beijing_time(Timestamp::from_seconds(seconds)), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_sent_is_what_was_signed(pairs in proptest::collection::btree_map(".{1,12}", ".{0,24}", 0..12)) {
            let mut sent = Parameters::new();
            for (name, value) in &pairs {
                sent.set(name.as_str(), value.as_str());
            }
            for charset in [Charset::Utf8, Charset::Gbk] {
                let Ok(form) = sent.to_form(charset) else { continue };
                let mut received = Parameters::new();
                received.extend_from_form(form.as_bytes(), charset).unwrap();
                prop_assert_eq!(received.canonical_string(), sent.canonical_string());
            }
        }
    }
}
