//! `/control/message-address` and `/control/messages…`: the apps' addresses for the platform's messages, as the console has them, the
//! log of deliveries, and skipped time.

use super::{After, ControlError, Fields, Query};
use crate::{
    APP_ID, OTHER_APP_ID, known_app,
    messages::{Message, MessageAddress},
    world::Shared,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

#[derive(Serialize)]
pub(super) struct Addresses {
    /// By app id.
    addresses: BTreeMap<&'static str, String>,
}

pub(super) async fn addresses(State(shared): State<Arc<Shared>>) -> Json<Addresses> {
    let world = shared.world();
    let addresses = world.messages.addresses().map(|(app_id, address)| (app_id, address.to_owned()));
    Json(Addresses { addresses: addresses.collect() })
}

/// The address of one app; `null` removes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedAddress {
    app_id: Option<String>,
    address: Option<String>,
}

pub(super) async fn set_address(
    State(shared): State<Arc<Shared>>,
    Fields(wanted): Fields<WantedAddress>,
) -> Result<StatusCode, ControlError> {
    let app_id = app(wanted.app_id.as_deref())?;
    let address = wanted.address.as_deref().map(MessageAddress::parse).transpose().map_err(invalid)?;
    shared.world().messages.set_address(app_id, address);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
pub(super) struct MessageList {
    messages: Vec<Message>,
}

pub(super) async fn list(State(shared): State<Arc<Shared>>, Query(after): Query<After>) -> Json<MessageList> {
    Json(MessageList { messages: shared.world().messages.after(after.after) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checked {
    app_id: Option<String>,
}

/// Sends the console's check of the address.
pub(super) async fn check(
    State(shared): State<Arc<Shared>>,
    Fields(checked): Fields<Checked>,
) -> Result<StatusCode, ControlError> {
    let app_id = app(checked.app_id.as_deref())?;
    let mut world = shared.world();
    let profiles = world.profiles.clone();
    world.messages.check(app_id, &profiles, shared.clock.now(), &*shared.random);
    shared.message_news.notify_one();
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Passed {
    seconds: u64,
}

/// Skips time, only for waiting messages.
pub(super) async fn advance(State(shared): State<Arc<Shared>>, Fields(passed): Fields<Passed>) -> StatusCode {
    shared.world().messages.advance(Duration::from_secs(passed.seconds));
    shared.message_news.notify_one();
    StatusCode::ACCEPTED
}

fn app(app_id: Option<&str>) -> Result<&'static str, ControlError> {
    known_app(app_id.unwrap_or(APP_ID)).ok_or_else(|| invalid(format!("app_id is {APP_ID} or {OTHER_APP_ID}")))
}

fn invalid(sentence: impl ToString) -> ControlError {
    ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, sentence.to_string())
}
