//! The client of version 0.1 at this server: its requests as it sent them, and all that it looks for in the answers. The other
//! way round, `tests/hosts` runs the package of today with a server that answers as 0.1 did, without subjects.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use serde_json::{Value, json};
use support::{Answer, World};

/// What the client of 0.1 reads out of an answer to `POST /auth`, as its own reader did.
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
