//! Logs and metrics. The log has one line per request, with nothing about the user; metrics for Prometheus have no
//! label value that a client can make up (`docs/metrics.md` lists them).

use crate::{
    api_error::LoggedCause,
    config::Limits,
    shared::Shared,
    store::{SecondIdError, Withdrawn, members::Lending},
    traces,
};
use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;
use miniauth_core::{error_code::ErrorCode, random::Random, time::Timestamp};
use prometheus_client::{
    encoding::prometheus_text,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::{
    borrow::Cow,
    net::SocketAddr,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::Instrument as _;

/// The answer's header with the request's id, which is in each log line about the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The state that logging and metrics need.
#[derive(Clone)]
pub(crate) struct Observer {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) random: Arc<dyn Random>,
    /// The networks whose trace context is accepted.
    pub(crate) trace_context_from: Arc<[IpNet]>,
}

impl Observer {
    pub(crate) fn of(shared: &Shared) -> Self {
        Self {
            metrics: Arc::clone(&shared.metrics),
            random: Arc::clone(&shared.random),
            trace_context_from: Arc::clone(&shared.trace_context_from),
        }
    }
}

/// Logs and counts the method, route, status and time, and the code and cause of a failed request. Logs the route and
/// never the URL, in which a careless client may have put a code. The user appears as a keyed hash.
///
/// The request's id is the server's own, because a client's could be anything.
pub(crate) async fn observe_request(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let mut bytes = [0; 16];
    observer.random.fill(&mut bytes);
    let id = format!("{:032x}", u128::from_be_bytes(bytes));
    let method = method_name(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let route = path.as_ref().map_or("(none)", MatchedPath::as_str);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let caller = traces::caller(&observer.trace_context_from, peer, request.headers());
    let span = traces::of_request(method, route, &id, caller);
    let mut response = answer(&observer.metrics, method, route, request, next).instrument(span.clone()).await;
    let failed = response.status().is_server_error().then(|| response.extensions().get::<LoggedCause>());
    let code = failed.map(|failed| failed.map_or("(none)", |failed| failed.code.as_str()));
    traces::answered(&span, response.status().as_u16(), code);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn answer(metrics: &Metrics, method: &'static str, route: &str, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let response = next.run(request).await;

    let status = response.status().as_u16();
    let took = started.elapsed();
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let failed = response.extensions().get::<LoggedCause>();
    metrics.request(method, route, status, failed.map(|failed| failed.code), took);
    let code = failed.map(|failed| failed.code.as_str());
    let cause = failed.and_then(|failed| failed.cause.as_deref());
    if status >= 500 {
        tracing::warn!(method, route, status, micros, code, cause, "request failed");
    } else {
        tracing::info!(method, route, status, micros, code, cause, "request");
    }
    response
}

/// Returns the name of a known method: a client can make up others.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "(other)",
    }
}

/// The upper bounds of the histograms, in seconds: from a session check to the longest call of the platform.
const BUCKETS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Names and values of labels.
type Labels<const COUNT: usize> = [(&'static str, Cow<'static, str>); COUNT];
type Counters<const LABELS: usize> = Family<Labels<LABELS>, Counter>;
type Gauges<const LABELS: usize> = Family<Labels<LABELS>, Gauge>;
type Histograms<const LABELS: usize> = Family<Labels<LABELS>, Histogram, fn() -> Histogram>;

/// The metrics of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Counters<3>,
    request_durations: Histograms<3>,
    requests_under_way: Gauges<1>,
    connections: Gauge,
    limits: Gauges<1>,
    store_durations: Histograms<1>,
    store_failures: Counters<1>,
    store_connections_lent: Gauge,
    store_connections_most: Gauge,
    cleaned: Counters<1>,
    last_clean_up: Gauge,
    token_key_age: Gauge,
    logins: Counters<1>,
    connections_refused: Counter,
    display_only_refused: Counter,
    second_ids_refused: Counter,
    platform_messages: Counters<1>,
    withdrawals: Counters<1>,
    tokens: Counters<1>,
    introspections: Counters<2>,
    gateway_calls: Counters<2>,
    gateway_call_durations: Histograms<1>,
}

impl Default for Metrics {
    fn default() -> Self {
        let histograms = || Histogram::new(BUCKETS);
        let metrics = Self {
            registry: Registry::with_prefix("miniauth"),
            requests: Family::default(),
            request_durations: Family::new_with_constructor(histograms),
            requests_under_way: Family::default(),
            connections: Gauge::default(),
            limits: Family::default(),
            store_durations: Family::new_with_constructor(histograms),
            store_failures: Family::default(),
            store_connections_lent: Gauge::default(),
            store_connections_most: Gauge::default(),
            cleaned: Family::default(),
            last_clean_up: Gauge::default(),
            token_key_age: Gauge::default(),
            logins: Family::default(),
            connections_refused: Counter::default(),
            display_only_refused: Counter::default(),
            second_ids_refused: Counter::default(),
            platform_messages: Family::default(),
            withdrawals: Family::default(),
            tokens: Family::default(),
            introspections: Family::default(),
            gateway_calls: Family::default(),
            gateway_call_durations: Family::new_with_constructor(histograms),
        };
        let mut registry = Registry::with_prefix("miniauth");
        registry.register("requests", "Requests, by method, route and status", metrics.requests.clone());
        let durations = "Time from request to answer, by method, route and class of status";
        registry.register("request_duration_seconds", durations, metrics.request_durations.clone());
        let under_way = "Requests in progress, of clients and of backends";
        registry.register("requests_under_way", under_way, metrics.requests_under_way.clone());
        registry.register("connections", "Open connections", metrics.connections.clone());
        registry.register("limit", "Limits, by setting; 0: no limit", metrics.limits.clone());
        let durations = "Duration of store operations, by operation";
        registry.register("store_duration_seconds", durations, metrics.store_durations.clone());
        let failures = "Failed store operations, by operation";
        registry.register("store_failures", failures, metrics.store_failures.clone());
        let lent = "Connections to PostgreSQL that are in use";
        registry.register("store_connections_lent", lent, metrics.store_connections_lent.clone());
        let most = "Connections to PostgreSQL that can be in use";
        registry.register("store_connections_most", most, metrics.store_connections_most.clone());
        registry.register("cleaned", "Expired rows that were deleted, by kind", metrics.cleaned.clone());
        let last = "When all expired rows had last been deleted, in seconds since 1970";
        registry.register("last_clean_up_timestamp_seconds", last, metrics.last_clean_up.clone());
        let age = "How long the current key has been signing tokens, in seconds";
        registry.register("token_key_age_seconds", age, metrics.token_key_age.clone());
        let logins = "Posts of auth codes, by outcome: ok or the error's code";
        registry.register("logins", logins, metrics.logins.clone());
        let refused = "Connections that were closed at once, because their address had too many";
        registry.register("connections_refused", refused, metrics.connections_refused.clone());
        let refused = "Requests refused because they contain display information";
        registry.register("display_only_refused", refused, metrics.display_only_refused.clone());
        let refused =
            "Answers of the open platform that were refused because they contradict earlier ones about a user's ids";
        registry.register("second_ids_refused", refused, metrics.second_ids_refused.clone());
        let messages = "Messages of the open platform, by kind: withdrawal, address_check, other, or refused";
        registry.register("platform_messages", messages, metrics.platform_messages.clone());
        let withdrawals =
            "Withdrawals, by outcome: ended, nothing_older, unknown, or failed, which the platform posts again";
        registry.register("withdrawals", withdrawals, metrics.withdrawals.clone());
        let tokens = "Signed tokens for back-ends, by audience";
        registry.register("tokens", tokens, metrics.tokens.clone());
        let introspections = "Introspections of sessions, by back-end and by whether the session is valid";
        registry.register("introspections", introspections, metrics.introspections.clone());
        // Created at the start, so that the first event of each kind shows as an increase.
        for kind in ["withdrawal", "address_check", "other", "refused"] {
            drop(metrics.platform_messages.get_or_create(&[("kind", kind.into())]));
        }
        for kind in ["sessions", "grants", "claims", "refused_claims", "withdrawals", "audit"] {
            drop(metrics.cleaned.get_or_create(&[("kind", kind.into())]));
        }
        for outcome in ["ended", "nothing_older", "unknown", "failed"] {
            drop(metrics.withdrawals.get_or_create(&[("outcome", outcome.into())]));
        }
        let calls = "Calls of the open platform, by call and outcome";
        registry.register("gateway_calls", calls, metrics.gateway_calls.clone());
        let durations = "Time of the calls of the open platform, retries included, by call";
        registry.register("gateway_call_duration_seconds", durations, metrics.gateway_call_durations.clone());
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// Counts a request. `route` is one of the router's, never the requested path.
    pub(crate) fn request(
        &self,
        method: &'static str,
        route: &str,
        status: u16,
        refused: Option<ErrorCode>,
        took: Duration,
    ) {
        let (method, route) = (("method", method.into()), ("route", Cow::Owned(route.to_owned())));
        let class = ("status", class(status).into());
        self.request_durations.get_or_create(&[method.clone(), route.clone(), class]).observe(took.as_secs_f64());
        self.requests.get_or_create(&[method, route, ("status", status.to_string().into())]).inc();
        if refused == Some(ErrorCode::DisplayOnlyForwarded) {
            self.display_only_refused.inc();
        }
    }

    /// Sets the limits' gauges. 0 means no limit per minute.
    pub(crate) fn limits_in_force(&self, limits: &Limits) {
        let rate = |rate: Option<NonZeroU32>| rate.map_or(0, |rate| i64::from(rate.get()));
        for (setting, limit) in [
            ("max_connections", number(limits.connections)),
            ("max_connections_per_address", number(limits.connections_of_an_address())),
            ("max_requests_under_way", number(limits.requests)),
            ("requests_per_minute_per_address", rate(limits.requests_per_minute_per_address)),
            ("requests_per_minute_per_session", rate(limits.requests_per_minute_per_session)),
            ("failed_logins_per_minute_per_address", rate(limits.failed_logins_per_minute_per_address)),
            ("platform_messages_per_minute_per_address", rate(limits.platform_messages_per_minute_per_address)),
            ("introspections_per_minute_per_backend", rate(limits.introspections_per_minute_per_backend)),
            ("failed_introspections_per_minute_per_address", rate(limits.failed_introspections_per_minute_per_address)),
            ("forward_auths_per_minute_per_address", rate(limits.forward_auths_per_minute_per_address)),
        ] {
            self.limits.get_or_create(&[("setting", setting.into())]).set(limit);
        }
    }

    /// Counts a store operation.
    pub(crate) fn store_operation(&self, operation: &'static str, went_well: bool, took: Duration) {
        let operation = [("operation", operation.into())];
        self.store_durations.get_or_create(&operation).observe(took.as_secs_f64());
        self.store_failures.get_or_create(&operation).inc_by(u64::from(!went_well));
    }

    /// Counts deleted expired rows.
    pub(crate) fn cleaned(&self, kind: &'static str, rows: u64) {
        self.cleaned.get_or_create(&[("kind", kind.into())]).inc_by(rows);
    }

    /// Records that all expired rows are deleted.
    pub(crate) fn cleaned_up(&self, now: Timestamp) {
        self.last_clean_up.set(i64::try_from(now.as_millis() / 1_000).unwrap_or(i64::MAX));
    }

    /// Counts an opened connection.
    pub(crate) fn connection_opened(&self) {
        self.connections.inc();
    }

    /// Counts a closed connection.
    pub(crate) fn connection_closed(&self) {
        self.connections.dec();
    }

    /// Counts a connection that was refused.
    pub(crate) fn connection_refused(&self) {
        self.connections_refused.inc();
    }

    /// Counts and logs an answer that was refused because it would give a user a second id of a kind.
    pub(crate) fn second_id(&self, error: &SecondIdError) {
        self.second_ids_refused.inc();
        tracing::warn!(%error, "refused an answer of the open platform; nothing was merged or stored");
    }

    /// Counts a message to the platform's endpoint.
    pub(crate) fn platform_message(&self, kind: &'static str) {
        self.platform_messages.get_or_create(&[("kind", kind.into())]).inc();
    }

    /// Counts a withdrawal; `None` if processing it failed.
    pub(crate) fn withdrawal(&self, withdrawn: Option<Withdrawn>) {
        self.withdrawals.get_or_create(&[("outcome", withdrawn.map_or("failed", Withdrawn::as_str).into())]).inc();
    }

    /// Counts a POST of an auth code; `None` for success.
    pub(crate) fn login(&self, failed: Option<ErrorCode>) {
        self.logins.get_or_create(&[outcome(failed)]).inc();
    }

    /// Counts a token. The audience is one of the configured ones.
    pub(crate) fn token(&self, audience: &str) {
        self.tokens.get_or_create(&[("audience", Cow::Owned(audience.to_owned()))]).inc();
    }

    /// Counts an introspection. The back-end's name is one that an operator gave.
    pub(crate) fn introspection(&self, backend: &str, active: bool) {
        let backend = ("backend", Cow::Owned(backend.to_owned()));
        self.introspections.get_or_create(&[backend, ("active", active.to_string().into())]).inc();
    }

    /// Counts a call of the platform; `None` for success.
    pub(crate) fn gateway_call(&self, call: &'static str, failed: Option<ErrorCode>, took: Duration) {
        self.gateway_call_durations.get_or_create(&[("call", call.into())]).observe(took.as_secs_f64());
        self.gateway_calls.get_or_create(&[("call", call.into()), outcome(failed)]).inc();
    }

    /// Returns the metrics in Prometheus' text format ([`Self::CONTENT_TYPE`]), with the current gauges.
    pub(crate) fn text(&self, shared: &Shared) -> String {
        for (of, places) in [("clients", &shared.places), ("backends", &shared.backend_places)] {
            let taken = shared.limits.requests.saturating_sub(places.available_permits());
            self.requests_under_way.get_or_create(&[("of", of.into())]).set(number(taken));
        }
        if let Some(Lending { lent, most }) = shared.stores.members.connections() {
            self.store_connections_lent.set(number(lent));
            self.store_connections_most.set(number(most));
        }
        let now = shared.clock.now();
        if let Some(since) = shared.tokens.keys.signing_since(now) {
            self.token_key_age.set(i64::try_from(now.millis_since(since) / 1_000).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry).expect("writing to a String cannot fail");
        text
    }

    pub(crate) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns the class of a status.
fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

fn outcome(failed: Option<ErrorCode>) -> (&'static str, Cow<'static, str>) {
    ("outcome", failed.map_or("ok", ErrorCode::as_str).into())
}
