//! Successful logins.

use crate::running::RunningSandbox;
use miniauth_openplatform::protocol::{OAUTH_TOKEN, USER_INFO_SHARE};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_silent_login_names_the_user_and_gives_tokens() {
    let sandbox = RunningSandbox::start_as("ids:both").await;
    let grant = sandbox.gateway().exchange_code(&sandbox.code("li-na", "auth_base").await).await.unwrap();
    let user = user(&sandbox, "li-na").await;
    assert_eq!(grant.ids().open_id(), user["open_id"].as_str());
    assert_eq!(grant.ids().user_id(), user["user_id"].as_str());
    assert_eq!(grant.expires_in(), Some(Duration::from_secs(1_296_000)));
    assert_eq!(grant.re_expires_in(), Some(Duration::from_secs(2_592_000)));
    assert!(grant.refresh_token().is_some_and(|token| token.expose_secret() != grant.access_token().expose_secret()));
}

#[tokio::test]
async fn a_member_arrives_byte_for_byte_as_the_platform_has_it() {
    let sandbox = RunningSandbox::start().await;
    let gateway = sandbox.gateway();
    for id in ["zhang-wei", "li-na", "emoji", "quotes", "nameless"] {
        let grant = gateway.exchange_code(&sandbox.code(id, "auth_user").await).await.unwrap();
        let member = gateway.user_info(&grant).await.unwrap();
        let user = user(&sandbox, id).await;
        assert_eq!(member.ids(), grant.ids());
        assert_eq!(member.nick_name(), user["nick_name"].as_str(), "{id}");
        assert_eq!(member.avatar(), user["avatar"].as_str(), "{id}");
    }
    let grant = gateway.exchange_code(&sandbox.code("zhang-wei", "auth_user").await).await.unwrap();
    let member = gateway.user_info(&grant).await.unwrap();
    assert_eq!(member.nick_name(), Some("张伟"));
    assert_eq!((member.gender(), member.province(), member.city()), (Some("M"), Some("浙江省"), Some("杭州市")));
}

#[tokio::test]
async fn a_fresh_user_can_log_in_at_once() {
    let sandbox = RunningSandbox::start().await;
    let nick_name = "\u{0}\"\\/\u{7f}\u{2028}</script>𠮷";
    let wanted = json!({ "nick_name": nick_name, "avatar": null });
    let (_, fresh) = sandbox.control(reqwest::Method::POST, "users", Some(wanted)).await;
    let gateway = sandbox.gateway();
    let code = sandbox.code(fresh["id"].as_str().unwrap(), "auth_user").await;
    let member = gateway.user_info(&gateway.exchange_code(&code).await.unwrap()).await.unwrap();
    assert_eq!((member.nick_name(), member.avatar()), (Some(nick_name), None));
}

#[tokio::test]
async fn approved_fields_beyond_the_usual_are_kept_and_no_others_come() {
    let sandbox = RunningSandbox::start().await;
    let wanted = json!({ "nick_name": "小满", "gender": "F", "mobile": "13800000000", "person_birthday": "19990101" });
    let (_, fresh) = sandbox.control(reqwest::Method::POST, "users", Some(wanted)).await;
    let id = fresh["id"].as_str().unwrap();
    let gateway = sandbox.gateway();
    for (approved, own, beyond) in [
        (json!(["nick_name", "avatar", "gender", "province", "city"]), (Some("小满"), Some("F")), vec![]),
        (json!(["nick_name", "mobile"]), (Some("小满"), None), vec!["mobile"]),
        (json!(["mobile", "person_birthday"]), (None, None), vec!["mobile", "person_birthday"]),
    ] {
        sandbox.put("fields", json!({ "fields": approved })).await;
        let grant = gateway.exchange_code(&sandbox.code(id, "auth_user").await).await.unwrap();
        let member = gateway.user_info(&grant).await.unwrap();
        assert_eq!((member.nick_name(), member.gender()), own, "{approved}");
        assert_eq!(member.other().names().collect::<Vec<_>>(), beyond, "{approved}");
        for field in beyond {
            assert!(matches!(member.other().get(field), Some(Value::String(text)) if text.starts_with('1')), "{field}");
        }
    }
    for never in ["user_status", "user_type", "is_certified"] {
        let (status, _) = sandbox.control(reqwest::Method::PUT, "fields", Some(json!({ "fields": [never] }))).await;
        assert_eq!(status, reqwest::StatusCode::UNPROCESSABLE_ENTITY, "{never}");
    }
}

#[tokio::test]
async fn many_logins_at_once_do_not_mix() {
    let sandbox = RunningSandbox::start_as("ids:open_id").await;
    let gateway = sandbox.gateway();
    let mut logins = tokio::task::JoinSet::new();
    for round in 0..40 {
        let id = ["zhang-wei", "li-na", "emoji", "quotes", "nameless"][round % 5];
        let (gateway, code) = (gateway.clone(), sandbox.code(id, "auth_user").await);
        let user = user(&sandbox, id).await;
        logins.spawn(async move {
            let member = gateway.user_info(&gateway.exchange_code(&code).await.unwrap()).await.unwrap();
            assert_eq!(Some(member.ids().key()), user["open_id"].as_str());
            assert_eq!(member.nick_name(), user["nick_name"].as_str());
        });
    }
    logins.join_all().await;
}

#[tokio::test]
async fn the_log_of_calls_holds_no_secret() {
    let sandbox = RunningSandbox::start().await;
    let gateway = sandbox.gateway();
    let code = sandbox.code("li-na", "auth_user").await;
    let grant = gateway.exchange_code(&code).await.unwrap();
    gateway.user_info(&grant).await.unwrap();
    let log = sandbox.get("calls").await.to_string();
    assert!(!log.contains(code.expose()) && !log.contains(grant.access_token().expose_secret()), "{log}");
    let expected =
        [OAUTH_TOKEN, USER_INFO_SHARE].map(|method| [method.into(), "ok".into(), "li-na".into(), Value::Null]);
    assert_eq!(sandbox.calls().await, expected);
    assert_eq!(sandbox.get("calls?after=1").await["calls"][0]["sequence"], 2);
}

async fn user(sandbox: &RunningSandbox, id: &str) -> Value {
    let users = sandbox.get("users").await;
    users["users"].as_array().unwrap().iter().find(|user| user["id"] == id).unwrap().clone()
}
