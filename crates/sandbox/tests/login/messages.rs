//! The platform's messages to an app: a real server receives and reads them like an app's server.

use crate::running::RunningSandbox;
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use miniauth_openplatform::{Gateway, Message};
use miniauth_sandbox::{APP_ID, OTHER_APP_ID, SandboxConfig, StartError};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinHandle,
    time::sleep,
};

/// The messages sent to an app's server, and its answers in order; the last one repeats.
struct App {
    address: String,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    running: JoinHandle<()>,
}

type Shared = (Arc<Mutex<Vec<Vec<u8>>>>, Arc<Vec<(u16, String)>>);

impl App {
    async fn start(answers: &[(u16, &str)]) -> Self {
        let answers = answers.iter().map(|(status, text)| (*status, (*text).to_owned())).collect();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let state: Shared = (Arc::clone(&seen), Arc::new(answers));
        let router = Router::new().route("/messages", post(take)).with_state(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/messages", listener.local_addr().unwrap());
        let running = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { address, seen, running }
    }

    fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn take(State((seen, answers)): State<Shared>, body: Bytes) -> (StatusCode, String) {
    let mut seen = seen.lock().unwrap();
    let (status, text) = answers[seen.len().min(answers.len() - 1)].clone();
    seen.push(body.to_vec());
    (StatusCode::from_u16(status).unwrap(), text)
}

impl RunningSandbox {
    async fn takes_messages(&self, app: &App) {
        self.put("message-address", json!({ "address": app.address })).await;
    }

    /// A user logs in and then withdraws the consent.
    async fn withdrawn(&self, user: &str) {
        self.gateway().exchange_code(&self.code(user, "auth_user").await).await.unwrap();
        let (status, _) = self.control(Method::DELETE, &format!("consent?user={user}"), None).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }

    async fn messages(&self) -> Vec<Value> {
        self.get("messages").await["messages"].as_array().unwrap().clone()
    }

    /// Waits until the only message is as `wanted`, and returns it.
    async fn message(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..500 {
            let messages = self.messages().await;
            assert!(messages.len() <= 1, "{messages:?}");
            if let Some(message) = messages.into_iter().find(&wanted) {
                return message;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("never so: {:?}", self.messages().await);
    }

    async fn message_is(&self, state: &str) -> Value {
        self.message(|message| message["state"] == state).await
    }

    async fn advance(&self, minutes: u64) {
        let passed = json!({ "seconds": minutes * 60 });
        assert_eq!(self.control(Method::POST, "messages/advance", Some(passed)).await.0, StatusCode::ACCEPTED);
    }
}

fn withdrawal(gateway: &Gateway, form: &[u8]) -> miniauth_openplatform::Withdrawal {
    match gateway.read_message(form).unwrap() {
        Message::Withdrawal(withdrawal) => withdrawal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_withdrawal_is_posted_in_the_platforms_format() {
    let (sandbox, app) = (RunningSandbox::start().await, App::start(&[(200, "success")]).await);
    sandbox.takes_messages(&app).await;
    sandbox.withdrawn("zhang-wei").await;
    let told = sandbox.message_is("delivered").await;
    assert_eq!((&told["app_id"], &told["user"]), (&json!(APP_ID), &json!("zhang-wei")));
    assert_eq!(told["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!((&told["deliveries"][0]["status"], &told["deliveries"][0]["answer"]), (&json!(200), &json!("success")));

    let form = String::from_utf8(app.seen().remove(0)).unwrap();
    for part in [
        "version=1.1",
        "msg_method=alipay.open.auth.userauth.cancelled",
        "sign_type=RSA2",
        "charset=UTF-8",
        "utc_timestamp=17",
        &format!("app_id={APP_ID}"),
        "%22cancel_time%22%3A17",
    ] {
        assert!(form.contains(part), "{part} is not in {form}");
    }
    let read = withdrawal(&sandbox.gateway(), form.as_bytes());
    assert_eq!((read.ids.user_id(), read.ids.open_id()), (Some("2088000000000001"), None));
    assert_eq!((json!(read.at.as_millis()), json!(read.notify_id)), (told["at_ms"].clone(), told["notify_id"].clone()));
}

#[tokio::test]
async fn every_form_of_a_message_is_understood() {
    for signs in ["with", "without"] {
        for (charset, named) in [("utf-8", "charset=UTF-8"), ("gbk", "charset=GBK")] {
            for (ids, expected) in [("user_id", (true, false)), ("both", (true, true)), ("open_id", (false, true))] {
                let profile = format!("message-sign:{signs},message-charset:{charset},message-ids:{ids}");
                let (sandbox, app) = (RunningSandbox::start_as(&profile).await, App::start(&[(200, "success")]).await);
                sandbox.takes_messages(&app).await;
                sandbox.withdrawn("li-na").await;
                sandbox.message_is("delivered").await;
                let form = app.seen().remove(0);
                assert!(String::from_utf8_lossy(&form).contains(named), "{profile}");
                let read = withdrawal(&sandbox.gateway(), &form);
                assert_eq!((read.ids.user_id().is_some(), read.ids.open_id().is_some()), expected, "{profile}");
            }
        }
    }
}

#[tokio::test]
async fn a_message_is_sent_again_until_it_is_answered_with_success() {
    let sandbox = RunningSandbox::start().await;
    let answers = [(500, "success"), (200, "fail"), (200, "success\n"), (204, ""), (200, "success")];
    let app = App::start(&answers).await;
    sandbox.takes_messages(&app).await;
    sandbox.withdrawn("zhang-wei").await;
    for (sent, wait) in [2, 10, 10, 60].into_iter().enumerate() {
        let after = |message: &Value| message["deliveries"].as_array().unwrap().len();
        let told = sandbox.message(|message| after(message) == sent + 1 && message["state"] == "waiting").await;
        sandbox.advance(wait - 1).await;
        sleep(Duration::from_millis(30)).await;
        assert_eq!(app.seen().len(), sent + 1, "too early: {told}");
        sandbox.advance(1).await;
    }
    let told = sandbox.message_is("delivered").await;
    assert_eq!(told["deliveries"].as_array().unwrap().len(), answers.len());
    assert_eq!(told["next_at_ms"], Value::Null);
    let seen = app.seen();
    assert!(seen.iter().all(|form| *form == seen[0]), "the same message each time");
    sandbox.advance(25 * 60).await;
    sleep(Duration::from_millis(30)).await;
    assert_eq!(app.seen().len(), answers.len(), "and no more");
}

#[tokio::test]
async fn the_platform_gives_up_after_eight_deliveries() {
    let (sandbox, app) = (RunningSandbox::start().await, App::start(&[(503, "later")]).await);
    sandbox.takes_messages(&app).await;
    sandbox.withdrawn("zhang-wei").await;
    sandbox.message(|message| message["deliveries"].as_array().unwrap().len() == 1).await;
    sandbox.advance(24 * 60 + 21).await;
    sandbox.message(|message| message["deliveries"].as_array().unwrap().len() == 7).await;
    sandbox.advance(1).await;
    let told = sandbox.message_is("given_up").await;
    assert_eq!((told["deliveries"].as_array().unwrap().len(), app.seen().len()), (8, 8));
}

#[tokio::test]
async fn a_message_to_an_unreachable_server_is_repeated_later() {
    let sandbox = RunningSandbox::start().await;
    // Bound but not listening: it refuses connections, and no other program can take the port.
    let away = TcpSocket::new_v4().unwrap();
    away.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = format!("http://{}/messages", away.local_addr().unwrap());
    sandbox.put("message-address", json!({ "address": address })).await;
    sandbox.withdrawn("zhang-wei").await;
    let told = sandbox.message(|message| message["deliveries"].as_array().unwrap().len() == 1).await;
    let delivery = &told["deliveries"][0];
    assert!(delivery["error"].is_string() && delivery["status"].is_null(), "{told}");
    assert_eq!(told["state"], "waiting");
}

#[tokio::test]
async fn the_waiting_ends_with_the_server() {
    let (sandbox, app) = (RunningSandbox::start().await, App::start(&[(503, "later")]).await);
    sandbox.takes_messages(&app).await;
    sandbox.withdrawn("zhang-wei").await;
    sandbox.message(|message| message["deliveries"].as_array().unwrap().len() == 1).await;
    tokio::time::timeout(Duration::from_secs(4), sandbox.stop()).await.expect("nothing is waited for");
    assert_eq!(app.seen().len(), 1);
}

#[tokio::test]
async fn only_a_given_consent_can_be_withdrawn() {
    let (sandbox, app) = (RunningSandbox::start().await, App::start(&[(200, "success")]).await);
    sandbox.takes_messages(&app).await;
    sandbox.control(Method::DELETE, "consent?user=emoji", None).await;
    sandbox.decide("emoji", "userInfo", "accept").await;
    sandbox.control(Method::DELETE, "consent?user=emoji", None).await;
    assert_eq!(sandbox.messages().await, Vec::<Value>::new(), "no consent for the server was taken back");
    sandbox.withdrawn("emoji").await;
    sandbox.control(Method::DELETE, "consent?user=emoji", None).await;
    sandbox.message_is("delivered").await;
}

#[tokio::test]
async fn each_app_has_an_address_of_its_own_and_may_have_none() {
    let (sandbox, app) = (RunningSandbox::start().await, App::start(&[(200, "success")]).await);
    sandbox.put("message-address", json!({ "app_id": OTHER_APP_ID, "address": app.address })).await;
    assert_eq!(sandbox.get("message-address").await, json!({ "addresses": { OTHER_APP_ID: app.address } }));
    sandbox.withdrawn("zhang-wei").await;
    let told = sandbox.message_is("no_address").await;
    assert_eq!((&told["app_id"], app.seen().len()), (&json!(APP_ID), 0));
    for wrong in [
        json!({ "address": "http://shop.example/messages" }),
        json!({ "address": "https://127.0.0.1/messages" }),
        json!({ "address": app.address, "app_id": "2021000000000009" }),
    ] {
        let (status, told) = sandbox.control(Method::PUT, "message-address", Some(wrong)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    }
    sandbox.put("message-address", json!({ "app_id": OTHER_APP_ID, "address": null })).await;
    assert_eq!(sandbox.get("message-address").await, json!({ "addresses": {} }));
}

#[tokio::test]
async fn an_address_belongs_to_an_app_and_survives_a_reset() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = SandboxConfig::new("127.0.0.1:0".parse().unwrap(), folder.path());
    let address = miniauth_sandbox::MessageAddress::parse("http://127.0.0.1:1/messages").unwrap();
    config.message_addresses.insert("2021000000000009".to_owned(), address);
    let clock = Arc::new(miniauth_openplatform::system::SystemClock);
    let random = Arc::new(miniauth_openplatform::system::SystemRandom);
    let refused = miniauth_sandbox::start(config, clock, random).await;
    assert!(matches!(refused.err(), Some(StartError::UnknownApp(app)) if app == "2021000000000009"));

    let sandbox = RunningSandbox::start().await;
    let address = "http://127.0.0.1:1/messages";
    sandbox.put("message-address", json!({ "address": address })).await;
    sandbox.withdrawn("zhang-wei").await;
    sandbox.control(Method::POST, "reset", None).await;
    assert_eq!(sandbox.get("message-address").await, json!({ "addresses": { APP_ID: address } }));
    assert_eq!((sandbox.messages().await.len(), &sandbox.get("calls").await["calls"]), (0, &json!([])));
}

#[tokio::test]
async fn messages_are_lost_late_and_sent_twice() {
    const METHOD: &str = "alipay.open.auth.userauth.cancelled";
    let (sandbox, app) = (RunningSandbox::start().await, App::start(&[(200, "success")]).await);
    sandbox.takes_messages(&app).await;
    sandbox.put("fault", json!({ "kind": "lost", "method": METHOD, "times": 1 })).await;
    sandbox.withdrawn("zhang-wei").await;
    let told = sandbox.message_is("lost").await;
    assert_eq!((&told["fault"], app.seen().len()), (&json!("lost"), 0));

    sandbox.control(Method::POST, "reset", None).await;
    sandbox.put("fault", json!({ "kind": "duplicate_delivery", "method": METHOD })).await;
    sandbox.withdrawn("zhang-wei").await;
    let told = sandbox.message_is("delivered").await;
    assert_eq!((told["deliveries"].as_array().unwrap().len(), app.seen().len()), (2, 2));

    sandbox.control(Method::POST, "reset", None).await;
    sandbox.put("fault", json!({ "kind": "delay", "method": METHOD, "delay_ms": 3_600_000 })).await;
    sandbox.withdrawn("zhang-wei").await;
    sleep(Duration::from_millis(30)).await;
    assert_eq!(sandbox.message_is("waiting").await["deliveries"], json!([]));
    sandbox.advance(60).await;
    sandbox.message_is("delivered").await;
    let read = withdrawal(&sandbox.gateway(), &app.seen()[2]);
    assert_eq!(json!(read.at.as_millis()), sandbox.message_is("delivered").await["at_ms"], "late, and about the past");

    for wrong in [
        json!({ "kind": "lost" }),
        json!({ "kind": "lost", "method": "alipay.user.info.share" }),
        json!({ "kind": "unsigned", "method": METHOD }),
        json!({ "kind": "unsigned", "method": "alipay.trade.pay" }),
    ] {
        let (status, _) = sandbox.control(Method::PUT, "fault", Some(wrong.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test]
async fn a_fault_of_every_call_does_not_affect_messages() {
    let (sandbox, app) = (RunningSandbox::start().await, App::start(&[(200, "success")]).await);
    sandbox.takes_messages(&app).await;
    let code = sandbox.code("zhang-wei", "auth_user").await;
    sandbox.gateway().exchange_code(&code).await.unwrap();
    sandbox.put("fault", json!({ "kind": "unsigned", "times": 1 })).await;
    sandbox.control(Method::DELETE, "consent?user=zhang-wei", None).await;
    assert_eq!(sandbox.message_is("delivered").await["fault"], Value::Null);
    let code = sandbox.code("zhang-wei", "auth_user").await;
    assert!(sandbox.gateway().exchange_code(&code).await.is_err(), "it waits for a call");
}

#[tokio::test]
async fn the_consoles_check_of_the_address_is_sent_and_judged() {
    let sandbox = RunningSandbox::start().await;
    let answer = sandbox.gateway().answer_to_address_check().unwrap();
    let app = App::start(&[(200, &answer), (200, "success")]).await;
    sandbox.takes_messages(&app).await;
    let check = async || sandbox.control(Method::POST, "messages/check", Some(json!({}))).await;
    assert_eq!(check().await.0, StatusCode::ACCEPTED);
    sandbox.message_is("delivered").await;
    assert!(matches!(sandbox.gateway().read_message(&app.seen()[0]), Ok(Message::AddressCheck)));
    check().await;
    for _ in 0..500 {
        if sandbox.messages().await[1]["state"] == "given_up" {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("an answer that the app did not sign was taken for good");
}
