//! A withdrawn consent ends, and nothing else does.

use crate::support::{Answer, World, message::PlatformMessage};
use miniauth_core::time::{Clock as _, Timestamp};
use miniauth_openplatform::{UserIds, system::SystemClock};
use miniauth_server::{
    AfterWithdrawal::{self, EraseMember, EraseUser, KeepMember},
    Withdrawn,
    store::{Actor, Stores},
};
use serde_json::{Value, json};
use std::time::Duration;

const ZHANG_WEI: (&str, &str) = ("open-zhang-wei", "2088000000000001");
const LI_NA: (&str, &str) = ("open-li-na", "2088000000000002");

fn by(open_id: Option<&str>, user_id: Option<&str>) -> UserIds {
    UserIds::from_ids(open_id.map(str::to_owned), user_id.map(str::to_owned), None).unwrap()
}

/// Processes a withdrawal as a separate program does, next to the running server.
async fn withdraw_from(app: &str, world: &World, ids: &UserIds, at: Timestamp, after: AfterWithdrawal) -> Withdrawn {
    let stores = Stores::open(&world.data.database_url(), world.data.session_store_url().as_ref()).await.unwrap();
    let withdrawn = stores.withdraw(app, ids, at, after, &Actor::Platform, world.clock.now()).await.unwrap();
    stores.close().await;
    withdrawn
}

async fn withdraw(world: &World, ids: &UserIds, at: Timestamp) -> Withdrawn {
    withdraw_from(miniauth_sandbox::APP_ID, world, ids, at, EraseMember).await
}

/// Waits for a time of the platform's clock between before and after, because its times of consent have a resolution of
/// one second.
async fn a_moment_later() -> Timestamp {
    let moment = SystemClock.now();
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    moment
}

async fn log_in(world: &World, ids: &str, user: &str, scope: &str) -> Answer {
    world.sandbox.profile(&format!("ids:{ids}")).await;
    let code = world.sandbox.auth_code(user, scope).await;
    let consent = json!({ "purpose": "用于显示会员等级", "at": 1_780_000_000_000_u64 });
    let answer = world.post_auth(&json!({ "authcode": code, "scope": scope, "consent": consent })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

async fn assert_lives(world: &World, login: &Answer) -> Value {
    let answer = world.get("/session", login.session()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn assert_ended(world: &World, login: &Answer) {
    world.get("/session", login.session()).await.assert_problem(401, "session_unknown");
}

#[tokio::test]
async fn a_withdrawal_from_the_future_ends_nothing_that_was_granted_after_it_was_heard_of() {
    let world = World::start().await;
    let login = log_in(&world, "both", "zhang-wei", "auth_user").await;
    let stores = Stores::open(&world.data.database_url(), world.data.session_store_url().as_ref()).await.unwrap();
    let (user, now) = (by(None, Some(ZHANG_WEI.1)), world.clock.now());
    let tomorrow = now.plus_seconds(24 * 60 * 60);
    for (heard, expected) in [(600, Withdrawn::NothingOlder), (0, Withdrawn::Ended)] {
        let heard_at = Timestamp::from_seconds(now.as_seconds() - heard);
        let app = miniauth_sandbox::APP_ID;
        let withdrawn = stores.withdraw(app, &user, tomorrow, EraseMember, &Actor::Platform, heard_at).await.unwrap();
        assert_eq!(withdrawn, expected, "heard of {heard} s ago");
        if expected == Withdrawn::NothingOlder {
            assert_lives(&world, &login).await;
        }
    }
    stores.close().await;
    assert_ended(&world, &login).await;
}

#[tokio::test]
async fn a_withdrawal_ends_grant_sessions_and_member_and_keeps_the_subject() {
    let world = World::start().await;
    let agreed = log_in(&world, "both", "zhang-wei", "auth_user").await;
    let silent = log_in(&world, "both", "zhang-wei", "auth_base").await;
    let other = log_in(&world, "both", "li-na", "auth_user").await;
    let nick_name = agreed.body["member"]["nick_name"].as_str().unwrap().to_owned();
    let is_stored = async || {
        let stored = world.stored_bytes().await;
        stored.windows(nick_name.len()).any(|window| window == nick_name.as_bytes())
    };
    assert!(is_stored().await);
    let at = a_moment_later().await;
    assert_eq!(withdraw(&world, &by(None, Some(ZHANG_WEI.1)), at).await, Withdrawn::Ended);
    for login in [&agreed, &silent] {
        assert_ended(&world, login).await;
    }
    assert!(!is_stored().await, "the nickname is in no file");
    for (table, rows) in [("subjects", 2), ("members", 1), ("grants", 1), ("consents", 3), ("sessions", 1)] {
        assert_eq!(world.count(table).await, rows, "{table}");
    }
    assert!(assert_lives(&world, &other).await["member"].is_object());
    let back = log_in(&world, "both", "zhang-wei", "auth_base").await;
    assert_eq!(back.body["subject"], agreed.body["subject"], "who comes back is the same");
    assert!(back.body["member"].is_null() && assert_lives(&world, &back).await["scope"] == "auth_base");
}

/// Late, repeated, or recorded and replayed years later.
#[tokio::test]
async fn later_consents_are_never_affected() {
    let world = World::start().await;
    let user = by(Some(ZHANG_WEI.0), Some(ZHANG_WEI.1));
    let first = log_in(&world, "both", "zhang-wei", "auth_user").await;
    let before = Timestamp::from_millis(SystemClock.now().as_millis() - 10_000);
    assert_eq!(withdraw(&world, &user, before).await, Withdrawn::NothingOlder, "it is older than the consent");
    assert_lives(&world, &first).await;
    let at = a_moment_later().await;
    assert_eq!(withdraw(&world, &user, at).await, Withdrawn::Ended);
    assert_eq!(withdraw(&world, &user, at).await, Withdrawn::NothingOlder);
    let again = log_in(&world, "both", "zhang-wei", "auth_user").await;
    world.clock.forward(60);
    for after in [EraseMember, KeepMember, EraseUser] {
        let replayed = withdraw_from(miniauth_sandbox::APP_ID, &world, &user, at, after).await;
        assert_eq!(replayed, Withdrawn::NothingOlder);
        assert!(assert_lives(&world, &again).await["member"].is_object());
    }
    // The stored withdrawal has been deleted by then.
    world.data.execute("DELETE FROM withdrawals").await;
    world.clock.forward(400 * 24 * 60 * 60);
    assert_eq!(withdraw(&world, &user, at).await, Withdrawn::NothingOlder);
    assert_eq!((world.count("grants").await, world.count("members").await), (1, 1));
}

#[tokio::test]
async fn the_member_is_kept_or_the_user_goes_as_a_whole_as_configured() {
    let app = miniauth_sandbox::APP_ID;
    let world = World::start().await;
    let user = by(None, Some(ZHANG_WEI.1));
    let first = log_in(&world, "both", "zhang-wei", "auth_user").await;
    let at = a_moment_later().await;
    assert_eq!(withdraw_from(app, &world, &user, at, KeepMember).await, Withdrawn::Ended);
    assert_ended(&world, &first).await;
    assert_eq!((world.count("members").await, world.count("grants").await), (1, 0));
    let back = log_in(&world, "both", "zhang-wei", "auth_base").await;
    assert!(back.body["member"].is_object(), "it was kept");

    let at = a_moment_later().await;
    assert_eq!(withdraw_from(app, &world, &user, at, EraseUser).await, Withdrawn::Ended);
    assert_ended(&world, &back).await;
    for table in ["subjects", "members", "grants", "consents", "sessions"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
    let stranger = log_in(&world, "both", "zhang-wei", "auth_base").await;
    assert_ne!(stranger.body["subject"], first.body["subject"]);
    // Its grant and session have ended since: the subject is younger than the withdrawal.
    world.data.execute("DELETE FROM sessions; DELETE FROM grants").await;
    assert_eq!(withdraw_from(app, &world, &user, at, EraseUser).await, Withdrawn::NothingOlder);
    assert_eq!(world.count("subjects").await, 1);
}

#[tokio::test]
async fn new_tokens_for_an_old_consent_change_nothing_about_it() {
    let world = World::start().await;
    let login = log_in(&world, "both", "zhang-wei", "auth_user").await;
    let at = a_moment_later().await;
    world.data.execute("UPDATE grants SET access_expires_at = 1").await;
    let refresh = world.client.post(world.url("/member/refresh")).bearer_auth(login.session());
    assert_eq!(Answer::of(refresh).await.status, 200);
    assert_eq!(withdraw(&world, &by(Some(ZHANG_WEI.0), None), at).await, Withdrawn::Ended);
    assert_ended(&world, &login).await;
    assert_eq!((world.count("grants").await, world.count("members").await), (0, 0));
}

/// The message is late: the user has agreed again, but not to the earlier sessions.
#[tokio::test]
async fn sessions_from_before_a_withdrawal_end_even_if_the_grant_is_newer() {
    let world = World::start().await;
    let before = log_in(&world, "both", "zhang-wei", "auth_user").await;
    let at = a_moment_later().await;
    let since = log_in(&world, "both", "zhang-wei", "auth_user").await;
    assert_lives(&world, &before).await;
    for withdrawn in [Withdrawn::Ended, Withdrawn::NothingOlder] {
        // In Redis, the database says nothing about sessions.
        let heard = withdraw(&world, &by(None, Some(ZHANG_WEI.1)), at).await;
        assert!(heard == withdrawn || world.data.redis.is_some(), "{heard:?}");
        assert_ended(&world, &before).await;
        assert!(assert_lives(&world, &since).await["member"].is_object());
    }
}

/// The member came with a withdrawn consent; a later silent login has replaced the grant.
#[tokio::test]
async fn a_member_ends_with_its_own_consent_even_if_a_silent_grant_is_newer() {
    let world = World::start().await;
    log_in(&world, "both", "zhang-wei", "auth_user").await;
    world.data.execute("UPDATE grants SET access_expires_at = 1, refresh_expires_at = 1").await;
    let at = a_moment_later().await;
    let silent = log_in(&world, "both", "zhang-wei", "auth_base").await;
    assert!(silent.body["member"].is_object(), "nobody has told of the withdrawal");
    assert_eq!(withdraw(&world, &by(None, Some(ZHANG_WEI.1)), at).await, Withdrawn::Ended);
    let session = assert_lives(&world, &silent).await;
    assert!(session["member"].is_null() && session["scope"] == "auth_base", "{session}");
}

/// The message has an id that no answer has had yet.
#[tokio::test]
async fn a_withdrawal_of_an_unknown_user_applies_when_an_answer_links_the_id() {
    for merges in [false, true] {
        let world = World::start().await;
        let old = log_in(&world, "open_id", "li-na", "auth_user").await;
        let at = a_moment_later().await;
        assert_eq!(withdraw(&world, &by(None, Some(LI_NA.1)), at).await, Withdrawn::Unknown);
        assert_lives(&world, &old).await;
        // In the second round, the subject with that id turns out to be the same user, with a grant from after the
        // withdrawal.
        let since = if merges { Some(log_in(&world, "user_id", "li-na", "auth_base").await) } else { None };
        let linked = log_in(&world, "both", "li-na", "auth_base").await;
        assert_eq!(linked.body["subject"], old.body["subject"]);
        assert!(linked.body["member"].is_null(), "{}", linked.body);
        assert_ended(&world, &old).await;
        for login in since.iter().chain([&linked]) {
            let session = assert_lives(&world, login).await;
            assert_eq!((&session["scope"], &session["member"]), (&json!("auth_base"), &Value::Null));
        }
        assert_eq!((world.count("members").await, world.count("grants").await), (0, 1));
        assert_eq!(world.count("sessions").await, if merges { 2 } else { 1 });
    }
}

#[tokio::test]
async fn later_consents_of_an_unknown_user_stay_when_an_answer_links_the_id() {
    let world = World::start().await;
    let before = log_in(&world, "open_id", "li-na", "auth_user").await;
    let at = a_moment_later().await;
    assert_eq!(withdraw(&world, &by(None, Some(LI_NA.1)), at).await, Withdrawn::Unknown);
    let again = log_in(&world, "open_id", "li-na", "auth_user").await;
    let linked = log_in(&world, "both", "li-na", "auth_base").await;
    for login in [&again, &linked] {
        let session = assert_lives(&world, login).await;
        assert!(session["scope"] == "auth_user" && session["member"].is_object(), "{session}");
    }
    assert_ended(&world, &before).await;
}

/// Sessions are cached; a withdrawal at the same instance takes effect at once.
#[tokio::test]
async fn a_cached_session_ends_too() {
    let mut world = World::start().await;
    world.session_rules.staleness = Duration::from_secs(60);
    world.stop_server().await;
    world.start_server().await;
    let first = log_in(&world, "both", "li-na", "auth_user").await;
    let kept = log_in(&world, "both", "zhang-wei", "auth_user").await;
    for login in [&first, &kept] {
        assert!(assert_lives(&world, login).await["member"].is_object());
    }
    world.take_message(PlatformMessage::withdrawal(LI_NA.1, SystemClock.now())).await;
    assert_ended(&world, &first).await;
    assert_lives(&world, &kept).await;
}

#[tokio::test]
async fn ids_of_two_users_end_both_and_make_nobody_one() {
    let world = World::start().await;
    let logins = [
        log_in(&world, "both", "zhang-wei", "auth_user").await,
        log_in(&world, "both", "li-na", "auth_user").await,
        log_in(&world, "both", "emoji", "auth_user").await,
    ];
    let at = a_moment_later().await;
    let contradiction = by(Some(LI_NA.0), Some(ZHANG_WEI.1));
    assert_eq!(withdraw(&world, &contradiction, at).await, Withdrawn::Ended);
    for login in &logins[..2] {
        assert_ended(&world, login).await;
    }
    assert_lives(&world, &logins[2]).await;
    assert_eq!(world.count("subjects WHERE retired_into IS NULL").await, 3);
    for (user, login) in [("zhang-wei", &logins[0]), ("li-na", &logins[1])] {
        assert_eq!(log_in(&world, "both", user, "auth_base").await.body["subject"], login.body["subject"]);
    }
}

#[tokio::test]
async fn a_merged_user_ends_as_one() {
    let world = World::start().await;
    let logins = [
        log_in(&world, "user_id", "li-na", "auth_user").await,
        log_in(&world, "open_id", "li-na", "auth_user").await,
        log_in(&world, "both", "li-na", "auth_base").await,
    ];
    let at = a_moment_later().await;
    assert_eq!(withdraw(&world, &by(None, Some(LI_NA.1)), at).await, Withdrawn::Ended);
    for login in &logins {
        assert_ended(&world, login).await;
    }
    for (table, rows) in [("grants", 0), ("members", 0), ("sessions", 0), ("consents", 3)] {
        assert_eq!(world.count(table).await, rows, "{table}");
    }
}

#[tokio::test]
async fn another_apps_users_are_not_touched() {
    let world = World::start().await;
    let login = log_in(&world, "both", "zhang-wei", "auth_user").await;
    let at = a_moment_later().await;
    let user = by(Some(ZHANG_WEI.0), Some(ZHANG_WEI.1));
    assert_eq!(withdraw_from("2021000000000099", &world, &user, at, EraseUser).await, Withdrawn::Unknown);
    assert!(assert_lives(&world, &login).await["member"].is_object());
}

/// The user withdraws consent while the server still waits for the platform's answer about the member.
#[tokio::test]
async fn a_login_that_a_withdrawal_overtakes_brings_nothing_back() {
    let world = World::start().await;
    log_in(&world, "both", "zhang-wei", "auth_base").await;
    for known in [true, false] {
        let user = if known { ZHANG_WEI } else { LI_NA };
        let slow = json!({ "kind": "delay", "delay_ms": 2_500, "method": "alipay.user.info.share", "times": 1 });
        world.sandbox.fault(slow).await;
        let code = world.sandbox.auth_code(if known { "zhang-wei" } else { "li-na" }, "auth_user").await;
        let body = json!({ "authcode": code, "scope": "auth_user" });
        let login = tokio::spawn(Answer::of(world.client.post(world.url("/auth")).json(&body)));
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let heard = withdraw(&world, &by(Some(user.0), Some(user.1)), SystemClock.now()).await;
        assert_eq!(heard, if known { Withdrawn::Ended } else { Withdrawn::Unknown });
        let login = login.await.unwrap();
        assert_eq!((login.status.as_u16(), &login.body["member"]), (200, &Value::Null), "{}", login.body);
        assert_ended(&world, &login).await;
        assert_eq!((world.count("grants").await, world.count("members").await), (0, 0));
    }
}
