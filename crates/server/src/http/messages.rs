//! `/platform-messages`: receives what the platform posts to the app's gateway address (应用网关). A withdrawal is
//! processed before it is answered. The platform repeats a message up to eight times within 25 hours until the answer
//! is `success`.

use super::read_body;
use crate::{
    api_error::{ApiError, describe_errors},
    app::App,
    store::{Actor, StoreError, Withdrawn},
};
use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
    routing::post,
};
use miniauth_core::error_code::ErrorCode::*;
use miniauth_openplatform::{Message, MessageError, Withdrawal};
use std::{fmt, net::SocketAddr, str::FromStr};
use tracing::Instrument as _;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The path of the platform's messages, below that of the app: `/platform-messages` by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagesPath(String);

/// The first segments of the server's other paths.
const TAKEN: &[&str] = &[
    ".well-known",
    "apps",
    "auth",
    "consents",
    "forward-auth",
    "healthz",
    "introspect",
    "member",
    "metrics",
    "openapi.json",
    "readyz",
    "session",
    "phone",
    "sessions",
];

impl Default for MessagesPath {
    fn default() -> Self {
        Self("/platform-messages".to_owned())
    }
}

impl fmt::Display for MessagesPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for MessagesPath {
    type Err = MessagesPathError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let parts = path.strip_prefix('/').ok_or(MessagesPathError::Form)?.split('/').collect::<Vec<_>>();
        let is_plain = |part: &&str| {
            !matches!(*part, "" | "." | "..")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        };
        if !parts.iter().all(is_plain) {
            return Err(MessagesPathError::Form);
        }
        if TAKEN.contains(&parts[0]) {
            return Err(MessagesPathError::Taken);
        }
        Ok(Self(path.to_owned()))
    }
}

/// Why a text cannot be a path for the platform's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessagesPathError {
    /// It is not a plain path.
    #[error("not a path like /platform-messages, of letters, digits, - . _ ~ and /")]
    Form,
    /// The server has other endpoints there.
    #[error("the server has other endpoints under this path")]
    Taken,
}

/// The form of a message. The platform may add fields, which are signed too.
// Only for the OpenAPI document: the signature is checked over the bytes as posted.
#[derive(ToSchema)]
#[schema(as = PlatformMessage)]
#[expect(dead_code, reason = "only described")]
struct MessageForm {
    /// What the message is, such as `alipay.open.auth.userauth.cancelled`. Absent from the console's check of the address.
    #[schema(nullable = false)]
    msg_method: Option<String>,
    /// The app that the message is about.
    #[schema(nullable = false)]
    app_id: Option<String>,
    /// The content, as a JSON object; as XML in the console's check of the address.
    biz_content: String,
    /// `alipay.service.check` for the console's check of the address.
    #[schema(nullable = false)]
    service: Option<String>,
    /// The charset of the form and of the signed text.
    #[schema(example = "UTF-8", nullable = false)]
    charset: Option<String>,
    /// When it was sent, in milliseconds since the Unix epoch.
    #[schema(nullable = false)]
    utc_timestamp: Option<String>,
    /// The same for every repetition of a message.
    #[schema(nullable = false)]
    notify_id: Option<String>,
    #[schema(nullable = false)]
    version: Option<String>,
    #[schema(example = "RSA2", nullable = false)]
    sign_type: Option<String>,
    /// The platform's signature, in base64.
    sign: String,
}

/// Returns the endpoint for the OpenAPI document, at the default path.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(take))
}

/// Returns the endpoint at the configured path.
pub(super) fn at(path: &MessagesPath) -> Router<App> {
    Router::new().route(&path.0, post(take))
}

describe_errors!(MessageErrors: &[
    BodyMalformed,
    FieldInvalid,
    BodyTooLarge,
    RequestTimeout,
    RateLimited,
    Internal,
    Overloaded,
]);

/// Receives a message from the open platform to the app's gateway address (应用网关), which is set in the platform's
/// console.
///
/// The message is authenticated by its signature, over the form as posted. For a withdrawal of consent
/// (`alipay.open.auth.userauth.cancelled`), the server ends everything that rests on the user's earlier consent, and
/// then answers. It answers the console's check of the address. It only logs other messages. It refuses a message that
/// is not proven to come from the platform and to be for this app. The path is configurable, and the endpoint can be
/// turned off.
#[utoipa::path(
    post,
    path = "/platform-messages",
    operation_id = "takePlatformMessage",
    request_body(content = MessageForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (
            status = 200,
            description = "`success`: it need not be posted again. To the check of the address: a signed document with the \
                           app's public key, in GBK.",
            content((String = "text/plain"), (String = "text/xml")),
        ),
        MessageErrors,
    ),
)]
async fn take(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    // Limited before anything is read, because each message costs two checks of a signature.
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let address = app.proxies.client(peer.ip(), request.headers()).address;
        app.rates.messages.count(address).map_err(|wait| super::too_many("address", wait))?;
    }
    let form = read_body(request).await?;
    let message = app.gateway.read_message(&form);
    app.metrics.platform_message(kind(&message));
    match message? {
        Message::Withdrawal(withdrawal) => {
            // In a task of its own, like an erasure: it completes even if the platform hangs up.
            let processing = process(app.clone(), withdrawal).in_current_span();
            match app.running.spawn(processing).await {
                Ok(processed) => processed?,
                Err(_) => return Err(ApiError::new(Internal).because("processing a withdrawal panicked")),
            }
        }
        Message::AddressCheck => {
            let gateway = app.gateway.clone();
            let signing = tokio::task::spawn_blocking(move || gateway.answer_to_address_check());
            let signed = signing.await.map_err(|_| ApiError::new(Internal).because("signing panicked"))?;
            let answer = signed.map_err(|error| ApiError::new(Internal).because_of(&error))?;
            // The answer is ASCII, which is the same in GBK.
            return Ok(([(CONTENT_TYPE, "text/xml;charset=GBK")], answer).into_response());
        }
        Message::Other(method) => {
            let method: String = method.chars().take(64).collect();
            tracing::info!(method, "ignored a message of the platform");
        }
        _ => {}
    }
    Ok("success".into_response())
}

/// Returns the metrics label of a message.
fn kind(message: &Result<Message, MessageError>) -> &'static str {
    match message {
        Ok(Message::Withdrawal(_)) => "withdrawal",
        Ok(Message::AddressCheck) => "address_check",
        Ok(_) => "other",
        Err(_) => "refused",
    }
}

/// Processes a withdrawal, and logs it without naming the user.
async fn process(app: App, withdrawal: Withdrawal) -> Result<(), StoreError> {
    let Withdrawal { ids, at, notify_id } = withdrawal;
    let withdrawn =
        app.stores.withdraw(app.id(), &ids, at, app.after_withdrawal, &Actor::Platform, app.clock.now()).await;
    app.metrics.withdrawal(withdrawn.as_ref().ok().copied());
    let outcome = withdrawn?;
    if outcome != Withdrawn::Unknown {
        // In case a reader kept the member's bytes in a journal.
        app.clean_up.erasures_are_due();
    }
    let notify_id: Option<String> = notify_id.map(|id| id.chars().take(64).collect());
    tracing::info!(app_id = app.id(), notify_id, outcome = outcome.as_str(), "a user withdrew consent");
    Ok(())
}

impl From<MessageError> for ApiError {
    fn from(error: MessageError) -> Self {
        let code = if error == MessageError::Form { BodyMalformed } else { FieldInvalid };
        Self::new(code).with_detail(format!("Not a message from the platform to this app: {error}.")).because_of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_plain_and_does_not_hide_an_endpoint() {
        for path in ["/platform-messages", "/a", "/hooks/alipay_1.0~b"] {
            assert_eq!(path.parse::<MessagesPath>().map(|path| path.to_string()), Ok(path.to_owned()));
        }
        for path in ["", "/", "hooks", "/a//b", "/a/", "/../a", "/{id}", "/*rest", "/a?b", "/a b", "/消息"] {
            assert_eq!(path.parse::<MessagesPath>(), Err(MessagesPathError::Form), "{path}");
        }
        for path in ["/auth", "/apps/2021/x", "/sessions/x", "/metrics"] {
            assert_eq!(path.parse::<MessagesPath>(), Err(MessagesPathError::Taken), "{path}");
        }
    }

    #[test]
    fn every_other_path_is_taken() {
        let document: serde_json::Value = serde_json::from_str(crate::http::openapi_text()).unwrap();
        let paths = document["paths"].as_object().unwrap().keys();
        for path in paths.filter(|path| **path != MessagesPath::default().to_string()) {
            let first = path.split('/').nth(1).unwrap();
            assert!(TAKEN.contains(&first), "{path}");
        }
    }
}
