//! An OpenTelemetry collector for tests: shows what arrives by OTLP over HTTP, and answers when the test says so.

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use parking_lot::Mutex;
use prost::Message as _;
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::Semaphore};

#[derive(Clone)]
pub(crate) struct TestCollector {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    /// One permit for each request that may be answered.
    answers: Arc<Semaphore>,
    /// One permit for each request that has arrived.
    pub(crate) came: Arc<Semaphore>,
}

impl TestCollector {
    pub(crate) async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), Semaphore::MAX_PERMITS)
    }

    /// Starts a collector that answers this many requests for now.
    pub(crate) fn on(listener: TcpListener, answers: usize) -> Self {
        let collector = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            answers: Arc::new(Semaphore::new(answers)),
            came: Arc::new(Semaphore::new(0)),
        };
        let router = Router::new().route("/v1/traces", post(take)).with_state(collector.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        collector
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers everything from now on.
    pub(crate) fn answer(&self) {
        self.answers.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let seen = self.seen.lock();
        let scopes = seen.iter().flat_map(|request| &request.resource_spans).flat_map(|spans| &spans.scope_spans);
        scopes.flat_map(|spans| spans.spans.clone()).collect()
    }

    /// Returns everything that arrived, for searching.
    pub(crate) fn text(&self) -> String {
        format!("{:?}", self.seen.lock())
    }

    /// Returns the attributes of the sending program.
    pub(crate) fn resource(&self) -> BTreeMap<String, String> {
        let seen = self.seen.lock();
        let resources =
            seen.iter().flat_map(|request| &request.resource_spans).filter_map(|spans| spans.resource.as_ref());
        resources.flat_map(|resource| attributes(&resource.attributes)).collect()
    }
}

async fn take(State(collector): State<TestCollector>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    collector.came.add_permits(1);
    collector.answers.acquire().await.unwrap().forget();
    collector.seen.lock().push(ExportTraceServiceRequest::decode(body).unwrap());
}

pub(crate) fn attributes(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |attribute: &KeyValue| match attribute.value.as_ref().and_then(|value| value.value.clone()) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|attribute| (attribute.key.clone(), text(attribute))).collect()
}
