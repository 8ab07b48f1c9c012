//! The test users: some that are there from the start, and fresh ones on demand.

use crate::{
    OTHER_APP_ID,
    consents::Field,
    random::{digits, hexadecimal},
};
use miniauth_core::random::Random;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most users that there may be.
const MAXIMUM_USERS: usize = 1_000;

/// One user of the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TestUser {
    /// The name under which the control interface knows the user.
    pub(crate) id: String,
    pub(crate) user_id: String,
    /// For the first app.
    pub(crate) open_id: String,
    /// What the user has told the platform about themselves.
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
    /// An open id is for one app alone.
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

/// All test users, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Users {
    list: Vec<TestUser>,
    fresh: usize,
}

impl Users {
    /// The users that are there from the start.
    pub(crate) fn built_in() -> Self {
        let list = vec![
            built_in("zhang-wei", 1, Some("张伟"), &[("gender", "M"), ("province", "浙江省"), ("city", "杭州市")]),
            built_in("li-na", 2, Some("李娜"), &[("gender", "F"), ("province", "北京"), ("city", "北京市")]),
            built_in("emoji", 3, Some("小熊🐻\u{200d}❄\u{fe0f}✨"), &[]),
            built_in("quotes", 4, Some(r#"A"}{"sign":"x\"#), &[]),
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

    /// A user who was not there before, with ids that no earlier run had; `None` when there are too many already.
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
