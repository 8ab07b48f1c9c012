//! The test users, built in or created on demand, and their consents; the app's products, without which the platform refuses the calls
//! that belong to them; and the fields of a user that the platform approves for the app.

use crate::{
    OTHER_APP_ID,
    world::{digits, hexadecimal},
};
use miniauth_core::random::Random;
use miniauth_openplatform::protocol::USER_INFO_SHARE;
use miniauth_platform::gateway;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};
use thiserror::Error;

/// The most users.
const MAXIMUM_USERS: usize = 1_000;

/// One user of the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TestUser {
    /// The user's name in the control interface.
    pub(crate) id: String,
    pub(crate) user_id: String,
    /// For the first app.
    pub(crate) open_id: String,
    /// The user's profile on the platform.
    pub(crate) fields: BTreeMap<Field, String>,
}

/// A user as the control interface shows them.
#[derive(Debug, Serialize)]
pub(crate) struct UserView<'a> {
    id: &'a str,
    user_id: &'a str,
    open_id: &'a str,
    nick_name: Option<&'a str>,
    avatar: Option<&'a str>,
}

impl TestUser {
    /// Returns the user's open id, which differs from app to app.
    pub(crate) fn open_id_for(&self, app_id: &str) -> String {
        if app_id == OTHER_APP_ID { format!("{}-other", self.open_id) } else { self.open_id.clone() }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(&Field::find(name)?).map(String::as_str)
    }

    pub(crate) fn view(&self) -> UserView<'_> {
        UserView {
            id: &self.id,
            user_id: &self.user_id,
            open_id: &self.open_id,
            nick_name: self.field("nick_name"),
            avatar: self.field("avatar"),
        }
    }
}

/// All test users, the oldest first.
#[derive(Debug)]
pub(crate) struct Users {
    list: Vec<TestUser>,
    fresh: usize,
}

impl Users {
    /// Makes the built-in users.
    pub(crate) fn built_in() -> Self {
        let list = vec![
            built_in(
                "zhang-wei",
                1,
                Some("张伟"),
                &[("gender", "M"), ("province", "浙江省"), ("city", "杭州市"), ("mobile", "13800001234")],
            ),
            built_in(
                "li-na",
                2,
                Some("李娜"),
                &[("gender", "F"), ("province", "北京"), ("city", "北京市"), ("mobile", "13900005678")],
            ),
            built_in("emoji", 3, Some("小熊🐻\u{200d}❄\u{fe0f}✨"), &[("mobile", "1-2345550199")]),
            // Several accounts may have one number.
            built_in("quotes", 4, Some(r#"A"}{"sign":"x\"#), &[("mobile", "13800001234")]),
            built_in("nameless", 5, None, &[]),
        ];
        Self { list, fresh: 0 }
    }

    pub(crate) fn all(&self) -> &[TestUser] {
        &self.list
    }

    pub(crate) fn get(&self, id: &str) -> Option<&TestUser> {
        self.list.iter().find(|user| user.id == id)
    }

    /// Adds a user, with ids that no earlier run had; `None` if there are too many.
    pub(crate) fn add(
        &mut self,
        random: &dyn Random,
        fields: impl FnOnce(&str) -> BTreeMap<Field, String>,
    ) -> Option<&TestUser> {
        if self.list.len() == MAXIMUM_USERS {
            return None;
        }
        self.fresh += 1;
        let id = format!("user-{}", self.fresh);
        self.list.push(TestUser {
            user_id: format!("2088{}", digits(random, 12)),
            open_id: format!("open-{}", hexadecimal(random, 20)),
            fields: fields(&id),
            id,
        });
        self.list.last()
    }
}

/// Where a user's avatar is: a reserved name, so that nobody's server is asked for it by mistake.
pub(crate) fn avatar_of(id: &str) -> String {
    format!("https://avatars.shop.example/{id}.png")
}

fn built_in(id: &str, number: u8, nick_name: Option<&str>, about: &[(&str, &str)]) -> TestUser {
    let avatar = nick_name.map(|_| avatar_of(id));
    let named = [("nick_name", nick_name), ("avatar", avatar.as_deref())];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let all = named.chain(about.iter().copied());
    TestUser {
        id: id.to_owned(),
        user_id: format!("20880000000000{number:02}"),
        open_id: format!("open-{id}"),
        fields: all.filter_map(|(name, value)| Some((Field::find(name)?, value.to_owned()))).collect(),
    }
}

/// The kinds of consent, which are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum ConsentKind {
    /// The member for the server; `my.getAuthCode` asks for it.
    #[serde(rename = "auth_user")]
    AuthUser,
    /// Nickname and avatar for display; the authorising button asks for it.
    #[serde(rename = "userInfo")]
    UserInfo,
    /// The phone number; the authorising button asks for it.
    #[serde(rename = "phoneNumber")]
    PhoneNumber,
}

impl ConsentKind {
    pub(crate) const ALL: [Self; 3] = [Self::AuthUser, Self::UserInfo, Self::PhoneNumber];
}

/// Each user's last answer to each kind.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    answers: HashMap<(String, ConsentKind), bool>,
}

impl Consents {
    /// Whether the user agreed; `None` if never asked.
    pub(crate) fn answer(&self, user: &str, kind: ConsentKind) -> Option<bool> {
        self.answers.get(&(user.to_owned(), kind)).copied()
    }

    pub(crate) fn is_granted(&self, user: &str, kind: ConsentKind) -> bool {
        self.answer(user, kind) == Some(true)
    }

    pub(crate) fn grant(&mut self, user: &str, kind: ConsentKind) {
        self.answers.insert((user.to_owned(), kind), true);
    }

    /// Records a refusal. It does not withdraw an earlier consent: only the platform's settings do.
    pub(crate) fn refuse(&mut self, user: &str, kind: ConsentKind) {
        self.answers.entry((user.to_owned(), kind)).or_insert(false);
    }

    /// Withdraws a consent and returns whether it was granted. The settings then show it as denied.
    pub(crate) fn withdraw(&mut self, user: &str, kind: ConsentKind) -> bool {
        let answer = self.answers.get_mut(&(user.to_owned(), kind));
        answer.is_some_and(|answer| std::mem::replace(answer, false))
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
    /// The phone number: `my.getPhoneNumber`.
    #[serde(rename = "获取会员手机号")]
    Phone,
}

/// The products in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Products {
    member: bool,
    display: bool,
    phone: bool,
}

impl Products {
    pub(crate) const ALL: Self = Self { member: true, display: true, phone: true };

    pub(crate) fn set(&mut self, product: Product, in_force: bool) {
        match product {
            Product::Member => self.member = in_force,
            Product::Display => self.display = in_force,
            Product::Phone => self.phone = in_force,
        }
    }

    pub(crate) fn in_force(self, product: Product) -> bool {
        match product {
            Product::Member => self.member,
            Product::Display => self.display,
            Product::Phone => self.phone,
        }
    }

    /// Whether the product for this consent is in force.
    pub(crate) fn in_force_for(self, kind: ConsentKind) -> bool {
        match kind {
            ConsentKind::AuthUser => self.member,
            ConsentKind::UserInfo => self.display,
            ConsentKind::PhoneNumber => self.phone,
        }
    }
}

/// The fields of `alipay.user.info.share` that an app must apply for, in the order of a panel.
static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let fields = gateway().methods[USER_INFO_SHARE].fields.iter().map(String::as_str);
    fields.filter(|field| !field.ends_with("_id")).collect()
});

/// The fields that are approved by default.
const USUAL: [&str; 5] = ["nick_name", "avatar", "gender", "province", "city"];

/// One of these fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Field {
    /// Its index in [`ALL`].
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

    /// Returns its name in a consent panel.
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

/// No such field exists.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{name:?} is not a field that an app can apply for: these are {}", ALL.join(", "))]
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
