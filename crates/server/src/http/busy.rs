//! A bounded number of requests at a time.

use super::problem::Refusal;
use crate::app::App;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use miniauth_core::error_code::ErrorCode;

/// Answers 503 with Retry-After at once when the server has as much to do as it takes on: no queue that grows.
pub(super) async fn limit_requests(State(app): State<App>, request: Request, next: Next) -> Result<Response, Refusal> {
    let Ok(_place) = app.places.try_acquire() else {
        return Err(Refusal::new(ErrorCode::Overloaded).because("as many requests as allowed are under way"));
    };
    Ok(next.run(request).await)
}
