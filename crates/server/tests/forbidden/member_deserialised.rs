//! What a page sent cannot become a member.

use miniauth_openplatform::VerifiedMember;

fn from_a_page(body: &str) -> VerifiedMember {
    serde_json::from_str(body).unwrap()
}

fn main() {}
