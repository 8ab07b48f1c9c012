//! The audit: complete, and without anything personal.

use crate::support::{Answer, World};
use miniauth_core::{time::Clock as _, wire::SubjectId};
use miniauth_openplatform::{UserIds, system::SystemRandom};
use miniauth_server::{
    AfterWithdrawal,
    store::{Actor, AuditAction, AuditFilter, AuditRow, Backend, BackendClaims, Stores},
};
use serde_json::json;
use std::time::{Duration, Instant};

const DAY: u64 = 24 * 60 * 60;
const ALL: AuditFilter = AuditFilter::newest(100);

async fn stores(world: &World) -> Stores {
    Stores::open(&world.data.database_url(), world.data.session_store_url().as_ref()).await.unwrap()
}

fn alice() -> Actor {
    Actor::Operator("alice".parse().unwrap())
}

async fn log_in(world: &World, user: &str) -> (String, SubjectId) {
    let answer = world.log_in(user, "auth_user").await;
    let number = i64::from_str_radix(answer["subject"].as_str().unwrap(), 16).unwrap();
    (answer["session"].as_str().unwrap().to_owned(), SubjectId::from_stored(number))
}

async fn erase(world: &World, session: &str) -> Answer {
    Answer::of(world.client.delete(world.url("/member")).bearer_auth(session)).await
}

async fn give_phone(world: &World, session: &str, user: &str) {
    let body = json!({ "response": world.sandbox.phone_number(user, None).await });
    let posted = Answer::of(world.client.post(world.url("/phone")).bearer_auth(session).json(&body)).await;
    assert_eq!(posted.status, 200, "{}", posted.body);
}

fn shop(world: &World) -> Backend {
    let claims = BackendClaims::default();
    Backend { name: "shop".parse().unwrap(), claims, app_id: None, changed_at: world.clock.now() }
}

/// Without the times.
fn told(rows: &[AuditRow]) -> Vec<(&str, &str, Option<SubjectId>, Option<&str>)> {
    rows.iter().map(|row| (&*row.actor, &*row.action, row.subject, row.detail.as_deref())).collect()
}

#[tokio::test]
async fn acts_of_operators_users_and_the_platform_are_listed_in_order_and_outlive_an_erasure() {
    let world = World::start().await;
    let stores = stores(&world).await;
    let (zhang_wei, first) = log_in(&world, "zhang-wei").await;
    let (li_na, second) = log_in(&world, "li-na").await;
    assert_eq!(stores.audit(ALL).await.unwrap(), [], "a login is none of it");
    let begun = world.clock.now();

    let by = &alice();
    // One per second, to have an order.
    let next = || {
        world.clock.forward(1);
        world.clock.now()
    };
    stores.note(by, AuditAction::MemberExported, Some(first), None, next()).await.unwrap();
    give_phone(&world, &zhang_wei, "zhang-wei").await;
    next();
    for _ in 0..2 {
        give_phone(&world, &li_na, "zhang-wei").await;
    }
    stores.add_backend(Backend { changed_at: next(), ..shop(&world) }, by, &SystemRandom).await.unwrap().unwrap();
    assert!(stores.add_backend(shop(&world), by, &SystemRandom).await.unwrap().is_none());
    let shop = "shop".parse().unwrap();
    stores.rotate_backend(&shop, Duration::ZERO, by, next(), &SystemRandom).await.unwrap().unwrap();
    assert!(stores.remove_backend(&shop, by, next()).await.unwrap());
    assert!(!stores.remove_backend(&shop, by, next()).await.unwrap());
    assert_eq!(stores.rotate_token_keys(true, by, next()).await.unwrap(), 0, "there is no key yet");
    assert_eq!(stores.end_sessions(second, None, by, next()).await.unwrap(), 1);
    next();
    assert_eq!(erase(&world, &zhang_wei).await.status, 204);
    let ids = UserIds::from_ids(Some("open-li-na".to_owned()), None, None).unwrap();
    let now = next();
    for _ in 0..2 {
        let after = AfterWithdrawal::EraseUser;
        stores.withdraw(miniauth_sandbox::APP_ID, &ids, now, after, &Actor::Platform, now).await.unwrap();
    }

    let rows = stores.audit(ALL).await.unwrap();
    let expected = [
        ("operator:alice", "member_exported", Some(first), None),
        ("user", "phone_unconfirmed", Some(second), None),
        ("operator:alice", "backend_added", None, Some("shop")),
        ("operator:alice", "backend_rotated", None, Some("shop")),
        ("operator:alice", "backend_removed", None, Some("shop")),
        ("operator:alice", "sessions_ended", Some(second), Some("all")),
        ("user", "member_erased", Some(first), None),
        ("platform", "consent_withdrawn", Some(second), Some("erase_user")),
    ];
    assert_eq!(told(&rows), expected);
    assert!(rows.iter().all(|row| row.at > begun) && rows.is_sorted_by_key(|row| row.at), "{rows:?}");
    assert_eq!(world.count("subjects").await, 0, "nothing else is left of either");

    let only = async |filter| stores.audit(filter).await.unwrap();
    let of_first = only(AuditFilter { subject: Some(first), ..ALL }).await;
    assert_eq!(told(&of_first), [expected[0], expected[6]]);
    let removed = only(AuditFilter { action: Some(AuditAction::BackendRemoved), ..ALL }).await;
    assert_eq!(told(&removed), [expected[4]]);
    assert_eq!(told(&only(AuditFilter { since: rows[6].at, ..ALL }).await), expected[6..]);
    assert_eq!(told(&only(AuditFilter { limit: 3, ..ALL }).await), expected[5..], "the newest");
    stores.close().await;
}

#[tokio::test]
async fn merged_users_are_found_by_either_id_and_contradictions_are_recorded() {
    let world = World::start().await;
    let stores = stores(&world).await;
    let log_in_as = async |ids: &str| {
        world.sandbox.profile(&format!("ids:{ids}")).await;
        world.clock.forward(1);
        log_in(&world, "li-na").await.1
    };
    let older = log_in_as("open_id").await;
    let newer = log_in_as("user_id").await;
    assert_ne!(older, newer);
    for subject in [older, newer] {
        stores.note(&alice(), AuditAction::MemberShown, Some(subject), None, world.clock.now()).await.unwrap();
    }
    assert_eq!(log_in_as("both").await, older);
    let both = stores.audit(AuditFilter { subject: Some(older), ..ALL }).await.unwrap();
    assert_eq!(both.len(), 2, "{both:?}");

    world.data.execute("UPDATE subjects SET user_id = '2088999999999999' WHERE user_id IS NOT NULL").await;
    let code = world.sandbox.auth_code("li-na", "auth_base").await;
    world.post_auth(&json!({ "authcode": code })).await.assert_problem(502, "gateway_identity_mismatch");
    let refused = stores.audit(AuditFilter { action: Some(AuditAction::SecondIdRefused), ..ALL }).await.unwrap();
    assert_eq!(told(&refused), [("platform", "second_id_refused", None, None)]);

    // Both ids of a user are erased, and each has its row.
    assert!(stores.erase_user(newer, &alice(), world.clock.now()).await.unwrap());
    let erased = stores.audit(AuditFilter { action: Some(AuditAction::MemberErased), ..ALL }).await.unwrap();
    let mut erased: Vec<_> = erased.iter().map(|row| row.subject.unwrap()).collect();
    erased.sort();
    let mut both = [older, newer];
    both.sort();
    assert_eq!(erased, both);
    stores.close().await;
}

/// Without the table, nothing is done that could not be recorded.
#[tokio::test]
async fn nothing_is_done_without_an_audit_row() {
    let world = World::start().await;
    let stores = stores(&world).await;
    let (session, subject) = log_in(&world, "zhang-wei").await;
    stores.add_backend(shop(&world), &alice(), &SystemRandom).await.unwrap().unwrap();
    world.data.execute("ALTER TABLE audit RENAME TO elsewhere").await;

    let (by, now) = (&alice(), world.clock.now());
    assert!(erase(&world, &session).await.status.is_server_error());
    assert!(stores.erase_user(subject, by, now).await.is_err());
    let ids = UserIds::from_ids(Some("open-zhang-wei".to_owned()), None, None).unwrap();
    let later = now.plus_seconds(60);
    let after = AfterWithdrawal::EraseUser;
    assert!(stores.withdraw(miniauth_sandbox::APP_ID, &ids, later, after, by, later).await.is_err());
    assert!(stores.end_sessions(subject, None, by, now).await.is_err());
    let shop = "shop".parse().unwrap();
    assert!(stores.remove_backend(&shop, by, now).await.is_err());
    assert!(stores.rotate_backend(&shop, Duration::ZERO, by, now, &SystemRandom).await.is_err());
    world
        .data
        .execute("INSERT INTO token_keys SELECT 1, 'id', 'key', secret_hash, secret_hash, 1, 0 FROM backends")
        .await;
    for revoke in [false, true] {
        assert!(stores.rotate_token_keys(revoke, by, now).await.is_err());
    }

    assert_eq!(world.get("/member", &session).await.status, 200);
    assert_eq!((world.count("backends").await, world.count("withdrawals").await), (1, 0));
    assert_eq!(world.count("token_keys WHERE retired = 0").await, 1);
    world.data.execute("ALTER TABLE elsewhere RENAME TO audit").await;
    assert_eq!(erase(&world, &session).await.status, 204);
    stores.close().await;
}

#[tokio::test]
async fn rows_go_when_they_are_as_old_as_the_audit_is_kept_and_not_before() {
    let mut world = World::start().await;
    world.session_rules.clean_up_every = Duration::from_millis(50);
    world.stop_server().await;
    world.start_server().await;
    let stores = stores(&world).await;
    let note = async || stores.note(&alice(), AuditAction::Reconciled, None, None, world.clock.now()).await.unwrap();
    for _ in 0..250 {
        note().await;
    }
    world.clock.forward(365 * DAY);
    note().await;
    // A round deletes withdrawals first: when the second is gone, one complete round has passed.
    let nobody = UserIds::from_ids(Some("nobody".to_owned()), None, None).unwrap();
    for _ in 0..2 {
        let now = world.clock.now();
        stores.withdraw("a", &nobody, now, AfterWithdrawal::EraseUser, &alice(), now).await.unwrap();
        world.data.execute("UPDATE withdrawals SET heard_at = 1").await;
        gone(&world, "withdrawals").await;
    }
    assert_eq!(world.count("audit").await, 251);
    world.clock.forward(2 * DAY);
    gone(&world, "audit WHERE done_at < (SELECT max(done_at) FROM audit)").await;
    assert_eq!(world.count("audit").await, 1);
    stores.close().await;
}

/// Waits until a table has no such rows.
async fn gone(world: &World, rows: &'static str) {
    let started = Instant::now();
    while world.count(rows).await > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "{rows} are still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
