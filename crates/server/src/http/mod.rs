//! The wire: paths and methods, and what holds for all of them.

mod bearer;
mod body;
mod log;
mod problem;
mod routes;
mod session;

use crate::app::App;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, Request, header},
    middleware,
    response::{IntoResponse as _, Response},
};
use miniauth_core::{error_code::ErrorCode, wire::MAXIMUM_BODY_BYTES};
use problem::Refusal;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

/// Every endpoint. Layers are listed from the inside out.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/auth", routes::auth::methods())
        .route("/session", routes::session::methods())
        .route("/member", routes::member::methods())
        .route("/healthz", routes::health::methods())
        .fallback(|| async { Refusal::new(ErrorCode::NotFound) })
        .layer(DefaultBodyLimit::max(MAXIMUM_BODY_BYTES))
        .layer(middleware::map_response(no_store))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(log::log_request))
        .with_state(app)
}

/// Answers hold sessions and personal data, and errors say whether someone has them: none belongs into a cache.
async fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The panic's own message has gone to the panic hook; the client learns nothing of it.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Refusal::new(ErrorCode::Internal).because("a request handler panicked").into_response()
}

/// The answer to a method that a path does not have; axum adds `Allow`.
async fn method_not_allowed(request: Request<axum::body::Body>) -> Refusal {
    let refusal = Refusal::new(ErrorCode::MethodNotAllowed);
    if request.uri().path().ends_with("/auth") {
        refusal.with_detail("An auth code does not belong into a URL, which is logged on its way: POST it in the body.")
    } else {
        refusal
    }
}
