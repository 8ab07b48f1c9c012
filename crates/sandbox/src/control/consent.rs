//! `/control/consent`, `/control/settings`, `/control/auth-codes` and `/control/display-info`: consent panels and settings of the phone,
//! auth codes, and the answers of `my.getOpenUserInfo` and of the older `my.getAuthUserInfo`.

use super::{ControlError, Fields, Query};
use crate::{
    APP_ID, APP_NAME, OTHER_APP_ID,
    codes::{Authorisation, CODE_LIFETIME, MAXIMUM_CODE_LIFETIME},
    gateway::RefusalNode,
    known_app,
    profiles::Ids,
    users::{ConsentKind, Field},
    world::{Shared, World},
};
use axum::{Json, extract::State, http::StatusCode};
use miniauth_core::scope::Scope;
use miniauth_openplatform::protocol::CODE_SUCCESS;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichConsent {
    user: String,
    #[serde(default = "auth_user")]
    scope: ConsentKind,
}

const fn auth_user() -> ConsentKind {
    ConsentKind::AuthUser
}

/// What a consent panel would show, and whether it would appear.
#[derive(Serialize)]
pub(super) struct Panel {
    granted: bool,
    app_name: &'static str,
    scope: ConsentKind,
    items: Vec<&'static str>,
    product_in_force: bool,
}

/// Lists what a consent panel says that the app gets.
fn items(world: &World, kind: ConsentKind) -> Vec<&'static str> {
    let labels = |names: &[&str]| names.iter().filter_map(|name| Field::find(name)).map(Field::label).collect();
    match kind {
        ConsentKind::AuthUser => world.fields.iter().map(|field| field.label()).collect(),
        ConsentKind::UserInfo => labels(&["nick_name", "avatar"]),
        ConsentKind::PhoneNumber => labels(&["mobile"]),
    }
}

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<WhichConsent>,
) -> Result<Json<Panel>, ControlError> {
    let world = shared.world();
    known_user(&world, &which.user)?;
    Ok(Json(Panel {
        granted: world.consents.is_granted(&which.user, which.scope),
        app_name: APP_NAME,
        scope: which.scope,
        items: items(&world, which.scope),
        product_in_force: world.products.in_force_for(which.scope),
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
    scope: ConsentKind,
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
    let Decided { user, scope, decision } = decided;
    known_user(&world, &user)?;
    match decision {
        Decision::Accept => world.consents.grant(&user, scope),
        Decision::Refuse => world.consents.refuse(&user, scope),
    }
    Ok(Json(Granted { granted: world.consents.is_granted(&user, scope) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Withdrawn {
    user: String,
    scope: Option<ConsentKind>,
}

pub(super) async fn withdraw(
    State(shared): State<Arc<Shared>>,
    Query(withdrawn): Query<Withdrawn>,
) -> Result<StatusCode, ControlError> {
    let mut world = shared.world();
    known_user(&world, &withdrawn.user)?;
    let kinds = withdrawn.scope.map_or_else(|| ConsentKind::ALL.to_vec(), |kind| vec![kind]);
    for kind in kinds {
        world.withdraw(&withdrawn.user, kind, shared.clock.now(), &*shared.random);
    }
    shared.message_news.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichUser {
    user: String,
}

/// The consents in `my.getSetting`'s answer, without those that the user was never asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthSetting {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_info: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    auth_setting: AuthSetting,
}

pub(super) async fn settings(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<WhichUser>,
) -> Result<Json<Settings>, ControlError> {
    let world = shared.world();
    known_user(&world, &which.user)?;
    let answer = |kind| world.consents.answer(&which.user, kind);
    let (user_info, phone_number) = (answer(ConsentKind::UserInfo), answer(ConsentKind::PhoneNumber));
    Ok(Json(Settings { auth_setting: AuthSetting { user_info, phone_number } }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedCode {
    user: String,
    scopes: Vec<Scope>,
    lifetime_seconds: Option<u64>,
    /// The page's app.
    app_id: Option<String>,
    /// The ids in the answers of this login; wins over the profile and the user's setting.
    ids: Option<Ids>,
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
    let app_id = known_app(wanted.app_id.as_deref().unwrap_or(APP_ID));
    let app_id = app_id.ok_or_else(|| invalid(format!("app_id is {APP_ID} or {OTHER_APP_ID}")))?;
    let mut world = shared.world();
    known_user(&world, &wanted.user)?;
    if !world.is_granted(&wanted.user, scope) {
        let sentence = "the user has not consented to auth_user: POST /control/consent with the decision accept";
        return Err(ControlError::new(StatusCode::CONFLICT, sentence));
    }
    let expires_at = shared.clock.now().plus_seconds(lifetime);
    let authorisation = Authorisation { app_id, user: wanted.user, scope, ids: wanted.ids };
    let auth_code = world.codes.issue(authorisation, expires_at, &*shared.random);
    Ok((StatusCode::CREATED, Json(IssuedCode { auth_code, scopes: wanted.scopes })))
}

fn known_user(world: &World, user: &str) -> Result<(), ControlError> {
    world.users.get(user).map(|_| ()).ok_or_else(ControlError::unknown_user)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichDisplay {
    user: String,
    #[serde(default)]
    call: DisplayCall,
}

/// The two calls for nickname and avatar, each with its own consent and product.
#[derive(Clone, Copy, Default, Deserialize)]
enum DisplayCall {
    #[default]
    #[serde(rename = "getOpenUserInfo")]
    OpenUserInfo,
    #[serde(rename = "getAuthUserInfo")]
    AuthUserInfo,
}

impl DisplayCall {
    fn consent(self) -> ConsentKind {
        match self {
            Self::OpenUserInfo => ConsentKind::UserInfo,
            Self::AuthUserInfo => ConsentKind::AuthUser,
        }
    }
}

/// The inner object of the answer; the simulator adds the outer ones.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DisplayAnswer {
    code: &'static str,
    msg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_msg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
}

impl DisplayAnswer {
    fn refused(sub_code: &'static str) -> Self {
        let RefusalNode { code, msg, sub_code, sub_msg, .. } = RefusalNode::of(sub_code);
        Self { code, msg, sub_code: Some(sub_code), sub_msg: Some(sub_msg.into_owned()), ..Self::default() }
    }
}

pub(super) async fn display_info(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<WhichDisplay>,
) -> Result<Json<DisplayAnswer>, ControlError> {
    let world = shared.world();
    let user = world.users.get(&which.user).ok_or_else(ControlError::unknown_user)?;
    let consent = which.call.consent();
    Ok(Json(if !world.products.in_force_for(consent) {
        DisplayAnswer::refused("isv.insufficient-isv-permissions")
    } else if !world.consents.is_granted(&user.id, consent) {
        DisplayAnswer::refused("isv.invalid-auth-relations")
    } else {
        DisplayAnswer {
            code: CODE_SUCCESS,
            msg: "Success",
            nick_name: user.field("nick_name").map(str::to_owned),
            avatar: user.field("avatar").map(str::to_owned),
            ..DisplayAnswer::default()
        }
    }))
}
