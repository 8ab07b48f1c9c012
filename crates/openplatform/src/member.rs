//! Who an answer is about, what the exchange of an auth code buys, and what the platform itself says about a member.

use crate::{
    answer::{Fields, NodeError, OtherFields},
    error::GatewayErrorKind,
};
use secrecy::SecretString;
use std::{fmt, time::Duration};
use thiserror::Error;

/// Longest id that is taken, in bytes. Today's have 16 (`user_id`) and some 50 characters (`open_id`).
const MAXIMUM_ID: usize = 128;

/// A user of the platform, as this app may name them.
///
/// Newer apps get `open_id` and no `user_id`, older ones the other way round; some get both.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    open_id: Option<String>,
    user_id: Option<String>,
}

impl Subject {
    /// A user with at least one id. An empty id counts as none.
    ///
    /// # Errors
    /// [`SubjectError`] when there is no id, or one is longer than 128 bytes or not visible ASCII.
    pub fn from_ids(open_id: Option<String>, user_id: Option<String>) -> Result<Self, SubjectError> {
        let (open_id, user_id) = (checked(open_id)?, checked(user_id)?);
        if open_id.is_none() && user_id.is_none() { Err(SubjectError::Nameless) } else { Ok(Self { open_id, user_id }) }
    }

    /// What a member is kept under, together with the app id: the open id, or the user id where there is no open id.
    pub fn key(&self) -> &str {
        self.open_id.as_deref().or(self.user_id.as_deref()).unwrap_or_default()
    }

    /// The user's id for this app alone.
    pub fn open_id(&self) -> Option<&str> {
        self.open_id.as_deref()
    }

    /// The user's id on the platform.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Whether both are surely the same user: they share at least one kind of id, and differ in none that both have.
    pub fn same_user(&self, other: &Self) -> bool {
        let agreements = [agree(&self.open_id, &other.open_id), agree(&self.user_id, &other.user_id)];
        agreements.contains(&Some(true)) && !agreements.contains(&Some(false))
    }
}

fn checked(id: Option<String>) -> Result<Option<String>, SubjectError> {
    match id {
        Some(id) if id.len() > MAXIMUM_ID || !id.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(SubjectError::Malformed)
        }
        id => Ok(id.filter(|id| !id.is_empty())),
    }
}

fn agree(one: &Option<String>, other: &Option<String>) -> Option<bool> {
    Some(one.as_ref()? == other.as_ref()?)
}

impl fmt::Debug for Subject {
    /// Ids are personal data: they do not belong into logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Subject(redacted)")
    }
}

/// Why ids name no user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SubjectError {
    /// There is neither an open id nor a user id.
    #[error("there is neither an open_id nor a user_id")]
    Nameless,
    /// An id is too long or has characters that no id has.
    #[error("an open_id or user_id is longer than {MAXIMUM_ID} bytes or not visible ASCII")]
    Malformed,
}

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
    pub(crate) fn from_verified(mut node: Fields) -> Result<Self, GatewayErrorKind> {
        let subject = subject(&mut node)?;
        let access_token = node.text("access_token")?.ok_or(NodeError::Unusable("the answer has no access_token"))?;
        Ok(Self {
            subject,
            access_token: access_token.into(),
            refresh_token: node.text("refresh_token")?.map(SecretString::from),
            expires_in: node.seconds("expires_in")?.map(Duration::from_secs),
            re_expires_in: node.seconds("re_expires_in")?.map(Duration::from_secs),
            other: node.others(),
        })
    }
}

/// The user of a node.
fn subject(node: &mut Fields) -> Result<Subject, NodeError> {
    let (open_id, user_id) = (node.text("open_id")?, node.text("user_id")?);
    Subject::from_ids(open_id, user_id).map_err(|error| {
        NodeError::Unusable(match error {
            SubjectError::Nameless => "the answer names no user",
            SubjectError::Malformed => "the answer's open_id or user_id is malformed",
        })
    })
}

/// A member's information as the platform signed it, about the same user as the grant that it was read with.
///
/// Only [`Gateway::user_info`](crate::Gateway::user_info) and
/// [`Gateway::user_info_with`](crate::Gateway::user_info_with) make one: there is no public constructor and no way to
/// deserialise one, so that nothing a page sent can be stored as a member.
pub struct VerifiedMember {
    subject: Subject,
    nick_name: Option<String>,
    avatar: Option<String>,
    gender: Option<String>,
    province: Option<String>,
    city: Option<String>,
    other: OtherFields,
}

impl VerifiedMember {
    /// The user, as the exchange of the auth code named them: so a member keeps one key, whatever further ids the
    /// second answer holds.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The nickname; absent when the user has set none.
    pub fn nick_name(&self) -> Option<&str> {
        self.nick_name.as_deref()
    }

    /// The avatar's address; absent when the user has set none.
    pub fn avatar(&self) -> Option<&str> {
        self.avatar.as_deref()
    }

    /// `F` or `M`; absent when the platform says neither.
    pub fn gender(&self) -> Option<&str> {
        self.gender.as_deref()
    }

    /// The province.
    pub fn province(&self) -> Option<&str> {
        self.province.as_deref()
    }

    /// The city.
    pub fn city(&self) -> Option<&str> {
        self.city.as_deref()
    }

    /// Every other field of the answer, such as `user_status` or `is_certified`.
    pub fn other(&self) -> &OtherFields {
        &self.other
    }

    /// Takes the member out of a node whose signature was verified, and refuses it when it is about another user than
    /// `expected`.
    ///
    /// The signature covers neither the request nor the method: a rightly signed answer about someone else verifies.
    pub(crate) fn from_verified(mut node: Fields, expected: &Subject) -> Result<Self, GatewayErrorKind> {
        if !expected.same_user(&subject(&mut node)?) {
            return Err(GatewayErrorKind::IdentityMismatch);
        }
        Ok(Self {
            subject: expected.clone(),
            nick_name: node.text("nick_name")?,
            avatar: node.text("avatar")?,
            // `m` was seen in genuine answers.
            gender: node
                .text("gender")?
                .map(|gender| gender.to_ascii_uppercase())
                .filter(|gender| gender == "F" || gender == "M"),
            province: node.text("province")?,
            city: node.text("city")?,
            other: node.others(),
        })
    }
}

impl fmt::Debug for VerifiedMember {
    /// Personal data does not belong into logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("VerifiedMember(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn subject(open_id: &str, user_id: &str) -> Subject {
        Subject::from_ids(Some(open_id.to_owned()), Some(user_id.to_owned())).unwrap()
    }

    #[test]
    fn a_user_is_the_same_only_when_an_id_says_so_and_none_denies_it() {
        assert!(subject("o1", "u1").same_user(&subject("o1", "u1")));
        assert!(subject("o1", "").same_user(&subject("o1", "u1")), "one side may know more");
        assert!(subject("", "u1").same_user(&subject("o1", "u1")));
        assert!(!subject("o1", "u1").same_user(&subject("o1", "u2")), "one agrees, one denies");
        assert!(!subject("o1", "u1").same_user(&subject("o2", "u1")));
        assert!(!subject("o1", "").same_user(&subject("", "u1")), "nothing in common proves nothing");
        assert!(!subject("same", "").same_user(&subject("", "same")), "the two kinds of id do not mix");
    }

    #[test]
    fn the_key_is_the_open_id_where_there_is_one() {
        assert_eq!(subject("o1", "u1").key(), "o1");
        assert_eq!(subject("", "u1").key(), "u1");
    }

    #[test]
    fn ids_are_bounded_and_do_not_print() {
        assert_eq!(Subject::from_ids(None, Some(String::new())), Err(SubjectError::Nameless));
        assert_eq!(Subject::from_ids(Some("a b".to_owned()), None), Err(SubjectError::Malformed));
        assert_eq!(Subject::from_ids(None, Some("1".repeat(129))), Err(SubjectError::Malformed));
        assert!(!format!("{:?}", subject("074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5", "")).contains("074a"));
    }

    fn grant(node: &str) -> Result<TokenGrant, GatewayErrorKind> {
        TokenGrant::from_verified(Fields::read(node)?)
    }

    #[test]
    fn lives_are_numbers_or_strings() {
        for lives in
            [r#""expires_in":1296000,"re_expires_in":2592000"#, r#""expires_in":"1296000","re_expires_in":"2592000""#]
        {
            let grant =
                grant(&format!(r#"{{"user_id":"2088","access_token":"a","refresh_token":"r",{lives}}}"#)).unwrap();
            assert_eq!(grant.expires_in(), Some(Duration::from_secs(1_296_000)));
            assert_eq!(grant.re_expires_in(), Some(Duration::from_secs(2_592_000)));
            assert_eq!(grant.access_token().expose_secret(), "a");
            assert_eq!(grant.refresh_token().map(|token| token.expose_secret()), Some("r"));
        }
    }

    #[test]
    fn what_is_missing_is_missing() {
        let grant =
            grant(r#"{"open_id":"o","user_id":"","access_token":"a","refresh_token":"","expires_in":""}"#).unwrap();
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
            assert!(matches!(grant(node), Err(GatewayErrorKind::Unusable(_))), "{node}");
        }
    }

    #[test]
    fn an_encrypted_answer_is_told() {
        assert!(matches!(grant(r#""c29tZXRoaW5nIGVuY3J5cHRlZA==""#), Err(GatewayErrorKind::Encrypted)));
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let grant = grant(r#"{"user_id":"2088","access_token":"a","union_id":"u1","new":{"a":[1]}}"#).unwrap();
        assert_eq!(grant.other().get("union_id"), Some(&"u1".into()));
        assert_eq!(grant.other().names().collect::<Vec<_>>(), ["new", "union_id"]);
        assert_eq!(grant.other().get("access_token"), None);
    }

    #[test]
    fn tokens_do_not_print() {
        let grant =
            grant(r#"{"user_id":"2088102","access_token":"composeB","refresh_token":"composeR","union_id":"2088u"}"#)
                .unwrap();
        let printed = format!("{grant:?}");
        assert!(!printed.contains("compose") && !printed.contains("2088"), "{printed}");
    }

    fn member(node: &str) -> Result<VerifiedMember, GatewayErrorKind> {
        let expected = Subject::from_ids(None, Some("2088102".to_owned())).unwrap();
        VerifiedMember::from_verified(Fields::read(node)?, &expected)
    }

    #[test]
    fn every_field_is_kept_as_it_was_signed() {
        let member = member(
            r#"{"code":"10000","msg":"Success","user_id":"2088102","open_id":"o","user_status":"T","nick_name":"A\"}{\"sign\":\"x\\","avatar":"https:\/\/avatars.example\/a.png","gender":"m","province":"浙江省","city":"杭州市"}"#,
        )
        .unwrap();
        assert_eq!(member.nick_name(), Some(r#"A"}{"sign":"x\"#));
        assert_eq!(member.avatar(), Some("https://avatars.example/a.png"));
        assert_eq!(member.gender(), Some("M"));
        assert_eq!((member.province(), member.city()), (Some("浙江省"), Some("杭州市")));
        assert_eq!(member.other().get("user_status"), Some(&"T".into()));
        assert_eq!(member.subject().key(), "2088102", "as the exchange named the user");
    }

    #[test]
    fn what_the_user_has_not_set_is_absent() {
        for node in [r#"{"user_id":"2088102"}"#, r#"{"user_id":"2088102","nick_name":"","avatar":null,"gender":"?"}"#] {
            let member = member(node).unwrap();
            assert_eq!((member.nick_name(), member.avatar(), member.gender()), (None, None, None));
        }
    }

    #[test]
    fn an_answer_about_another_user_is_refused() {
        assert!(matches!(member(r#"{"user_id":"2088103","nick_name":"x"}"#), Err(GatewayErrorKind::IdentityMismatch)));
        assert!(matches!(member(r#"{"open_id":"2088102"}"#), Err(GatewayErrorKind::IdentityMismatch)));
        assert!(matches!(member(r#"{"nick_name":"x"}"#), Err(GatewayErrorKind::Unusable(_))));
    }

    #[test]
    fn a_member_does_not_print() {
        let printed = format!("{:?}", member(r#"{"user_id":"2088102","nick_name":"张伟"}"#).unwrap());
        assert_eq!(printed, "VerifiedMember(redacted)");
    }
}
