//! `/control/display-info`: what `my.getOpenUserInfo` answers on the phone.

use super::body::{ControlError, Query};
use crate::shared::Shared;
use axum::{Json, extract::State};
use miniauth_core::scope::Scope;
use miniauth_openplatform::protocol::CODE_SUCCESS;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichUser {
    user: String,
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
    sub_msg: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
}

impl DisplayAnswer {
    fn refused(code: &'static str, msg: &'static str, sub_code: &'static str, sub_msg: &'static str) -> Self {
        Self { code, msg, sub_code: Some(sub_code), sub_msg: Some(sub_msg), ..Self::default() }
    }
}

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<WhichUser>,
) -> Result<Json<DisplayAnswer>, ControlError> {
    let world = shared.world();
    let user = world.users.get(&which.user).ok_or_else(ControlError::unknown_user)?;
    Ok(Json(if !world.product_in_force {
        DisplayAnswer::refused("40006", "Insufficient Permissions", "isv.insufficient-isv-permissions", "ISV权限不足")
    } else if !world.is_granted(&user.id, Scope::AuthUser) {
        DisplayAnswer::refused("40003", "Insufficient Conditions", "isv.invalid-auth-relations", "无效的授权关系")
    } else {
        DisplayAnswer {
            code: CODE_SUCCESS,
            msg: "Success",
            nick_name: user.profile.nick_name.clone(),
            avatar: user.profile.avatar.clone(),
            ..DisplayAnswer::default()
        }
    }))
}
