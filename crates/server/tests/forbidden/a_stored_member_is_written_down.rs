//! A stored member comes out of the database and from nowhere else.

use miniauth_core::wire::MemberView;
use miniauth_server::store::members::StoredMember;

fn forged(sent: MemberView) -> StoredMember {
    StoredMember(sent)
}

fn main() {}
