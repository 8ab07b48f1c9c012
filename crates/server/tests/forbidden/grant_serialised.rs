//! A grant cannot be serialised, because it contains tokens.

use miniauth_openplatform::TokenGrant;

fn to_a_page(grant: &TokenGrant) -> String {
    serde_json::to_string(grant).unwrap()
}

fn main() {}
