//! A member is what the platform signed, never what someone put together.

use miniauth_openplatform::{Subject, VerifiedMember};

fn made_up(subject: Subject) -> VerifiedMember {
    VerifiedMember {
        subject,
        nick_name: Some("from a page".to_owned()),
        avatar: None,
        gender: None,
        province: None,
        city: None,
    }
}

fn main() {}
