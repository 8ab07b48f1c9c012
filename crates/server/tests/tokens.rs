//! Signed tokens for back-ends: their contents, and the keys that verify them.

use crate::support::{Answer, World};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use miniauth_core::time::Clock as _;
use miniauth_server::{
    Audience,
    store::{Actor, Stores},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

const DAY: u64 = 24 * 60 * 60;
const SHOP: &str = "https://shop.example";

fn audience(name: &str, ids: bool) -> Audience {
    Audience { name: name.parse().unwrap(), ids }
}

/// A server that signs tokens for the shop, and for an old shop with its own user table.
async fn world() -> World {
    let mut world = World::start().await;
    world.tokens.audiences = vec![audience(SHOP, false), audience("old-shop", true)];
    world.session_rules.lifetime = Duration::from_secs(365 * DAY);
    restart(&mut world).await;
    world
}

async fn restart(world: &mut World) {
    world.stop_server().await;
    world.start_server().await;
}

async fn log_in(world: &World) -> String {
    world.log_in("zhang-wei", "auth_user").await["session"].as_str().unwrap().to_owned()
}

async fn ask(world: &World, at: SocketAddr, session: &str, audience: &str) -> Answer {
    let url = format!("http://{at}/session/token");
    Answer::of(world.client.post(url).bearer_auth(session).json(&json!({ "audience": audience }))).await
}

async fn token(world: &World, session: &str, audience: &str) -> String {
    let answer = ask(world, world.address(), session, audience).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["token"].as_str().unwrap().to_owned()
}

/// Returns the published list of keys.
async fn keys(world: &World, at: SocketAddr) -> Vec<Value> {
    let answer = Answer::of(world.client.get(format!("http://{at}/.well-known/jwks.json"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    answer.body["keys"].as_array().unwrap().clone()
}

fn kid(token: &str) -> String {
    decode_header(token).unwrap().kid.unwrap()
}

fn kids(keys: &[Value]) -> Vec<&str> {
    keys.iter().map(|key| key["kid"].as_str().unwrap()).collect()
}

/// Returns the claims of a token, for a back-end with these keys.
fn verified(token: &str, keys: &[Value], audience: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let key = keys.iter().find(|key| key["kid"] == kid(token)).expect("the list has the key");
    let coordinate = |name: &str| key[name].as_str().unwrap();
    let key = DecodingKey::from_ec_components(coordinate("x"), coordinate("y"))?;
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[audience]);
    rules.set_issuer(&["miniauth"]);
    rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    // The test's clock is not the system's.
    rules.validate_exp = false;
    decode::<Value>(token, &key, &rules).map(|token| token.claims)
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_token_names_the_subject_for_one_audience_and_no_personal_data() {
    let world = world().await;
    let login = world.log_in("zhang-wei", "auth_user").await;
    let session = login["session"].as_str().unwrap();
    let answer = ask(&world, world.address(), session, SHOP).await;
    assert_eq!((&answer.body["expires_in"], answer.header("cache-control")), (&json!(300), Some("no-store")));
    let token = answer.body["token"].as_str().unwrap();
    let header = decode_header(token).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::ES256, Some("JWT")));

    let keys = keys(&world, world.address()).await;
    let claims = verified(token, &keys, SHOP).unwrap();
    assert_eq!(names(&claims), BTreeSet::from(["app", "aud", "exp", "iat", "iss", "jti", "scope", "sub"]));
    assert_eq!((&claims["sub"], &claims["aud"]), (&login["subject"], &json!(SHOP)));
    assert_eq!((&claims["app"], &claims["scope"]), (&json!(miniauth_sandbox::APP_ID), &json!("auth_user")));
    let (issued, ends) = (claims["iat"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
    assert_eq!(ends - issued, 300);
    assert!(world.clock.now().as_seconds().abs_diff(issued) <= 5);
    assert!(verified(token, &keys, "old-shop").is_err(), "the token of another audience");

    let text = claims.to_string();
    let person = world.sandbox.user("zhang-wei").await;
    for field in ["nick_name", "avatar", "open_id", "user_id"] {
        assert!(!text.contains(person[field].as_str().unwrap()), "{field}: {text}");
    }
    let again = verified(&self::token(&world, session, SHOP).await, &keys, SHOP).unwrap();
    assert_ne!(again["jti"], claims["jti"], "each token is one of its own");
}

#[tokio::test]
async fn the_platforms_ids_are_told_to_the_audience_that_they_are_granted_to() {
    let world = world().await;
    let session = log_in(&world).await;
    let token = token(&world, &session, "old-shop").await;
    let claims = verified(&token, &keys(&world, world.address()).await, "old-shop").unwrap();
    let person = world.sandbox.user("zhang-wei").await;
    assert_eq!(claims["ids"]["user_id"], person["user_id"]);
    assert_eq!(claims["ids"]["open_id"], person["open_id"]);
    assert!(!claims.to_string().contains(person["nick_name"].as_str().unwrap()));
}

#[tokio::test]
async fn there_is_no_token_for_any_other_audience() {
    let world = world().await;
    let session = log_in(&world).await;
    let long = "a".repeat(4_000);
    for other in ["", "shop", "HTTPS://SHOP.EXAMPLE", "https://shop.example/", " https://shop.example", "*", &long] {
        let answer = ask(&world, world.address(), &session, other).await;
        answer.assert_problem(422, "field_invalid");
        assert_eq!(answer.body["field"], "audience");
        assert!(!answer.body.to_string().contains("old-shop"), "which ones there are is not told");
    }
    let url = world.url("/session/token");
    for (body, code) in [
        (json!({ "audience": [SHOP, "old-shop"] }), "field_invalid"),
        (json!({}), "field_invalid"),
        (json!({ "audience": SHOP, "claims": ["ids"] }), "field_unknown"),
        (json!({ "audience": SHOP, "nickName": "张伟" }), "display_only_forwarded"),
    ] {
        Answer::of(world.client.post(&url).bearer_auth(&session).json(&body)).await.assert_problem(422, code);
    }
}

#[tokio::test]
async fn without_audiences_there_are_no_tokens_and_no_keys() {
    let world = World::start().await;
    let session = log_in(&world).await;
    ask(&world, world.address(), &session, SHOP).await.assert_problem(422, "field_invalid");
    assert!(keys(&world, world.address()).await.is_empty());
    assert_eq!(world.count("token_keys").await, 0);
}

#[tokio::test]
async fn a_token_requires_a_valid_session_and_expires_with_it_at_the_latest() {
    let mut world = world().await;
    world.session_rules.lifetime = Duration::from_secs(600);
    restart(&mut world).await;
    let session = log_in(&world).await;
    world.clock.forward(400);
    let answer = ask(&world, world.address(), &session, SHOP).await;
    let left = answer.body["expires_in"].as_u64().unwrap();
    assert!((190..=200).contains(&left), "{left}");
    world.clock.forward(200);
    ask(&world, world.address(), &session, SHOP).await.assert_problem(401, "session_expired");
    let session = log_in(&world).await;
    world.log_out(&session).await;
    ask(&world, world.address(), &session, SHOP).await.assert_problem(401, "session_unknown");
    let session = log_in(&world).await;
    world.client.delete(world.url("/member")).bearer_auth(&session).send().await.unwrap();
    ask(&world, world.address(), &session, SHOP).await.assert_problem(401, "session_unknown");
    let without = world.client.post(world.url("/session/token")).json(&json!({ "audience": SHOP }));
    Answer::of(without).await.assert_problem(401, "bearer_missing");
    let with_token =
        world.client.get(world.url("/session")).bearer_auth(token(&world, &log_in(&world).await, SHOP).await);
    Answer::of(with_token).await.assert_problem(400, "bearer_malformed");
}

#[tokio::test]
async fn keys_replace_each_other_and_every_good_token_has_its_key_in_the_list() {
    let world = world().await;
    let session = log_in(&world).await;
    let first = token(&world, &session, SHOP).await;
    let told = keys(&world, world.address()).await;
    assert_eq!(kids(&told), [kid(&first)]);
    assert_eq!(names(&told[0]), BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x", "y"]), "no private part");

    world.clock.forward(30 * DAY + 1);
    let still = token(&world, &session, SHOP).await;
    assert_eq!(kid(&still), kid(&first), "the next key is told before it signs");
    let told = keys(&world, world.address()).await;
    assert_eq!((told.len(), kids(&told)[0]), (2, kid(&first).as_str()));

    world.clock.forward(60 * 60);
    let last_of_first = still;
    let next = token(&world, &session, SHOP).await;
    assert_eq!(kid(&next), kids(&told)[1]);
    let told = keys(&world, world.address()).await;
    for token in [&last_of_first, &next] {
        verified(token, &told, SHOP).unwrap();
    }
    world.clock.forward(16 * 60);
    assert_eq!(kids(&keys(&world, world.address()).await), [kid(&next)]);
    assert_eq!(world.count("token_keys").await, 1, "the first one is gone");
}

#[tokio::test]
async fn all_instances_sign_with_one_key_also_when_they_begin_at_once() {
    let world = world().await;
    let others = [world.start_instance().await, world.start_instance().await];
    let session = log_in(&world).await;
    let instances = [world.address(), others[0].address, others[1].address];
    let [one, two, three] = instances.map(|at| ask(&world, at, &session, SHOP));
    let (one, two, three) = tokio::join!(one, two, three);
    let told = keys(&world, others[1].address).await;
    for answer in [one, two, three] {
        verified(answer.body["token"].as_str().unwrap(), &told, SHOP).unwrap();
    }
    assert_eq!(world.count("token_keys").await, 1);
}

#[tokio::test]
async fn an_operator_can_rotate_or_revoke_the_keys() {
    let world = world().await;
    let session = log_in(&world).await;
    let first = token(&world, &session, SHOP).await;
    let stores = Stores::open(&world.data.database_url(), None).await.unwrap();
    assert_eq!(stores.rotate_token_keys(false, &Actor::User, world.clock.now()).await.unwrap(), 1);
    world.clock.forward(11);
    assert_eq!(kid(&token(&world, &session, SHOP).await), kid(&first));
    world.clock.forward(20);
    let second = token(&world, &session, SHOP).await;
    assert_ne!(kid(&second), kid(&first));
    let told = keys(&world, world.address()).await;
    assert!(verified(&first, &told, SHOP).is_ok() && verified(&second, &told, SHOP).is_ok());

    let listed = stores.token_keys().await.unwrap();
    assert_eq!(
        listed.iter().map(|key| (key.id.as_str(), key.retired)).collect::<Vec<_>>(),
        [(kid(&first).as_str(), true), (kid(&second).as_str(), false)]
    );
    assert_eq!(stores.rotate_token_keys(true, &Actor::User, world.clock.now()).await.unwrap(), 2);
    world.clock.forward(11);
    let third = token(&world, &session, SHOP).await;
    assert_eq!(kids(&keys(&world, world.address()).await), [kid(&third)], "what leaked is told no more");
    stores.close().await;
}

#[tokio::test]
async fn keys_outlive_a_change_of_the_servers_key_and_are_replaced_when_it_is_lost() {
    let mut world = world().await;
    let session = log_in(&world).await;
    let first = token(&world, &session, SHOP).await;
    world.change_key();
    restart(&mut world).await;
    assert_eq!(kid(&token(&world, &session, SHOP).await), kid(&first));
    world.forget_old_keys();
    restart(&mut world).await;
    let second = token(&world, &session, SHOP).await;
    assert_ne!(kid(&second), kid(&first));
    let told = keys(&world, world.address()).await;
    assert!(verified(&first, &told, SHOP).is_ok() && verified(&second, &told, SHOP).is_ok());
}
