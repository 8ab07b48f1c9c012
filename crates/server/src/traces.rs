//! Traces for OpenTelemetry: a span for each request, with child spans for store operations and calls of the open
//! platform.
//!
//! The server always opens them, as spans of the crate `tracing` with the target [`TRACES`]. [`Traces`] sends them to a
//! collector by OTLP over HTTP, in batches from its own thread. Names and attributes are the server's own words (a
//! route, a status, an error code) and the request's id: nothing that a client made up, and nothing about a user. The
//! request's span is also the log's, where it has the user as a keyed hash, so only the [listed attributes](ATTRIBUTES)
//! are sent.

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
};
use ipnet::IpNet;
use opentelemetry::{
    Context, KeyValue,
    propagation::{Extractor, TextMapPropagator as _},
    trace::{SpanContext, SpanKind, Status, TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    resource::{EnvResourceDetector, SdkProvidedResourceDetector},
    trace::{BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanProcessor},
};
use std::{
    error::Error,
    fmt,
    net::IpAddr,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::runtime::Handle;
use tracing::{Span, Subscriber, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use url::Url;

/// The target of the spans for traces. The request's span has the level `error`, because the log uses it too; the
/// others have `trace`, so they cost nothing without a subscriber.
pub const TRACES: &str = "miniauth_server::traces";

/// The attributes that are sent.
const ATTRIBUTES: [&str; 8] = [
    "db.operation.name",
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "request_id",
    "rpc.method",
    "rpc.system.name",
];

/// The attribute that only requests have.
const ROUTE: &str = "http.route";

/// The header of the W3C's trace context.
const TRACEPARENT: &str = "traceparent";

/// How long the collector may take to accept a batch, and the rest at the end.
const LONGEST_EXPORT: Duration = Duration::from_secs(5);

/// The URL of a collector, without a path or with a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector(Url);

impl FromStr for Collector {
    type Err = CollectorError;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        let mut url = Url::parse(address).map_err(|_| CollectorError)?;
        let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !is_plain || url.password().is_some() {
            return Err(CollectorError);
        }
        let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self(url))
    }
}

/// The text cannot be the URL of a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a URL like http://127.0.0.1:4318, to which /v1/traces is added (OTLP over HTTP, protobuf)")]
pub struct CollectorError;

/// Traces cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("cannot send traces: {0}")]
pub struct TracesError(#[source] Box<dyn Error + Send + Sync>);

/// Sends traces to a collector.
///
/// A slow or unreachable collector delays nothing: spans wait in a queue of 2,048, and are dropped when it is full. The
/// log says once that the collector is unreachable, and once that it is back.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts the thread that sends traces. Traces `percent` of the requests, unless a trusted caller's context
    /// decides. A request is traced as a whole or not at all.
    ///
    /// OpenTelemetry's own variables set the batches' size and pace (`OTEL_BSP_*`), headers for the collector
    /// (`OTEL_EXPORTER_OTLP_HEADERS`), and the service's name and attributes (`OTEL_SERVICE_NAME`,
    /// `OTEL_RESOURCE_ATTRIBUTES`).
    ///
    /// # Errors
    /// [`TracesError`] if the HTTP client cannot be built, or if one of these variables cannot be read.
    ///
    /// # Panics
    /// Outside of a tokio runtime. The runtime must exist as long as spans are sent.
    pub fn to(collector: &Collector, percent: u8) -> Result<Self, TracesError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new(&collector.0).map_err(|error| TracesError(error.into()))?)
            .with_endpoint(collector.0.as_str())
            .with_timeout(LONGEST_EXPORT)
            .build()
            .map_err(|error| TracesError(error.into()))?;
        let resource = Resource::builder_empty()
            .with_service_name("miniauth")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_detector(Box::new(EnvResourceDetector::new()));
        let resource = match std::env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => resource.with_detector(Box::new(SdkProvidedResourceDetector)),
            None => resource,
        };
        let share = Sampler::TraceIdRatioBased(f64::from(percent) / 100.0);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(KnownAttributes(BatchSpanProcessor::builder(exporter).build()))
            .with_sampler(Sampler::ParentBased(Box::new(share)))
            .with_resource(resource.build())
            .build();
        Ok(Self(provider))
    }

    /// Returns a subscriber layer for the server's spans. It ignores log lines and other crates' spans.
    pub fn layer<S: Subscriber + for<'span> LookupSpan<'span>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("miniauth"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_filter(filter_fn(|about| about.is_span() && about.target() == TRACES))
    }

    /// Sends what is left, for at most five seconds. Nothing is sent afterwards.
    pub async fn end(self) {
        // It blocks on the exporter's thread, whose requests run on this runtime.
        let ending = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LONGEST_EXPORT));
        if let Ok(Err(error)) = ending.await {
            tracing::debug!(%error, "not all traces were sent");
        }
    }
}

/// Passes on only the attributes that say nothing about a user.
#[derive(Debug)]
struct KnownAttributes(BatchSpanProcessor);

impl SpanProcessor for KnownAttributes {
    fn on_start(&self, span: &mut opentelemetry_sdk::trace::Span, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        span.attributes.retain(|attribute| ATTRIBUTES.contains(&attribute.key.as_str()));
        // The log's span has no field for the kind.
        if span.attributes.iter().any(|attribute| attribute.key.as_str() == ROUTE) {
            span.span_kind = SpanKind::Server;
        }
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// The server's HTTP client, for use by a thread outside of its runtime.
struct Client {
    client: reqwest::Client,
    runtime: Handle,
    is_away: Arc<AtomicBool>,
}

impl Client {
    fn new(collector: &Url) -> reqwest::Result<Self> {
        let client = match collector.scheme() {
            "https" => reqwest::Client::builder(),
            // Plain HTTP must work on a machine without CA certificates.
            _ => reqwest::Client::builder().tls_certs_only([]),
        };
        let client = client.redirect(reqwest::redirect::Policy::none()).timeout(LONGEST_EXPORT);
        Ok(Self { client: client.build()?, runtime: Handle::current(), is_away: Arc::default() })
    }
}

async fn send(client: reqwest::Client, request: Request<Bytes>) -> reqwest::Result<StatusCode> {
    let mut answer = client.execute(request.try_into()?).await?.error_for_status()?;
    // The body is not needed; reading it keeps the connection reusable.
    while answer.chunk().await?.is_some() {}
    Ok(answer.status())
}

/// Logs when the collector becomes unreachable or comes back, not for each batch.
fn note(is_away: &AtomicBool, failure: Option<&reqwest::Error>) {
    let was_away = is_away.swap(failure.is_some(), Relaxed);
    match failure {
        Some(error) if !was_away => {
            let cause = error.source().map(ToString::to_string);
            tracing::warn!(%error, cause, "the collector does not accept traces: they are lost; this is logged once");
        }
        None if was_away => tracing::info!("the collector accepts traces again"),
        _ => {}
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, is_away) = (self.client.clone(), Arc::clone(&self.is_away));
        let sending = self.runtime.spawn(async move {
            let sent = send(client, request).await;
            note(&is_away, sent.as_ref().err());
            sent
        });
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = sending.await??;
        Ok(answer)
    }
}

/// Opens the span of a request, for the log and the trace. Continues the caller's trace if that is trusted.
pub(crate) fn of_request(method: &'static str, route: &str, id: &str, caller: Option<SpanContext>) -> Span {
    // At level error, so that a log of warnings has the ids too.
    let span = tracing::error_span!(target: TRACES, "request", request_id = id, trace_id = Empty, user = Empty);
    if let Some(caller) = caller {
        // Without an OpenTelemetry layer there is no trace to join.
        let _ = span.set_parent(Context::new().with_remote_span_context(caller));
    }
    let context = span.context();
    let traced = context.span();
    if traced.is_recording() {
        // Not as span fields, which would appear in each log line.
        traced.update_name(format!("{method} {route}"));
        traced.set_attribute(KeyValue::new("http.request.method", method));
        traced.set_attribute(KeyValue::new(ROUTE, route.to_owned()));
        span.record("trace_id", traced.span_context().trace_id().to_string());
    }
    span
}

/// Records the answer's status, and the error code if the server failed.
pub(crate) fn answered(span: &Span, status: u16, failed: Option<&'static str>) {
    span.set_attribute("http.response.status_code", i64::from(status));
    if let Some(code) = failed {
        span.set_attribute("error.type", code);
        span.set_status(Status::error(""));
    }
}

/// Opens the span of a store operation.
pub(crate) fn of_store(operation: &'static str) -> Span {
    tracing::trace_span!(
        target: TRACES,
        "store",
        otel.name = operation,
        otel.kind = "client",
        otel.status_code = Empty,
        db.operation.name = operation,
        error.r#type = Empty,
    )
}

/// Opens the span of a call of the open platform, including retries.
pub(crate) fn of_gateway_call(call: &'static str) -> Span {
    tracing::trace_span!(
        target: TRACES,
        "gateway",
        otel.name = format_args!("gateway {call}"),
        otel.kind = "client",
        otel.status_code = Empty,
        rpc.system.name = "alipay",
        rpc.method = call,
        error.r#type = Empty,
    )
}

/// Opens the span of background work.
pub(crate) fn of_own_work(name: &'static str) -> Span {
    tracing::trace_span!(target: TRACES, "work", otel.name = name, otel.kind = "internal")
}

/// Marks a span as failed.
pub(crate) fn failed(span: &Span, reason: &'static str) {
    span.record("otel.status_code", "ERROR").record("error.type", reason);
}

/// Returns the caller's trace, if its address is trusted and it sent exactly one well-formed header.
///
/// Ignores `tracestate`: its content is up to its writers, and nothing here needs it.
pub(crate) fn caller(trusted: &[IpNet], peer: Option<IpAddr>, headers: &HeaderMap) -> Option<SpanContext> {
    let peer = peer?.to_canonical();
    if !trusted.iter().any(|network| network.contains(&peer)) {
        return None;
    }
    let mut values = headers.get_all(TRACEPARENT).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    // Every later version begins like the first one.
    let value = value.to_str().ok().filter(|text| (55..=512).contains(&text.len()) && !text.contains('+'))?;
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Alone(value));
    let context = context.span().span_context().clone();
    context.is_valid().then_some(context)
}

/// A carrier of just this header.
struct Alone<'a>(&'a str);

impl Extractor for Alone<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        (name == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn only_a_trusted_callers_well_formed_context_is_accepted() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let seen = |peer: &str, values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(TRACEPARENT, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            caller(&trusted, Some(peer.parse().unwrap()), &headers)
                .map(|context| format!("{} {} {}", context.trace_id(), context.span_id(), context.is_sampled()))
        };
        let taken = Some("4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 true".to_owned());
        for peer in ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"] {
            assert_eq!(seen(peer, &[PARENT]), taken, "{peer}");
        }
        assert_eq!(seen("10.1.2.3", &[&PARENT.replace("-01", "-00")]).unwrap().split(' ').next_back(), Some("false"));
        assert_eq!(seen("10.1.2.3", &[&format!("{}-more", PARENT.replacen("00", "01", 1))]), taken, "a later version");
        for peer in ["11.1.2.3", "127.0.0.1", "fe80::1"] {
            assert_eq!(seen(peer, &[PARENT]), None, "{peer}");
        }
        let long = format!("{}-{}", PARENT.replacen("00", "01", 1), "a".repeat(500));
        for values in [
            &[][..],
            &[PARENT, PARENT],
            &[&PARENT.to_uppercase()],
            &[&PARENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32))],
            &[&PARENT.replace("00f067aa0ba902b7", &"0".repeat(16))],
            &[&PARENT.replacen("00", "ff", 1)],
            &[&PARENT.replacen("00-4", "00-+", 1)],
            &[&PARENT[..54]],
            &["2088000000000001"],
            &["十"],
            &[&format!("{PARENT}-more")],
            &[&long],
        ] {
            assert_eq!(seen("10.1.2.3", values), None, "{values:?}");
        }
    }

    #[test]
    fn a_collector_has_an_address_without_secrets() {
        let collector = |text: &str| text.parse::<Collector>().map(|collector| collector.0.to_string());
        assert_eq!(collector("http://127.0.0.1:4318").unwrap(), "http://127.0.0.1:4318/v1/traces");
        assert_eq!(collector("https://otel.shop.example/otlp/").unwrap(), "https://otel.shop.example/otlp/v1/traces");
        for wrong in
            ["127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://user:word@otel", "http://otel/?key=1", "otel", ""]
        {
            assert_eq!(collector(wrong), Err(CollectorError), "{wrong}");
        }
    }
}
