//! `GET /session`: whether a session lives, and what it rests on.

use crate::{app::App, http::method_not_allowed, session::Session};
use axum::{
    Json,
    routing::{MethodRouter, get},
};
use miniauth_core::wire::SessionAnswer;

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(describe).fallback(method_not_allowed)
}

async fn describe(session: Session) -> Json<SessionAnswer> {
    Json(SessionAnswer {
        expires_in: session.expires_in().as_secs(),
        scope: session.scope(),
        member: session.member().cloned(),
    })
}
