//! The wire: paths and methods, and what holds for all of them. Each route is in one file with its handler and its errors.

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

/// For whom endpoints are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    /// For everybody, where there is no listener of the operators' own.
    Only,
    /// For clients and back-ends, beside a listener of the operators' own.
    Public,
}

/// Every endpoint: each app's under `/apps/{app_id}`, those of an only app at the root too. What operators ask is left out where
/// they have [a listener of their own](operators_router).
pub(crate) fn router(apps: &[App], listener: Listener) -> Router {
    let mut endpoints = Router::new();
    for app in apps {
        endpoints = endpoints.nest(&format!("/apps/{}", app.id()), limited(app.clone()));
    }
    if let [only] = apps {
        endpoints = endpoints.merge(limited(only.clone()));
    }
    // What they share is the same in each.
    let Some(app) = apps.first() else { return endpoints };
    // Who watches the server must be answered above all when it has much to do.
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

/// The endpoints of the operators' own listener.
pub(crate) fn operators_router(apps: &[App]) -> Router {
    let Some(app) = apps.first() else { return Router::new() };
    let watched = Router::from(operations::public_routes().merge(operations::private_routes()));
    guarded(watched.method_not_allowed_fallback(method_not_allowed).with_state(app.clone()), Observer::of(app))
}

/// The endpoints for the clients of an app.
fn of_app() -> OpenApiRouter<App> {
    auth::routes().merge(session::routes()).merge(member::routes()).merge(phone::routes()).merge(token::routes())
}

fn limited(app: App) -> Router {
    let messages = app.platform_messages.as_ref().map(messages::at).unwrap_or_default();
    // The platform's forms may be longer than what clients post.
    let bodies = [(Router::from(of_app()), app.limits.body_bytes.min(MAXIMUM_BODY_BYTES)), (messages, MAXIMUM_MESSAGE)];
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

/// Answers 503 with Retry-After at once when the server has as much to do as it takes on: no queue that grows.
///
/// Only a request that has arrived with its whole body takes a place: slow bodies are in nobody's way.
async fn limit_requests(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    let request = arrived(request, &app).await?;
    let Ok(_place) = app.places.try_acquire() else {
        return Err(ApiError::new(ErrorCode::Overloaded).because("as many requests as allowed are under way"));
    };
    Ok(next.run(request).await)
}

/// The same for back-ends and proxies, whose places clients cannot take.
async fn limit_backends(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    let request = arrived(request, &app).await?;
    let Ok(_place) = app.backend_places.try_acquire() else {
        return Err(
            ApiError::new(ErrorCode::Overloaded).because("as many requests of back-ends as allowed are under way")
        );
    };
    Ok(next.run(request).await)
}

/// Answers 429 with Retry-After to a proxy that asks too often.
async fn limit_proxies(State(app): State<App>, request: Request, next: Next) -> Result<Response, ApiError> {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let client = app.proxies.client(peer.ip(), request.headers());
        app.rates.forward_auths.count(client.address).map_err(|wait| too_many("address", wait))?;
    }
    Ok(next.run(request).await)
}

/// Answers 429 with Retry-After to a client that asks too often: before anything is read or looked up, and whether or not the
/// session is one.
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

/// The request with its whole body, which is bounded in size and time.
async fn arrived(request: Request, app: &App) -> Result<Request, ApiError> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.with_limited_body().into_parts();
    let arriving = tokio::time::timeout(app.limits.body_time, read_body(Request::new(body)));
    let body = arriving.await.map_err(|_| ApiError::new(ErrorCode::RequestTimeout))??;
    Ok(Request::from_parts(parts, body.into()))
}

/// The body of a request.
async fn read_body(request: Request) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(ErrorCode::BodyTooLarge),
        _ => ApiError::new(ErrorCode::BodyMalformed).with_detail("The body did not arrive in full."),
    })
}

/// The body of a request that is sent as JSON.
async fn json_body(request: Request) -> Result<Bytes, ApiError> {
    match content_type(request.headers()).as_deref() {
        Some("application/json") => read_body(request).await,
        _ => Err(ApiError::new(ErrorCode::ContentTypeUnsupported).with_detail("It is sent as application/json.")),
    }
}

/// The type of a body in lower case, which holds UTF-8. `None` for a request that does not say it, or for another charset.
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

/// The variable part of a path. One that is no text is not there.
struct PathPart(String);

impl<S: Send + Sync> FromRequestParts<S> for PathPart {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let part = Path::from_request_parts(parts, state).await;
        part.map(|Path(part)| Self(part)).map_err(|_| ApiError::new(ErrorCode::NotFound))
    }
}

/// What holds for every endpoint. The layers are listed from the inside out.
fn guarded(endpoints: Router, observer: Observer) -> Router {
    endpoints
        .fallback(|| async { ApiError::new(ErrorCode::NotFound) })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::map_response(no_store))
        .layer(middleware::from_fn_with_state(observer, observe_request))
}

/// Answers hold sessions and personal data, and errors say whether someone has them: none belongs into a cache, unless its own
/// handler says so.
async fn no_store(mut response: Response) -> Response {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The panic's own message has gone to the panic hook; the client learns nothing of it.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::new(ErrorCode::Internal).because("a request handler panicked").into_response()
}

/// The answer to a method that a path does not have; axum adds `Allow`.
async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed)
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "miniauth",
        description = "From an auth code of an Alipay mini-program to a session, and to the member as the open platform \
                       describes it.\n\nEvery error is a problem document (RFC 9457). Every answer has `x-request-id`, which \
                       finds its lines in the server's log, and, by default, `cache-control: no-store`. A method that a path does not have \
                       is answered 405 with `Allow`. What is no HTTP is answered 400, an address of more than 65,534 bytes 414, and a \
                       head that is larger than allowed, or of more than 64 headers, 431, each without a body and without these headers, \
                       and the connection is closed.\n\nA server with several apps has the endpoints of each under \
                       `/apps/{app_id}/`; `/healthz`, `/readyz`, `/metrics`, `/introspect` and `/.well-known/jwks.json` are at the server's root.",
    ),
    // Relative to where the document is.
    servers((url = ".")),
    components(schemas(Problem)),
)]
struct Description;

/// The description of the wire as text, which is the same for every server of this version.
fn openapi_text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let routes = OpenApiRouter::with_openapi(Description::openapi())
            .merge(of_app())
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
        // Nothing is sent or taken but what is described.
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
