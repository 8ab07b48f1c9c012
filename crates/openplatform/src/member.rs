//! A user's ids, the tokens for an auth code, and the member's information as the platform signed it.

use crate::{
    answer::{Fields, NodeError, OtherFields},
    error::GatewayErrorKind,
    protocol::beijing_moment,
};
use miniauth_core::time::Timestamp;
use secrecy::SecretString;
use std::{fmt, time::Duration};
use thiserror::Error;

/// The longest id that is accepted, in bytes. Today a `user_id` has 16 characters and an `open_id` about 50.
const MAXIMUM_ID: usize = 128;

/// The platform's ids of a user for this app: at most one of each kind, and at least one.
///
/// Newer apps get `open_id` and no `user_id`, older ones the opposite. While the platform moves an app, answers about one user have one of
/// them, both, or the other. Apps in a group also get a `union_id`.
///
/// ```
/// use miniauth_openplatform::UserIds;
/// let before = UserIds::from_ids(None, Some("2088000000000001".into()), None).unwrap();
/// let during = UserIds::from_ids(Some("0aB-open".into()), Some("2088000000000001".into()), None).unwrap();
/// let after = UserIds::from_ids(Some("0aB-open".into()), None, None).unwrap();
/// assert!(before.same_user(&during) && during.same_user(&after));
/// assert!(!before.same_user(&after), "nothing proves it");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserIds {
    open_id: Option<String>,
    user_id: Option<String>,
    union_id: Option<String>,
}

impl UserIds {
    /// Creates the ids of a user. At least one is needed; an empty one counts as absent.
    ///
    /// # Errors
    /// [`UserIdsError`] if there is no id, or one is longer than 128 bytes or not visible ASCII.
    pub fn from_ids(
        open_id: Option<String>,
        user_id: Option<String>,
        union_id: Option<String>,
    ) -> Result<Self, UserIdsError> {
        let (open_id, user_id, union_id) = (checked(open_id)?, checked(user_id)?, checked(union_id)?);
        let ids = Self { open_id, user_id, union_id };
        if ids.each().next().is_none() { Err(UserIdsError::Nameless) } else { Ok(ids) }
    }

    /// Returns the id that encrypted tokens are bound to: the open id, else the user id, else the union id.
    pub fn key(&self) -> &str {
        self.each().next().unwrap_or_default()
    }

    /// Iterates over the ids that are present.
    pub fn each(&self) -> impl Iterator<Item = &str> {
        [&self.open_id, &self.user_id, &self.union_id].into_iter().flatten().map(String::as_str)
    }

    /// Returns the user's id for this app only.
    pub fn open_id(&self) -> Option<&str> {
        self.open_id.as_deref()
    }

    /// Returns the user's id on the platform.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Returns the user's id for a group of apps.
    pub fn union_id(&self) -> Option<&str> {
        self.union_id.as_deref()
    }

    /// Returns whether both are certainly the same user: they share at least one id, and no ids of the same kind
    /// differ.
    pub fn same_user(&self, other: &Self) -> bool {
        let agreements = self.compared(other);
        agreements.contains(&Some(true)) && !agreements.contains(&Some(false))
    }

    /// Returns the ids of both, or `None` if there would be two of a kind.
    pub fn joined(&self, other: &Self) -> Option<Self> {
        if self.compared(other).contains(&Some(false)) {
            return None;
        }
        let either = |one: &Option<String>, other: &Option<String>| one.clone().or_else(|| other.clone());
        Some(Self {
            open_id: either(&self.open_id, &other.open_id),
            user_id: either(&self.user_id, &other.user_id),
            union_id: either(&self.union_id, &other.union_id),
        })
    }

    /// Compares the ids of each kind that both users have.
    fn compared(&self, other: &Self) -> [Option<bool>; 3] {
        [
            agree(&self.open_id, &other.open_id),
            agree(&self.user_id, &other.user_id),
            agree(&self.union_id, &other.union_id),
        ]
    }
}

fn checked(id: Option<String>) -> Result<Option<String>, UserIdsError> {
    match id {
        Some(id) if id.len() > MAXIMUM_ID || !id.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(UserIdsError::Malformed)
        }
        id => Ok(id.filter(|id| !id.is_empty())),
    }
}

fn agree(one: &Option<String>, other: &Option<String>) -> Option<bool> {
    Some(one.as_ref()? == other.as_ref()?)
}

impl fmt::Debug for UserIds {
    /// Hides ids from logs, because they are personal data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UserIds(redacted)")
    }
}

/// Why these are not the ids of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UserIdsError {
    /// There is no id.
    #[error("there is no open_id, user_id or union_id")]
    Nameless,
    /// An id is too long or has characters that no id has.
    #[error("an open_id, user_id or union_id is longer than {MAXIMUM_ID} bytes or not visible ASCII")]
    Malformed,
}

/// The platform's signed answer to the exchange of an auth code or refresh token: the user's ids and the tokens.
///
/// Only [`Gateway::exchange_code`](crate::Gateway::exchange_code) and [`Gateway::refresh`](crate::Gateway::refresh)
/// create one. The tokens neither print nor serialise.
///
/// ```
/// use miniauth_openplatform::TokenGrant;
///
/// fn to_the_log(grant: &TokenGrant) -> String {
///     serde_json::to_string(&format!("{:?}", grant.ids())).unwrap()
/// }
/// ```
///
/// ```compile_fail,E0277
/// use miniauth_openplatform::TokenGrant;
///
/// fn to_the_log(grant: &TokenGrant) -> String {
///     serde_json::to_string(grant).unwrap()
/// }
/// ```
#[derive(Debug)]
pub struct TokenGrant {
    ids: UserIds,
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    expires_in: Option<Duration>,
    re_expires_in: Option<Duration>,
    other: OtherFields,
}

impl TokenGrant {
    /// Returns the user who consented.
    pub fn ids(&self) -> &UserIds {
        &self.ids
    }

    /// Returns the token that reads the member's information.
    pub fn access_token(&self) -> &SecretString {
        &self.access_token
    }

    /// Returns the token that can be exchanged for a new access token.
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    /// Returns how long the access token is valid, counted from the answer.
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    /// Returns how long the refresh token is valid, counted from the answer.
    pub fn re_expires_in(&self) -> Option<Duration> {
        self.re_expires_in
    }

    /// Returns the start of the authorisation (`auth_start`), by the platform's clock, to the second. `None` if the
    /// answer has none, or in an unknown form.
    pub fn auth_start(&self) -> Option<Timestamp> {
        self.other.get("auth_start").and_then(|start| beijing_moment(start.as_str()?))
    }

    /// Returns all other fields of the answer, such as `auth_start` as it was written.
    pub fn other(&self) -> &OtherFields {
        &self.other
    }

    /// Reads the grant from a verified node.
    pub(crate) fn from_verified(mut node: Fields) -> Result<Self, GatewayErrorKind> {
        let ids = ids(&mut node)?.ok_or(NodeError("the answer names no user"))?;
        let access_token = node.text("access_token")?.ok_or(NodeError("the answer has no access_token"))?;
        Ok(Self {
            ids,
            access_token: access_token.into(),
            refresh_token: node.text("refresh_token")?.map(SecretString::from),
            expires_in: node.seconds("expires_in")?.map(Duration::from_secs),
            re_expires_in: node.seconds("re_expires_in")?.map(Duration::from_secs),
            other: node.others(),
        })
    }
}

/// Returns the ids of the user in a node, if there are any. Old answers may have `alipay_open_id`.
fn ids(node: &mut Fields) -> Result<Option<UserIds>, NodeError> {
    let (open_id, old_name) = (node.text("open_id")?, node.text("alipay_open_id")?);
    let (user_id, union_id) = (node.text("user_id")?, node.text("union_id")?);
    match UserIds::from_ids(open_id.or(old_name), user_id, union_id) {
        Ok(ids) => Ok(Some(ids)),
        Err(UserIdsError::Nameless) => Ok(None),
        Err(UserIdsError::Malformed) => Err(NodeError("an id in the answer is malformed")),
    }
}

/// A member's information as the platform signed it, about the same user as its grant.
///
/// Only [`Gateway::user_info`](crate::Gateway::user_info) and
/// [`Gateway::user_info_with`](crate::Gateway::user_info_with) create one: there is no public constructor and no way to
/// deserialise one. So nothing that a page sent can be stored as a member.
///
/// ```
/// use miniauth_openplatform::{UserIds, VerifiedMember};
///
/// fn whose(member: &VerifiedMember) -> &UserIds {
///     member.ids()
/// }
///
/// fn from_a_page(body: &str) -> serde_json::Value {
///     serde_json::from_str(body).unwrap()
/// }
/// ```
///
/// The same with a member does not compile:
///
/// ```compile_fail,E0277
/// use miniauth_openplatform::VerifiedMember;
///
/// fn from_a_page(body: &str) -> VerifiedMember {
///     serde_json::from_str(body).unwrap()
/// }
/// ```
pub struct VerifiedMember {
    ids: UserIds,
    nick_name: Option<String>,
    avatar: Option<String>,
    gender: Option<String>,
    province: Option<String>,
    city: Option<String>,
    other: OtherFields,
}

impl VerifiedMember {
    /// Returns the user's ids: those of this answer and of the grant's answer.
    pub fn ids(&self) -> &UserIds {
        &self.ids
    }

    /// Returns the nickname, if the user has set one.
    pub fn nick_name(&self) -> Option<&str> {
        self.nick_name.as_deref()
    }

    /// Returns the avatar's URL, if the user has set one.
    pub fn avatar(&self) -> Option<&str> {
        self.avatar.as_deref()
    }

    /// Returns `F` or `M`, if the platform says so.
    pub fn gender(&self) -> Option<&str> {
        self.gender.as_deref()
    }

    /// Returns the province.
    pub fn province(&self) -> Option<&str> {
        self.province.as_deref()
    }

    /// Returns the city.
    pub fn city(&self) -> Option<&str> {
        self.city.as_deref()
    }

    /// Returns all other fields of the answer, such as `user_status` or `is_certified`.
    pub fn other(&self) -> &OtherFields {
        &self.other
    }

    /// Reads the member from a verified node. Rejects it if it is about another user than `expected`.
    ///
    /// The signature covers neither the request nor the method, so a correctly signed answer about someone else also
    /// verifies. An answer without ids is taken to be about the token's user. An answer whose ids have no kind in
    /// common with `expected` is rejected: it proves nothing, and would link two users permanently.
    pub(crate) fn from_verified(mut node: Fields, expected: &UserIds) -> Result<Self, GatewayErrorKind> {
        let ids = match ids(&mut node)? {
            None => expected.clone(),
            Some(named) if named.same_user(expected) => {
                named.joined(expected).ok_or(GatewayErrorKind::IdentityMismatch)?
            }
            Some(_) => return Err(GatewayErrorKind::IdentityMismatch),
        };
        Ok(Self {
            ids,
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
    /// Hides personal data from logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("VerifiedMember(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn ids(open_id: &str, user_id: &str) -> UserIds {
        UserIds::from_ids(Some(open_id.to_owned()), Some(user_id.to_owned()), None).unwrap()
    }

    #[test]
    fn users_are_the_same_only_if_one_id_matches_and_none_differs() {
        assert!(ids("o1", "u1").same_user(&ids("o1", "u1")));
        assert!(ids("o1", "").same_user(&ids("o1", "u1")), "one side may know more");
        assert!(ids("", "u1").same_user(&ids("o1", "u1")));
        assert!(!ids("o1", "u1").same_user(&ids("o1", "u2")), "one agrees, one denies");
        assert!(!ids("o1", "u1").same_user(&ids("o2", "u1")));
        assert!(!ids("o1", "").same_user(&ids("", "u1")), "nothing in common proves nothing");
        assert!(!ids("same", "").same_user(&ids("", "same")), "the two kinds of id do not mix");
    }

    #[test]
    fn the_key_is_the_open_id_where_there_is_one() {
        assert_eq!(ids("o1", "u1").key(), "o1");
        assert_eq!(ids("", "u1").key(), "u1");
    }

    #[test]
    fn ids_are_joined_unless_there_would_be_two_of_a_kind() {
        let union = |id: &str| UserIds::from_ids(None, None, Some(id.to_owned())).unwrap();
        let all = ids("o1", "").joined(&ids("", "u1")).unwrap().joined(&union("g1")).unwrap();
        assert_eq!(all.each().collect::<Vec<_>>(), ["o1", "u1", "g1"]);
        assert_eq!((all.open_id(), all.user_id(), all.union_id()), (Some("o1"), Some("u1"), Some("g1")));
        assert_eq!(all.joined(&ids("o1", "u1")), Some(all.clone()));
        for other in [ids("o2", ""), ids("o1", "u2"), union("g2")] {
            assert_eq!((all.joined(&other), other.joined(&all)), (None, None));
        }
    }

    #[test]
    fn ids_are_bounded_and_do_not_print() {
        assert_eq!(UserIds::from_ids(None, Some(String::new()), None), Err(UserIdsError::Nameless));
        assert_eq!(UserIds::from_ids(Some("a b".to_owned()), None, None), Err(UserIdsError::Malformed));
        assert!(UserIds::from_ids(None, Some("1".repeat(128)), None).is_ok());
        assert_eq!(UserIds::from_ids(None, Some("1".repeat(129)), None), Err(UserIdsError::Malformed));
        let printed = format!("{:?}", ids("074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5", ""));
        assert_eq!(printed, "UserIds(redacted)");
    }

    fn grant(node: &str) -> Result<TokenGrant, GatewayErrorKind> {
        TokenGrant::from_verified(Fields::read(node)?)
    }

    #[test]
    fn lifetimes_are_numbers_or_strings() {
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
    fn missing_fields_are_absent() {
        let grant =
            grant(r#"{"open_id":"o","user_id":"","access_token":"a","refresh_token":"","expires_in":""}"#).unwrap();
        assert_eq!((grant.ids().open_id(), grant.ids().user_id()), (Some("o"), None));
        assert!(grant.refresh_token().is_none());
        assert_eq!(grant.expires_in(), None);
    }

    #[test]
    fn an_answer_without_user_or_token_is_refused() {
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
    fn unknown_fields_are_kept() {
        let grant = grant(r#"{"user_id":"2088","access_token":"a","auth_start":"s1","new":{"a":[1]}}"#).unwrap();
        assert_eq!(grant.other().get("auth_start"), Some(&"s1".into()));
        assert_eq!(grant.other().names().collect::<Vec<_>>(), ["auth_start", "new"]);
        assert_eq!(format!("{:?}", grant.other()), r#"{"auth_start", "new"}"#, "their values may be personal");
        assert_eq!(grant.other().get("access_token"), None);
    }

    #[test]
    fn the_start_of_the_authorisation_is_beijings_time() {
        let start = |start: &str| {
            grant(&format!(r#"{{"user_id":"2088","access_token":"a","auth_start":{start}}}"#)).unwrap().auth_start()
        };
        assert_eq!(start(r#""2026-11-21 00:00:00""#), Some(Timestamp::from_seconds(1_795_190_400)));
        for unreadable in [r#""soon""#, r#""""#, "1795190400", "null"] {
            assert_eq!(start(unreadable), None, "{unreadable}");
        }
        assert_eq!(grant(r#"{"user_id":"2088","access_token":"a"}"#).unwrap().auth_start(), None);
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
        let expected = UserIds::from_ids(None, Some("2088102".to_owned()), None).unwrap();
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
        assert_eq!((member.ids().user_id(), member.ids().open_id()), (Some("2088102"), Some("o")));
    }

    #[test]
    fn what_the_user_has_not_set_is_absent() {
        for node in [r#"{"user_id":"2088102"}"#, r#"{"nick_name":"","avatar":null,"gender":"?"}"#] {
            let member = member(node).unwrap();
            assert_eq!((member.nick_name(), member.avatar(), member.gender()), (None, None, None));
        }
    }

    #[test]
    fn every_name_of_a_user_is_read() {
        let grant = grant(r#"{"alipay_open_id":"o","user_id":"2088","union_id":"g","access_token":"a"}"#).unwrap();
        assert_eq!(grant.ids().each().collect::<Vec<_>>(), ["o", "2088", "g"]);
        let both = r#"{"open_id":"o","alipay_open_id":"p","user_id":"2088102"}"#;
        assert_eq!(member(both).unwrap().ids().open_id(), Some("o"), "the new name comes first");
    }

    #[test]
    fn an_answer_that_names_nobody_is_about_the_user_of_the_token() {
        let member = member(r#"{"nick_name":"x"}"#).unwrap();
        assert_eq!((member.nick_name(), member.ids().key()), (Some("x"), "2088102"));
    }

    #[test]
    fn an_answer_about_another_user_is_refused() {
        assert!(matches!(member(r#"{"user_id":"2088103","nick_name":"x"}"#), Err(GatewayErrorKind::IdentityMismatch)));
        assert!(matches!(member(r#"{"open_id":"2088102"}"#), Err(GatewayErrorKind::IdentityMismatch)));
        let contradicts = r#"{"user_id":"2088103","open_id":"o","union_id":"g"}"#;
        assert!(matches!(member(contradicts), Err(GatewayErrorKind::IdentityMismatch)));
    }

    #[test]
    fn a_member_does_not_print() {
        let printed = format!("{:?}", member(r#"{"user_id":"2088102","nick_name":"张伟"}"#).unwrap());
        assert_eq!(printed, "VerifiedMember(redacted)");
    }
}
