//! How much the server takes on at once, and how often one client may ask.

use crate::{api_error::ApiError, app::App, bearer, crypto::SessionHash};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use miniauth_core::error_code::ErrorCode;
use std::{net::SocketAddr, time::Duration};

/// Answers 503 with Retry-After at once when the server has as much to do as it takes on: no queue that grows.
pub(super) async fn limit_requests(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    let Ok(_place) = app.places.try_acquire() else {
        return Err(ApiError::new(ErrorCode::Overloaded).because("as many requests as allowed are under way"));
    };
    Ok(next.run(request).await)
}

/// Answers 429 with Retry-After to who asks too often: before anything is read or looked up, and whether or not the
/// session is one.
pub(super) async fn limit_clients(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    match request.extensions().get::<ConnectInfo<SocketAddr>>() {
        Some(ConnectInfo(peer)) => {
            let client = app.proxies.client(peer.ip(), request.headers());
            if client.proxy_unknown {
                app.rates.warn_of_unknown_proxy();
            }
            app.rates.address.count_address(client.address).map_err(|wait| too_many("address", wait))?;
        }
        None => app.rates.warn_of_missing_address(),
    }
    // What is no bearer is refused by the endpoint itself.
    if let Ok(Some(session)) = bearer::optional(request.headers()) {
        let session = SessionHash::of(&session);
        app.rates.session.count_session(&session).map_err(|wait| too_many("session", wait))?;
    }
    Ok(next.run(request).await)
}

fn too_many(what: &str, wait: Duration) -> ApiError {
    ApiError::new(ErrorCode::RateLimited).retry_after(wait).because(format!("this {what} has used up its requests"))
}
