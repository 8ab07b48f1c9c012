//! The reading of a node is for those who verified its signature.

use miniauth_openplatform::{UserIds, VerifiedMember};

fn read(node: &str, ids: &UserIds) -> Option<VerifiedMember> {
    VerifiedMember::from_verified(node, ids).ok()
}

fn main() {}
