//! `GET /session`: whether a session lives, and what it rests on.

use crate::{
    app::App,
    http::{method_not_allowed, session::LivingSession},
    store::members::StoredMember,
};
use axum::{
    Json,
    routing::{MethodRouter, get},
};
use miniauth_core::wire::SessionAnswer;

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(describe).fallback(method_not_allowed)
}

async fn describe(LivingSession { session, expires_in }: LivingSession) -> Json<SessionAnswer> {
    Json(SessionAnswer { expires_in, scope: session.scope, member: session.member.map(StoredMember::into_view) })
}
