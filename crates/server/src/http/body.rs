//! The body of `POST /auth`: JSON or a form, at most 16 KiB.

use super::problem::Refusal;
use crate::app::App;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use miniauth_core::{error_code::ErrorCode, wire::AuthRequest};

/// A body that passed every check of [`AuthRequest`].
pub(super) struct AuthBody(pub(super) AuthRequest);

enum Format {
    Json,
    Form,
}

impl FromRequest<App> for AuthBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let format = format(request.headers()).ok_or_else(|| Refusal::new(ErrorCode::ContentTypeUnsupported))?;
        let arriving = tokio::time::timeout(app.limits.body_time, Bytes::from_request(request, app));
        let arrived = arriving.await.map_err(|_| Refusal::new(ErrorCode::RequestTimeout))?;
        let body = arrived.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Refusal::new(ErrorCode::BodyTooLarge)
            } else {
                Refusal::new(ErrorCode::BodyMalformed).with_detail("The body did not arrive in full.")
            }
        })?;
        let parsed = match format {
            Format::Json => AuthRequest::from_json(&body),
            Format::Form => AuthRequest::from_form(&body),
        };
        Ok(Self(parsed?))
    }
}

/// `None` for another type, or a charset other than UTF-8.
fn format(headers: &HeaderMap) -> Option<Format> {
    let mut parts = headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').map(str::trim);
    let format = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/json" => Format::Json,
        "application/x-www-form-urlencoded" => Format::Form,
        _ => return None,
    };
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    utf8.then_some(format)
}
