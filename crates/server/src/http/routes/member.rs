//! `GET /member`: the member of a session, as stored.

use crate::{
    app::App,
    http::{method_not_allowed, problem::Refusal, session::LivingSession},
    store::members::StoredMember,
};
use axum::{
    Json,
    routing::{MethodRouter, get},
};
use miniauth_core::{error_code::ErrorCode, wire::MemberView};

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(show).fallback(method_not_allowed)
}

async fn show(LivingSession { session, .. }: LivingSession) -> Result<Json<MemberView>, Refusal> {
    let member = session.member.ok_or_else(|| Refusal::new(ErrorCode::MemberUnknown))?;
    Ok(Json(StoredMember::into_view(member)))
}
