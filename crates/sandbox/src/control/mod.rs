//! `/control/...`: stands in for the phone, and makes faults. For the simulator and for tests, on loopback.

mod body;
mod consent;
mod display_info;
mod fault;
mod host;
mod users;

use crate::{
    calls::Call,
    consents::Product,
    fields::Field,
    profiles::{ProfileError, Profiles},
    shared::Shared,
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    routing::{get, post, put},
};
use body::{ControlError, Fields, Query};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Largest request that is read, in bytes.
const MAXIMUM_REQUEST: usize = 64 * 1024;

/// All of the control interface.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/users", get(users::list).post(users::create))
        .route("/consent", get(consent::show).post(consent::decide).delete(consent::withdraw))
        .route("/settings", get(consent::settings))
        .route("/auth-codes", post(consent::issue_code))
        .route("/display-info", get(display_info::show))
        .route("/product", put(set_product))
        .route("/fields", put(set_fields))
        .route("/profiles", get(profiles).put(set_profiles))
        .route("/fault", put(fault::set))
        .route("/faults", put(fault::set_all))
        .route("/calls", get(calls))
        .route("/reset", post(reset))
        .fallback(|| async { ControlError::new(StatusCode::NOT_FOUND, "the control interface has no such address") })
        .method_not_allowed_fallback(|| async {
            ControlError::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take that method: see Allow")
        })
        .layer(DefaultBodyLimit::max(MAXIMUM_REQUEST))
        .layer(middleware::from_fn(host::loopback_only))
        .with_state(shared)
}

/// Whether a product is in force; 获取会员信息 when none is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedProduct {
    #[serde(default)]
    product: Product,
    in_force: bool,
}

async fn set_product(State(shared): State<Arc<Shared>>, Fields(wanted): Fields<WantedProduct>) -> StatusCode {
    shared.world().products.set(wanted.product, wanted.in_force);
    StatusCode::NO_CONTENT
}

/// The fields that the platform approved for the app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApprovedFields {
    fields: BTreeSet<Field>,
}

async fn set_fields(State(shared): State<Arc<Shared>>, Fields(approved): Fields<ApprovedFields>) -> StatusCode {
    shared.world().fields = approved.fields;
    StatusCode::NO_CONTENT
}

/// The profiles that differ from their default, and all of them.
#[derive(Serialize)]
struct ProfilesView {
    profile: String,
    profiles: BTreeMap<&'static str, &'static str>,
}

async fn profiles(State(shared): State<Arc<Shared>>) -> Json<ProfilesView> {
    let profiles = shared.world().profiles.clone();
    Json(ProfilesView { profile: profiles.to_string(), profiles: profiles.all().collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedProfiles {
    profile: String,
}

async fn set_profiles(
    State(shared): State<Arc<Shared>>,
    Fields(wanted): Fields<WantedProfiles>,
) -> Result<StatusCode, ControlError> {
    let profiles: Profiles = wanted
        .profile
        .parse()
        .map_err(|error: ProfileError| ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    shared.world().profiles = profiles;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    #[serde(default)]
    after: u64,
}

#[derive(Serialize)]
struct Calls {
    calls: Vec<Call>,
}

async fn calls(State(shared): State<Arc<Shared>>, Query(after): Query<After>) -> Json<Calls> {
    Json(Calls { calls: shared.world().calls.after(after.after) })
}

async fn reset(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.reset();
    StatusCode::NO_CONTENT
}
