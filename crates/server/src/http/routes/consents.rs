//! `GET /consents`: what the user's clients reported about consent, as reported.

use crate::{
    app::App,
    http::{Refusal, method_not_allowed},
    session::Session,
    store::members::ReportedConsent,
};
use axum::{
    Json,
    extract::State,
    routing::{MethodRouter, get},
};
use serde::Serialize;

#[derive(Serialize)]
struct Consents {
    reported_consents: Vec<ReportedConsent>,
}

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(list).fallback(method_not_allowed)
}

async fn list(State(app): State<App>, session: Session) -> Result<Json<Consents>, Refusal> {
    let reported_consents = app.stores.members.consents(session.app_id(), session.user()).await?;
    Ok(Json(Consents { reported_consents }))
}
