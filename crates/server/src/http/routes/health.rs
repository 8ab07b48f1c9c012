//! `GET /healthz`: whether the server answers at all. It asks neither database nor platform, so that a slow neighbour
//! does not get a working server restarted.

use crate::{app::App, http::method_not_allowed};
use axum::{
    Json,
    routing::{MethodRouter, get},
};
use serde::Serialize;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(|| async { Json(Health { status: "ok" }) }).fallback(method_not_allowed)
}
