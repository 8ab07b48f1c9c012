//! `POST /gateway.do`: the platform's gateway, with four methods. (Some SDKs send everything in a GET.) OpenAPI v3 is served next to it, under
//! `/v3/`. Answers have the node byte for byte, the signature over it, and refusals in the platform's own words, from
//! `platform/gateway.json`.

mod method;
mod revocations;
mod v3;

use crate::{
    faults::{Fault, FaultKind},
    server::BreakOffError,
    world::{NOT_CARRIED_OUT, OK, Shared, hexadecimal},
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, RawQuery, State},
    http::{HeaderName, StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse as _, Response},
    routing::post,
};
use method::Request;
use miniauth_openplatform::{
    ContentKey,
    keys::PrivateKey,
    protocol::{Charset, ERROR_NODE, Parameters, response_node},
};
use miniauth_platform::gateway;
use serde::Serialize;
use std::{borrow::Cow, sync::Arc, time::Duration};
use tokio::{task, time::sleep};

/// The largest accepted request in bytes.
const MAXIMUM_REQUEST: usize = 64 * 1024;

/// The header with the platform's id of a call, which its support asks for.
const TRACE_ID: HeaderName = HeaderName::from_static("trace_id");

/// How long an unanswered call stays open, unless its client gives up first.
const HELD_FOR: Duration = Duration::from_secs(120);

/// The outcome of a method, and its user.
struct Done {
    answer: Answer,
    outcome: &'static str,
    user: Option<String>,
    /// Whether the platform knows the app and has its key.
    knows_app: bool,
}

/// Makes the routes of the gateway, of v2 and v3.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let route = post(call).get(call);
    let routes = Router::new().route("/gateway.do", route).route("/v3/{*method}", post(v3::call).get(v3::call));
    routes.layer(DefaultBodyLimit::max(MAXIMUM_REQUEST)).with_state(shared)
}

async fn call(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let request = Request::read(query.unwrap_or_default().as_bytes(), &body);
    let method = method::name_for_log(request.parameters.get("method"));
    let carried_out = answered(&shared, method, |fault| carry_out(&shared, &request, fault)).await;
    match carried_out {
        Ok((done, fault)) => {
            let writing = writing(&shared, &request, &done, fault);
            sealed(shared, done.answer, writing).await
        }
        Err(response) => response,
    }
}

/// Carries out a call, unless a fault prevents it; then returns the fault's response as the error.
async fn answered(
    shared: &Shared,
    method: &'static str,
    carry_out: impl Fn(Option<&Fault>) -> Done,
) -> Result<(Done, Option<FaultKind>), Response> {
    let fault = shared.world().faults.strike(method);
    let kind = fault.as_ref().map(|fault| fault.kind);
    let delay = fault.as_ref().map_or(0, |fault| fault.delay_ms);
    if delay > 0 {
        sleep(Duration::from_millis(delay)).await;
    }
    match (kind, &fault) {
        (Some(FaultKind::Unavailable), _) => {
            record(shared, method, NOT_CARRIED_OUT, None, kind);
            return Err(broken_off(BreakOffError::Close));
        }
        (Some(FaultKind::ServerError), Some(fault)) => {
            record(shared, method, NOT_CARRIED_OUT, None, kind);
            return Err(page_of_error(fault.status));
        }
        _ => {}
    }
    if kind == Some(FaultKind::DuplicateDelivery) {
        let first = carry_out(fault.as_ref());
        record(shared, method, first.outcome, first.user, kind);
    }
    let done = carry_out(fault.as_ref());
    record(shared, method, done.outcome, done.user.clone(), kind);
    match kind {
        Some(FaultKind::Reset) => Err(broken_off(BreakOffError::Reset)),
        Some(FaultKind::NoAnswer) => {
            sleep(HELD_FOR).await;
            Err(broken_off(BreakOffError::Close))
        }
        _ => Ok((done, kind)),
    }
}

fn carry_out(shared: &Shared, request: &Request, fault: Option<&Fault>) -> Done {
    let parameters = &request.parameters;
    if let Some(complaint) = request.complaint() {
        return Done::refused(Answer::error(&complaint), complaint.sub_code);
    }
    match method::check(request, &shared.keys).and_then(|()| request.decrypted(&shared.keys)) {
        Ok(decrypted) => carry_out_checked(shared, &decrypted, Ok(()), fault),
        Err(refusal) => carry_out_checked(shared, parameters, Err(refusal), fault),
    }
}

/// Carries out a call, unless the check or a fault refuses it.
fn carry_out_checked(
    shared: &Shared,
    parameters: &Parameters,
    checked: Result<(), RefusalNode>,
    fault: Option<&Fault>,
) -> Done {
    let asked_for = || fault.and_then(|fault| fault.refusal.clone());
    match checked.err().or_else(asked_for) {
        Some(refusal) => {
            let done = method::refuse(&shared.world(), parameters.get("method"), &refusal);
            Done { knows_app: !refusal.of_no_app, ..done }
        }
        None => method::carry_out(shared, parameters, fault),
    }
}

fn writing(shared: &Shared, request: &Request, done: &Done, fault: Option<FaultKind>) -> Writing {
    let signed = done.knows_app || shared.world().profiles.signs_every_refusal();
    let certificate_mode = signed && request.parameters.get("app_cert_sn").is_some();
    let serial = || shared.keys.certificates.platform().serial().to_owned();
    let charset = request.charset.unwrap_or_default();
    // An unknown app, or one with another content key, could not read it.
    let encrypts = request.wants_encryption() && done.knows_app && done.outcome != method::NOT_DECRYPTED;
    let content_key = encrypts.then(|| shared.keys.content_key.clone());
    Writing { charset, certificate_serial: certificate_mode.then(serial), signed, content_key, fault }
}

fn page_of_error(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, Html(format!("<html><body><h1>{status}</h1></body></html>"))).into_response()
}

impl Done {
    fn went_well(answer: Answer, user: String) -> Self {
        Self { answer, outcome: OK, user: Some(user), knows_app: true }
    }

    fn refused(answer: Answer, outcome: &'static str) -> Self {
        Self { answer, outcome, user: None, knows_app: true }
    }

    fn for_user(self, user: String) -> Self {
        Self { user: Some(user), ..self }
    }
}

fn record(shared: &Shared, method: &str, outcome: &str, user: Option<String>, fault: Option<FaultKind>) {
    let now = shared.clock.now();
    shared.world().calls.record(now, method, outcome, user, fault);
}

fn broken_off(break_off: BreakOffError) -> Response {
    // Nobody sees the status: the response is never sent.
    (StatusCode::BAD_GATEWAY, Extension(break_off)).into_response()
}

async fn sealed(shared: Arc<Shared>, answer: Answer, writing: Writing) -> Response {
    let trace_id = hexadecimal(&*shared.random, 16);
    let content_type = format!("text/html;charset={}", writing.written_charset());
    // Signing takes two thirds of a millisecond of processor time.
    match task::spawn_blocking(move || answer.seal(&shared.keys.platform_private_key, &writing)).await {
        Ok(Some(body)) => ([(CONTENT_TYPE, content_type), (TRACE_ID, trace_id)], body).into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The one node of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    name: String,
    node: String,
}

/// How to write an answer, faults included.
#[derive(Debug, Clone)]
pub(super) struct Writing {
    pub(super) charset: Charset,
    /// In certificate mode, the serial number of the platform's certificate.
    pub(super) certificate_serial: Option<String>,
    /// Whether the platform signs the answer.
    pub(super) signed: bool,
    /// The key to encrypt the answer with, if the app wants that.
    pub(super) content_key: Option<ContentKey>,
    pub(super) fault: Option<FaultKind>,
}

impl Writing {
    /// Returns the character set of the body: the wrong one if that fault is set.
    pub(super) fn written_charset(&self) -> Charset {
        if self.fault == Some(FaultKind::WrongCharset) { self.charset.other() } else { self.charset }
    }
}

impl Answer {
    /// Makes a method's answer, under its own name.
    pub(super) fn own(method: &str, node: &impl Serialize) -> Self {
        Self { name: response_node(method), node: encoded(node) }
    }

    /// Makes a refusal, as `error_response`.
    pub(super) fn error(refusal: &RefusalNode) -> Self {
        Self { name: ERROR_NODE.to_owned(), node: encoded(refusal) }
    }

    /// Returns only the node.
    fn node(&self) -> &str {
        &self.node
    }

    /// Returns the whole body. `None` if the cryptographic library fails, which should not happen.
    pub(super) fn seal(&self, key: &PrivateKey, writing: &Writing) -> Option<Vec<u8>> {
        let name = &self.name;
        let mut node = bytes(&self.node, writing.written_charset());
        if let Some(content_key) = &writing.content_key {
            // Slashes are not escaped here, as in genuine answers.
            node = format!("\"{}\"", content_key.encrypt(&node).ok()?).into_bytes();
        }
        if writing.fault == Some(FaultKind::Encrypted) {
            node = br#""ZW5jcnlwdGVk""#.to_vec();
        }
        let mut body = format!(r#"{{"{name}":"#).into_bytes();
        body.extend_from_slice(&node);
        if writing.fault == Some(FaultKind::DuplicateNode) {
            body.extend_from_slice(format!(r#","{name}":"#).as_bytes());
            body.extend_from_slice(&node);
        }
        if let Some(serial) = &writing.certificate_serial {
            body.extend_from_slice(format!(r#","alipay_cert_sn":"{serial}""#).as_bytes());
        }
        let signature = match writing.fault {
            Some(FaultKind::Unsigned) => None,
            _ if !writing.signed => None,
            Some(FaultKind::WrongSignature) => Some(key.sign(&[&node[..], b" "].concat()).ok()?),
            _ => Some(key.sign(&node).ok()?),
        };
        if let Some(signature) = signature {
            body.extend_from_slice(format!(r#","sign":"{signature}""#).as_bytes());
        }
        body.push(b'}');
        if writing.fault == Some(FaultKind::TruncatedBody) {
            body.truncate(body.len() / 2);
        }
        Some(body)
    }
}

/// Writes JSON with `/` escaped, as in genuine answers: a client that verifies re-serialised JSON fails here too.
fn encoded(node: &impl Serialize) -> String {
    // JSON has slashes only in strings, and these structs of strings and numbers always encode.
    serde_json::to_string(node).map(|json| json.replace('/', r"\/")).unwrap_or_default()
}

/// Encodes text. A character that the set lacks becomes a question mark, as in the real platform's Java.
fn bytes(text: &str, charset: Charset) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match charset.encode(character.encode_utf8(&mut [0; 4])) {
            Ok(encoded) => bytes.extend_from_slice(&encoded),
            Err(_) => bytes.push(b'?'),
        }
    }
    bytes
}

/// A refusal's `code`, `msg`, `sub_code` and `sub_msg`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefusalNode {
    pub(crate) code: &'static str,
    pub(crate) msg: &'static str,
    pub(crate) sub_code: &'static str,
    pub(crate) sub_msg: Cow<'static, str>,
    /// Whether it means that the app is unknown or has no key on the platform.
    #[serde(skip)]
    pub(super) of_no_app: bool,
}

impl RefusalNode {
    /// Finds the refusal with that `sub_code`.
    pub(crate) fn find(sub_code: &str) -> Option<Self> {
        let (sub_code, refusal) = gateway().refusals.get_key_value(sub_code)?;
        let code = gateway().codes.get(&refusal.code)?;
        Some(Self {
            code: &refusal.code,
            msg: &code.msg,
            sub_code,
            sub_msg: Cow::Borrowed(&refusal.sub_msg),
            of_no_app: refusal.unsigned,
        })
    }

    /// Returns the refusal with a `sub_code` that this sandbox uses. One missing from the data has no code, and fails a test.
    pub(crate) fn of(sub_code: &'static str) -> Self {
        let unknown = Self { code: "", msg: "", sub_code, sub_msg: Cow::Borrowed(""), of_no_app: false };
        Self::find(sub_code).unwrap_or(unknown)
    }

    /// Iterates over every known `sub_code`.
    pub(crate) fn sub_codes() -> impl Iterator<Item = &'static str> {
        gateway().refusals.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_this_platform_is_in_the_data() {
        let sources = [
            include_str!("method.rs"),
            include_str!("revocations.rs"),
            include_str!("v3.rs"),
            include_str!("../control/consent.rs"),
            include_str!("../control/phone.rs"),
        ];
        let texts = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
        let used: Vec<_> = texts.filter(|text| text.starts_with("isv.") || text.starts_with("aop.")).collect();
        assert!(used.len() > 20, "{used:?}");
        for sub_code in used {
            assert!(RefusalNode::find(sub_code).is_some(), "{sub_code}");
        }
    }
}
