//! Only the stores create a stored member.

use miniauth_core::wire::MemberView;
use miniauth_server::store::members::StoredMember;

fn forged(sent: MemberView) -> StoredMember {
    StoredMember(sent)
}

fn main() {}
