//! Only the gateway's client creates a verified member.

use miniauth_core::wire::MemberView;
use miniauth_openplatform::VerifiedMember;

fn from_parts() -> VerifiedMember {
    VerifiedMember {}
}

fn from_view(sent: MemberView) -> VerifiedMember {
    sent.into()
}

fn main() {}
