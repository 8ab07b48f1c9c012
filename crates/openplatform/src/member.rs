//! What the platform itself says about a member.

use crate::{
    error::Failure,
    grant::unusable_subject,
    node::{Fields, OtherFields},
    subject::Subject,
};
use std::fmt;

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
    pub(crate) fn from_verified(mut node: Fields, expected: &Subject) -> Result<Self, Failure> {
        let (open_id, user_id) = (node.text("open_id")?, node.text("user_id")?);
        let answered = Subject::from_ids(open_id, user_id).map_err(unusable_subject)?;
        if !expected.same_user(&answered) {
            return Err(Failure::IdentityMismatch);
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

    fn read(node: &str) -> Result<VerifiedMember, Failure> {
        let expected = Subject::from_ids(None, Some("2088102".to_owned())).unwrap();
        VerifiedMember::from_verified(Fields::read(node)?, &expected)
    }

    #[test]
    fn every_field_is_kept_as_it_was_signed() {
        let member = read(
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
            let member = read(node).unwrap();
            assert_eq!((member.nick_name(), member.avatar(), member.gender()), (None, None, None));
        }
    }

    #[test]
    fn an_answer_about_another_user_is_refused() {
        assert!(matches!(read(r#"{"user_id":"2088103","nick_name":"x"}"#), Err(Failure::IdentityMismatch)));
        assert!(matches!(read(r#"{"open_id":"2088102"}"#), Err(Failure::IdentityMismatch)));
        assert!(matches!(read(r#"{"nick_name":"x"}"#), Err(Failure::Unusable(_))));
    }

    #[test]
    fn a_member_does_not_print() {
        let printed = format!("{:?}", read(r#"{"user_id":"2088102","nick_name":"张伟"}"#).unwrap());
        assert_eq!(printed, "VerifiedMember(redacted)");
    }
}
