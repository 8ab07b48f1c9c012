//! Back-ends that check sessions: directly (`/introspect`), or through a proxy (`/forward-auth`).

use crate::support::{Answer, World};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemRandom;
use miniauth_server::{
    Audience,
    store::{Actor, Backend, Stores},
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::{collections::BTreeSet, net::IpAddr, num::NonZeroU32, time::Duration};

const SHOP: &str = "shop";

async fn restart(world: &mut World) {
    world.stop_server().await;
    world.start_server().await;
}

async fn stores(world: &World) -> Stores {
    Stores::open(&world.data.database_url(), None).await.unwrap()
}

/// Adds a back-end as the command does; returns its secret.
async fn add(world: &World, name: &str, claims: &str, app_id: Option<&str>) -> String {
    let stores = stores(world).await;
    let backend = Backend {
        name: name.parse().unwrap(),
        claims: claims.parse().unwrap(),
        app_id: app_id.map(str::to_owned),
        changed_at: world.clock.now(),
    };
    let secret = stores.add_backend(backend, &Actor::User, &SystemRandom).await.unwrap().unwrap();
    assert!(stores.backends().await.unwrap().iter().any(|known| known.name.as_str() == name));
    stores.close().await;
    // A server looks for unknown back-ends once a second.
    world.clock.forward(2);
    secret.expose().to_owned()
}

fn question(world: &World, name: &str, secret: &str, token: &str) -> RequestBuilder {
    let request = world.client.post(world.url("/introspect")).basic_auth(name, Some(secret));
    request.form(&[("token", token)])
}

async fn ask(world: &World, secret: &str, token: &str) -> Answer {
    Answer::of(question(world, SHOP, secret, token)).await
}

async fn log_in(world: &World) -> String {
    world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned()
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

const ALWAYS: [&str; 8] = ["active", "token_type", "sub", "subject", "previous_subjects", "app", "scope", "exp"];

#[tokio::test]
async fn a_back_end_gets_the_sessions_subject_and_its_granted_claims() {
    let world = World::start().await;
    let login = world.log_in("zhang-wei", "auth_user").await;
    let session = login["session"].as_str().unwrap();
    let response = world.sandbox.phone_number("zhang-wei", None).await;
    let posted = world.client.post(world.url("/phone")).bearer_auth(session).json(&json!({ "response": response }));
    assert_eq!(Answer::of(posted).await.status, 200);
    let person = world.sandbox.user("zhang-wei").await;
    let personal = ["nick_name", "avatar", "open_id", "user_id"].map(|field| person[field].as_str().unwrap());

    let bare = ask(&world, &add(&world, SHOP, "", None).await, session).await;
    assert_eq!(bare.status, 200, "{}", bare.body);
    assert_eq!(bare.header("cache-control"), Some("private, max-age=10"));
    assert_eq!(names(&bare.body), BTreeSet::from(ALWAYS));
    assert_eq!((&bare.body["active"], &bare.body["subject"]), (&json!(true), &login["subject"]));
    assert_eq!((&bare.body["sub"], &bare.body["app"]), (&login["subject"], &json!(miniauth_sandbox::APP_ID)));
    let ends_in = bare.body["exp"].as_u64().unwrap() - world.clock.now().as_seconds();
    assert!((crate::support::SESSION_SECONDS - 120..=crate::support::SESSION_SECONDS).contains(&ends_in), "{ends_in}");
    let text = bare.body.to_string();
    assert!(personal.iter().all(|value| !text.contains(value)) && !text.contains("1234"), "{text}");

    let of = async |claims: &str| {
        let name = format!("backend-{claims}").replace(',', "-");
        let secret = add(&world, &name, claims, None).await;
        Answer::of(question(&world, &name, &secret, session)).await.body
    };
    let member = of("member").await;
    assert_eq!(member["member"]["nick_name"], person["nick_name"]);
    assert!(!member.to_string().contains(person["user_id"].as_str().unwrap()), "the member's ids are another claim");
    assert_eq!(of("ids").await["ids"], json!({ "open_id": person["open_id"], "user_id": person["user_id"] }));
    let phone = of("phone").await;
    assert_eq!(phone["phone"]["phone_number"].as_str().map(str::len), Some(11));
    assert_eq!(names(&phone), ALWAYS.into_iter().chain(["phone"]).collect());
    let all = of("member,phone,ids").await;
    assert_eq!(names(&all), ALWAYS.into_iter().chain(["member", "phone", "ids"]).collect());

    let other = world.log_in("li-na", "auth_base").await["session"].as_str().unwrap().to_owned();
    let secret = add(&world, "curious", "member,phone", None).await;
    let nothing = Answer::of(question(&world, "curious", &secret, &other)).await.body;
    assert_eq!((&nothing["member"], &nothing["phone"]), (&Value::Null, &Value::Null));
    assert!(names(&nothing).contains("member"), "granted, and there is none");
}

#[tokio::test]
async fn an_invalid_session_is_only_inactive() {
    let mut world = World::start().await;
    world.introspection_max_age = Duration::from_secs(120);
    restart(&mut world).await;
    let secret = add(&world, SHOP, "member,phone,ids", None).await;
    let over = async |token: &str| {
        let answer = ask(&world, &secret, token).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, Some("no-store")));
        assert_eq!(answer.body, json!({ "active": false }));
    };
    over(&"x".repeat(43)).await;
    over("").await;
    over("eyJhbGciOiJub25lIn0.e30.").await;
    let session = log_in(&world).await;
    world.log_out(&session).await;
    over(&session).await;
    let session = log_in(&world).await;
    world.client.delete(world.url("/member")).bearer_auth(&session).send().await.unwrap();
    over(&session).await;
    let session = log_in(&world).await;
    world.clock.forward(crate::support::SESSION_SECONDS - 100);
    let last = ask(&world, &secret, &session).await;
    let kept = last.header("cache-control").unwrap().rsplit('=').next().unwrap().parse::<u64>().unwrap();
    assert!(kept <= 100, "not kept beyond the session's end: {kept}");
    world.clock.forward(100);
    over(&session).await;
}

#[tokio::test]
async fn only_the_right_name_and_secret_are_answered() {
    let world = World::start().await;
    let secret = add(&world, SHOP, "member", None).await;
    let session = log_in(&world).await;
    let refused = async |request: RequestBuilder| {
        let answer = Answer::of(request).await;
        answer.assert_problem(401, "backend_unknown");
        assert_eq!(answer.header("www-authenticate"), Some(r#"Basic realm="miniauth""#));
        assert_eq!(answer.body["reauthorize"], false);
    };
    for (name, wrong) in
        [(SHOP, ""), (SHOP, &secret[1..]), (SHOP, &secret.to_uppercase()), ("Shop", &secret), ("", &secret)]
    {
        refused(question(&world, name, wrong, &session)).await;
    }
    let form = |request: RequestBuilder| request.form(&[("token", &session)]);
    let url = world.url("/introspect");
    refused(form(world.client.post(&url))).await;
    refused(form(world.client.post(&url).bearer_auth(&session))).await;
    refused(form(world.client.post(&url).bearer_auth(&secret))).await;
    let twice = world.client.post(&url).basic_auth(SHOP, Some(&secret)).basic_auth(SHOP, Some(&secret));
    refused(form(twice)).await;

    let bodies: [(&[(&str, &str)], &str); 3] = [
        (&[], "field_invalid"),
        (&[("token", "a"), ("token", "b")], "field_invalid"),
        (&[("token", "a"), ("subject", "b")], "field_unknown"),
    ];
    for (fields, code) in bodies {
        let request = world.client.post(&url).basic_auth(SHOP, Some(&secret)).form(fields);
        Answer::of(request).await.assert_problem(422, code);
    }
    let json = world.client.post(&url).basic_auth(SHOP, Some(&secret)).json(&json!({ "token": session }));
    Answer::of(json).await.assert_problem(415, "content_type_unsupported");
    let large = question(&world, SHOP, &secret, &"a".repeat(20_000));
    Answer::of(large).await.assert_problem(413, "body_too_large");
    let hint = world.client.post(&url).basic_auth(SHOP, Some(&secret));
    let hint = hint.form(&[("token", session.as_str()), ("token_type_hint", "access_token")]);
    assert_eq!(Answer::of(hint).await.body["active"], true);
    let stored = world.stored_bytes().await;
    assert!(!stored.windows(secret.len()).any(|window| window == secret.as_bytes()), "only its hash is kept");
}

#[tokio::test]
async fn a_secret_is_replaced_with_or_without_grace_and_a_removed_back_end_is_unknown() {
    let world = World::start().await;
    let first = add(&world, SHOP, "", None).await;
    let session = log_in(&world).await;
    assert_eq!(ask(&world, &first, &session).await.status, 200);
    let (stores, name) = (stores(&world).await, SHOP.parse().unwrap());
    let rotate = async |grace: u64| {
        let grace = Duration::from_secs(grace);
        let secret =
            stores.rotate_backend(&name, grace, &Actor::User, world.clock.now(), &SystemRandom).await.unwrap().unwrap();
        world.clock.forward(11);
        secret.expose().to_owned()
    };
    let second = rotate(60).await;
    for secret in [&first, &second] {
        assert_eq!(ask(&world, secret, &session).await.status, 200);
    }
    world.clock.forward(60);
    ask(&world, &first, &session).await.assert_problem(401, "backend_unknown");
    let third = rotate(0).await;
    ask(&world, &second, &session).await.assert_problem(401, "backend_unknown");
    assert_eq!(ask(&world, &third, &session).await.status, 200);

    assert!(
        stores.remove_backend(&name, &Actor::User, world.clock.now()).await.unwrap()
            && !stores.remove_backend(&name, &Actor::User, world.clock.now()).await.unwrap()
    );
    assert!(
        stores
            .rotate_backend(&name, Duration::ZERO, &Actor::User, world.clock.now(), &SystemRandom)
            .await
            .unwrap()
            .is_none()
    );
    world.clock.forward(11);
    ask(&world, &third, &session).await.assert_problem(401, "backend_unknown");
    stores.close().await;
}

#[tokio::test]
async fn a_back_end_of_one_app_does_not_see_the_sessions_of_another() {
    let mut world = World::start().await;
    world.further_apps = vec!["2021000000000002"];
    restart(&mut world).await;
    let code = world.sandbox.auth_code_for("2021000000000002", "zhang-wei", "auth_base").await;
    let url = world.url("/apps/2021000000000002/auth");
    let login = Answer::of(world.client.post(url).json(&json!({ "authcode": code }))).await;
    let session = login.session();
    for (name, app_id, active) in
        [("one", Some(miniauth_sandbox::APP_ID), false), ("two", Some("2021000000000002"), true), ("all", None, true)]
    {
        let secret = add(&world, name, "", app_id).await;
        let answer = Answer::of(question(&world, name, &secret, session)).await;
        assert_eq!(answer.body["active"], active, "{name}: {}", answer.body);
    }
}

#[tokio::test]
async fn back_ends_have_limits_of_their_own() {
    let mut world = World::start().await;
    world.limits.requests_per_minute_per_address = NonZeroU32::new(1);
    world.limits.requests_per_minute_per_session = NonZeroU32::new(1);
    world.limits.introspections_per_minute_per_backend = NonZeroU32::new(3);
    world.limits.failed_introspections_per_minute_per_address = NonZeroU32::new(2);
    world.limits.forward_auths_per_minute_per_address = NonZeroU32::new(3);
    restart(&mut world).await;
    let secret = add(&world, SHOP, "", None).await;
    let session = log_in(&world).await;
    for _ in 0..3 {
        assert_eq!(ask(&world, &secret, &session).await.status, 200, "the limits of clients do not count");
    }
    ask(&world, &secret, &session).await.assert_problem(429, "rate_limited");
    let other = add(&world, "other", "", None).await;
    assert_eq!(Answer::of(question(&world, "other", &other, &session)).await.status, 200);

    let guesser = reqwest::Client::builder().local_address(IpAddr::from([127, 0, 0, 2])).build().unwrap();
    let guess = |secret: &str| {
        let request = guesser.post(world.url("/introspect")).basic_auth("other", Some(secret));
        request.form(&[("token", &session)])
    };
    for _ in 0..2 {
        Answer::of(guess("wrong")).await.assert_problem(401, "backend_unknown");
    }
    Answer::of(guess("wrong")).await.assert_problem(429, "rate_limited");
    assert_eq!(Answer::of(guess(&other)).await.status, 200, "who says it rightly is answered");

    let forward = || world.client.get(world.url("/forward-auth")).bearer_auth(&session);
    for _ in 0..3 {
        assert_eq!(Answer::of(forward()).await.status, 200);
    }
    Answer::of(forward()).await.assert_problem(429, "rate_limited");
}

#[tokio::test]
async fn a_proxy_gets_the_user_in_headers_that_no_client_can_set() {
    let mut world = World::start().await;
    world.tokens.audiences = vec![Audience { name: SHOP.parse().unwrap(), ids: false }];
    restart(&mut world).await;
    let login = world.log_in("zhang-wei", "auth_user").await;
    let session = login["session"].as_str().unwrap();
    let forged = |request: RequestBuilder| {
        let request = request.header("x-miniauth-subject", "0000000000000001").header("x-miniauth-app", "1");
        request.header("x-miniauth-scope", "all").header("x-miniauth-token", "a.b.c")
    };
    let check = |path: &str| forged(world.client.get(world.url(path)).bearer_auth(session));
    let answer = Answer::of(check("/forward-auth")).await;
    assert_eq!((answer.status.as_u16(), &answer.body, answer.header("content-length")), (200, &Value::Null, Some("0")));
    assert_eq!(answer.header("x-miniauth-subject"), login["subject"].as_str());
    assert_eq!(answer.header("x-miniauth-app"), Some(miniauth_sandbox::APP_ID));
    assert_eq!(answer.header("x-miniauth-scope"), Some("auth_user"));
    assert_eq!((answer.header("x-miniauth-token"), answer.header("cache-control")), (None, Some("no-store")));
    let with_token = Answer::of(check("/forward-auth?audience=shop")).await;
    assert_eq!(with_token.header("x-miniauth-token").unwrap().split('.').count(), 3);
    for path in ["/forward-auth?audience=other", "/forward-auth?audience=", "/forward-auth?subject=1"] {
        Answer::of(check(path)).await.assert_problem(422, "field_invalid");
    }

    // Without a session: exactly the answer of GET /session.
    let stranger = || forged(world.client.get(world.url("/forward-auth")));
    let other = "x".repeat(43);
    for (request, same) in [
        (stranger(), world.client.get(world.url("/session"))),
        (stranger().bearer_auth(&other), world.client.get(world.url("/session")).bearer_auth(&other)),
    ] {
        let (answer, same) = (Answer::of(request).await, Answer::of(same).await);
        assert_eq!((answer.status.as_u16(), &answer.body), (401, &same.body));
        assert_eq!(answer.header("www-authenticate"), same.header("www-authenticate"));
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("x-miniauth")), "{:?}", answer.headers);
    }
    Answer::of(stranger().bearer_auth("short")).await.assert_problem(401, "bearer_missing");
    Answer::of(stranger().basic_auth("shop", Some("x"))).await.assert_problem(401, "bearer_missing");
    world.clock.forward(crate::support::SESSION_SECONDS + 1);
    Answer::of(check("/forward-auth")).await.assert_problem(401, "session_expired");
}
