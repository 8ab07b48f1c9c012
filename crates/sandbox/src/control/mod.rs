//! `/control/...`: stands in for the phone, and makes faults. For the simulator and for tests, on loopback.

mod body;
mod consent;
mod display_info;
mod fault;
mod host;
mod users;

use crate::{calls::Call, shared::Shared, world::World};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    routing::{get, post, put},
};
use body::{ControlError, Fields, Query};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Largest request that is read, in bytes.
const MAXIMUM_REQUEST: usize = 64 * 1024;

/// All of the control interface.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/users", get(users::list).post(users::create))
        .route("/consent", get(consent::show).post(consent::decide).delete(consent::revoke))
        .route("/auth-codes", post(consent::issue_code))
        .route("/display-info", get(display_info::show))
        .route("/product", put(set_product))
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

/// Whether the product "获取会员信息" is in force.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    in_force: bool,
}

async fn set_product(State(shared): State<Arc<Shared>>, Fields(product): Fields<Product>) -> StatusCode {
    shared.world().product_in_force = product.in_force;
    StatusCode::NO_CONTENT
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
    *shared.world() = World::new();
    StatusCode::NO_CONTENT
}
