//! The methods, once a request is known to be the app's own.

use super::{
    Done,
    answer::Answer,
    refusal::{self, Refusal},
};
use crate::{
    codes::{REFRESH_LIFETIME, TOKEN_LIFETIME, TokenFault},
    faults::{Fault, FaultKind},
    shared::Shared,
    users::{TestUser, Users},
};
use miniauth_core::scope::Scope;
use miniauth_openplatform::protocol::{CODE_SUCCESS, OAUTH_TOKEN, Parameters, USER_INFO_SHARE, beijing_time};
use serde::Serialize;

/// A method's name as the log may have it: what a stranger sent is not put there.
pub(super) fn name_for_log(method: Option<&str>) -> &'static str {
    match method {
        Some(OAUTH_TOKEN) => OAUTH_TOKEN,
        Some(USER_INFO_SHARE) => USER_INFO_SHARE,
        _ => "unknown",
    }
}

/// Does what the request asks for.
pub(super) fn carry_out(shared: &Shared, parameters: &Parameters, fault: Option<&Fault>) -> Done {
    match parameters.get("method") {
        Some(OAUTH_TOKEN) => oauth_token(shared, parameters),
        Some(USER_INFO_SHARE) => user_info_share(shared, parameters, fault),
        _ => Done::refused(Answer::error(&refusal::INVALID_METHOD), refusal::INVALID_METHOD.sub_code),
    }
}

/// Refuses as asked, under the name that the method's refusals have.
pub(super) fn refuse(parameters: &Parameters, refusal: &Refusal) -> Done {
    let answer = match parameters.get("method") {
        Some(USER_INFO_SHARE) => Answer::success(USER_INFO_SHARE, refusal),
        _ => Answer::error(refusal),
    };
    Done::refused(answer, refusal.sub_code)
}

/// The answer of `alipay.system.oauth.token`: it has no `code` when it succeeds.
#[derive(Serialize)]
struct TokenNode<'a> {
    access_token: &'a str,
    auth_start: String,
    expires_in: u64,
    re_expires_in: u64,
    refresh_token: &'a str,
    open_id: &'a str,
    user_id: &'a str,
}

fn oauth_token(shared: &Shared, parameters: &Parameters) -> Done {
    // This method's own refusals come as error_response.
    let refused = |refusal: Refusal| Done::refused(Answer::error(&refusal), refusal.sub_code);
    let now = shared.clock.now();
    let mut world = shared.world();
    let bought = match parameters.get("grant_type") {
        Some("authorization_code") => {
            let code = parameters.get("code").unwrap_or_default();
            world.codes.exchange(code, now, &*shared.random).ok_or(refusal::CODE_INVALID)
        }
        Some("refresh_token") => {
            let refresh_token = parameters.get("refresh_token").unwrap_or_default();
            world.codes.refresh(refresh_token, now, &*shared.random).map_err(|fault| match fault {
                TokenFault::Unknown => refusal::REFRESH_TOKEN_INVALID,
                TokenFault::Expired => refusal::REFRESH_TOKEN_TIME_OUT,
                TokenFault::Used => refusal::REFRESHED_TOKEN_INVALID,
            })
        }
        _ => Err(refusal::GRANT_TYPE_INVALID),
    };
    let (authorisation, tokens) = match bought {
        Ok(bought) => bought,
        Err(refusal) => return refused(refusal),
    };
    let Some(user) = world.users.get(&authorisation.user) else {
        return refused(refusal::CODE_INVALID);
    };
    let node = TokenNode {
        access_token: &tokens.access_token,
        auth_start: beijing_time(now),
        // Documented as a string, and a number in genuine answers.
        expires_in: TOKEN_LIFETIME,
        re_expires_in: REFRESH_LIFETIME,
        refresh_token: &tokens.refresh_token,
        open_id: &user.open_id,
        user_id: &user.user_id,
    };
    Done::went_well(Answer::success(OAUTH_TOKEN, &node), authorisation.user)
}

/// The answer of `alipay.user.info.share`: what the user has not set is left out.
#[derive(Serialize)]
struct MemberNode<'a> {
    code: &'static str,
    msg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<&'a str>,
    open_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    province: Option<&'a str>,
    user_id: &'a str,
}

fn user_info_share(shared: &Shared, parameters: &Parameters, fault: Option<&Fault>) -> Done {
    let refused = |refusal: Refusal| Done::refused(Answer::success(USER_INFO_SHARE, &refusal), refusal.sub_code);
    let world = shared.world();
    let authorisation = match world.codes.token(parameters.get("auth_token").unwrap_or_default(), shared.clock.now()) {
        Ok(authorisation) => authorisation.clone(),
        Err(TokenFault::Unknown | TokenFault::Used) => return refused(refusal::INVALID_AUTH_TOKEN),
        Err(TokenFault::Expired) => return refused(refusal::AUTH_TOKEN_TIME_OUT),
    };
    if authorisation.scope != Scope::AuthUser {
        return refused(refusal::INVALID_TOKEN).for_user(authorisation.user);
    }
    if !world.product_in_force {
        return refused(refusal::PRODUCT_NOT_IN_FORCE).for_user(authorisation.user);
    }
    let Some(user) = answered_user(&world.users, &authorisation.user, fault) else {
        return refused(refusal::INVALID_AUTH_TOKEN);
    };
    Done::went_well(Answer::success(USER_INFO_SHARE, &member_node(user)), authorisation.user)
}

fn member_node(user: &TestUser) -> MemberNode<'_> {
    let profile = &user.profile;
    MemberNode {
        code: CODE_SUCCESS,
        msg: "Success",
        avatar: profile.avatar.as_deref(),
        city: profile.city.as_deref(),
        gender: profile.gender.as_deref(),
        nick_name: profile.nick_name.as_deref(),
        open_id: &user.open_id,
        province: profile.province.as_deref(),
        user_id: &user.user_id,
    }
}

/// Whom the answer is about: the token's own user, or someone else when that fault is in force.
fn answered_user<'a>(users: &'a Users, own: &str, fault: Option<&Fault>) -> Option<&'a TestUser> {
    let Some(fault) = fault.filter(|fault| fault.kind == FaultKind::IdentityMismatch) else {
        return users.get(own);
    };
    let chosen = fault.as_user.as_deref().and_then(|id| users.get(id));
    chosen.or_else(|| users.all().iter().find(|user| user.id != own))
}
