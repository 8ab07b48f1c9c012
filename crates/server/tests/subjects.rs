//! A user is one user, whichever ids the platform's answers have.

use crate::support::{Answer, World};
use serde_json::{Value, json};
use std::{num::NonZeroU32, time::Duration};

async fn log_in(world: &World, scope: &str, purpose: Option<&str>) -> Answer {
    let code = world.sandbox.auth_code("li-na", scope).await;
    let mut body = json!({ "authcode": code, "scope": scope });
    if let Some(purpose) = purpose {
        body["consent"] = json!({ "purpose": purpose, "at": 1_780_000_000_000_u64 });
    }
    world.post_auth(&body).await
}

/// Logs in while the platform's answers have `ids`; returns the session and its user.
async fn log_in_as(world: &World, ids: &str, scope: &str) -> (String, String) {
    world.sandbox.profile(&format!("ids:{ids}")).await;
    world.clock.forward(1);
    let answer = log_in(world, scope, Some(ids)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    (answer.session().to_owned(), text(&answer.body["subject"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

async fn erase(world: &World, session: &str) {
    assert_eq!(Answer::of(world.client.delete(world.url("/member")).bearer_auth(session)).await.status, 204);
}

async fn assert_nothing_left(world: &World) {
    for table in ["subjects", "members", "grants", "consents", "sessions"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
    let stored = world.stored_bytes().await;
    for id in ["2088000000000002", "open-li-na"] {
        assert!(!stored.windows(id.len()).any(|window| window == id.as_bytes()), "{id} is still there");
    }
}

async fn purposes(world: &World, session: &str) -> Vec<String> {
    let answer = world.get("/consents", session).await;
    let consents = answer.body["reported_consents"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    consents.iter().map(|consent| text(&consent["purpose"])).collect()
}

#[tokio::test]
async fn a_user_whose_ids_change_between_answers_stays_one_subject() {
    let world = World::start().await;
    let (first, subject) = log_in_as(&world, "user_id", "auth_user").await;
    assert!(subject.len() == 16 && subject.bytes().all(|byte| byte.is_ascii_hexdigit()), "{subject}");
    let both = log_in_as(&world, "both", "auth_user").await;
    let open_id = log_in_as(&world, "open_id", "auth_user").await;
    let silent = log_in_as(&world, "open_id", "auth_base").await;
    for (session, same) in [both, open_id, silent] {
        assert_eq!(same, subject);
        let answer = world.get("/session", &session).await.body;
        assert_eq!((&answer["subject"], &answer["previous_subjects"]), (&json!(subject), &json!([])));
        let member = world.get("/member", &session).await.body;
        assert_eq!((&member["subject"], &member["nick_name"]), (&json!(subject), &json!("李娜")));
        assert_eq!((&member["user_id"], &member["open_id"]), (&json!("2088000000000002"), &json!("open-li-na")));
        assert_eq!(purposes(&world, &session).await, ["open_id", "open_id", "both", "user_id"]);
    }
    for (table, rows) in [("subjects", 1), ("members", 1), ("grants", 1), ("consents", 4), ("sessions", 4)] {
        assert_eq!(world.count(table).await, rows, "{table}");
    }
    erase(&world, &first).await;
    assert_nothing_left(&world).await;
    assert_ne!(log_in_as(&world, "both", "auth_base").await.1, subject, "who comes back starts anew");
}

/// Two subjects with valid sessions are merged, whichever of them has consented, and a session of either can erase the
/// user.
#[tokio::test]
async fn two_subjects_of_one_user_are_merged_without_loss() {
    for (first_scope, second_scope) in
        [("auth_user", "auth_base"), ("auth_base", "auth_user"), ("auth_user", "auth_user")]
    {
        let world = World::start().await;
        let (first, older) = log_in_as(&world, "user_id", first_scope).await;
        let (second, newer) = log_in_as(&world, "open_id", second_scope).await;
        assert_ne!(older, newer, "nothing says that they are one");
        let newest_member = if second_scope == "auth_user" { &second } else { &first };
        let before = world.get("/member", newest_member).await.body;
        let (third, merged) = log_in_as(&world, "both", "auth_base").await;
        assert_eq!(merged, older);
        for session in [&first, &second, &third] {
            let answer = world.get("/session", session).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!((&answer.body["subject"], &answer.body["previous_subjects"]), (&json!(older), &json!([newer])));
            assert_eq!(answer.body["scope"], "auth_user", "the living consent holds for all");
            let member = &answer.body["member"];
            assert_eq!(member["stored_at"], before["stored_at"], "the newer member stays");
            assert_eq!((&member["user_id"], &member["open_id"]), (&json!("2088000000000002"), &json!("open-li-na")));
            assert_eq!(purposes(&world, session).await, ["both", "open_id", "user_id"]);
            assert_eq!(world.get("/sessions", session).await.body["sessions"].as_array().unwrap().len(), 3);
        }
        // With the access token, and with the refresh token: each was sealed for the id in its answer.
        for expired in [false, true] {
            if expired {
                world.data.execute("UPDATE grants SET access_expires_at = 1").await;
            }
            let refresh = world.client.post(world.url("/member/refresh")).bearer_auth(&second);
            let refreshed = Answer::of(refresh).await;
            assert_eq!(
                (refreshed.status.as_u16(), &refreshed.body["subject"]),
                (200, &json!(older)),
                "{}",
                refreshed.body
            );
        }
        assert_eq!(world.count("grants").await, 1);
        let revoked = text(
            &world.get("/sessions", &second).await.body["sessions"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["current"] == true)
                .unwrap()["id"],
        );
        let revoke = world.client.delete(world.url(&format!("/sessions/{revoked}"))).bearer_auth(&first);
        assert_eq!(Answer::of(revoke).await.status, 204);
        world.get("/session", &second).await.assert_problem(401, "session_unknown");
        let (fourth, _) = log_in_as(&world, "open_id", "auth_base").await;
        erase(&world, if first_scope == second_scope { &first } else { &fourth }).await;
        for session in [&first, &third, &fourth] {
            world.get("/session", session).await.assert_problem(401, "session_unknown");
        }
        assert_nothing_left(&world).await;
    }
}

#[tokio::test]
async fn a_session_of_a_retired_subject_counts_among_the_users_and_is_replaced() {
    let mut world = World::start().await;
    world.session_rules.per_user = NonZeroU32::new(2).unwrap();
    world.stop_server().await;
    world.start_server().await;
    let (first, _) = log_in_as(&world, "user_id", "auth_base").await;
    let (second, _) = log_in_as(&world, "open_id", "auth_base").await;
    let (third, _) = log_in_as(&world, "both", "auth_base").await;
    world.get("/session", &first).await.assert_problem(401, "session_unknown");
    assert_eq!(world.get("/session", &second).await.status, 200, "it is the second newest");
    world.clock.forward(1);
    let code = world.sandbox.auth_code("li-na", "auth_base").await;
    let post = world.client.post(world.url("/auth")).json(&json!({ "authcode": code })).bearer_auth(&second);
    let fourth = Answer::of(post).await.session().to_owned();
    world.get("/session", &second).await.assert_problem(401, "session_unknown");
    for session in [&third, &fourth] {
        assert_eq!(world.get("/session", session).await.status, 200);
    }
}

#[tokio::test]
async fn a_second_id_of_a_kind_is_refused_and_counted_and_changes_nothing() {
    let world = World::start().await;
    let (session, subject) = log_in_as(&world, "open_id", "auth_user").await;
    // An earlier answer of the platform.
    world.data.execute("UPDATE subjects SET user_id = '2088999999999999'").await;
    world.sandbox.profile("ids:both").await;
    for scope in ["auth_base", "auth_user"] {
        let refused = log_in(&world, scope, Some("refused")).await;
        refused.assert_problem(502, "gateway_identity_mismatch");
        assert_eq!(refused.body["reauthorize"], true);
    }
    let refresh = Answer::of(world.client.post(world.url("/member/refresh")).bearer_auth(&session)).await;
    refresh.assert_problem(502, "gateway_identity_mismatch");
    for (table, rows) in [("subjects", 1), ("members", 1), ("grants", 1), ("consents", 1), ("sessions", 1)] {
        assert_eq!(world.count(table).await, rows, "{table}");
    }
    let metrics = world.client.get(world.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("miniauth_second_ids_refused_total 2\n"), "{metrics}");
    assert_eq!(log_in_as(&world, "open_id", "auth_base").await.1, subject);
}

/// Of 16 answers some have the user_id, some both ids, some the open_id, all concurrently and at three instances.
#[tokio::test]
async fn logins_at_once_during_the_change_end_in_one_subject() {
    let mut world = World::start().await;
    world.session_rules.per_user = NonZeroU32::new(100).unwrap();
    world.stop_server().await;
    world.start_server().await;
    let others = [world.start_instance().await, world.start_instance().await];
    let instances = [world.address(), others[0].address, others[1].address];
    for (round, user) in ["zhang-wei", "li-na", "emoji", "quotes"].into_iter().enumerate() {
        let mut posts = Vec::new();
        for index in 0..16 {
            let scope = ["auth_base", "auth_user"][index / 3 % 2];
            let ids = ["user_id", "both", "open_id"][index * 7 / 2 % 3];
            let body = json!({ "authcode": world.sandbox.auth_code_as(ids, user, scope).await, "scope": scope });
            let url = format!("http://{}/auth", instances[index % 3]);
            posts.push(tokio::spawn(Answer::of(world.client.post(url).json(&body))));
        }
        let mut sessions = Vec::new();
        for post in posts {
            let answer = post.await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
            sessions.push(answer.session().to_owned());
        }
        let subject = world.get("/session", &sessions[0]).await.body["subject"].clone();
        for session in &sessions {
            let answer = world.get("/session", session).await;
            assert_eq!((answer.status.as_u16(), &answer.body["subject"]), (200, &subject), "{}", answer.body);
            assert_eq!(answer.body["scope"], "auth_user");
        }
        let rounds = i64::try_from(round).unwrap() + 1;
        assert_eq!(world.count("subjects WHERE retired_into IS NULL").await, rounds);
        assert_eq!((world.count("grants").await, world.count("members").await), (rounds, rounds));
        assert_eq!(world.count("sessions").await, 16 * rounds);
    }
}

/// Sessions are cached; a merge at the same instance takes effect at once.
#[tokio::test]
async fn a_cached_session_follows_a_merge() {
    let mut world = World::start().await;
    world.session_rules.staleness = Duration::from_secs(60);
    world.stop_server().await;
    world.start_server().await;
    let (first, older) = log_in_as(&world, "user_id", "auth_base").await;
    let (second, _) = log_in_as(&world, "open_id", "auth_base").await;
    for session in [&first, &second] {
        assert_eq!(world.get("/session", session).await.status, 200);
    }
    log_in_as(&world, "both", "auth_user").await;
    for session in [&first, &second] {
        let answer = world.get("/session", session).await.body;
        assert_eq!((&answer["subject"], &answer["scope"]), (&json!(older), &json!("auth_user")));
    }
}
