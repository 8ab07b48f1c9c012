//! Consents by kind, the app's products, and the fields approved for it.

use crate::running::RunningSandbox;
use miniauth_core::error_code::ErrorCode;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const MEMBER: &str = "获取会员信息";
const DISPLAY: &str = "获取会员基础信息";

#[tokio::test]
async fn consent_is_requested_until_given_and_again_after_it_is_withdrawn() {
    let sandbox = RunningSandbox::start().await;
    let wanted = || Some(json!({ "user": "emoji", "scopes": ["auth_base", "auth_user"] }));
    let panel = sandbox.get("consent?user=emoji&scope=auth_user").await;
    assert_eq!((&panel["granted"], &panel["app_name"]), (&json!(false), &json!("示例小店")));
    assert_eq!(sandbox.control(Method::POST, "auth-codes", wanted()).await.0, StatusCode::CONFLICT);

    assert_eq!(sandbox.decide("emoji", "auth_user", "refuse").await, json!({ "granted": false }));
    assert_eq!(sandbox.control(Method::POST, "auth-codes", wanted()).await.0, StatusCode::CONFLICT);

    sandbox.code("emoji", "auth_user").await;
    assert_eq!(sandbox.decide("emoji", "auth_user", "refuse").await, json!({ "granted": true }));
    let (status, issued) = sandbox.control(Method::POST, "auth-codes", wanted()).await;
    assert_eq!((status, &issued["scopes"]), (StatusCode::CREATED, &json!(["auth_base", "auth_user"])));

    assert_eq!(sandbox.control(Method::DELETE, "consent?user=emoji", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(sandbox.get("consent?user=emoji").await["granted"], false);
    assert_eq!(sandbox.control(Method::POST, "auth-codes", wanted()).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn each_kind_of_consent_stands_by_itself() {
    let sandbox = RunningSandbox::start().await;
    let kinds = ["auth_user", "userInfo", "phoneNumber"];
    let granted = async || {
        let mut granted = Vec::new();
        for kind in kinds {
            let panel = sandbox.get(&format!("consent?user=li-na&scope={kind}")).await;
            granted.extend((panel["granted"] == true).then_some(kind));
        }
        granted
    };
    for (count, kind) in kinds.iter().enumerate() {
        assert_eq!(granted().await, kinds[..count]);
        sandbox.decide("li-na", kind, "accept").await;
    }
    sandbox.control(Method::DELETE, "consent?user=li-na&scope=userInfo", None).await;
    assert_eq!(granted().await, ["auth_user", "phoneNumber"]);
    assert_eq!(sandbox.get("consent?user=emoji&scope=auth_user").await["granted"], false, "each user by themselves");
    sandbox.control(Method::DELETE, "consent?user=li-na", None).await;
    assert_eq!(granted().await, [""; 0]);
}

#[tokio::test]
async fn the_settings_show_what_was_asked_and_answered() {
    let sandbox = RunningSandbox::start().await;
    let settings = async || sandbox.get("settings?user=li-na").await["authSetting"].clone();
    sandbox.code("li-na", "auth_user").await;
    assert_eq!(settings().await, json!({}), "auth_user is no setting");
    sandbox.decide("li-na", "userInfo", "refuse").await;
    assert_eq!(settings().await, json!({ "userInfo": false }));
    sandbox.decide("li-na", "userInfo", "accept").await;
    sandbox.decide("li-na", "phoneNumber", "accept").await;
    assert_eq!(settings().await, json!({ "userInfo": true, "phoneNumber": true }));
    sandbox.control(Method::DELETE, "consent?user=li-na&scope=phoneNumber", None).await;
    assert_eq!(settings().await, json!({ "userInfo": true, "phoneNumber": false }));
}

#[tokio::test]
async fn display_information_is_what_the_phone_would_answer() {
    let sandbox = RunningSandbox::start().await;
    let shown = async |user: &str| sandbox.get(&format!("display-info?user={user}")).await;
    sandbox.code("quotes", "auth_user").await;
    let refused = shown("quotes").await;
    assert_eq!((&refused["code"], &refused["subCode"]), (&json!("40003"), &json!("isv.invalid-auth-relations")));
    sandbox.decide("quotes", "userInfo", "accept").await;
    let avatar = "https://avatars.shop.example/quotes.png";
    let expected = json!({ "code": "10000", "msg": "Success", "nickName": r#"A"}{"sign":"x\"#, "avatar": avatar });
    assert_eq!(shown("quotes").await, expected);
    sandbox.decide("nameless", "userInfo", "accept").await;
    assert_eq!(shown("nameless").await, json!({ "code": "10000", "msg": "Success" }));
    sandbox.control(Method::DELETE, "consent?user=quotes&scope=userInfo", None).await;
    assert_eq!(shown("quotes").await["code"], "40003");
}

#[tokio::test]
async fn the_older_call_depends_on_the_other_consent() {
    let sandbox = RunningSandbox::start().await;
    let shown = async || sandbox.get("display-info?user=li-na&call=getAuthUserInfo").await;
    sandbox.decide("li-na", "userInfo", "accept").await;
    assert_eq!(shown().await["code"], "40003");
    sandbox.decide("li-na", "auth_user", "accept").await;
    assert_eq!((&shown().await["code"], &shown().await["nickName"]), (&json!("10000"), &json!("李娜")));
}

/// The codes of getOpenUserInfo and getAuthUserInfo, and the error of the server's call, if any.
async fn what_works(sandbox: &RunningSandbox) -> (Value, Value, Option<ErrorCode>) {
    let open = sandbox.get("display-info?user=li-na").await["code"].clone();
    let older = sandbox.get("display-info?user=li-na&call=getAuthUserInfo").await["code"].clone();
    let gateway = sandbox.gateway();
    let grant = gateway.exchange_code(&sandbox.code("li-na", "auth_user").await).await.unwrap();
    let share = gateway.user_info(&grant).await.map_err(|error| error.code());
    (open, older, share.err())
}

#[tokio::test]
async fn each_product_opens_its_own_calls() {
    let sandbox = RunningSandbox::start().await;
    for kind in ["auth_user", "userInfo"] {
        sandbox.decide("li-na", kind, "accept").await;
    }
    let (works, lacks) = (json!("10000"), json!("40006"));
    assert_eq!(what_works(&sandbox).await, (works.clone(), works.clone(), None));
    sandbox.put("product", json!({ "product": DISPLAY, "in_force": false })).await;
    assert_eq!(what_works(&sandbox).await, (lacks.clone(), works.clone(), None));
    sandbox.put("product", json!({ "in_force": false })).await;
    let refused = Some(ErrorCode::ProductNotInForce);
    assert_eq!(what_works(&sandbox).await, (lacks.clone(), lacks.clone(), refused));
    for (kind, in_force) in [("auth_user", false), ("userInfo", false), ("phoneNumber", true)] {
        let panel = sandbox.get(&format!("consent?user=li-na&scope={kind}")).await;
        assert_eq!(panel["product_in_force"], in_force, "{kind}");
    }
    sandbox.put("product", json!({ "product": DISPLAY, "in_force": true })).await;
    assert_eq!(what_works(&sandbox).await, (works.clone(), lacks, refused));
    sandbox.put("product", json!({ "product": MEMBER, "in_force": true })).await;
    assert_eq!(what_works(&sandbox).await, (works.clone(), works, None));
}

#[tokio::test]
async fn only_approved_fields_are_listed_and_answered() {
    let sandbox = RunningSandbox::start().await;
    let items = async |kind: &str| sandbox.get(&format!("consent?user=zhang-wei&scope={kind}")).await["items"].clone();
    assert_eq!(items("auth_user").await, json!(["昵称", "头像", "性别", "省份", "城市"]));
    let fresh = json!({ "nick_name": "小满", "gender": "F", "mobile": "13800000000", "person_birthday": "19990101" });
    let (_, user) = sandbox.control(Method::POST, "users", Some(fresh)).await;
    let id = user["id"].as_str().unwrap();

    sandbox.put("fields", json!({ "fields": ["mobile", "nick_name", "nick_name"] })).await;
    assert_eq!(items("auth_user").await, json!(["昵称", "手机号"]));
    assert_eq!((items("userInfo").await, items("phoneNumber").await), (json!(["昵称", "头像"]), json!(["手机号"])));
    let member = sandbox.share(id).await;
    let told = ["nick_name", "mobile", "avatar", "gender", "person_birthday"].map(|field| member[field].as_str());
    assert_eq!(told, [Some("小满"), Some("13800000000"), None, None, None]);

    sandbox.put("fields", json!({ "fields": ["person_birthday"] })).await;
    assert_eq!(sandbox.share(id).await["person_birthday"], "19990101");
    sandbox.put("fields", json!({ "fields": [] })).await;
    assert_eq!((items("auth_user").await, &sandbox.share(id).await["code"]), (json!([]), &json!("40006")));
}
