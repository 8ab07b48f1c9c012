//! A platform that refuses, lies or is unreachable: helpful problem documents, and nothing stored.

use crate::support::{Answer, World};
use serde_json::{Value, json};

async fn full_login(world: &World, user: &str) -> Answer {
    let code = world.sandbox.auth_code(user, "auth_user").await;
    world.post_auth(&json!({ "authcode": code, "scope": "auth_user" })).await
}

/// Checks that nothing about the user is stored: no row, and no byte of nickname or ids.
async fn assert_nothing_stored(world: &World, users: &[&str]) {
    for table in ["subjects", "members", "grants", "sessions", "consents"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
    let stored = world.stored_bytes().await;
    for user in users {
        let user = world.sandbox.user(user).await;
        for text in ["nick_name", "avatar", "open_id", "user_id"].iter().filter_map(|field| user[field].as_str()) {
            assert!(!contains(&stored, text.as_bytes()), "{text} is in the database");
        }
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[tokio::test]
async fn another_users_information_is_refused_and_nothing_stored() {
    let world = World::start().await;
    let fault = json!({ "kind": "identity_mismatch", "as_user": "li-na", "method": "alipay.user.info.share" });
    world.sandbox.fault(fault).await;
    let answer = full_login(&world, "zhang-wei").await;
    answer.assert_problem(502, "gateway_identity_mismatch");
    assert_eq!(answer.body["reauthorize"], true);
    assert_nothing_stored(&world, &["zhang-wei", "li-na"]).await;
}

#[tokio::test]
async fn an_answer_with_a_wrong_or_no_signature_is_not_data() {
    let world = World::start().await;
    for kind in ["wrong_signature", "unsigned"] {
        for method in ["alipay.system.oauth.token", "alipay.user.info.share"] {
            world.sandbox.fault(json!({ "kind": kind, "method": method })).await;
            full_login(&world, "zhang-wei").await.assert_problem(502, "gateway_untrusted");
        }
    }
    assert_nothing_stored(&world, &["zhang-wei"]).await;
}

#[tokio::test]
async fn an_unsigned_refusal_is_no_data_and_its_code_is_the_advice() {
    let world = World::start().await;
    for (sub_code, check) in
        [("isv.invalid-app-id", "check app_id. "), ("isv.missing-signature-config", "check app_private_key_file. ")]
    {
        for method in ["alipay.system.oauth.token", "alipay.user.info.share"] {
            world.sandbox.fault(json!({ "kind": "refusal", "sub_code": sub_code, "method": method })).await;
            let answer = full_login(&world, "zhang-wei").await;
            answer.assert_problem(502, "gateway_untrusted");
            let told = format!("he gateway says, unsigned: {sub_code}: {check}");
            for words in [&answer.body["detail"], &answer.body["advice"]["en"]] {
                assert!(words.as_str().unwrap()[1..].starts_with(&told), "{words}");
            }
            assert_eq!(answer.body["advice"]["zh"], "服务器配置有误，请联系小程序开发者。");
        }
    }
    assert_nothing_stored(&world, &["zhang-wei"]).await;
    // An unsigned answer that is not a refusal is a network fault, and says nothing about the app.
    world.sandbox.fault(json!({ "kind": "unsigned" })).await;
    let answer = full_login(&world, "zhang-wei").await;
    answer.assert_problem(502, "gateway_untrusted");
    assert_eq!(answer.body.get("detail"), None, "{}", answer.body);
}

#[tokio::test]
async fn a_signed_refusal_that_a_setting_causes_names_it() {
    let world = World::start().await;
    for (sub_code, code, told) in [
        ("isv.self-invoke-forbidden", (500, "server_misconfigured"), "third-party app"),
        ("isv.invalid-signature", (500, "server_misconfigured"), "do not match"),
        ("isv.insufficient-isv-permissions", (502, "product_not_in_force"), "获取会员信息"),
    ] {
        world.sandbox.fault(json!({ "kind": "refusal", "sub_code": sub_code })).await;
        let answer = full_login(&world, "zhang-wei").await;
        answer.assert_problem(code.0, code.1);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(sub_code) && detail.contains(told), "{detail}");
    }
    // The user's own consent is not a setting.
    world
        .sandbox
        .fault(
            json!({ "kind": "refusal", "sub_code": "isv.invalid-auth-relations", "method": "alipay.user.info.share" }),
        )
        .await;
    let answer = full_login(&world, "zhang-wei").await;
    answer.assert_problem(403, "scope_insufficient");
    assert_eq!((&answer.body["reauthorize"], answer.body.get("detail")), (&json!(true), None));
}

#[tokio::test]
async fn a_code_of_another_app_is_recognised() {
    let world = World::start().await;
    let code = world.sandbox.auth_code_for("2021000000000002", "zhang-wei", "auth_base").await;
    let answer = world.post_auth(&json!({ "authcode": code })).await;
    answer.assert_problem(500, "server_misconfigured");
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(
        detail.contains("isv.invalid-app-id") && detail.contains("the auth code belongs to another app"),
        "{detail}"
    );
}

#[tokio::test]
async fn an_unreachable_or_broken_gateway_is_reported_and_recovers() {
    let world = World::start().await;
    for kind in ["unavailable", "reset", "server_error"] {
        world.sandbox.fault(json!({ "kind": kind })).await;
        full_login(&world, "zhang-wei").await.assert_problem(503, "gateway_unavailable");
    }
    assert_nothing_stored(&world, &["zhang-wei"]).await;
    world.sandbox.fault(json!({ "kind": "none" })).await;
    assert_eq!(full_login(&world, "zhang-wei").await.status, 200);
}

#[tokio::test]
async fn an_unreachable_gateway_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = crate::support::SandboxControl::start(folder.path().join("sandbox")).await;
    // Bound but not listening: it refuses connections, and no other program can get the port.
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gateway = format!("http://{}/gateway.do", nobody.local_addr().unwrap());
    let world = World::start_with(folder, sandbox, gateway).await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let body = json!({ "authcode": code, "login_id": "attempt-0123456789" });
    world.post_auth(&body).await.assert_problem(503, "gateway_unavailable");
    // The call was certainly never made, so the outcome is known.
    world.post_auth(&body).await.assert_problem(503, "gateway_unavailable");
}

#[tokio::test]
async fn a_product_that_is_not_in_force_is_named() {
    let world = World::start().await;
    world.sandbox.product_in_force(false).await;
    let answer = full_login(&world, "zhang-wei").await;
    answer.assert_problem(502, "product_not_in_force");
    assert!(answer.body["advice"]["en"].as_str().unwrap().contains("获取会员信息"), "{}", answer.body);
    assert_nothing_stored(&world, &["zhang-wei"]).await;
}

#[tokio::test]
async fn a_code_that_the_platform_does_not_know_is_invalid() {
    let world = World::start().await;
    let answer = world.post_auth(&json!({ "authcode": "2e4248c2f50b4653bf18ecee3466UC18" })).await;
    answer.assert_problem(422, "code_invalid");
    assert_eq!(answer.body["reauthorize"], true);
}

#[tokio::test]
async fn a_silent_code_does_not_give_access_to_a_member() {
    let world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_base").await;
    let answer = world.post_auth(&json!({ "authcode": code, "scope": "auth_user" })).await;
    answer.assert_problem(403, "scope_insufficient");
    assert_nothing_stored(&world, &["zhang-wei"]).await;
}

#[tokio::test]
async fn a_failed_full_login_does_not_change_an_earlier_member() {
    let world = World::start().await;
    let session = full_login(&world, "zhang-wei").await.session().to_owned();
    let member: Value = world.get("/member", &session).await.body;
    world.sandbox.fault(json!({ "kind": "server_error", "method": "alipay.user.info.share" })).await;
    full_login(&world, "zhang-wei").await.assert_problem(503, "gateway_unavailable");
    assert_eq!(world.get("/member", &session).await.body, member);
}
