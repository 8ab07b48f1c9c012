//! A verified member cannot be built from parts: it is what the platform signed.

use miniauth_openplatform::{UserIds, VerifiedMember};

fn made_up(ids: UserIds) -> VerifiedMember {
    VerifiedMember {
        ids,
        nick_name: Some("from a page".to_owned()),
        avatar: None,
        gender: None,
        province: None,
        city: None,
    }
}

fn main() {}
