//! Another process that locks the database.

use crate::support::{World, message::PlatformMessage};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemClock;
use rusqlite::TransactionBehavior;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn while_another_process_writes_reading_goes_on_and_a_login_is_put_off_without_spending_its_code() {
    let world = World::start().await;
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    let calls = world.sandbox.calls().await.len();
    // The login's write test is reused for a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;

    let mut other = world.data.sqlite();
    let writing = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let body = json!({ "authcode": world.sandbox.auth_code("zhang-wei", "auth_base").await });
    let ready = crate::support::Answer::of(world.client.get(world.url("/readyz")));
    let (put_off, read, ready) = tokio::join!(world.post_auth(&body), world.get("/member", &session), ready);
    ready.assert_problem(503, "overloaded");
    put_off.assert_problem(503, "overloaded");
    assert_eq!(put_off.header("retry-after"), Some("1"));
    assert_eq!(read.status, 200);
    assert_eq!(world.sandbox.calls().await.len(), calls, "without a claim there is no exchange");

    writing.rollback().unwrap();
    let started = Instant::now();
    while crate::support::Answer::of(world.client.get(world.url("/readyz"))).await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(10), "it is not ready again");
    }
    assert_eq!(world.post_auth(&body).await.status, 200);
}

#[tokio::test]
async fn a_withdrawal_that_the_database_has_no_time_for_is_followed_when_it_is_posted_again() {
    let world = World::start().await;
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    let mut other = world.data.sqlite();
    let writing = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let message = PlatformMessage::withdrawal("2088000000000001", SystemClock.now()).form(&world);
    world.refuse_message("/platform-messages", &message).await.assert_problem(503, "overloaded");
    assert_eq!(world.get("/member", &session).await.status, 200, "all or nothing");
    writing.rollback().unwrap();
    let answer = world.post_message("/platform-messages", &message).await;
    assert_eq!(answer.text().await.unwrap(), "success");
    world.get("/session", &session).await.assert_problem(401, "session_unknown");
}
