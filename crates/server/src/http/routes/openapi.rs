//! `GET /openapi.json`: what this server takes and answers.

use crate::{app::App, http::method_not_allowed, openapi};
use axum::{
    http::header::CONTENT_TYPE,
    routing::{MethodRouter, get},
};

pub(in crate::http) fn methods() -> MethodRouter<App> {
    get(|| async { ([(CONTENT_TYPE, "application/json")], openapi::text()) }).fallback(method_not_allowed)
}
