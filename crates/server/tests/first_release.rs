//! The client of version 0.1 with this server: its requests, and everything that it reads from the answers. The other
//! way round, `tests/hosts` runs today's package with a server that answers like 0.1, without subjects.

use crate::support::{Answer, SESSION_SECONDS, World};
use miniauth_core::error_code::ErrorCode;
use serde_json::{Value, json};

/// The codes of version 0.1's server, their HTTP status, and whether a new auth code could help. Its client knows no
/// others.
const CODES: &str = "
    bearer_malformed 400 false
    bearer_missing 401 false
    body_malformed 400 false
    body_too_large 413 false
    code_invalid 422 true
    code_outcome_unknown 409 true
    code_used 409 true
    content_type_unsupported 415 false
    display_only_forwarded 422 false
    field_invalid 422 false
    field_unknown 422 false
    gateway_identity_mismatch 502 true
    gateway_rejected 502 false
    gateway_unavailable 503 true
    gateway_untrusted 502 true
    grant_expired 403 true
    internal 500 false
    member_unknown 404 false
    method_not_allowed 405 false
    not_found 404 false
    overloaded 503 false
    product_not_in_force 502 false
    rate_limited 429 false
    request_timeout 408 false
    scope_insufficient 403 true
    server_misconfigured 500 false
    session_expired 401 true
    session_unknown 401 true";

/// Reads an answer to `POST /auth` as the client of 0.1 did.
fn read_as_0_1(answer: &Answer) -> (String, Value) {
    let session = answer.body["session"].as_str().unwrap();
    assert!(session.len() == 43 && session.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
    assert!(answer.body["expires_in"].as_f64().unwrap() >= 0.0);
    let member = answer.body["member"].clone();
    assert!(member.is_null() || member["stored_at"].is_number(), "{member}");
    (session.to_owned(), member)
}

#[tokio::test]
async fn the_client_of_version_0_1_finds_all_that_it_looks_for() {
    let world = World::start().await;
    let post = async |body: String| {
        let request = world.client.post(world.url("/auth")).header("content-type", "application/json").body(body);
        Answer::of(request).await
    };
    let code = world.sandbox.auth_code("li-na", "auth_base").await;
    let silent =
        post(format!(r#"{{"authcode":"{code}","scope":"auth_base","login_id":"mf3k2j1h0g9f8e7d6c5b"}}"#)).await;
    assert_eq!(silent.status, 200);
    let (session, member) = read_as_0_1(&silent);
    assert!(member.is_null());

    let code = world.sandbox.auth_code("li-na", "auth_user").await;
    let body = format!(
        r#"{{"authcode":"{code}","scope":"auth_user","login_id":"mf3k2j1h0g9f8e7d6c5a","consent":{{"purpose":"用于显示会员等级","at":1780000000000}}}}"#
    );
    let request =
        world.client.post(world.url("/auth")).header("content-type", "application/json").bearer_auth(&session);
    let agreed = Answer::of(request.body(body.clone())).await;
    let (session, member) = read_as_0_1(&agreed);
    for field in ["nick_name", "avatar", "gender", "province", "city"] {
        assert!(member.get(field).is_some(), "{field} of the member");
    }
    assert!(member["open_id"].is_string() && member["user_id"].is_string());
    assert_eq!(read_as_0_1(&post(body).await).0, session, "a repeated post gets the same session");

    let restored = world.get("/session", &session).await;
    assert_eq!((restored.status.as_u16(), &restored.body["member"]), (200, &member));
    assert_eq!(world.log_out(&session).await.status, 204);
    let refused = world.get("/session", &session).await;
    refused.assert_problem(401, "session_unknown");
    for text in [&refused.body["title"], &refused.body["advice"]["zh"], &refused.body["advice"]["en"]] {
        assert!(text.is_string());
    }
    let used =
        post(json!({ "authcode": code, "scope": "auth_user", "login_id": "another-0123456789" }).to_string()).await;
    used.assert_problem(409, "code_used");
}

/// A page of 0.1 requests these with `httpRequest`, and its client logs in again after the two 401.
#[tokio::test]
async fn pages_of_version_0_1_find_all_that_they_look_for() {
    let world = World::start().await;
    let other = world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned();
    world.clock.forward(SESSION_SECONDS);
    let expired = world.get("/member", &other).await;
    expired.assert_problem(401, "session_expired");
    assert_eq!(expired.body["reauthorize"], true);

    let silent = world.log_in("zhang-wei", "auth_base").await;
    let (session, id) = (silent["session"].as_str().unwrap(), |entry: &Value| entry["id"].as_str().unwrap().to_owned());
    let described = world.get("/session", session).await;
    assert_eq!(described.body["scope"], "auth_user", "a silent login leaves the consent as it is");
    assert!(described.body["expires_in"].is_u64());
    let member = world.get("/member", session).await;
    assert_eq!((member.status.as_u16(), &member.body), (200, &described.body["member"]));
    for field in ["nick_name", "avatar", "gender", "province", "city"] {
        assert!(member.body.get(field).is_some(), "{field} of the member");
    }
    let refreshed = Answer::of(world.client.post(world.url("/member/refresh")).bearer_auth(session)).await;
    assert_eq!((refreshed.status.as_u16(), &refreshed.body["nick_name"]), (200, &member.body["nick_name"]));
    let consents = world.get("/consents", session).await;
    assert!(consents.body["reported_consents"].is_array(), "{:?}", consents.body);

    let second = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    let listed = world.get("/sessions", &second).await;
    let entries = listed.body["sessions"].as_array().unwrap();
    assert!(entries.iter().all(|entry| entry["created_at"].is_u64() && entry["expires_at"].is_u64()));
    let first = entries.iter().find(|entry| entry["current"] == false).map(id).unwrap();
    let revoke = world.client.delete(world.url(&format!("/sessions/{first}"))).bearer_auth(&second);
    assert_eq!(Answer::of(revoke).await.status, 204);
    world.get("/session", session).await.assert_problem(401, "session_unknown");

    let erase = world.client.delete(world.url("/member")).bearer_auth(&second);
    assert_eq!(Answer::of(erase).await.status, 204);
    world.get("/member", &second).await.assert_problem(401, "session_unknown");
    let stranger = world.log_in("zhang-wei", "auth_base").await;
    assert!(stranger["member"].is_null());
    world.get("/member", stranger["session"].as_str().unwrap()).await.assert_problem(404, "member_unknown");
}

#[test]
fn the_codes_of_version_0_1_mean_what_they_meant() {
    let mut meant = 0;
    for line in CODES.trim().lines() {
        let [code, status, reauthorize] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let today = ErrorCode::ALL.iter().find(|today| today.as_str() == code);
        let today = today
            .map(|today| (today.status().map_or_else(String::new, |status| status.to_string()), today.reauthorize()));
        assert_eq!(today, Some((status.to_owned(), reauthorize == "true")), "{code}");
        meant += 1;
    }
    assert_eq!(meant, 28);
}
