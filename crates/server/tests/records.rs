//! All stored data of a user, as `miniauth members` and `miniauth sessions` read it.

use crate::support::{Answer, World};
use miniauth_core::time::Clock as _;
use miniauth_server::store::{Actor, Stores};
use serde_json::{Value, json};

async fn log_in(world: &World, user: &str) -> (String, String) {
    let answer = world.log_in(user, "auth_user").await;
    (answer["session"].as_str().unwrap().to_owned(), answer["subject"].as_str().unwrap().to_owned())
}

async fn stores(world: &World) -> Stores {
    Stores::open(&world.data.database_url(), world.data.session_store_url().as_ref()).await.unwrap()
}

#[tokio::test]
async fn a_user_is_found_by_every_id_shown_whole_and_erased() {
    let world = World::start().await;
    let (session, subject) = log_in(&world, "zhang-wei").await;
    let (other, _) = log_in(&world, "emoji").await;
    world.clock.forward(2);
    let (second, _) = log_in(&world, "zhang-wei").await;
    let response = world.sandbox.phone_number("zhang-wei", None).await;
    let consent = json!({ "purpose": "配送联系", "at": 1_780_000_000_000_u64 });
    let phone = world.client.post(world.url("/phone")).bearer_auth(&session);
    let phone = Answer::of(phone.json(&json!({ "response": response, "consent": consent }))).await;
    assert_eq!(phone.status, 200, "{}", phone.body);

    let stores = stores(&world).await;
    let now = world.clock.now();
    let found = stores.users_named(&subject, None).await.unwrap();
    assert_eq!(found.len(), 1);
    let record = stores.user_record(found[0], &[world.config().key], now).await.unwrap().unwrap();
    let record: Value = serde_json::to_value(&record).unwrap();
    assert_eq!((&record["subject"], &record["previous_subjects"]), (&json!(subject), &json!([])));
    let member = world.get("/member", &session).await.body;
    for field in ["nick_name", "avatar", "gender", "province", "city"] {
        assert_eq!(record["member"][field], member[field], "{field}");
    }
    assert_eq!(record["phone"]["number"], "13800001234");
    assert_eq!(record["phone"]["confirmed"], true);
    assert_eq!(record["grant"]["scope"], "auth_user");
    assert_eq!(record["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(record["consents"][0]["scope"], "phoneNumber");
    assert_eq!(record["consents"][0]["reported_at"], "2026-05-28T20:26:40Z");
    for part in ["ids", "member", "phone", "grant"] {
        assert!(record[part]["source"].is_string(), "{part} says where it comes from");
    }
    // No token of the platform, and nothing that could be the server's own secret.
    let text = record.to_string();
    assert!(!text.contains(&session) && !text.contains(&second) && !text.contains("_token\""), "{text}");

    // Found by every id, separately for each app.
    let app = record["app_id"].as_str().unwrap();
    let ids = ["user_id", "open_id", "union_id"].map(|kind| record["ids"][kind].as_str());
    assert!(ids.iter().flatten().count() > 0);
    for id in ids.into_iter().flatten() {
        for app_id in [None, Some(app)] {
            let found = stores.users_named(id, app_id).await.unwrap();
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [&*subject], "{id}");
        }
        assert!(stores.users_named(id, Some("another")).await.unwrap().is_empty());
    }
    for nobody in ["", "nobody", "0000000000000001", "%", "ffffffffffffffff"] {
        assert!(stores.users_named(nobody, None).await.unwrap().is_empty(), "{nobody}");
    }

    // Without its key a number is not shown, but is not deleted.
    let sealed = stores.user_record(found[0], &[], now).await.unwrap().unwrap();
    assert!(sealed.phone.unwrap().number.is_none());

    // First one session is ended, then all; another user's stay valid.
    let by = &Actor::User;
    let name = record["sessions"][0]["id"].as_str().unwrap();
    assert_eq!(stores.end_sessions(found[0], Some("AAAAAAAAAAAAAAAAAAAAAA"), by, now).await.unwrap(), 0);
    assert_eq!(stores.end_sessions(found[0], Some(name), by, now).await.unwrap(), 1);
    let alive = [world.get("/session", &session).await.status, world.get("/session", &second).await.status];
    assert_eq!(alive.map(|status| status.as_u16()), [200, 401], "the newest was the first of the list");
    assert_eq!(stores.end_sessions(found[0], None, by, now).await.unwrap(), 1);
    assert_eq!(world.get("/session", &session).await.status, 401);
    assert_eq!(world.get("/session", &other).await.status, 200);

    assert!(stores.erase_user(found[0], by, now).await.unwrap());
    assert!(!stores.erase_user(found[0], by, now).await.unwrap(), "only once");
    assert!(stores.user_record(found[0], &[], now).await.unwrap().is_none());
    assert!(stores.users_named(&subject, None).await.unwrap().is_empty());
    assert_eq!(world.get("/session", &other).await.status, 200);
    stores.close().await;
}
