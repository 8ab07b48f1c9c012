//! Only an exchange creates a grant.

use miniauth_openplatform::{UserIds, TokenGrant};

fn made_up(ids: UserIds) -> TokenGrant {
    TokenGrant {
        ids,
        access_token: "someone else's".to_owned().into(),
        refresh_token: None,
        expires_in: None,
        re_expires_in: None,
    }
}

fn main() {}
