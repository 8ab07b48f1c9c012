//! `/control/phone-number`: the answer of `my.getPhoneNumber` on the phone, encrypted and signed as on the platform.

use super::{ControlError, Query};
use crate::{
    gateway::RefusalNode,
    users::ConsentKind,
    world::{Shared, World},
};
use axum::{Json, extract::State, http::StatusCode};
use miniauth_openplatform::{ContentKey, protocol::CODE_SUCCESS};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    user: String,
    fault: Option<PhoneFault>,
}

/// A fault of the answer. A missing product or consent can also be a state of the sandbox.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhoneFault {
    /// The console has no AES key, so the refusal is not encrypted.
    NoAesKey,
    /// The console has no signing set up, so the answer has no signature.
    NoSigning,
    NoProduct,
    NoConsent,
    Unavailable,
    /// The user's account has no number.
    NoNumber,
    /// The console has another AES key than the server.
    WrongKey,
    /// The answer was changed on its way.
    Tampered,
}

/// The argument of the call's `success`.
#[derive(Serialize)]
pub(super) struct Answer {
    response: String,
}

pub(super) async fn number(
    State(shared): State<Arc<Shared>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Answer>, ControlError> {
    let content = content(&shared.world(), &wanted)?;
    if wanted.fault == Some(PhoneFault::NoAesKey) {
        return Ok(Json(Answer { response: json!({ "response": content }).to_string() }));
    }
    let other = (wanted.fault == Some(PhoneFault::WrongKey)).then(|| ContentKey::generate(&*shared.random));
    let key = other.as_ref().unwrap_or(&shared.keys.content_key);
    let mut encrypted = key.encrypt(content.to_string().as_bytes()).map_err(failed)?;
    let sign = shared.keys.platform_private_key.sign(format!("\"{encrypted}\"").as_bytes()).map_err(failed)?;
    if wanted.fault == Some(PhoneFault::Tampered) {
        encrypted = encrypted.chars().rev().collect();
    }
    let mut answer =
        json!({ "response": encrypted, "sign": sign, "sign_type": "RSA2", "encrypt_type": "AES", "charset": "UTF-8" });
    if wanted.fault == Some(PhoneFault::NoSigning)
        && let Some(fields) = answer.as_object_mut()
    {
        fields.retain(|name, _| !name.starts_with("sign"));
    }
    Ok(Json(Answer { response: answer.to_string() }))
}

/// Returns the content to encrypt.
fn content(world: &World, wanted: &Wanted) -> Result<Value, ControlError> {
    let user = world.users.get(&wanted.user).ok_or_else(ControlError::unknown_user)?;
    let in_force = world.products.in_force_for(ConsentKind::PhoneNumber);
    let is_granted = world.consents.is_granted(&user.id, ConsentKind::PhoneNumber);
    Ok(match wanted.fault {
        Some(PhoneFault::NoAesKey) => refused("isv.missing-encrypt-key"),
        Some(PhoneFault::Unavailable) => refused("aop.unknow-error"),
        fault if !in_force || fault == Some(PhoneFault::NoProduct) => refused("isv.insufficient-isv-permissions"),
        fault if !is_granted || fault == Some(PhoneFault::NoConsent) => refused("isv.invalid-auth-relations"),
        fault => {
            let mobile = user.field("mobile").filter(|_| fault != Some(PhoneFault::NoNumber)).unwrap_or_default();
            json!({ "code": CODE_SUCCESS, "msg": "Success", "mobile": mobile })
        }
    })
}

fn refused(sub_code: &'static str) -> Value {
    let RefusalNode { code, msg, sub_code, sub_msg, .. } = RefusalNode::of(sub_code);
    json!({ "code": code, "msg": msg, "subCode": sub_code, "subMsg": sub_msg })
}

fn failed(error: impl std::fmt::Display) -> ControlError {
    ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}
