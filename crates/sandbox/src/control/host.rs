//! Keeps web pages away from the control interface.

use super::body::ControlError;
use axum::{
    extract::Request,
    http::{StatusCode, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use std::net::IpAddr;

/// Refuses a request for any other host than this machine.
///
/// A page in a browser on this machine can give its own domain the address 127.0.0.1 and then speak to us as to its own
/// server; the name that it used gives it away.
pub(super) async fn loopback_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_loopback) {
        next.run(request).await
    } else {
        let sentence =
            "the control interface answers to 127.0.0.1, [::1] and localhost only: use one of them as the host";
        ControlError::new(StatusCode::MISDIRECTED_REQUEST, sentence).into_response()
    }
}

fn is_loopback(host: &str) -> bool {
    host.parse::<Authority>().is_ok_and(|authority| {
        let name = authority.host();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        for host in ["127.0.0.1:8702", "localhost:8702", "[::1]:8702", "localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["shop.example:8702", "localhost.shop.example", "10.0.0.1:8702", "", "127.0.0.1.shop.example"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
