//! The platform's messages to the app's gateway address, over real connections.

use crate::support::{Answer, World, message::PlatformMessage};
use miniauth_core::time::{Clock as _, Timestamp};
use miniauth_openplatform::{keys::PublicKey, protocol::Charset, system::SystemClock};
use miniauth_sandbox::{APP_ID, OTHER_APP_ID};
use miniauth_server::AfterWithdrawal;
use std::{
    fs,
    num::NonZeroU32,
    time::{Duration, Instant},
};

const ZHANG_WEI: &str = "2088000000000001";
const PATH: &str = "/platform-messages";

fn now() -> Timestamp {
    SystemClock.now()
}

async fn log_in(world: &World) -> String {
    world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned()
}

async fn assert_ended(world: &World, session: &str) {
    world.get("/session", session).await.assert_problem(401, "session_unknown");
}

async fn assert_lives(world: &World, session: &str) {
    assert_eq!(world.get("/member", session).await.status, 200);
}

async fn metrics(world: &World) -> String {
    world.client.get(world.url("/metrics")).send().await.unwrap().text().await.unwrap()
}

fn assert_counted(metrics: &str, line: &str) {
    assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
}

async fn restarted(mut world: World, change: impl FnOnce(&mut World)) -> World {
    world.stop_server().await;
    change(&mut world);
    world.start_server().await;
    world
}

#[tokio::test]
async fn a_withdrawal_is_followed_whether_or_not_sign_type_was_signed_and_in_either_character_set() {
    let world = World::start().await;
    for unsigned in [None, Some("sign_type")] {
        for charset in [Charset::Utf8, Charset::Gbk] {
            let session = log_in(&world).await;
            let mut message = PlatformMessage::withdrawal(ZHANG_WEI, now()).with("remark", "会员").written_in(charset);
            if let Some(unsigned) = unsigned {
                message = message.signed_without(unsigned);
            }
            world.take_message(message).await;
            assert_ended(&world, &session).await;
            assert_eq!((world.count("members").await, world.count("grants").await), (0, 0));
        }
    }
    let metrics = metrics(&world).await;
    assert_counted(&metrics, r#"miniauth_withdrawals_total{outcome="ended"} 4"#);
    assert_counted(&metrics, r#"miniauth_platform_messages_total{kind="withdrawal"} 4"#);
}

/// All forms in which the platform may write its message, as the sandbox posts them.
#[tokio::test]
async fn withdrawing_consent_in_the_settings_ends_the_users_sessions_whatever_form_the_message_has() {
    let world = World::start().await;
    world.sandbox.message_address(&world.url(PATH)).await;
    let profiles = [
        "message-sign:with",
        "message-sign:without",
        "message-charset:utf-8",
        "message-charset:gbk",
        "message-ids:user_id",
        "message-ids:both",
        "message-ids:open_id",
    ];
    for (profile, count) in profiles.into_iter().zip(1..) {
        world.sandbox.profile(&format!("ids:both,{profile}")).await;
        let session = log_in(&world).await;
        world.sandbox.take_back("zhang-wei").await;
        let ended = format!("miniauth_withdrawals_total{{outcome=\"ended\"}} {count}\n");
        let begun = Instant::now();
        while !metrics(&world).await.contains(&ended) {
            assert!(begun.elapsed() < Duration::from_secs(10), "{profile}: the message does not come");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_ended(&world, &session).await;
        assert_eq!((world.count("members").await, world.count("subjects").await), (0, 1), "{profile}");
    }
}

#[tokio::test]
async fn a_replayed_message_is_answered_and_touches_nothing_that_was_agreed_to_since() {
    let world = World::start().await;
    log_in(&world).await;
    let recorded = PlatformMessage::withdrawal(ZHANG_WEI, now()).form(&world);
    for _ in 0..2 {
        assert_eq!(world.post_message(PATH, &recorded).await.text().await.unwrap(), "success");
    }
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    let again = log_in(&world).await;
    assert_eq!(world.post_message(PATH, &recorded).await.text().await.unwrap(), "success");
    assert_lives(&world, &again).await;
    world.take_message(PlatformMessage::withdrawal("2088000000000099", now())).await;
    let metrics = metrics(&world).await;
    for line in [r#"outcome="ended"} 1"#, r#"outcome="nothing_older"} 2"#, r#"outcome="unknown"} 1"#] {
        assert_counted(&metrics, &format!("miniauth_withdrawals_total{{{line}"));
    }
}

#[tokio::test]
async fn unproven_messages_are_never_answered_success() {
    let world = World::start().await;
    let session = log_in(&world).await;
    let genuine = || PlatformMessage::withdrawal(ZHANG_WEI, now());
    let form = genuine().form(&world);
    let elsewhere = genuine().with("app_id", OTHER_APP_ID).form(&world);
    let no_ids = PlatformMessage::new("alipay.open.auth.userauth.cancelled", "{}").form(&world);
    for (form, status, code) in [
        (form.replace("2026112600222170000000001", "2026112600222170000000002"), 422, "field_invalid"),
        (form.replace("&sign=", "&unsigned="), 422, "field_invalid"),
        (form.replace("sign_type=RSA2", "sign_type=RSA"), 422, "field_invalid"),
        (elsewhere, 422, "field_invalid"),
        (no_ids, 422, "field_invalid"),
        (format!("{form}&version=1.1"), 400, "body_malformed"),
        (String::new(), 422, "field_invalid"),
        (format!("{form}&x={}", "x".repeat(64 * 1024)), 413, "body_too_large"),
    ] {
        let refused = world.refuse_message(PATH, &form).await;
        refused.assert_problem(status, code);
    }
    assert_lives(&world, &session).await;
    assert_eq!(world.count("withdrawals").await, 0);
    assert_counted(&metrics(&world).await, r#"miniauth_platform_messages_total{kind="refused"} 7"#);
    let read = world.client.get(world.url(PATH));
    Answer::of(read).await.assert_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn a_withdrawal_is_applied_as_configured() {
    for (after, members, subjects) in
        [(AfterWithdrawal::KeepMember, 1, 1), (AfterWithdrawal::EraseMember, 0, 1), (AfterWithdrawal::EraseUser, 0, 0)]
    {
        let world = restarted(World::start().await, |world| world.after_withdrawal = after).await;
        let session = log_in(&world).await;
        world.take_message(PlatformMessage::withdrawal(ZHANG_WEI, now())).await;
        assert_ended(&world, &session).await;
        assert_eq!((world.count("members").await, world.count("subjects").await), (members, subjects), "{after:?}");
    }
}

#[tokio::test]
async fn each_app_has_its_own_address_which_can_be_another_or_none() {
    let world = World::start().await;
    let world = restarted(world, |world| {
        world.further_apps = vec![OTHER_APP_ID];
        world.platform_messages = Some("/hooks/alipay".parse().unwrap());
    })
    .await;
    let form = PlatformMessage::withdrawal(ZHANG_WEI, now()).form(&world);
    let at = |app: &str| format!("/apps/{app}/hooks/alipay");
    world.refuse_message(&at(OTHER_APP_ID), &form).await.assert_problem(422, "field_invalid");
    assert_eq!(world.post_message(&at(APP_ID), &form).await.text().await.unwrap(), "success");
    for path in ["/hooks/alipay", PATH, "/apps/2021000000000001/platform-messages"] {
        world.refuse_message(path, &form).await.assert_problem(404, "not_found");
    }
    let world = restarted(world, |world| {
        world.further_apps.clear();
        world.platform_messages = None;
    })
    .await;
    world.refuse_message(PATH, &form).await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn the_consoles_check_of_the_address_is_answered_with_the_apps_key() {
    let world = World::start().await;
    let check = PlatformMessage::new("", "<XML><EventType>verifygw</EventType></XML>")
        .with("app_id", "")
        .with("service", "alipay.service.check")
        .written_in(Charset::Gbk);
    let answer = world.post_message(PATH, &check.form(&world)).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/xml;charset=GBK".parse().unwrap())
    );
    let answer = answer.text().await.unwrap();
    let between = |start: &str, end: &str| answer.split_once(start).unwrap().1.split_once(end).unwrap().0;
    let key = fs::read_to_string(world.folder.path().join("sandbox/app-public-key.pem")).unwrap();
    let key = PublicKey::parse(&key).unwrap();
    key.verify(between("<response>", "</response>").as_bytes(), between("<sign>", "</sign>")).unwrap();
    assert_eq!(PublicKey::parse(between("<biz_content>", "</biz_content>")).unwrap(), key);
    assert_counted(&metrics(&world).await, r#"miniauth_platform_messages_total{kind="address_check"} 1"#);
}

#[tokio::test]
async fn a_message_of_another_kind_is_taken_and_changes_nothing() {
    let world = World::start().await;
    let session = log_in(&world).await;
    let method = "alipay.open.mini.version.audit.passed";
    world.take_message(PlatformMessage::new(method, "{}")).await;
    let long = format!(r#"{{"audit_desc":"{}"}}"#, "x".repeat(40 * 1024));
    world.take_message(PlatformMessage::new(method, &long)).await;
    assert_lives(&world, &session).await;
    let metrics = metrics(&world).await;
    assert_counted(&metrics, r#"miniauth_platform_messages_total{kind="other"} 2"#);
    assert!(!metrics.contains("passed"), "a sender makes no label");
}

#[tokio::test]
async fn a_flood_is_limited_before_signatures_are_checked_while_clients_are_served() {
    let world = restarted(World::start().await, |world| {
        world.limits.platform_messages_per_minute_per_address = NonZeroU32::new(2);
    })
    .await;
    for _ in 0..2 {
        world.refuse_message(PATH, "sign=AAAA").await.assert_problem(422, "field_invalid");
    }
    let genuine = PlatformMessage::withdrawal(ZHANG_WEI, now()).form(&world);
    let refused = world.refuse_message(PATH, &genuine).await;
    refused.assert_problem(429, "rate_limited");
    assert!(refused.header("retry-after").is_some());
    assert_counted(&metrics(&world).await, r#"miniauth_platform_messages_total{kind="refused"} 2"#);
    let session = log_in(&world).await;
    assert_lives(&world, &session).await;
}
