//! The wire: paths and methods, and what holds for all of them.

pub(crate) mod bearer;
mod body;
mod busy;
mod log;
mod problem;
mod rate;
mod routes;

pub use problem::Refusal;

use crate::app::App;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse as _, Response},
};
use log::Observer;
use miniauth_core::{error_code::ErrorCode, wire::MAXIMUM_BODY_BYTES};
use std::{any::Any, sync::Arc};
use tower_http::catch_panic::CatchPanicLayer;

/// Every endpoint: each app's under `/apps/{app_id}`, those of an only app at the root too.
pub(crate) fn router(apps: &[App]) -> Router {
    let mut endpoints = Router::new();
    for app in apps {
        endpoints = endpoints.nest(&format!("/apps/{}", app.logins.app_id()), of_app(app.clone()));
    }
    if let [only] = apps {
        endpoints = endpoints.merge(of_app(only.clone()));
    }
    // What they share is the same in each.
    let Some(app) = apps.first() else { return endpoints };
    let observer = Observer { metrics: Arc::clone(&app.metrics), random: Arc::clone(&app.random) };
    guarded(endpoints.merge(watched(app.clone())), observer)
}

/// The endpoints for the clients of an app.
fn of_app(app: App) -> Router {
    Router::new()
        .route("/auth", routes::auth::methods())
        .route("/session", routes::session::methods())
        .route("/member", routes::member::methods())
        .route("/member/refresh", routes::member::refresh_methods())
        .route("/sessions", routes::sessions::methods())
        .route("/sessions/{id}", routes::sessions::one_methods())
        .route("/consents", routes::consents::methods())
        .layer(middleware::from_fn_with_state(app.clone(), busy::limit_requests))
        .layer(middleware::from_fn_with_state(app.clone(), rate::limit_clients))
        .layer(DefaultBodyLimit::max(app.limits.body_bytes.min(MAXIMUM_BODY_BYTES)))
        .with_state(app)
}

/// Who watches the server must be answered above all when it has much to do.
fn watched(app: App) -> Router {
    Router::new()
        .route("/readyz", routes::ready::methods())
        .route("/metrics", routes::metrics::methods())
        .route("/openapi.json", routes::openapi::methods())
        .route("/healthz", routes::health::methods())
        .with_state(app)
}

/// What holds for every endpoint. The layers are listed from the inside out.
fn guarded(endpoints: Router, observer: Observer) -> Router {
    endpoints
        .fallback(|| async { Refusal::new(ErrorCode::NotFound) })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::map_response(no_store))
        .layer(middleware::from_fn_with_state(observer, log::observe_request))
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
async fn method_not_allowed() -> Refusal {
    Refusal::new(ErrorCode::MethodNotAllowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use miniauth_openplatform::system::SystemRandom;
    use tokio::net::TcpListener;

    async fn panic() -> &'static str {
        panic!("the test wants it")
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_the_server_goes_on() {
        let endpoints = Router::new().route("/panic", get(panic)).route("/well", get(|| async { "well" }));
        let router = guarded(endpoints, Observer { metrics: Arc::default(), random: Arc::new(SystemRandom) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        for _ in 0..2 {
            let answer = reqwest::get(format!("http://{address}/panic")).await.unwrap();
            assert_eq!(answer.status(), 500);
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
            assert_eq!(answer.headers()["cache-control"], "no-store");
            let problem = answer.text().await.unwrap();
            assert!(problem.contains(r#""code":"internal""#) && !problem.contains("the test wants it"), "{problem}");
            assert_eq!(reqwest::get(format!("http://{address}/well")).await.unwrap().text().await.unwrap(), "well");
        }
        serving.abort();
    }
}
