//! How long sessions are valid, how many there are, and how they end.

use crate::support::{Answer, World};
use serde_json::Value;
use std::{num::NonZeroU32, time::Duration};

async fn restart(world: &mut World) {
    world.stop_server().await;
    world.start_server().await;
}

async fn session(world: &World, user: &str) -> String {
    world.clock.forward(1);
    world.log_in(user, "auth_base").await["session"].as_str().unwrap().to_owned()
}

async fn alive(world: &World, session: &str) -> bool {
    world.get("/session", session).await.status == 200
}

async fn revoke(world: &World, session: &str, id: &str) -> Answer {
    Answer::of(world.client.delete(world.url(&format!("/sessions/{id}"))).bearer_auth(session)).await
}

#[tokio::test]
async fn use_extends_a_session_up_to_its_maximum_lifetime() {
    let mut world = World::start().await;
    world.session_rules.idle_lifetime = Some(Duration::from_secs(600));
    restart(&mut world).await;
    let used = session(&world, "zhang-wei").await;
    let unused = session(&world, "li-na").await;
    for _ in 0..5 {
        world.clock.forward(590);
        let answer = world.get("/session", &used).await;
        assert_eq!(answer.body["expires_in"], 600, "{}", answer.body);
        // The expiry is saved in the background.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    world.get("/session", &unused).await.assert_problem(401, "session_expired");
    restart(&mut world).await;
    world.clock.forward(500);
    assert!(world.get("/session", &used).await.body["expires_in"].as_u64().unwrap() < 600, "the hour is nearly over");
    world.clock.forward(200);
    world.get("/session", &used).await.assert_problem(401, "session_expired");
}

#[tokio::test]
async fn newest_only_ends_the_others_of_this_user() {
    let mut world = World::start().await;
    world.session_rules.per_user = NonZeroU32::new(1).unwrap();
    restart(&mut world).await;
    let stranger = session(&world, "li-na").await;
    let first = session(&world, "zhang-wei").await;
    let second = session(&world, "zhang-wei").await;
    world.get("/session", &first).await.assert_problem(401, "session_unknown");
    assert!(alive(&world, &second).await && alive(&world, &stranger).await);
}

#[tokio::test]
async fn with_several_devices_the_oldest_makes_room() {
    let mut world = World::start().await;
    world.session_rules.per_user = NonZeroU32::new(2).unwrap();
    restart(&mut world).await;
    let oldest = session(&world, "zhang-wei").await;
    let middle = session(&world, "zhang-wei").await;
    assert!(alive(&world, &oldest).await);
    let newest = session(&world, "zhang-wei").await;
    assert!(!alive(&world, &oldest).await && alive(&world, &middle).await && alive(&world, &newest).await);
}

#[tokio::test]
async fn a_user_sees_and_ends_only_their_own_sessions() {
    let world = World::start().await;
    let phone = session(&world, "zhang-wei").await;
    let tablet = session(&world, "zhang-wei").await;
    let stranger = session(&world, "li-na").await;
    let listed = world.get("/sessions", &tablet).await;
    assert_eq!(listed.status, 200);
    let entries = listed.body["sessions"].as_array().unwrap();
    let current: Vec<&Value> = entries.iter().map(|entry| &entry["current"]).collect();
    assert_eq!(current, [true, false], "the newest first");
    assert!(entries.iter().all(|entry| entry["expires_at"].as_u64() > entry["created_at"].as_u64()));
    let text = listed.body.to_string();
    assert!(!text.contains(&phone) && !text.contains(&tablet), "a list gives no bearer away");

    let phones_id = entries[1]["id"].as_str().unwrap();
    assert_eq!(revoke(&world, &stranger, phones_id).await.status, 204);
    assert!(alive(&world, &phone).await, "it is not the stranger's to end");
    assert_eq!(revoke(&world, &tablet, phones_id).await.status, 204);
    world.get("/session", &phone).await.assert_problem(401, "session_unknown");
    assert!(alive(&world, &tablet).await);
    assert_eq!(revoke(&world, &tablet, phones_id).await.status, 204, "ending an ended session is no error");
    revoke(&world, &tablet, "no-id").await.assert_problem(404, "not_found");
}
