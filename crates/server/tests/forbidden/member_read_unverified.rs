//! A member cannot be read from a node whose signature was not verified.

use miniauth_openplatform::{UserIds, VerifiedMember};

fn read(node: &str, ids: &UserIds) -> Option<VerifiedMember> {
    VerifiedMember::from_verified(node, ids).ok()
}

fn main() {}
