//! What the exchange of an auth code buys.

use crate::{
    error::Failure,
    node::{Fields, OtherFields},
    subject::{Subject, SubjectFault},
};
use secrecy::SecretString;
use std::time::Duration;

/// The platform's signed answer to the exchange of an auth code or of a refresh token: who the user is, and the tokens.
///
/// Only [`Gateway::exchange_code`](crate::Gateway::exchange_code) and [`Gateway::refresh`](crate::Gateway::refresh) make
/// one. The tokens neither print nor serialise.
#[derive(Debug)]
pub struct TokenGrant {
    subject: Subject,
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    expires_in: Option<Duration>,
    re_expires_in: Option<Duration>,
    other: OtherFields,
}

impl TokenGrant {
    /// The user who consented.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Reads the member's information.
    pub fn access_token(&self) -> &SecretString {
        &self.access_token
    }

    /// Buys a new access token.
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    /// How long the access token lives from the answer on.
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    /// How long the refresh token lives from the answer on.
    pub fn re_expires_in(&self) -> Option<Duration> {
        self.re_expires_in
    }

    /// Every other field of the answer, such as `auth_start` or `union_id`.
    pub fn other(&self) -> &OtherFields {
        &self.other
    }

    /// Takes the grant out of a node whose signature was verified.
    pub(crate) fn from_verified(mut node: Fields) -> Result<Self, Failure> {
        let (open_id, user_id) = (node.text("open_id")?, node.text("user_id")?);
        let access_token = node.text("access_token")?.ok_or(Failure::Unusable("the answer has no access_token"))?;
        Ok(Self {
            subject: Subject::from_ids(open_id, user_id).map_err(unusable_subject)?,
            access_token: access_token.into(),
            refresh_token: node.text("refresh_token")?.map(SecretString::from),
            expires_in: node.seconds("expires_in")?.map(Duration::from_secs),
            re_expires_in: node.seconds("re_expires_in")?.map(Duration::from_secs),
            other: node.others(),
        })
    }
}

pub(crate) fn unusable_subject(fault: SubjectFault) -> Failure {
    Failure::Unusable(match fault {
        SubjectFault::Nameless => "the answer names no user",
        SubjectFault::Malformed => "the answer's open_id or user_id is malformed",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn read(node: &str) -> Result<TokenGrant, Failure> {
        TokenGrant::from_verified(Fields::read(node)?)
    }

    #[test]
    fn lives_are_numbers_or_strings() {
        for lives in
            [r#""expires_in":1296000,"re_expires_in":2592000"#, r#""expires_in":"1296000","re_expires_in":"2592000""#]
        {
            let grant =
                read(&format!(r#"{{"user_id":"2088","access_token":"a","refresh_token":"r",{lives}}}"#)).unwrap();
            assert_eq!(grant.expires_in(), Some(Duration::from_secs(1_296_000)));
            assert_eq!(grant.re_expires_in(), Some(Duration::from_secs(2_592_000)));
            assert_eq!(grant.access_token().expose_secret(), "a");
            assert_eq!(grant.refresh_token().map(|token| token.expose_secret()), Some("r"));
        }
    }

    #[test]
    fn what_is_missing_is_missing() {
        let grant =
            read(r#"{"open_id":"o","user_id":"","access_token":"a","refresh_token":"","expires_in":""}"#).unwrap();
        assert_eq!((grant.subject().open_id(), grant.subject().user_id()), (Some("o"), None));
        assert!(grant.refresh_token().is_none());
        assert_eq!(grant.expires_in(), None);
    }

    #[test]
    fn an_answer_without_user_or_token_is_of_no_use() {
        for node in [
            r#"{"access_token":"a"}"#,
            r#"{"user_id":"u"}"#,
            r#"{"user_id":"u","access_token":""}"#,
            r#"{"user_id":"u","user_id":"v","access_token":"a"}"#,
            r#"{"user_id":"u","access_token":"a","expires_in":"soon"}"#,
            r#"{"user_id":"u","access_token":"a","expires_in":-1}"#,
        ] {
            assert!(matches!(read(node), Err(Failure::Unusable(_))), "{node}");
        }
    }

    #[test]
    fn an_encrypted_answer_is_told() {
        assert!(matches!(read(r#""c29tZXRoaW5nIGVuY3J5cHRlZA==""#), Err(Failure::Encrypted)));
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let grant = read(r#"{"user_id":"2088","access_token":"a","union_id":"u1","new":{"a":[1]}}"#).unwrap();
        assert_eq!(grant.other().get("union_id"), Some(&"u1".into()));
        assert_eq!(grant.other().names().collect::<Vec<_>>(), ["new", "union_id"]);
        assert_eq!(grant.other().get("access_token"), None);
    }

    #[test]
    fn tokens_do_not_print() {
        let grant =
            read(r#"{"user_id":"2088102","access_token":"composeB","refresh_token":"composeR","union_id":"2088u"}"#)
                .unwrap();
        let printed = format!("{grant:?}");
        assert!(!printed.contains("compose") && !printed.contains("2088"), "{printed}");
    }
}
