//! `/control/display-info`: what `my.getOpenUserInfo`, or the older `my.getAuthUserInfo`, answers on the phone.

use super::body::{ControlError, Query};
use crate::{consents::ConsentKind, gateway::RefusalNode, shared::Shared};
use axum::{Json, extract::State};
use miniauth_openplatform::protocol::CODE_SUCCESS;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichUser {
    user: String,
    #[serde(default)]
    call: DisplayCall,
}

/// The two calls by which a page gets nickname and avatar; each has its own consent and its own product.
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

/// The inner object of the answer: the outer ones are the simulator's to add.
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

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<WhichUser>,
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
