//! What each user was asked and what they said; the products of the app, without which the platform refuses the calls that belong to them; and
//! the fields of a user that it approves for the app: what a panel lists, and what the server is answered.

use miniauth_openplatform::protocol::USER_INFO_SHARE;
use miniauth_platform::gateway;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};
use thiserror::Error;

/// The kinds of consent that are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum ConsentKind {
    /// The member for the server: asked by `my.getAuthCode`.
    #[serde(rename = "auth_user")]
    AuthUser,
    /// Nickname and avatar for display: asked by the authorising button.
    #[serde(rename = "userInfo")]
    UserInfo,
    /// The phone number: asked by the authorising button.
    #[serde(rename = "phoneNumber")]
    PhoneNumber,
}

impl ConsentKind {
    pub(crate) const ALL: [Self; 3] = [Self::AuthUser, Self::UserInfo, Self::PhoneNumber];
}

/// The last answer of each user to each kind.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    answers: HashMap<(String, ConsentKind), bool>,
}

impl Consents {
    /// Whether the user agreed; `None` when they were never asked.
    pub(crate) fn answer(&self, user: &str, kind: ConsentKind) -> Option<bool> {
        self.answers.get(&(user.to_owned(), kind)).copied()
    }

    pub(crate) fn is_granted(&self, user: &str, kind: ConsentKind) -> bool {
        self.answer(user, kind) == Some(true)
    }

    pub(crate) fn grant(&mut self, user: &str, kind: ConsentKind) {
        self.answers.insert((user.to_owned(), kind), true);
    }

    /// A refusal does not take back what was granted before: that is done in the platform's settings.
    pub(crate) fn refuse(&mut self, user: &str, kind: ConsentKind) {
        self.answers.entry((user.to_owned(), kind)).or_insert(false);
    }

    /// Takes back what was granted. The settings show it as denied from then on.
    pub(crate) fn withdraw(&mut self, user: &str, kind: ConsentKind) {
        if let Some(answer) = self.answers.get_mut(&(user.to_owned(), kind)) {
            *answer = false;
        }
    }
}

/// A product that an app's owner adds in the platform's console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum Product {
    /// The member for the server: `alipay.user.info.share`, and the older `my.getAuthUserInfo`.
    #[default]
    #[serde(rename = "获取会员信息")]
    Member,
    /// Nickname and avatar for display: `my.getOpenUserInfo`.
    #[serde(rename = "获取会员基础信息")]
    Display,
}

/// Which products are in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Products {
    member: bool,
    display: bool,
}

impl Products {
    pub(crate) const ALL: Self = Self { member: true, display: true };

    pub(crate) fn set(&mut self, product: Product, in_force: bool) {
        match product {
            Product::Member => self.member = in_force,
            Product::Display => self.display = in_force,
        }
    }

    pub(crate) fn in_force(self, product: Product) -> bool {
        match product {
            Product::Member => self.member,
            Product::Display => self.display,
        }
    }

    /// Whether the product is in force that uses this consent. The one for the phone number always is.
    pub(crate) fn in_force_for(self, kind: ConsentKind) -> bool {
        match kind {
            ConsentKind::AuthUser => self.member,
            ConsentKind::UserInfo => self.display,
            ConsentKind::PhoneNumber => true,
        }
    }
}

/// The fields of `alipay.user.info.share` that are applied for, in the order in which a panel lists them.
static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let fields = gateway().methods[USER_INFO_SHARE].fields.iter().map(String::as_str);
    fields.filter(|field| !field.ends_with("_id")).collect()
});

/// Those that an app has when nothing else is said.
const USUAL: [&str; 5] = ["nick_name", "avatar", "gender", "province", "city"];

/// One of these fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Field {
    /// Its place among all.
    place: usize,
}

impl Field {
    pub(crate) fn usual() -> BTreeSet<Self> {
        USUAL.into_iter().filter_map(Self::find).collect()
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        ALL.iter().position(|known| *known == name).map(|place| Self { place })
    }

    pub(crate) fn name(self) -> &'static str {
        ALL[self.place]
    }

    /// As a consent panel may name it.
    pub(crate) fn label(self) -> &'static str {
        match self.name() {
            "nick_name" => "昵称",
            "avatar" => "头像",
            "gender" => "性别",
            "province" => "省份",
            "city" => "城市",
            "mobile" => "手机号",
            "person_birthday" => "生日",
            other => other,
        }
    }
}

impl TryFrom<String> for Field {
    type Error = UnknownFieldError;

    fn try_from(name: String) -> Result<Self, UnknownFieldError> {
        Self::find(&name).ok_or(UnknownFieldError { name })
    }
}

/// Neither the platform nor an application knows this field.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{name:?} is not a field that is applied for: those are {}", ALL.join(", "))]
pub(crate) struct UnknownFieldError {
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_platform_and_each_has_a_label() {
        assert_eq!(Field::usual().len(), USUAL.len());
        for name in ALL.iter() {
            let field = Field::find(name).unwrap();
            assert!(!field.label().is_ascii(), "{name}");
        }
        let told = Field::try_from("user_id".to_owned()).unwrap_err().to_string();
        assert!(told.contains("nick_name, avatar"), "{told}");
    }
}
