//! The platform's record of withdrawn consents, read by the real client.

use crate::running::{RunningSandbox, withdrawn};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::{GatewayErrorKind, REVOCATIONS_PER_PAGE, UserIds};
use miniauth_sandbox::{APP_ID, OTHER_APP_ID};
use reqwest::Method;
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn revocations_are_listed_by_day_and_page() {
    let sandbox = RunningSandbox::start_as("ids:both").await;
    let gateway = sandbox.gateway();
    let today = sandbox.clock.now();
    assert!(gateway.revocations(today, 1).await.unwrap().is_beyond_the_last());

    let count = REVOCATIONS_PER_PAGE + 3;
    for _ in 0..count {
        let (_, user) = sandbox.control(Method::POST, "users", Some(json!({}))).await;
        sandbox.decide(user["id"].as_str().unwrap(), "auth_user", "accept").await;
        sandbox.control(Method::DELETE, &format!("consent?user={}", user["id"].as_str().unwrap()), None).await;
    }
    // All on the same day, unless the day has just ended.
    let days = [today, sandbox.clock.now()];
    let mut sizes = Vec::new();
    let mut seen = Vec::new();
    for page in 1..=3 {
        let page = gateway.revocations(days[0], page).await.unwrap();
        assert_eq!(page.unreadable, 0);
        sizes.push(page.revocations.len());
        seen.extend(page.revocations);
    }
    assert_eq!(sizes, [REVOCATIONS_PER_PAGE, 3, 0]);
    for revocation in &seen {
        assert!(revocation.ids.user_id().is_some() && revocation.ids.open_id().is_some());
        assert!(revocation.at.as_seconds() >= today.as_seconds() && revocation.at <= days[1], "{revocation:?}");
    }
    let mut keys: Vec<_> = seen.iter().map(|revocation| revocation.ids.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count, "nobody twice");
}

#[tokio::test]
async fn a_revocation_is_listed_for_seven_days() {
    let sandbox = RunningSandbox::start().await;
    withdrawn(&sandbox, "zhang-wei").await;
    let that_day = sandbox.clock.now();
    let count = async || sandbox.gateway().revocations(that_day, 1).await.unwrap().revocations.len();
    assert_eq!(count().await, 1);
    sandbox.clock.advance(6 * DAY);
    assert_eq!(count().await, 1);
    assert!(sandbox.gateway().revocations(sandbox.clock.now(), 1).await.unwrap().is_beyond_the_last());
    sandbox.clock.advance(2 * DAY);
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn each_app_has_its_own() {
    let sandbox = RunningSandbox::start().await;
    let other = || {
        let config = crate::running::changed(sandbox.config(), |config| {
            config.app_id = miniauth_openplatform::AppId::parse(OTHER_APP_ID).unwrap();
        });
        crate::running::gateway(config)
    };
    let code = sandbox.code_for(OTHER_APP_ID, "li-na", "auth_user").await;
    other().exchange_code(&code).await.unwrap();
    sandbox.control(Method::DELETE, "consent?user=li-na", None).await;
    let today = sandbox.clock.now();
    assert_eq!(other().revocations(today, 1).await.unwrap().revocations.len(), 1);
    assert!(
        sandbox.gateway().revocations(today, 1).await.unwrap().is_beyond_the_last(),
        "{APP_ID} never knew the user"
    );
}

#[tokio::test]
async fn a_users_current_consent_is_reported() {
    let sandbox = RunningSandbox::start().await;
    let gateway = sandbox.gateway();
    let user_id = UserIds::from_ids(None, Some("2088000000000001".to_owned()), None).unwrap();
    let open_id = UserIds::from_ids(Some("open-zhang-wei".to_owned()), None, None).unwrap();
    let told = async |ids: &UserIds| gateway.consents(ids, &["auth_user", "auth_base"]).await.unwrap();
    let granted = |base, user| BTreeMap::from([("auth_base".to_owned(), base), ("auth_user".to_owned(), user)]);
    assert_eq!(told(&user_id).await, granted(false, false));
    gateway.exchange_code(&sandbox.code("zhang-wei", "auth_user").await).await.unwrap();
    for ids in [&user_id, &open_id] {
        assert_eq!(told(ids).await, granted(true, true));
    }
    sandbox.control(Method::DELETE, "consent?user=zhang-wei", None).await;
    assert_eq!(told(&open_id).await, granted(true, false));

    let stranger = UserIds::from_ids(Some("open-nobody".to_owned()), None, None).unwrap();
    let refused = gateway.consents(&stranger, &["auth_user"]).await.unwrap_err();
    let GatewayErrorKind::Refused(refusal) = refused.kind() else { panic!("{refused}") };
    assert!(refusal.sub_code().unwrap().ends_with("app-openid-not-match"), "{refused}");
    for scopes in [&["auth_user", "auth_user"][..], &["auth_zhima"]] {
        assert!(gateway.consents(&open_id, scopes).await.is_err(), "{scopes:?}");
    }
}

#[tokio::test]
async fn a_temporary_failure_is_retried() {
    let sandbox = RunningSandbox::start().await;
    withdrawn(&sandbox, "zhang-wei").await;
    let method = "alipay.user.deloauth.detail.query";
    sandbox.put("fault", json!({ "kind": "server_error", "method": method, "times": 2 })).await;
    assert_eq!(sandbox.gateway().revocations(sandbox.clock.now(), 1).await.unwrap().revocations.len(), 1);
    let calls = sandbox.calls().await.into_iter().filter(|call| call[0] == method).count();
    assert_eq!(calls, 3);
    sandbox.put("fault", json!({ "kind": "wrong_signature", "method": method })).await;
    assert!(sandbox.gateway().revocations(sandbox.clock.now(), 1).await.is_err(), "an answer that nobody signed");
}
