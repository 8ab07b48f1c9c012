//! A grant comes from an exchange.

use miniauth_openplatform::{Subject, TokenGrant};

fn made_up(subject: Subject) -> TokenGrant {
    TokenGrant {
        subject,
        access_token: "someone else's".to_owned().into(),
        refresh_token: None,
        expires_in: None,
        re_expires_in: None,
    }
}

fn main() {}
