//! The products of the app, without which the platform refuses the calls that belong to them.

use crate::consents::ConsentKind;
use serde::Deserialize;

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
