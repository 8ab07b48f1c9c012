//! A verified member cannot be deserialised, for example from what a page sent.

use miniauth_openplatform::VerifiedMember;

fn from_a_page(body: &str) -> VerifiedMember {
    serde_json::from_str(body).unwrap()
}

fn main() {}
