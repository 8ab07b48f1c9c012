//! `POST /v3/…`, and `GET` for one method: OpenAPI v3, with the same methods, apps and keys.

use super::{Done, RefusalNode, answered, carry_out_checked, method};
use crate::{
    faults::FaultKind,
    keys::Keys,
    world::{OK, Shared, hexadecimal},
};
use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use miniauth_core::time::Timestamp;
use miniauth_openplatform::{
    protocol::{CONSENT_QUERY, Charset, ENCRYPT_TYPE, Parameters},
    v3,
};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, slice, sync::Arc};
use tokio::task;

/// How much too early the signed time of a `Recorded` answer is, in milliseconds.
const RECORDED_MS: u64 = 60 * 60 * 1_000;

/// A request with its header `authorization`.
struct Request<'a> {
    verb: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a str,
    /// The signed part of the header: all but the signature.
    auth: &'a str,
    parameters: Parameters<'static>,
    /// Whether the body is encrypted with another key than the app's.
    is_not_decrypted: bool,
}

pub(super) async fn call(
    State(shared): State<Arc<Shared>>,
    verb: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(request) = Request::read(&verb, &uri, &headers, &body, &shared.keys) else {
        let refusal = RefusalNode::of("isv.invalid-parameter");
        return Answer::refusal(&refusal).sealed(&shared, None, false, None).await;
    };
    let name = method::name_for_log(request.parameters.get("method"));
    let carry_out =
        |fault: Option<&_>| carry_out_checked(&shared, &request.parameters, request.check(&shared.keys), fault);
    match answered(&shared, name, carry_out).await {
        Ok((done, fault)) => {
            let signed = done.knows_app || shared.world().profiles.signs_every_refusal();
            let certificate_mode = request.parameters.get("app_cert_sn").is_some();
            let serial = certificate_mode.then(|| shared.keys.certificates.platform().serial().to_owned());
            let Some(answer) = Answer::of(&done).encrypted(request.is_encrypted(), &shared.keys) else {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            };
            answer.sealed(&shared, serial, signed, fault).await
        }
        Err(response) => response,
    }
}

impl<'a> Request<'a> {
    /// Reads a request; `None` if query, JSON or the header `authorization` are malformed.
    fn read(verb: &'a Method, uri: &'a Uri, headers: &'a HeaderMap, body: &'a [u8], keys: &Keys) -> Option<Self> {
        let body = str::from_utf8(body).ok()?;
        let decrypted = match text(headers, v3::ENCRYPT_TYPE_HEADER) {
            Some(_) => v3::decrypt(body, slice::from_ref(&keys.content_key)).map(Cow::Owned),
            None => Ok(Cow::Borrowed(body)),
        };
        let authorization = text(headers, AUTHORIZATION.as_str()).unwrap_or_default();
        let auth = authorization.strip_prefix(v3::SCHEME).unwrap_or_default().trim_start();
        let mut parameters = Parameters::new();
        if let Some(query) = uri.query() {
            parameters.extend_from_form(query.as_bytes(), Charset::Utf8).ok()?;
        }
        let content = decrypted.as_deref().unwrap_or_default();
        if !content.is_empty() {
            for (name, value) in serde_json::from_str::<Map<String, Value>>(content).ok()? {
                match value {
                    Value::String(value) => parameters.set(name, value),
                    Value::Number(value) => parameters.set(name, value.to_string()),
                    _ => {}
                }
            }
        }
        for (name, value) in auth.split(',').filter_map(|part| part.split_once('=')) {
            parameters.set(name.to_owned(), value.to_owned());
        }
        // Only this method uses GET.
        let method = uri.path().trim_start_matches("/v3/").replace('/', ".");
        let has_verb = (method == CONSENT_QUERY) == (verb == Method::GET);
        parameters.set("method", if has_verb { method } else { format!("{verb} {method}") });
        let auth = auth.split_once(",sign=").map_or(auth, |(auth, _)| auth);
        Some(Self { verb, uri, headers, body, auth, parameters, is_not_decrypted: decrypted.is_err() })
    }

    /// Checks that the app sent it.
    fn check(&self, keys: &Keys) -> Result<(), RefusalNode> {
        let required = |name, missing| self.parameters.get(name).ok_or_else(|| RefusalNode::of(missing));
        method::check_app(required("app_id", "isv.missing-app-id")?)?;
        required("nonce", "isv.invalid-parameter")?;
        if required("timestamp", "isv.missing-timestamp")?.parse::<u64>().is_err() {
            return Err(RefusalNode::of("isv.invalid-timestamp"));
        }
        let root = text(self.headers, v3::ROOT_SERIAL_HEADER);
        method::check_certificates(self.parameters.get("app_cert_sn"), root, keys)?;
        let signature = required("sign", "isv.missing-signature")?;
        let path = self.uri.path_and_query().map_or("", |path| path.as_str());
        let token = text(self.headers, v3::APP_AUTH_TOKEN_HEADER);
        let signed = v3::request_string(self.auth, self.verb.as_str(), path, self.body, token);
        let verified = keys.app_public_key.verify(signed.as_bytes(), signature);
        verified.map_err(|_| RefusalNode::of("isv.invalid-signature"))?;
        match text(self.headers, v3::ENCRYPT_TYPE_HEADER) {
            Some(encrypt_type) if encrypt_type != ENCRYPT_TYPE => Err(RefusalNode::of("isv.invalid-encrypt-type")),
            _ if self.is_not_decrypted => Err(RefusalNode::of(method::NOT_DECRYPTED)),
            _ => Ok(()),
        }
    }

    fn is_encrypted(&self) -> bool {
        text(self.headers, v3::ENCRYPT_TYPE_HEADER).is_some()
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// An answer: flat JSON and the HTTP status.
struct Answer {
    status: StatusCode,
    body: String,
}

impl Answer {
    fn of(done: &Done) -> Self {
        if done.outcome != OK {
            return Self::refusal(&RefusalNode::of(done.outcome));
        }
        // The status shows success, so these fields are left out.
        let mut fields: Map<String, Value> = serde_json::from_str(done.answer.node()).unwrap_or_default();
        fields.remove("code");
        fields.remove("msg");
        // The content of v2's `response` is at the top level.
        if let Some(Value::Object(response)) = fields.remove("response") {
            fields.extend(response);
        }
        Self { status: StatusCode::OK, body: Value::from(fields).to_string() }
    }

    fn refusal(refusal: &RefusalNode) -> Self {
        let status = match refusal.code {
            "20000" => StatusCode::INTERNAL_SERVER_ERROR,
            "20001" => StatusCode::UNAUTHORIZED,
            "40003" | "40006" => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        let body =
            json!({ "code": v3::bare_code(refusal.sub_code), "message": refusal.sub_msg, "links": [] }).to_string();
        Self { status, body }
    }

    /// Encrypts a success if the app wants that; the SDKs read refusals as plain JSON. `None` if the cryptographic library fails, which
    /// should not happen.
    fn encrypted(self, wanted: bool, keys: &Keys) -> Option<Self> {
        if !wanted || self.status != StatusCode::OK {
            return Some(self);
        }
        let body = keys.content_key.encrypt(self.body.as_bytes()).ok()?;
        Some(Self { body, ..self })
    }

    /// Signs the answer, faults included.
    async fn sealed(
        self,
        shared: &Arc<Shared>,
        serial: Option<String>,
        signed: bool,
        fault: Option<FaultKind>,
    ) -> Response {
        let (nonce, trace_id) = (hexadecimal(&*shared.random, 16), hexadecimal(&*shared.random, 16));
        let mut signed_at = shared.clock.now();
        if fault == Some(FaultKind::Recorded) {
            signed_at = Timestamp::from_millis(signed_at.as_millis().saturating_sub(RECORDED_MS));
        }
        let timestamp = signed_at.as_millis().to_string();
        let mut body = match fault {
            Some(FaultKind::Encrypted) => "ZW5jcnlwdGVk".to_owned(),
            _ => self.body,
        };
        let mut to_sign = v3::answer_bytes(&timestamp, &nonce, body.as_bytes());
        if fault == Some(FaultKind::WrongSignature) {
            to_sign.push(b' ');
        }
        let signature = if signed && fault != Some(FaultKind::Unsigned) {
            let shared = Arc::clone(shared);
            // Signing takes two thirds of a millisecond of processor time.
            match task::spawn_blocking(move || shared.keys.platform_private_key.sign(&to_sign)).await {
                Ok(Ok(signature)) => Some(signature),
                _ => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        } else {
            None
        };
        if fault == Some(FaultKind::TruncatedBody) {
            body.truncate((0..=body.len() / 2).rfind(|&end| body.is_char_boundary(end)).unwrap_or(0));
        }
        let mut response = (self.status, body).into_response();
        let headers = [
            (CONTENT_TYPE.as_str(), Some("application/json;charset=utf-8".to_owned())),
            ("alipay-trace-id", Some(trace_id)),
            (v3::TIMESTAMP_HEADER, Some(timestamp)),
            (v3::NONCE_HEADER, Some(nonce)),
            (v3::SERIAL_HEADER, serial.filter(|_| signature.is_some())),
            (v3::SIGNATURE_HEADER, signature),
        ];
        for (name, value) in headers {
            if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
