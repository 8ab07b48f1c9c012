//! What a page sends is read into a wire type, which no store saves.

use miniauth_core::{
    time::Timestamp,
    wire::{MemberView, SubjectId},
};
use miniauth_server::store::Stores;

async fn store(stores: &Stores, sent: MemberView) {
    let _ = stores.refresh_member(SubjectId::from_stored(1), sent, Timestamp::from_millis(0)).await;
}

fn main() {}
