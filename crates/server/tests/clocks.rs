//! Clocks that are set back, and that differ from those of other instances.

use crate::support::{SESSION_SECONDS, World};
use serde_json::{Value, json};

async fn restart(world: &mut World) {
    world.stop_server().await;
    world.start_server().await;
}

async fn post(world: &World) -> Value {
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    json!({ "authcode": code, "login_id": "attempt-0123456789" })
}

async fn seconds_left(world: &World, session: &str) -> u64 {
    let answer = world.get("/session", session).await;
    answer.body["expires_in"].as_u64().unwrap_or_else(|| panic!("{}", answer.body))
}

#[tokio::test]
async fn a_session_lives_no_longer_when_the_clock_is_set_back() {
    let world = World::start().await;
    let login = world.log_in("zhang-wei", "auth_base").await;
    let session = login["session"].as_str().unwrap();
    world.clock.forward(SESSION_SECONDS - 600);
    assert!(seconds_left(&world, session).await <= 600);
    world.clock.back(2 * SESSION_SECONDS);
    assert!(seconds_left(&world, session).await <= 600);
    world.clock.forward(2 * SESSION_SECONDS + 601);
    world.get("/session", session).await.assert_problem(401, "session_expired");
}

#[tokio::test]
async fn a_post_is_repeated_within_a_minute_of_real_time_however_the_clock_is_set() {
    let world = World::start().await;
    let body = post(&world).await;
    let session = world.post_auth(&body).await.session().to_owned();
    assert_eq!(world.post_auth(&body).await.session(), session);
    world.clock.forward(61);
    assert!(seconds_left(&world, &session).await > 0);
    world.clock.back(61);
    world.post_auth(&body).await.assert_problem(409, "code_used");
}

#[tokio::test]
async fn sessions_and_claims_from_the_future_are_refused() {
    let mut world = World::start().await;
    let body = post(&world).await;
    let session = world.post_auth(&body).await.session().to_owned();
    // As at another instance whose clock is four minutes behind.
    world.clock.back(240);
    restart(&mut world).await;
    assert!(seconds_left(&world, &session).await <= SESSION_SECONDS);
    world.post_auth(&body).await.assert_problem(409, "code_used");
    world.clock.back(240);
    restart(&mut world).await;
    world.get("/session", &session).await.assert_problem(401, "session_expired");
}
