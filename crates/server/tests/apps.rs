//! Several apps on one server: the data of one is invisible to another.

use crate::support::{Answer, World};
use miniauth_sandbox::{APP_ID, OTHER_APP_ID};
use miniauth_server::{OpenError, Server};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

async fn two_apps() -> World {
    let mut world = World::start().await;
    world.stop_server().await;
    world.further_apps = vec![OTHER_APP_ID];
    world.start_server().await;
    world
}

fn ask(world: &World, method: Method, app: &str, path: &str) -> RequestBuilder {
    world.client.request(method, world.url(&format!("/apps/{app}{path}")))
}

async fn get(world: &World, app: &str, path: &str, session: &str) -> Answer {
    Answer::of(ask(world, Method::GET, app, path).bearer_auth(session)).await
}

async fn log_in(world: &World, app: &str, body: Value) -> Answer {
    Answer::of(ask(world, Method::POST, app, "/auth").json(&body)).await
}

/// Logs in a member of the app; returns the session.
async fn become_member(world: &World, app: &str) -> String {
    let code = world.sandbox.auth_code_for(app, "zhang-wei", "auth_user").await;
    let consent = json!({ "purpose": format!("用于应用{app}"), "at": 1 });
    let answer = log_in(world, app, json!({ "authcode": code, "scope": "auth_user", "consent": consent })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.session().to_owned()
}

#[tokio::test]
async fn a_session_is_valid_only_in_its_own_app() {
    let world = two_apps().await;
    let session = become_member(&world, APP_ID).await;
    for path in ["/session", "/member", "/sessions", "/consents"] {
        assert_eq!(get(&world, APP_ID, path, &session).await.status, 200, "{path}");
        get(&world, OTHER_APP_ID, path, &session).await.assert_problem(401, "session_unknown");
    }
    for (method, path) in [(Method::POST, "/member/refresh"), (Method::DELETE, "/member")] {
        let foreign = ask(&world, method, OTHER_APP_ID, path).bearer_auth(&session);
        Answer::of(foreign).await.assert_problem(401, "session_unknown");
    }
    let listed = get(&world, APP_ID, "/sessions", &session).await;
    let id = listed.body["sessions"][0]["id"].as_str().unwrap().to_owned();
    let others = become_member(&world, OTHER_APP_ID).await;
    let revoked = ask(&world, Method::DELETE, OTHER_APP_ID, &format!("/sessions/{id}")).bearer_auth(&others);
    assert_eq!(Answer::of(revoked).await.status, 204);
    let logged_out = ask(&world, Method::DELETE, OTHER_APP_ID, "/auth").bearer_auth(&session);
    assert_eq!(Answer::of(logged_out).await.status, 204);
    assert_eq!(get(&world, APP_ID, "/session", &session).await.status, 200, "the other app could not end it");
}

#[tokio::test]
async fn the_same_user_is_a_member_of_each_app_apart() {
    let world = two_apps().await;
    let first = become_member(&world, APP_ID).await;
    let code = world.sandbox.auth_code_for(OTHER_APP_ID, "zhang-wei", "auth_base").await;
    let silent = log_in(&world, OTHER_APP_ID, json!({ "authcode": code })).await;
    assert_eq!(silent.body["member"], Value::Null, "a member of the one app is none of the other");

    let second = become_member(&world, OTHER_APP_ID).await;
    let consents = get(&world, OTHER_APP_ID, "/consents", &second).await.body;
    let purposes: Vec<_> =
        consents["reported_consents"].as_array().unwrap().iter().map(|consent| &consent["purpose"]).collect();
    assert_eq!(purposes, [&json!(format!("用于应用{OTHER_APP_ID}"))]);
    let erased = Answer::of(ask(&world, Method::DELETE, APP_ID, "/member").bearer_auth(&first)).await;
    assert_eq!(erased.status, 204);
    get(&world, APP_ID, "/member", &first).await.assert_problem(401, "session_unknown");
    assert_eq!(get(&world, OTHER_APP_ID, "/member", &second).await.status, 200, "erased in the one app alone");
}

#[tokio::test]
async fn a_code_belongs_to_the_app_that_it_was_posted_to() {
    let world = two_apps().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let body = json!({ "authcode": code, "login_id": "0123456789abcdef" });
    assert_eq!(log_in(&world, APP_ID, body.clone()).await.status, 200);
    log_in(&world, OTHER_APP_ID, body).await.assert_problem(422, "code_invalid");
}

#[tokio::test]
async fn the_root_paths_belong_to_the_app_only_if_there_is_one() {
    let mut world = World::start().await;
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    assert_eq!(world.get("/session", &session).await.status, 200);
    assert_eq!(get(&world, APP_ID, "/session", &session).await.status, 200);
    get(&world, OTHER_APP_ID, "/session", &session).await.assert_problem(404, "not_found");
    world.stop_server().await;
    world.further_apps = vec![OTHER_APP_ID];
    world.start_server().await;
    world.get("/session", &session).await.assert_problem(404, "not_found");
    assert_eq!(get(&world, APP_ID, "/session", &session).await.status, 200);
    assert_eq!(Answer::of(world.client.get(world.url("/readyz"))).await.status, 200);
}

#[tokio::test]
async fn an_app_configured_twice_is_named() {
    let mut world = World::start().await;
    world.stop_server().await;
    world.further_apps = vec![APP_ID];
    let fault = Server::open(world.config()).await.err().unwrap();
    assert!(matches!(&fault, OpenError::AppTwice { app_id } if app_id == APP_ID), "{fault}");
}
