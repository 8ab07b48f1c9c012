//! `DELETE /member` erases at once and for good; `GET /consents` shows what is kept until then.

use crate::support::{Answer, World};
use serde_json::{Value, json};

const PURPOSE: &str = "用于显示会员等级与积分";

async fn become_member(world: &World, user: &str) -> (Value, String) {
    let code = world.sandbox.auth_code(user, "auth_user").await;
    let consent = json!({ "purpose": PURPOSE, "at": 1_780_000_000_000_u64 });
    let body = json!({ "authcode": code, "scope": "auth_user", "login_id": "attempt-0123456789", "consent": consent });
    let session = world.post_auth(&body).await.session().to_owned();
    (body, session)
}

async fn erase(world: &World, session: &str) -> Answer {
    Answer::of(world.client.delete(world.url("/member")).bearer_auth(session)).await
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn an_erased_user_is_in_no_file_and_an_old_code_brings_nothing_back() {
    let world = World::start().await;
    let users = ["emoji", "quotes", "nameless", "zhang-wei", "li-na"];
    let mut sessions = Vec::new();
    for user in users {
        sessions.push(become_member(&world, user).await);
        world.log_in(user, "auth_base").await;
    }
    let (old_post, session) = sessions[3].clone();
    let known = world.sandbox.user("zhang-wei").await;
    let member = world.get("/member", &session).await.body;
    let personal: Vec<&str> = [&known["nick_name"], &known["avatar"], &known["open_id"], &member["open_id"]]
        .iter()
        .filter_map(|value| value.as_str())
        .collect();
    let before = world.stored_bytes().await;
    assert!(personal.len() >= 3 && personal.iter().all(|text| contains(&before, text)), "they are there before");

    assert_eq!(erase(&world, &session).await.status, 204);
    let after = world.stored_bytes().await;
    for text in &personal {
        assert!(!contains(&after, text), "{text} is still in a file");
    }
    world.get("/session", &session).await.assert_problem(401, "session_unknown");
    assert_eq!(world.count("members").await, 4);
    assert_eq!(world.count("consents").await, 4);
    assert_eq!(world.count("sessions").await, 8);

    let again = world.post_auth(&old_post).await;
    again.assert_problem(409, "code_used");
    assert_eq!(again.body["reauthorize"], true);
    assert!(!contains(&world.stored_bytes().await, personal[0]));
    let (_, neighbour) = &sessions[4];
    assert_eq!(world.get("/member", neighbour).await.status, 200, "others keep what they have");
}

#[tokio::test]
async fn all_are_erased_and_the_files_hold_none_of_them() {
    let world = World::start().await;
    let mut personal = vec![PURPOSE.to_owned()];
    let mut sessions = Vec::new();
    for user in ["zhang-wei", "emoji", "quotes", "li-na"] {
        let known = world.sandbox.user(user).await;
        personal.extend(["nick_name", "open_id"].map(|field| known[field].as_str().unwrap().to_owned()));
        sessions.push(become_member(&world, user).await.1);
    }
    for session in &sessions {
        assert_eq!(erase(&world, session).await.status, 204);
    }
    let stored = world.stored_bytes().await;
    for text in &personal {
        assert!(!contains(&stored, text), "{text} is still in a file");
    }
    for table in ["subjects", "members", "grants", "sessions", "consents"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_returning_user_starts_anew() {
    let world = World::start().await;
    let (_, session) = become_member(&world, "li-na").await;
    assert_eq!(erase(&world, &session).await.status, 204);
    erase(&world, &session).await.assert_problem(401, "session_unknown");
    let silent = world.log_in("li-na", "auth_base").await;
    assert_eq!(silent["member"], Value::Null);
    let (_, session) = become_member(&world, "li-na").await;
    assert_eq!(world.get("/member", &session).await.status, 200);
}

#[tokio::test]
async fn consents_are_listed_as_reported_and_only_to_their_user() {
    let world = World::start().await;
    let (_, session) = become_member(&world, "zhang-wei").await;
    world.clock.forward(60);
    become_member(&world, "zhang-wei").await;
    let answer = world.get("/consents", &session).await;
    assert_eq!(answer.status, 200);
    let reports = answer.body["reported_consents"].as_array().unwrap();
    assert_eq!(reports.len(), 2);
    let (newest, oldest) = (&reports[0], &reports[1]);
    assert!(newest["received_at"].as_u64() >= oldest["received_at"].as_u64().map(|at| at + 60_000), "newest first");
    for report in reports {
        assert_eq!((&report["purpose"], &report["scope"]), (&json!(PURPOSE), &json!("auth_user")));
        assert_eq!(report["reported_at"], 1_780_000_000_000_u64);
    }
    let stranger = world.log_in("li-na", "auth_base").await["session"].as_str().unwrap().to_owned();
    assert_eq!(world.get("/consents", &stranger).await.body, json!({ "reported_consents": [] }));
}
