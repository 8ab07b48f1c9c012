//! Tokens sealed with an old key open as long as that key is configured; new ones are sealed with the new key.

use crate::support::{Answer, World};
use std::time::Duration;

async fn refresh(world: &World, session: &str) -> Answer {
    Answer::of(world.client.post(world.url("/member/refresh")).bearer_auth(session)).await
}

/// Longer than the lifetime of an access token, and shorter than that of a refresh token, in seconds.
const SIXTEEN_DAYS: u64 = 16 * 24 * 60 * 60;

async fn restart(world: &mut World) {
    world.stop_server().await;
    world.start_server().await;
}

#[tokio::test]
async fn old_keys_open_and_the_new_one_seals() {
    let mut world = World::start().await;
    world.session_rules.lifetime = Duration::from_secs(2 * SIXTEEN_DAYS);
    restart(&mut world).await;
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    let other = world.log_in("li-na", "auth_user").await["session"].as_str().unwrap().to_owned();
    world.change_key();
    world.clock.forward(SIXTEEN_DAYS);
    restart(&mut world).await;
    assert_eq!(world.get("/session", &session).await.status, 200, "sessions outlive a change of keys");
    let answer = refresh(&world, &session).await;
    assert_eq!(answer.status, 200, "{}", answer.body);

    world.forget_old_keys();
    restart(&mut world).await;
    let again = refresh(&world, &session).await;
    assert_eq!(again.status, 200, "the refresh sealed under the new key: {}", again.body);
    refresh(&world, &other).await.assert_problem(403, "grant_expired");
}

#[tokio::test]
async fn two_changes_leave_two_old_keys() {
    let mut world = World::start().await;
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    world.change_key();
    world.change_key();
    restart(&mut world).await;
    assert_eq!(refresh(&world, &session).await.status, 200);
}

#[tokio::test]
async fn a_server_with_another_key_is_not_started_unless_it_has_the_old_one_too() {
    let mut world = World::start().await;
    let session = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    world.change_key();
    world.forget_old_keys();
    let refused = world.open().await.err().unwrap().to_string();
    assert!(
        refused.starts_with("the database is used with another key (") && refused.contains("old_key_files"),
        "{refused}"
    );
    assert_eq!(world.get("/session", &session).await.status, 200, "the other instance goes on");
    // As an operator who lost the key would do.
    world.data.execute("DELETE FROM server_key").await;
    restart(&mut world).await;
    world.change_key();
    restart(&mut world).await;
}
