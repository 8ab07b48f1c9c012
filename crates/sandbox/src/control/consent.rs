//! `/control/consent` and `/control/auth-codes`: what the phone does when `my.getAuthCode` is called.

use super::body::{ControlError, Fields, Query};
use crate::{
    APP_NAME,
    codes::{Authorisation, CODE_LIFETIME, MAXIMUM_CODE_LIFETIME},
    shared::Shared,
    world::World,
};
use axum::{Json, extract::State, http::StatusCode};
use miniauth_core::scope::Scope;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichConsent {
    user: String,
    #[serde(default = "auth_user")]
    scope: Scope,
}

const fn auth_user() -> Scope {
    Scope::AuthUser
}

/// What a consent panel says that the app gets.
fn consent_items(scope: Scope) -> &'static [&'static str] {
    match scope {
        Scope::AuthBase => &[],
        Scope::AuthUser => &["昵称", "头像", "性别", "省份", "城市"],
    }
}

/// What a consent panel would show, and whether it would come at all.
#[derive(Serialize)]
pub(super) struct Panel {
    granted: bool,
    app_name: &'static str,
    scope: Scope,
    items: &'static [&'static str],
    product_in_force: bool,
}

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<WhichConsent>,
) -> Result<Json<Panel>, ControlError> {
    let world = shared.world();
    known_user(&world, &which.user)?;
    Ok(Json(Panel {
        granted: world.is_granted(&which.user, which.scope),
        app_name: APP_NAME,
        scope: which.scope,
        items: consent_items(which.scope),
        product_in_force: world.product_in_force,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Accept,
    Refuse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decided {
    user: String,
    scope: Scope,
    decision: Decision,
}

#[derive(Serialize)]
pub(super) struct Granted {
    granted: bool,
}

pub(super) async fn decide(
    State(shared): State<Arc<Shared>>,
    Fields(decided): Fields<Decided>,
) -> Result<Json<Granted>, ControlError> {
    let mut world = shared.world();
    known_user(&world, &decided.user)?;
    // A refusal is not remembered: the platform asks again as soon as the app does.
    if matches!(decided.decision, Decision::Accept) && decided.scope.shows_panel() {
        world.grant(&decided.user);
    }
    Ok(Json(Granted { granted: world.is_granted(&decided.user, decided.scope) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichUser {
    user: String,
}

pub(super) async fn revoke(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<WhichUser>,
) -> Result<StatusCode, ControlError> {
    let mut world = shared.world();
    known_user(&world, &which.user)?;
    world.revoke(&which.user);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedCode {
    user: String,
    scopes: Vec<Scope>,
    lifetime_seconds: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct IssuedCode {
    auth_code: String,
    scopes: Vec<Scope>,
}

pub(super) async fn issue_code(
    State(shared): State<Arc<Shared>>,
    Fields(wanted): Fields<WantedCode>,
) -> Result<(StatusCode, Json<IssuedCode>), ControlError> {
    let invalid = |sentence: String| ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, sentence);
    let widest = wanted.scopes.iter().copied().max().filter(|_| wanted.scopes.len() <= 2);
    let scope = widest.ok_or_else(|| invalid("name one or two scopes: auth_base, auth_user".to_owned()))?;
    let lifetime = wanted.lifetime_seconds.unwrap_or(CODE_LIFETIME);
    if lifetime > MAXIMUM_CODE_LIFETIME {
        return Err(invalid(format!("lifetime_seconds is at most {MAXIMUM_CODE_LIFETIME}")));
    }
    let mut world = shared.world();
    known_user(&world, &wanted.user)?;
    if !world.is_granted(&wanted.user, scope) {
        let sentence = "the user has not consented to auth_user: POST /control/consent with the decision accept";
        return Err(ControlError::new(StatusCode::CONFLICT, sentence));
    }
    let expires_at = shared.clock.now().plus_seconds(lifetime);
    let authorisation = Authorisation { user: wanted.user, scope };
    let auth_code = world.codes.issue(authorisation, expires_at, &*shared.random);
    Ok((StatusCode::CREATED, Json(IssuedCode { auth_code, scopes: wanted.scopes })))
}

fn known_user(world: &World, user: &str) -> Result<(), ControlError> {
    world.users.get(user).map(|_| ()).ok_or_else(ControlError::unknown_user)
}
