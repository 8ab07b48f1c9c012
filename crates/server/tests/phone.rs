//! Phone numbers: from the platform's encrypted answer to a number that is stored sealed and shown masked.

use crate::support::{Answer, World};
use axum::{Router, extract::State, routing::get};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::PhoneSignature;
use miniauth_server::{ApiError, Session, Sessions};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;

const PURPOSE: &str = "配送联系";

async fn log_in(world: &World, user: &str) -> String {
    world.log_in(user, "auth_base").await["session"].as_str().unwrap().to_owned()
}

async fn post(world: &World, session: &str, body: &Value) -> Answer {
    Answer::of(world.client.post(world.url("/phone")).bearer_auth(session).json(body)).await
}

/// Posts the platform's answer for a user who agrees.
async fn give(world: &World, session: &str, user: &str) -> Answer {
    let response = world.sandbox.phone_number(user, None).await;
    let consent = json!({ "purpose": PURPOSE, "at": 1_780_000_000_000_u64 });
    post(world, session, &json!({ "response": response, "consent": consent })).await
}

async fn erase(world: &World, session: &str) {
    assert_eq!(Answer::of(world.client.delete(world.url("/member")).bearer_auth(session)).await.status, 204);
}

async fn shown(world: &World, session: &str) -> Value {
    let answer = world.get("/session", session).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["phone"].clone()
}

fn masked(number: &str, confirmed: bool) -> Value {
    json!({ "phone_number": number, "confirmed": confirmed })
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_number_is_kept_sealed_and_shown_masked_with_its_consent_and_erased() {
    let world = World::start().await;
    let session = log_in(&world, "zhang-wei").await;
    assert_eq!(shown(&world, &session).await, Value::Null);
    let answer = give(&world, &session, "zhang-wei").await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, Some("no-store")), "{}", answer.body);
    assert_eq!(answer.body, masked("138****1234", true));
    assert_eq!(shown(&world, &session).await, answer.body);
    let consents = world.get("/consents", &session).await.body;
    let report = &consents["reported_consents"][0];
    assert_eq!((&report["scope"], &report["purpose"]), (&json!("phoneNumber"), &json!(PURPOSE)));
    assert!(!contains(&world.stored_bytes().await, "13800001234"), "the number is in the database in clear");
    assert_eq!(world.count("phones").await, 1);

    // Again: it replaces the stored number, and its own user does not make it unconfirmed.
    assert_eq!(give(&world, &session, "zhang-wei").await.body, masked("138****1234", true));
    assert_eq!(give(&world, &session, "emoji").await.body, {
        json!({ "phone_number": "234****0199", "country_code": "1", "confirmed": true })
    });
    assert_eq!(world.count("phones").await, 1);

    erase(&world, &session).await;
    for table in ["phones", "consents", "subjects"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_new_number_is_visible_at_once_despite_cached_sessions() {
    let mut world = World::start().await;
    world.session_rules.staleness = Duration::from_secs(60);
    world.stop_server().await;
    world.start_server().await;
    let session = log_in(&world, "zhang-wei").await;
    assert_eq!(shown(&world, &session).await, Value::Null);
    let answer = give(&world, &session, "zhang-wei").await;
    assert_eq!(shown(&world, &session).await, answer.body);
}

#[tokio::test]
async fn every_form_that_a_page_gets_is_accepted() {
    let world = World::start().await;
    let session = log_in(&world, "li-na").await;
    let text = world.sandbox.phone_number("li-na", None).await;
    let object: Value = serde_json::from_str(&text).unwrap();
    let (encrypted, sign) = (&object["response"], &object["sign"]);
    for body in [
        json!({ "response": text }),
        json!({ "response": object }),
        json!({ "response": { "response": text } }),
        json!({ "response": encrypted, "sign": sign }),
        json!({ "encryptedData": encrypted, "sign": sign }),
        json!({ "response": { "encryptedData": encrypted, "sign": sign } }),
    ] {
        let answer = post(&world, &session, &body).await;
        assert_eq!(answer.body, masked("139****5678", true), "{body}");
    }
}

#[tokio::test]
async fn a_number_that_another_user_holds_is_kept_unconfirmed_until_it_is_free() {
    let world = World::start().await;
    let holder = world.log_in("zhang-wei", "auth_base").await;
    let other = world.log_in("li-na", "auth_base").await;
    let [first, second] = [&holder, &other].map(|login| login["session"].as_str().unwrap());
    give(&world, first, "zhang-wei").await;
    // Posted again with another session: nothing in it names the user.
    let response = world.sandbox.phone_number("zhang-wei", None).await;
    let answer = post(&world, second, &json!({ "response": response })).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &masked("138****1234", false)));
    assert_eq!(shown(&world, second).await, masked("138****1234", false));
    assert_eq!(shown(&world, first).await, masked("138****1234", true), "the holder has it as before");
    let subject = |body: Value| body["subject"].clone();
    assert_eq!(subject(world.get("/session", first).await.body), holder["subject"]);
    assert_eq!(subject(world.get("/session", second).await.body), other["subject"], "nobody is merged");

    erase(&world, first).await;
    let answer = post(&world, second, &json!({ "response": response })).await;
    assert_eq!(answer.body, masked("138****1234", true));
}

#[tokio::test]
async fn of_users_who_post_the_same_number_at_once_one_gets_it_confirmed() {
    let world = World::start().await;
    let response = world.sandbox.phone_number("zhang-wei", None).await;
    let mut sessions = Vec::new();
    for user in ["zhang-wei", "li-na", "emoji", "quotes", "nameless"] {
        sessions.push(log_in(&world, user).await);
    }
    let body = json!({ "response": response });
    let posts = sessions.iter().map(|session| world.client.post(world.url("/phone")).bearer_auth(session).json(&body));
    let posts: Vec<_> = posts.map(|request| tokio::spawn(Answer::of(request))).collect();
    let mut confirmed = 0;
    for answer in posts {
        confirmed += usize::from(answer.await.unwrap().body["confirmed"] == true);
    }
    assert_eq!((confirmed, world.count("phones").await), (1, 5));
}

#[tokio::test]
async fn each_fault_has_its_own_code() {
    let world = World::start().await;
    let session = log_in(&world, "zhang-wei").await;
    for (fault, status, code) in [
        ("no_aes_key", 502, "phone_setup_missing"),
        ("no_signing", 422, "phone_signature_missing"),
        ("no_product", 502, "phone_product_not_in_force"),
        ("no_consent", 403, "phone_not_authorized"),
        ("unavailable", 503, "phone_unavailable"),
        ("no_number", 422, "phone_number_missing"),
        ("wrong_key", 422, "phone_not_decrypted"),
        ("tampered", 422, "phone_signature_invalid"),
    ] {
        let response = world.sandbox.phone_number("zhang-wei", Some(fault)).await;
        post(&world, &session, &json!({ "response": response })).await.assert_problem(status, code);
    }
    for response in [json!("13800001234 "), json!({ "mobile": "13800001234" }), json!({ "code": "10000" })] {
        let answer = post(&world, &session, &json!({ "response": response })).await;
        answer.assert_problem(422, "phone_answer_invalid");
    }
    let large = json!({ "response": "A".repeat(9 * 1024) });
    post(&world, &session, &large).await.assert_problem(422, "phone_answer_invalid");
    post(&world, &session, &json!({ "response": 1 })).await.assert_problem(422, "field_invalid");
    post(&world, "A".repeat(43).as_str(), &large).await.assert_problem(401, "session_unknown");
    let form = world.client.post(world.url("/phone")).bearer_auth(&session).form(&[("response", "A")]);
    Answer::of(form).await.assert_problem(415, "content_type_unsupported");
    assert_eq!((world.count("phones").await, world.count("consents").await), (0, 0), "nothing is kept");
}

#[tokio::test]
async fn an_unsigned_answer_is_taken_where_that_is_configured_and_none_without_a_key() {
    let mut world = World::start().await;
    world.phone_signature = PhoneSignature::Optional;
    world.stop_server().await;
    world.start_server().await;
    let session = log_in(&world, "zhang-wei").await;
    let response = world.sandbox.phone_number("zhang-wei", Some("no_signing")).await;
    let body = json!({ "response": response });
    assert_eq!(post(&world, &session, &body).await.body, masked("138****1234", true));
    let tampered = world.sandbox.phone_number("zhang-wei", Some("tampered")).await;
    let answer = post(&world, &session, &json!({ "response": tampered })).await;
    answer.assert_problem(422, "phone_signature_invalid");

    world.has_content_key = false;
    world.stop_server().await;
    world.start_server().await;
    post(&world, &session, &body).await.assert_problem(501, "phone_not_configured");
    assert_eq!(shown(&world, &session).await, masked("138****1234", true), "what is kept needs no content key");
}

#[tokio::test]
async fn a_change_of_the_servers_key_seals_the_numbers_anew_and_still_finds_them() {
    let mut world = World::start().await;
    let first = log_in(&world, "zhang-wei").await;
    give(&world, &first, "zhang-wei").await;
    world.change_key();
    world.stop_server().await;
    world.start_server().await;
    assert_eq!(shown(&world, &first).await, masked("138****1234", true));
    // A server that is stopped in between continues at its next start.
    while world.count("phones JOIN server_key USING (key_id)").await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.stop_server().await;
    world.forget_old_keys();
    world.start_server().await;
    assert_eq!(shown(&world, &first).await, masked("138****1234", true), "no old key is needed any more");
    let second = log_in(&world, "li-na").await;
    assert_eq!(give(&world, &second, "zhang-wei").await.body, masked("138****1234", false));
}

#[tokio::test]
async fn a_withdrawal_ends_a_number_that_came_before_it() {
    let world = World::start().await;
    let before = log_in(&world, "zhang-wei").await;
    give(&world, &before, "zhang-wei").await;
    let ids = miniauth_openplatform::UserIds::from_ids(Some("open-zhang-wei".to_owned()), None, None).unwrap();
    let now = world.clock.now();
    let stores = miniauth_server::store::Stores::open(&world.data.database_url(), None).await.unwrap();
    let withdraw = async |after| {
        stores
            .withdraw(miniauth_sandbox::APP_ID, &ids, now, after, &miniauth_server::store::Actor::Platform, now)
            .await
            .unwrap()
    };
    withdraw(miniauth_server::AfterWithdrawal::KeepMember).await;
    assert_eq!(world.count("phones").await, 1);
    withdraw(miniauth_server::AfterWithdrawal::EraseMember).await;
    assert_eq!(world.count("phones").await, 0);
    // A later number is kept, whoever repeats the message.
    world.clock.forward(3_600);
    let after = log_in(&world, "zhang-wei").await;
    give(&world, &after, "zhang-wei").await;
    withdraw(miniauth_server::AfterWithdrawal::EraseUser).await;
    assert_eq!(world.count("phones").await, 1);
    stores.close().await;
}

#[tokio::test]
async fn merged_users_have_one_number() {
    let world = World::start().await;
    let as_user = async |ids: &str| {
        world.clock.forward(1);
        let code = world.sandbox.auth_code_as(ids, "li-na", "auth_base").await;
        world.post_auth(&json!({ "authcode": code })).await.session().to_owned()
    };
    let (older, newer) = (as_user("user_id").await, as_user("open_id").await);
    assert_eq!(give(&world, &older, "li-na").await.body, masked("139****5678", true));
    world.clock.forward(1);
    assert_eq!(give(&world, &newer, "zhang-wei").await.body, masked("138****1234", true));
    as_user("both").await;
    for session in [&older, &newer] {
        assert_eq!(shown(&world, session).await, masked("138****1234", true), "the newer of the two");
    }
    assert_eq!(world.count("phones").await, 1);
}

async fn courier(State(sessions): State<Sessions>, session: Session) -> Result<String, ApiError> {
    let phone = sessions.phone_number(&session).await?;
    Ok(phone.map_or("none".to_owned(), |phone| format!("{} {}", phone.expose(), phone.is_confirmed())))
}

#[tokio::test]
async fn an_apps_own_handler_gets_the_full_number() {
    let mut world = World::start().await;
    let [first, second] = [log_in(&world, "zhang-wei").await, log_in(&world, "li-na").await];
    give(&world, &first, "zhang-wei").await;
    world.stop_server().await;
    let miniauth = world.open().await.unwrap();
    let sessions = miniauth.sessions();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(miniauth.run(async move |endpoints| {
        let app = Router::new().route("/courier", get(courier)).with_state(sessions).nest("/login", endpoints);
        let stopping = async move { stopped.await.unwrap_or_default() };
        axum::serve(listener, app).with_graceful_shutdown(stopping).await.unwrap();
    }));
    for (session, expected) in [(&first, "13800001234 true"), (&second, "none")] {
        let asked = world.client.get(format!("http://{address}/courier")).bearer_auth(session).send().await.unwrap();
        assert_eq!(asked.text().await.unwrap(), expected);
    }
    drop(stop);
    serving.await.unwrap();
    world.start_server().await;
}
