//! What each user was asked and what they said, and the products of the app, without which the platform refuses the calls that
//! belong to them.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

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
