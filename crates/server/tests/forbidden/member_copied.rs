//! A verified member cannot be copied: one answer gives one member.

use miniauth_openplatform::VerifiedMember;

fn twice(member: &VerifiedMember) -> VerifiedMember {
    member.clone()
}

fn main() {}
