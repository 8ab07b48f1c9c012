//! The parameters of a request, and the string over which they are signed.

use super::form;
use crate::charset::{Charset, Unencodable};
use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
};
use thiserror::Error;

/// The common and business parameters of one request, each name once.
///
/// They hold auth codes and tokens, so only the names print.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters<'a>(BTreeMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Parameters<'a> {
    /// No parameters yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a parameter, in place of one of the same name.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.0.insert(name.into(), value.into());
    }

    /// Takes a parameter out.
    pub fn take(&mut self, name: &str) -> Option<Cow<'a, str>> {
        self.0.remove(name)
    }

    /// Adds the parameters of a form or a query (`application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// [`FormFault`] when a name comes twice, since which of the two was signed could not be told, or when the bytes
    /// are not of the character set.
    pub fn extend_from_form(&mut self, form: &[u8], charset: Charset) -> Result<(), FormFault> {
        for pair in form::pairs(form, charset) {
            let (name, value) = pair.ok_or(FormFault::Encoding)?;
            match self.0.entry(name.into()) {
                Entry::Vacant(place) => place.insert(value.into()),
                Entry::Occupied(_) => return Err(FormFault::Duplicate),
            };
        }
        Ok(())
    }

    /// The value of a parameter; `None` also when it is empty, which is the same to the gateway.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Cow::as_ref).filter(|value| !value.is_empty())
    }

    /// The string to sign: without `sign` and without empty values (but with `sign_type`), sorted by the bytes of the
    /// names, the raw `name=value` joined with `&`. Its bytes in the request's `charset` are what is signed.
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

    /// The string to sign in the request's character set.
    ///
    /// # Errors
    /// [`Unencodable`] when the character set lacks a character.
    pub fn bytes_to_sign(&self, charset: Charset) -> Result<Vec<u8>, Unencodable> {
        let canonical = self.canonical_string();
        match charset {
            Charset::Utf8 => Ok(canonical.into_bytes()),
            Charset::Gbk => charset.encode(&canonical).map(Cow::into_owned),
        }
    }

    /// The parameters as a form, percent-encoded.
    ///
    /// # Errors
    /// [`Unencodable`] when the character set lacks a character.
    pub fn to_form(&self, charset: Charset) -> Result<String, Unencodable> {
        // Room for a signature, and for the little that needs escapes.
        let mut form = String::with_capacity(self.length() + 448);
        for (name, value) in &self.0 {
            form::append(&mut form, name, value, charset)?;
        }
        Ok(form)
    }

    /// The length of all names and values with what stands between them.
    fn length(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.len() + 2).sum()
    }
}

impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.keys()).finish()
    }
}

/// Why a form holds no parameters that could be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FormFault {
    /// A parameter comes twice.
    #[error("a parameter comes twice: send each one once, in the query or in the body")]
    Duplicate,
    /// The bytes are not of the character set that `charset` names.
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
            Err(FormFault::Duplicate)
        );
    }

    #[test]
    fn a_form_is_of_one_character_set() {
        let request = parameters(&[("nick", "张 伟+&")]);
        assert_eq!(request.to_form(Charset::Utf8).unwrap(), "nick=%E5%BC%A0+%E4%BC%9F%2B%26");
        assert_eq!(request.to_form(Charset::Gbk).unwrap(), "nick=%D5%C5+%CE%B0%2B%26");
        let mut received = Parameters::new();
        assert_eq!(received.extend_from_form(b"nick=%D5%C5", Charset::Utf8), Err(FormFault::Encoding));
        assert_eq!(parameters(&[("nick", "🐻")]).to_form(Charset::Gbk), Err(Unencodable));
    }

    #[test]
    fn values_do_not_print() {
        assert!(!format!("{:?}", parameters(&[("auth_token", "composeB123")])).contains("compose"));
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
