//! The reading of a node is for those who verified its signature.

use miniauth_openplatform::{Subject, VerifiedMember};

fn read(node: &str, subject: &Subject) -> Option<VerifiedMember> {
    VerifiedMember::from_verified(node, subject).ok()
}

fn main() {}
