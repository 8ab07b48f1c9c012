//! Traces at a real receiver: their contents, which trace a request belongs to, and that a receiver cannot harm the
//! server.

use crate::support::{
    Answer, SandboxControl, World,
    collector::{TestCollector, attributes},
    log::Log,
    recorder::Recorder,
};
use miniauth_server::Traces;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use reqwest::RequestBuilder;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
};
use tokio::net::TcpListener;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{Layer as _, filter::LevelFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

const CALLERS_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLERS_SPAN: &str = "00f067aa0ba902b7";

/// Captures the spans of this test's thread, on which its server runs too.
fn listen(collector: &str) -> (Traces, Log, DefaultGuard) {
    let (traces, log) = (Traces::to(&collector.parse().unwrap(), 100).unwrap(), Log::default());
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(log.clone()).with_filter(LevelFilter::INFO);
    let guard = tracing_subscriber::registry().with(traces.layer()).with(lines).set_default();
    (traces, log, guard)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the span of the request with that answer, and its children.
struct Trace<'a> {
    request: &'a Span,
    below: BTreeMap<&'a str, &'a Span>,
}

fn trace<'a>(spans: &'a [Span], answer: &Answer) -> Option<Trace<'a>> {
    let id = answer.header("x-request-id").unwrap();
    let has_id = |span: &&Span| attributes(&span.attributes).get("request_id").is_some_and(|found| found == id);
    let request = spans.iter().find(has_id)?;
    let below = spans.iter().filter(|span| span.parent_span_id == request.span_id);
    let below: Vec<_> = below.collect();
    assert!(below.iter().all(|span| span.trace_id == request.trace_id));
    Some(Trace { request, below: below.into_iter().map(|span| (span.name.as_str(), span)).collect() })
}

#[tokio::test]
async fn a_request_is_a_span_with_its_stores_and_gateway_calls_in_the_trace_of_a_trusted_caller() {
    let collector = TestCollector::start().await;
    let (traces, log, _guard) = listen(&collector.url());
    let folder = tempfile::tempdir().unwrap();
    let sandbox = SandboxControl::start(folder.path().join("sandbox")).await;
    let (recorder, gateway) = Recorder::start(sandbox.address).await;
    let mut world = World::start_with(folder, sandbox, format!("http://{gateway}/gateway.do")).await;
    world.trace_context_from = vec!["127.0.0.1/32".parse().unwrap()];
    world.stop_server().await;
    world.start_server().await;

    let context = |flags: &str| format!("00-{CALLERS_TRACE}-{CALLERS_SPAN}-{flags}");
    let ask = async |request: RequestBuilder, flags: &str| {
        Answer::of(request.header("traceparent", context(flags)).header("tracestate", "who=zhang-wei")).await
    };
    let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
    let login = json!({ "authcode": code, "scope": "auth_user" });
    let logged_in = ask(world.client.post(world.url("/auth")).json(&login), "01").await;
    let check = |client: &reqwest::Client| client.get(world.url("/session")).bearer_auth(logged_in.session());
    let alone = Answer::of(check(&world.client)).await;
    let unsampled = ask(check(&world.client), "00").await;
    let stranger = reqwest::Client::builder().local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 77))).build().unwrap();
    let untrusted = ask(check(&stranger), "01").await;
    let nowhere = Answer::of(world.client.get(world.url("/2088000000000001"))).await;
    world.sandbox.fault(json!({ "kind": "unavailable" })).await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
    let failed = world.post_auth(&json!({ "authcode": code, "scope": "auth_user" })).await;
    for (answer, status) in [(&logged_in, 200), (&alone, 200), (&unsampled, 200), (&untrusted, 200), (&nowhere, 404)] {
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    }
    assert!(failed.status.is_server_error());
    world.stop_server().await;
    traces.end().await;

    let resource = collector.resource();
    assert_eq!(resource["service.name"], "miniauth");
    let spans = collector.spans();
    let login = trace(&spans, &logged_in).unwrap();
    assert_eq!(hex(&login.request.trace_id), CALLERS_TRACE);
    assert_eq!(hex(&login.request.parent_span_id), CALLERS_SPAN);
    assert_eq!((login.request.name.as_str(), login.request.kind()), ("POST /auth", SpanKind::Server));
    let about = attributes(&login.request.attributes);
    assert_eq!((&*about["http.route"], &*about["http.response.status_code"]), ("/auth", "200"));
    for name in ["claim_code", "gateway exchange_code", "gateway user_info", "finish_login"] {
        let span = login.below.get(name).unwrap_or_else(|| panic!("{name} is not among {:?}", login.below.keys()));
        assert_eq!(span.kind(), SpanKind::Client, "{name}");
    }

    // No context, a stranger's, and that of a caller who wants no trace.
    for answer in [&alone, &untrusted] {
        let trace = trace(&spans, answer).unwrap();
        assert!(trace.request.parent_span_id.is_empty() && hex(&trace.request.trace_id) != CALLERS_TRACE);
        assert_eq!(trace.below.keys().collect::<Vec<_>>(), [&"find_session"]);
    }
    assert!(trace(&spans, &unsampled).is_none());
    assert_eq!(trace(&spans, &nowhere).unwrap().request.name, "GET (none)");

    let failure = trace(&spans, &failed).unwrap();
    for (span, reason) in
        [(failure.request, &failed.body["code"]), (failure.below["gateway exchange_code"], &failed.body["code"])]
    {
        assert_eq!(span.status.as_ref().unwrap().code(), StatusCode::Error, "{}", span.name);
        assert_eq!(attributes(&span.attributes)["error.type"], reason.as_str().unwrap());
    }

    // All attributes: whoever adds one must consider whom it is about.
    let keys: BTreeSet<_> = spans.iter().flat_map(|span| attributes(&span.attributes).into_keys()).collect();
    let known = [
        "db.operation.name",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "request_id",
        "rpc.method",
        "rpc.system.name",
    ];
    assert_eq!(keys.iter().map(String::as_str).collect::<Vec<_>>(), known);
    assert!(spans.iter().all(|span| span.events.is_empty() && span.links.is_empty() && span.trace_state.is_empty()));

    // From an answer to its log line, and from there to its trace.
    let line = |answer: &Answer| {
        let id = answer.header("x-request-id").unwrap();
        log.text().lines().find(|line| line.contains(id) && line.contains("micros=")).unwrap().to_owned()
    };
    assert!(line(&logged_in).contains(&format!("trace_id=\"{CALLERS_TRACE}\"")), "{}", line(&logged_in));
    assert!(line(&alone).contains(&hex(&trace(&spans, &alone).unwrap().request.trace_id)));
    assert!(!line(&unsampled).contains("trace_id"));

    let sent = recorder.text().to_lowercase();
    assert!(sent.contains("post /gateway.do"), "the wire to the gateway was read");
    for word in ["traceparent", "tracestate", CALLERS_TRACE] {
        assert!(!sent.contains(word), "the gateway is told {word}");
    }
}

/// As many session checks as fill several batches, with two spans each.
async fn many_checks(world: &World, session: &str) {
    for _ in 0..600 {
        assert_eq!(world.get("/session", session).await.status, 200);
    }
}

async fn unlimited() -> (World, String) {
    let mut world = World::start().await;
    world.limits.requests_per_minute_per_address = None;
    world.limits.requests_per_minute_per_session = None;
    world.stop_server().await;
    world.start_server().await;
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    (world, session)
}

#[tokio::test]
async fn an_unreachable_collector_is_logged_once_and_so_is_its_return() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (traces, log, _guard) = listen(&format!("http://{address}"));
    let (world, session) = unlimited().await;
    many_checks(&world, &session).await;
    while !log.text().contains("the collector does not accept traces") {
        tokio::task::yield_now().await;
    }
    many_checks(&world, &session).await;
    let collector = TestCollector::on(TcpListener::bind(address).await.unwrap(), usize::MAX >> 3);
    many_checks(&world, &session).await;
    traces.end().await;
    let text = log.text();
    let told = |words: &str| text.lines().filter(|line| line.contains(words)).count();
    assert_eq!(told("the collector does not accept traces"), 1, "{text}");
    assert_eq!(told("the collector accepts traces again"), 1);
    assert!(!collector.spans().is_empty());
}

#[tokio::test]
async fn a_collector_that_does_not_answer_delays_no_request() {
    let collector = TestCollector::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), 0);
    let (traces, _log, _guard) = listen(&collector.url());
    let (world, session) = unlimited().await;
    many_checks(&world, &session).await;
    collector.came.acquire().await.unwrap().forget();
    // The exporter has connected but gets no answer. Meanwhile there are more requests than the queue can hold, and
    // all of them are answered.
    many_checks(&world, &session).await;
    many_checks(&world, &session).await;
    assert!(collector.spans().is_empty(), "nothing was answered yet");
    collector.answer();
    traces.end().await;
    assert!(!collector.spans().is_empty());
}
