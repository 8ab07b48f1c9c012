//! What a page sent is read as a wire type, which `save` does not take.

use miniauth_core::{time::Timestamp, wire::MemberView};
use miniauth_server::store::members;

async fn store(connection: &mut sqlx::SqliteConnection, sent: MemberView) {
    let _ = members::save(connection, "2021000000000001", sent, Timestamp::from_millis(0)).await;
}

fn main() {}
