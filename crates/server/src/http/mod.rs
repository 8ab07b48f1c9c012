//! The HTTP interface: the router, and what holds for all endpoints. Each endpoint has a file with its handler and its
//! errors.

mod auth;
mod forward_auth;
mod introspect;
mod keys;
mod member;
mod messages;
mod operations;
mod phone;
mod session;
mod token;

pub use messages::{MessagesPath, MessagesPathError};

use crate::{
    api_error::ApiError,
    app::App,
    bearer,
    crypto::SessionHash,
    observation::{Observer, observe_request},
};
use axum::{
    RequestExt as _, Router,
    body::{Bytes, HttpBody as _},
    extract::{ConnectInfo, DefaultBodyLimit, FromRequest as _, FromRequestParts, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use miniauth_core::{
    error_code::ErrorCode,
    wire::{MAXIMUM_BODY_BYTES, Problem},
};
use miniauth_openplatform::MAXIMUM_MESSAGE;
use std::{any::Any, net::SocketAddr, sync::LazyLock, time::Duration};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::{
    OpenApi,
    openapi::{
        RefOr, Schema,
        schema::AdditionalProperties,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

/// Which endpoints a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    /// All of them: the operators have no listener of their own.
    Only,
    /// Those for clients and back-ends: the operators have a listener of their own.
    Public,
}

/// Returns the endpoints of all apps: those of each under `/apps/{app_id}`, those of a single app also at the root.
/// Leaves out the operators' endpoints if they have [a listener of their own](operators_router).
pub(crate) fn router(apps: &[App], listener: Listener) -> Router {
    let mut endpoints = Router::new();
    for app in apps {
        endpoints = endpoints.nest(&format!("/apps/{}", app.id()), limited(app.clone()));
    }
    if let [only] = apps {
        endpoints = endpoints.merge(limited(only.clone()));
    }
    // The server's own endpoints are the same for every app, so any app can serve them.
    let Some(app) = apps.first() else { return endpoints };
    // Monitoring has no request limit: it must work above all when the server is busy.
    let mut watched = operations::public_routes().merge(keys::routes());
    if listener == Listener::Only {
        watched = watched.merge(operations::private_routes());
    }
    let watched = Router::from(watched).method_not_allowed_fallback(method_not_allowed);
    let asked = Router::from(introspect::routes()).method_not_allowed_fallback(method_not_allowed);
    let asked = asked.layer(middleware::from_fn_with_state(app.clone(), limit_backends));
    let asked = asked.layer(DefaultBodyLimit::max(app.limits.body_bytes.min(MAXIMUM_BODY_BYTES)));
    endpoints = endpoints.merge(asked.with_state(app.clone()));
    guarded(endpoints.merge(watched.with_state(app.clone())), Observer::of(app))
}

/// Returns the endpoints of the operators' listener.
pub(crate) fn operators_router(apps: &[App]) -> Router {
    let Some(app) = apps.first() else { return Router::new() };
    let watched = Router::from(operations::public_routes().merge(operations::private_routes()));
    guarded(watched.method_not_allowed_fallback(method_not_allowed).with_state(app.clone()), Observer::of(app))
}

/// Returns the endpoints for an app's clients.
fn app_endpoints() -> OpenApiRouter<App> {
    auth::routes().merge(session::routes()).merge(member::routes()).merge(phone::routes()).merge(token::routes())
}

fn limited(app: App) -> Router {
    let messages = app.platform_messages.as_ref().map(messages::at).unwrap_or_default();
    // The platform's forms may be longer than clients' bodies.
    let bodies =
        [(Router::from(app_endpoints()), app.limits.body_bytes.min(MAXIMUM_BODY_BYTES)), (messages, MAXIMUM_MESSAGE)];
    let limit_bodies = |(endpoints, most): (Router<App>, usize)| {
        endpoints
            .method_not_allowed_fallback(method_not_allowed)
            .layer(middleware::from_fn_with_state(app.clone(), limit_requests))
            .layer(DefaultBodyLimit::max(most))
    };
    let [clients, platform] = bodies.map(limit_bodies);
    let clients = clients.merge(platform).layer(middleware::from_fn_with_state(app.clone(), limit_clients));
    let proxies = Router::from(forward_auth::routes())
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), limit_backends))
        .layer(middleware::from_fn_with_state(app.clone(), limit_proxies))
        .layer(DefaultBodyLimit::max(0));
    clients.merge(proxies).with_state(app)
}

/// Answers 503 with Retry-After at once when too many requests are in progress, instead of queueing them.
///
/// A request counts only once its whole body has arrived, so slow uploads block nobody.
async fn limit_requests(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    let request = arrived(request, &app).await?;
    let Ok(_place) = app.places.try_acquire() else {
        return Err(ApiError::new(ErrorCode::Overloaded).because("too many requests are in progress"));
    };
    Ok(next.run(request).await)
}

/// Does the same for back-ends and proxies. Their limit is separate, so clients cannot use it up.
async fn limit_backends(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    let request = arrived(request, &app).await?;
    let Ok(_place) = app.backend_places.try_acquire() else {
        return Err(ApiError::new(ErrorCode::Overloaded).because("too many requests of back-ends are in progress"));
    };
    Ok(next.run(request).await)
}

/// Answers 429 with Retry-After to a proxy that exceeds its rate limit.
async fn limit_proxies(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let client = app.proxies.client(peer.ip(), request.headers());
        app.rates.forward_auths.count(client.address).map_err(|wait| too_many("address", wait))?;
    }
    Ok(next.run(request).await)
}

/// Answers 429 with Retry-After to a client that exceeds its rate limit. Does so before it reads or looks up anything,
/// and for invalid sessions too.
async fn limit_clients(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    match request.extensions().get::<ConnectInfo<SocketAddr>>() {
        Some(ConnectInfo(peer)) => {
            let client = app.proxies.client(peer.ip(), request.headers());
            if client.proxy_unknown {
                app.rates.warn_of_unknown_proxy();
            }
            app.rates.address.count(client.address).map_err(|wait| too_many("address", wait))?;
        }
        None => app.rates.warn_of_missing_address(),
    }
    // The endpoint itself refuses a malformed bearer.
    if let Ok(Some(session)) = bearer::optional(request.headers()) {
        let session = SessionHash::of(&session);
        app.rates.session.count_session(&session).map_err(|wait| too_many("session", wait))?;
    }
    Ok(next.run(request).await)
}

fn too_many(what: &str, wait: Duration) -> ApiError {
    ApiError::new(ErrorCode::RateLimited).retry_after(wait).because(format!("this {what} exceeded its rate limit"))
}

/// Reads the whole body of a request, within the limits of size and time.
async fn arrived(request: Request, app: &App) -> Result<Request, ApiError> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.with_limited_body().into_parts();
    let arriving = tokio::time::timeout(app.limits.body_time, read_body(Request::new(body)));
    let body = arriving.await.map_err(|_| ApiError::new(ErrorCode::RequestTimeout))??;
    Ok(Request::from_parts(parts, body.into()))
}

/// Reads the body of a request.
async fn read_body(request: Request) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(ErrorCode::BodyTooLarge),
        _ => ApiError::new(ErrorCode::BodyMalformed).with_detail("The body did not arrive in full."),
    })
}

/// Reads the body of a request that must be JSON.
async fn json_body(request: Request) -> Result<Bytes, ApiError> {
    match content_type(request.headers()).as_deref() {
        Some("application/json") => read_body(request).await,
        _ => Err(ApiError::new(ErrorCode::ContentTypeUnsupported).with_detail("Send it as application/json.")),
    }
}

/// Returns the media type of a UTF-8 body in lower case. `None` if the request names none, or another charset.
fn content_type(headers: &HeaderMap) -> Option<String> {
    let mut parts = headers.get(header::CONTENT_TYPE)?.to_str().ok()?.split(';').map(str::trim);
    let named = parts.next()?.to_ascii_lowercase();
    let is_utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    is_utf8.then_some(named)
}

/// The variable part of a path. A part that is not UTF-8 is answered 404.
struct PathPart(String);

impl<S: Send + Sync> FromRequestParts<S> for PathPart {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let part = Path::from_request_parts(parts, state).await;
        part.map(|Path(part)| Self(part)).map_err(|_| ApiError::new(ErrorCode::NotFound))
    }
}

/// Adds what every endpoint has. The layers are listed from the innermost to the outermost.
fn guarded(endpoints: Router, observer: Observer) -> Router {
    endpoints
        .fallback(|| async { ApiError::new(ErrorCode::NotFound) })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::map_response(no_store))
        .layer(middleware::from_fn_with_state(observer, observe_request))
}

/// Forbids caching unless the handler set its own rule: answers contain sessions and personal data, and errors tell
/// whether a session is valid.
async fn no_store(mut response: Response) -> Response {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Answers 500 after a panic. The panic's message went to the panic hook; the client does not see it.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::new(ErrorCode::Internal).because("a request handler panicked").into_response()
}

/// Answers 405; axum adds `Allow`.
async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed)
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "miniauth",
        description = "Exchanges an auth code of an Alipay mini-program for a session, and returns the member (the user's profile) \
                       from the open platform.\n\nEvery error is a problem document (RFC 9457). Every answer has `x-request-id`, which \
                       finds its lines in the server's log, and, by default, `cache-control: no-store`. A method that a path does not \
                       have is answered 405 with `Allow`. Three errors have neither a body nor these headers, and close the \
                       connection: 400 for what is not HTTP, 414 for a URL of more than 65,534 bytes, and 431 for headers that are \
                       larger than allowed, or more than 64.\n\nA server with several apps has the endpoints of each under \
                       `/apps/{app_id}/`; `/healthz`, `/readyz`, `/metrics`, `/introspect` and `/.well-known/jwks.json` are at the server's root.",
    ),
    // Relative to the URL of this document.
    servers((url = ".")),
    components(schemas(Problem)),
)]
struct Description;

/// Returns the OpenAPI document as text. It is the same for every server of this version.
fn openapi_text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let routes = OpenApiRouter::with_openapi(Description::openapi())
            .merge(app_endpoints())
            .merge(forward_auth::routes())
            .merge(messages::routes())
            .merge(introspect::routes())
            .merge(keys::routes())
            .merge(operations::public_routes())
            .merge(operations::private_routes());
        let mut document = routes.into_openapi();
        let components = document.components.get_or_insert_default();
        let bearer = Http::new(HttpAuthScheme::Bearer);
        components.add_security_scheme("session", SecurityScheme::Http(bearer));
        components.add_security_scheme("backend", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
        // Only described fields are accepted and sent.
        for schema in components.schemas.values_mut() {
            if let RefOr::T(Schema::Object(object)) = schema
                && !object.properties.is_empty()
            {
                object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
        let mut text = document.to_pretty_json().expect("the document is maps of strings");
        text.push('\n');
        text
    });
    &TEXT
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use miniauth_openplatform::system::SystemRandom;
    use std::sync::Arc;
    use tokio::net::TcpListener;

    async fn panic() -> &'static str {
        panic!("the test wants it")
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_the_server_goes_on() {
        let endpoints = Router::new().route("/panic", get(panic)).route("/well", get(|| async { "well" }));
        let router = guarded(
            endpoints,
            Observer { metrics: Arc::default(), random: Arc::new(SystemRandom), trace_context_from: Arc::default() },
        );
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
