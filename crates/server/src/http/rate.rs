//! No more requests from one client than it may send.

use super::{bearer, problem::Refusal};
use crate::{app::App, crypto::SessionHash};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use miniauth_core::error_code::ErrorCode;
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Answers 429 with Retry-After to who asks too often: before anything is read or looked up, and whether or not the
/// session is one.
pub(super) async fn limit_clients(State(app): State<App>, request: Request, next: Next) -> Result<Response, Refusal> {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let client = app.proxies.client(peer.ip(), request.headers());
        if client.proxy_unknown {
            warn_of_unknown_proxy();
        }
        app.rates.address.count_address(client.address).map_err(|wait| refusal("address", wait))?;
    }
    // What is no bearer is refused by the endpoint itself.
    if let Ok(Some(session)) = bearer::optional(request.headers()) {
        let session = SessionHash::of(&session);
        app.rates.session.count_session(&session).map_err(|wait| refusal("session", wait))?;
    }
    Ok(next.run(request).await)
}

fn refusal(what: &str, wait: Duration) -> Refusal {
    Refusal::new(ErrorCode::RateLimited).retry_after(wait).because(format!("this {what} has used up its requests"))
}

/// Once: the operator is to know, but any client can send the header.
fn warn_of_unknown_proxy() {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "a request names a proxy that is not among the trusted ones: if the server is behind a proxy, set \
             trusted_proxies, for all of its clients count as one address"
        );
    }
}
