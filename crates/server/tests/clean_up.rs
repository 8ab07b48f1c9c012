//! Expired data is deleted in batches, while logins continue.

use crate::support::World;
use miniauth_core::time::Clock as _;
use miniauth_openplatform::UserIds;
use miniauth_server::{
    AfterWithdrawal, Withdrawn,
    store::{Actor, Stores},
};
use serde_json::json;
use std::time::{Duration, Instant};

const DAY: u64 = 24 * 60 * 60;

/// Inserts sessions that just expired into the database; the test recognises them by their short hashes.
const FILL_SQLITE: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO sessions SELECT randomblob(16), subject, 0, (SELECT max(created_at) FROM sessions), scope
    FROM n JOIN (SELECT * FROM grants ORDER BY subject LIMIT 1)";
const FILL_POSTGRES: &str = "INSERT INTO sessions
    SELECT decode(md5(i::text), 'hex'), subject, 0, (SELECT max(created_at) FROM sessions), scope
    FROM generate_series(1, 5000) AS i, (SELECT * FROM grants ORDER BY subject LIMIT 1) AS first";

async fn cleaning_world() -> World {
    let mut world = World::start().await;
    world.session_rules.clean_up_every = Duration::from_millis(50);
    world.stop_server().await;
    world.start_server().await;
    world
}

/// Waits until a table has no such rows.
async fn gone(world: &World, rows: &'static str) {
    let started = Instant::now();
    while world.count(rows).await > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "{rows} are still there");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn sessions_that_expired_go_while_logins_go_on() {
    let world = cleaning_world().await;
    world.log_in("zhang-wei", "auth_base").await;
    world.data.execute(if world.data.is_file() { FILL_SQLITE } else { FILL_POSTGRES }).await;
    assert_eq!(world.count("sessions").await, 5_001, "what ended today is still known");
    world.clock.forward(2 * DAY);
    let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
    while world.count("sessions WHERE length(session_hash) = 16").await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "expired sessions are still there");
        let started = Instant::now();
        world.log_in("li-na", "auth_base").await;
        slowest = slowest.max(started.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "a login waited {slowest:?} for the clean-up");
}

#[tokio::test]
async fn a_grant_goes_when_tokens_and_sessions_expired_and_the_member_stays() {
    let world = cleaning_world().await;
    world.log_in("zhang-wei", "auth_user").await;
    // The sandbox's access tokens are valid for 15 days, its refresh tokens for 30.
    world.clock.forward(20 * DAY);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.count("grants").await, 1, "its refresh token lives");
    world.clock.forward(400 * DAY);
    gone(&world, "grants").await;
    assert_eq!(world.count("members").await, 1);
    let again = world.log_in("zhang-wei", "auth_base").await;
    assert!(again["member"].is_object(), "{again}");
}

#[tokio::test]
async fn claims_are_forgotten_after_a_month_and_not_before() {
    let world = cleaning_world().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let body = json!({ "authcode": code });
    assert_eq!(world.post_auth(&body).await.status, 200);
    world.clock.forward(29 * DAY);
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.post_auth(&body).await.assert_problem(409, "code_used");
    world.clock.forward(2 * DAY);
    gone(&world, "code_claims").await;
    assert_eq!(world.count("code_outcomes").await, 0);
}

#[tokio::test]
async fn codes_that_the_platform_refused_are_forgotten_after_ten_minutes_and_others_are_not() {
    let world = cleaning_world().await;
    world.log_in("zhang-wei", "auth_base").await;
    for number in 0..5 {
        world.post_auth(&json!({ "authcode": format!("invented-{number}") })).await.assert_problem(422, "code_invalid");
    }
    world.clock.forward(9 * 60);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((world.count("code_claims").await, world.count("code_outcomes").await), (6, 6));
    world.clock.forward(2 * 60);
    gone(&world, "code_outcomes WHERE error_code = 'code_invalid'").await;
    assert_eq!(
        (world.count("code_claims").await, world.count("code_outcomes").await),
        (1, 1),
        "the one of the session"
    );
}

#[tokio::test]
async fn withdrawals_are_forgotten_after_a_month_and_not_before() {
    let world = cleaning_world().await;
    let stores = Stores::open(&world.data.database_url(), None).await.unwrap();
    let stranger = UserIds::from_ids(None, Some("2088000000000099".to_owned()), None).unwrap();
    let now = world.clock.now();
    for app in ["a", "b"] {
        let withdrawn =
            stores.withdraw(app, &stranger, now, AfterWithdrawal::default(), &Actor::Platform, now).await.unwrap();
        assert_eq!(withdrawn, Withdrawn::Unknown);
    }
    stores.close().await;
    world.clock.forward(29 * DAY);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.count("withdrawals").await, 2);
    world.clock.forward(2 * DAY);
    gone(&world, "withdrawals").await;
}
