//! One call to the gateway: it is signed, sent, verified, and repeated if that is safe.

use crate::{
    answer::{self, Fields, VerifiedNode},
    charset::Charset,
    config::{Api, AppId, ConfigError, GatewayConfig, Trust},
    content::{ContentKey, EncryptError},
    envelope::NodeKind,
    error::{GatewayError, GatewayErrorKind as Kind},
    http::{AboutAnswer, Transport},
    keys::{PrivateKey, PublicKey},
    phone::PhoneSignature,
    protocol::{OAUTH_TOKEN, Parameters, SignType, beijing_time},
    refusal::Refusal,
    v3::{self, Verb},
};
use miniauth_core::{
    random::Random,
    time::{Clock, Timestamp},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::{borrow::Cow, sync::Arc, thread::available_parallelism, time::Duration};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
    time::{Instant, sleep, timeout, timeout_at},
};

/// The most attempts at one call.
const MAXIMUM_ATTEMPTS: u32 = 3;

/// The longest pause before the second attempt; it doubles for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The parameters of every call, which the client sets.
const COMMON_PARAMETERS: [&str; 11] = [
    "alipay_root_cert_sn",
    "app_cert_sn",
    "app_id",
    "charset",
    "encrypt_type",
    "format",
    "method",
    "sign",
    "sign_type",
    "timestamp",
    "version",
];

/// A call of a method of the platform, with the method's own parameters. `Debug` shows their names, not their values.
///
/// ```
/// use miniauth_openplatform::{Call, Retry};
/// let content = serde_json::json!({ "url_param": "pages/index/index" });
/// let call = Call::new("alipay.open.app.qrcode.create").biz_content(&content).retry(Retry::WithoutEffect);
/// assert!(!format!("{call:?}").contains("pages/index"));
/// ```
#[derive(Debug, Clone)]
pub struct Call<'a> {
    method: Cow<'a, str>,
    parameters: Parameters<'a>,
    retry: Retry,
    verb: Verb,
    encrypted: bool,
}

impl<'a> Call<'a> {
    /// Creates a call of a method such as `alipay.user.info.share`, without retries. In OpenAPI v3 it is a `POST` to
    /// the path of the same name, or a `GET` after [`get`](Self::get). Methods for which v3 has a different path cannot
    /// be called this way.
    pub fn new(method: impl Into<Cow<'a, str>>) -> Self {
        Self {
            method: method.into(),
            parameters: Parameters::new(),
            retry: Retry::Never,
            verb: Verb::Post,
            encrypted: false,
        }
    }

    /// Uses `GET` in OpenAPI v3, for the methods that require it. The signed query then has all parameters, including
    /// those in `biz_content`. Has no effect with `gateway.do`.
    pub fn get(mut self) -> Self {
        self.verb = Verb::Get;
        self
    }

    /// Adds a parameter beside the common ones, such as `app_auth_token` or `notify_url`. The client sets the common ones itself.
    ///
    /// In OpenAPI v3 the parameters are the members of the JSON body. If there is [`biz_content`](Self::biz_content), that is the
    /// body, and the others are in the query. `app_auth_token` is a header.
    pub fn parameter(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.parameters.set(name, value);
        self
    }

    /// Adds `biz_content`, in which most methods take their parameters, as JSON.
    pub fn biz_content(self, content: &Value) -> Self {
        self.parameter("biz_content", content.to_string())
    }

    /// Encrypts [`biz_content`](Self::biz_content) with the app's content key, and asks the platform to encrypt its answer
    /// (接口内容加密). In OpenAPI v3 the whole body is encrypted; a `GET` has none. An encrypted answer is always decrypted, with or
    /// without this setting.
    pub fn encrypted(mut self) -> Self {
        self.encrypted = true;
        self
    }

    /// Calls on behalf of the user of this access token (`auth_token`).
    pub fn auth_token(self, access_token: &'a SecretString) -> Self {
        self.parameter("auth_token", access_token.expose_secret())
    }

    /// Lets the client retry a failed call, within the call's time limit.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// Returns the call's own parameters. An error if the client sets one of them.
    fn own_parameters(&self) -> Result<&Parameters<'a>, Kind> {
        match COMMON_PARAMETERS.into_iter().find(|name| self.parameters.get(name).is_some()) {
            Some(name) => Err(Kind::ReservedParameter(name)),
            None => Ok(&self.parameters),
        }
    }
}

/// Which failed calls are retried. A call is sent at most three times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retry {
    /// None.
    #[default]
    Never,
    /// Those that certainly had no effect: the call never arrived, or the platform says that its service failed.
    WithoutEffect,
    /// Also those with an unknown effect. For calls that only read.
    Read,
}

impl Retry {
    /// Returns whether a call may be retried after this failure.
    fn allows(self, failure: &Kind) -> bool {
        let without_effect = match failure {
            Kind::NotReached(_) => true,
            Kind::Refused(refusal) => refusal.is_passing(),
            _ => false,
        };
        match self {
            Self::Never => false,
            Self::WithoutEffect => without_effect,
            Self::Read => without_effect || matches!(failure, Kind::Interrupted(_) | Kind::Status(429 | 500..)),
        }
    }
}

/// The verified node of a success, with its fields.
pub(crate) type Success = (VerifiedNode<'static>, Fields);

/// Makes calls as one app.
pub(crate) struct Caller {
    pub(crate) app_id: AppId,
    private_key: PrivateKey,
    trust: Trust,
    content_keys: Vec<ContentKey>,
    phone_signature: PhoneSignature,
    api: Api,
    charset: Charset,
    transport: Transport,
    call_timeout: Duration,
    turn_timeout: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    in_flight: Semaphore,
    signing: Arc<Semaphore>,
}

impl Caller {
    pub(crate) fn new(
        config: GatewayConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, ConfigError> {
        config.check(clock.now())?;
        Ok(Self {
            transport: Transport::new(&config)?,
            app_id: config.app_id,
            private_key: config.app_private_key,
            trust: config.trust,
            content_keys: config.content_keys,
            phone_signature: config.phone_signature,
            api: config.api,
            charset: config.charset,
            call_timeout: config.call_timeout,
            turn_timeout: config.turn_timeout,
            clock,
            random,
            in_flight: Semaphore::new(config.calls_in_flight.min(Semaphore::MAX_PERMITS)),
            // More would only compete for the cores.
            signing: Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from))),
        })
    }

    /// Returns whether the platform's certificate leads to a root. Always true for a key, which has no chain.
    pub(crate) fn is_vouched_for(&self) -> bool {
        match &self.trust {
            Trust::PublicKey(_) => true,
            Trust::Certificates(certificates) => certificates.are_vouched_for(),
        }
    }

    /// The time by the client's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns what verifies the platform's signatures.
    pub(crate) fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Returns whether answers about phone numbers must be signed.
    pub(crate) fn phone_signature(&self) -> PhoneSignature {
        self.phone_signature
    }

    /// The app's content keys.
    pub(crate) fn content_keys(&self) -> &[ContentKey] {
        &self.content_keys
    }

    /// Returns the key that verifies the platform's signatures.
    pub(crate) fn key(&self) -> &PublicKey {
        self.trust.key()
    }

    /// Returns the app's key, which signs requests.
    pub(crate) fn private_key(&self) -> &PrivateKey {
        &self.private_key
    }

    /// Makes a call, and reads the result from a success.
    pub(crate) async fn call<T>(
        &self,
        call: Call<'_>,
        read: impl FnOnce(Success) -> Result<T, Kind>,
    ) -> Result<T, GatewayError> {
        let (about, outcome) = self.with_retries(&call).await;
        outcome.and_then(read).map_err(|kind| GatewayError::new(kind, about.trace_id))
    }

    async fn with_retries(&self, call: &Call<'_>) -> (AboutAnswer, Result<Success, Kind>) {
        let _turn = match self.turn().await {
            Ok(turn) => turn,
            Err(busy) => return (AboutAnswer::default(), Err(busy)),
        };
        let deadline = Instant::now() + self.call_timeout;
        let mut attempt = 1;
        loop {
            let (about, outcome) = self.attempt(call, deadline).await;
            log(call.method(), attempt, &outcome, &about);
            let failure = match outcome {
                Err(failure) if attempt < MAXIMUM_ATTEMPTS && call.retry.allows(&failure) => failure,
                outcome => return (about, outcome),
            };
            let pause = pause(attempt, &*self.random);
            if Instant::now() + pause >= deadline {
                return (about, Err(failure));
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// Makes a call once. Also returns information from the answer's headers.
    pub(crate) async fn once(&self, call: &Call<'_>) -> (AboutAnswer, Result<Success, Kind>) {
        self.attempt(call, Instant::now() + self.call_timeout).await
    }

    /// Waits for a permit for a call in flight, so that a slow gateway cannot pile up calls without limit.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, Kind> {
        let turn = timeout(self.turn_timeout.min(self.call_timeout), self.in_flight.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or(Kind::Busy)
    }

    async fn attempt(&self, call: &Call<'_>, deadline: Instant) -> (AboutAnswer, Result<Success, Kind>) {
        let mut about = AboutAnswer::default();
        // Verifying takes 0.02 ms, about as long as a switch to another thread.
        let outcome = match self.api {
            Api::V2 => self.v2(call, deadline, &mut about).await,
            Api::V3 => self.v3(call, deadline, &mut about).await,
        };
        (about, outcome)
    }

    /// Calls `gateway.do`.
    async fn v2(&self, call: &Call<'_>, deadline: Instant, about: &mut AboutAnswer) -> Result<Success, Kind> {
        let mut parameters = self.parameters(call)?;
        let message = parameters.bytes_to_sign(self.charset).map_err(|_| Kind::Unencodable)?;
        parameters.set("sign", self.signature(message, deadline).await?);
        // Signed with the other parameters, but sent in the query.
        parameters.take("charset");
        let form = parameters.to_form(self.charset).map_err(|_| Kind::Unencodable)?;
        let body = in_time(deadline, self.transport.post(form, about)).await?;
        self.success(call.method(), &body)
    }

    /// Calls OpenAPI v3.
    async fn v3(&self, call: &Call<'_>, deadline: Instant, about: &mut AboutAnswer) -> Result<Success, Kind> {
        let parameters = call.own_parameters()?;
        let auth = v3::auth(self.app_id.as_str(), &self.trust, self.clock.now(), &*self.random);
        let mut request = v3::Request::new(call.verb, call.method(), parameters, auth);
        if call.encrypted {
            request.encrypt(self.content_key()?)?;
        }
        let authorization = request.authorization(&self.signature(request.to_sign(), deadline).await?);
        let root_serial = match &self.trust {
            Trust::Certificates(certificates) => Some(certificates.root_serial()),
            Trust::PublicKey(_) => None,
        };
        let answer = in_time(deadline, self.transport.send_v3(request, authorization, root_serial, about)).await?;
        answer.success(&self.trust, &self.content_keys, self.clock.now())
    }

    /// Signs the message if sending it still makes sense.
    async fn signature(&self, message: Vec<u8>, deadline: Instant) -> Result<String, Kind> {
        // Certificates can expire while a server runs. The platform then rejects the app's certificate, and its own no
        // longer proves anything. A code that is not sent stays usable.
        if let Trust::Certificates(certificates) = &self.trust {
            certificates.check_validity(self.clock.now())?;
        }
        let signature = timeout_at(deadline, self.sign(message)).await.map_err(|_| Kind::NotSigned)??;
        // If no time is left for an answer, do not send the call: then the outcome is known.
        if Instant::now() >= deadline { Err(Kind::NotSigned) } else { Ok(signature) }
    }

    /// Signs on a blocking thread of the runtime: signing takes 0.2 ms or more, several times what a task may take
    /// between two awaits without delaying others.
    async fn sign(&self, message: Vec<u8>) -> Result<String, Kind> {
        let turn = Arc::clone(&self.signing).acquire_owned().await.map_err(|_| Kind::NotSigned)?;
        let key = self.private_key.clone();
        let signing = spawn_blocking(move || {
            // Released when signing is done, even if nobody waits for it any more.
            let _turn = turn;
            key.sign(&message)
        });
        signing.await.ok().and_then(Result::ok).ok_or(Kind::NotSigned)
    }

    /// Returns the parameters of a call without the signature.
    fn parameters<'a>(&'a self, call: &'a Call<'_>) -> Result<Parameters<'a>, Kind> {
        let mut parameters: Parameters<'a> = call.own_parameters()?.clone();
        parameters.set("app_id", self.app_id.as_str());
        parameters.set("method", call.method());
        parameters.set("format", "JSON");
        parameters.set("charset", self.charset.as_str());
        parameters.set("sign_type", SignType::Rsa2.as_str());
        parameters.set("timestamp", beijing_time(self.clock.now()));
        parameters.set("version", "1.0");
        if let Trust::Certificates(certificates) = &self.trust {
            parameters.set("app_cert_sn", certificates.app().serial());
            parameters.set("alipay_root_cert_sn", certificates.root_serial());
        }
        if call.encrypted {
            parameters.encrypt(self.content_key()?, self.charset)?;
        }
        Ok(parameters)
    }

    /// Returns the key that encrypts contents.
    fn content_key(&self) -> Result<&ContentKey, EncryptError> {
        self.content_keys.first().ok_or(EncryptError::NoKey)
    }

    /// Returns the node of a success that the platform signed.
    fn success(&self, method: &str, body: &[u8]) -> Result<Success, Kind> {
        let node = answer::verify_own(body, method, &self.trust, self.charset, &self.content_keys)?;
        let node = node.decrypted(&self.content_keys)?;
        let fields = Fields::read(&node.text())?;
        let status = fields.status()?;
        // The only method whose success has no code.
        let succeeded = status.refusal().is_none() && (status.code.is_some() || method == OAUTH_TOKEN);
        if node.kind() == NodeKind::Response && succeeded {
            Ok((node.into_owned(), fields))
        } else {
            Err(Kind::Refused(Refusal::new(status.code, status.sub_code)))
        }
    }
}

/// Sends, and waits for the answer. Connecting has its own time limit, so its progress at the deadline does not matter.
async fn in_time<T>(deadline: Instant, sent: impl Future<Output = Result<T, Kind>>) -> Result<T, Kind> {
    timeout_at(deadline, sent).await.unwrap_or_else(|elapsed| Err(Kind::Interrupted(elapsed.into())))
}

/// Returns the pause after that many attempts: a random time up to a limit that doubles, so that callers that failed
/// together do not retry together.
fn pause(attempts: u32, random: &dyn Random) -> Duration {
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(attempts.saturating_sub(1));
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    longest.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

/// Logs a call: nothing that was sent, and only the platform's codes from the answer.
fn log(method: &str, attempt: u32, outcome: &Result<Success, Kind>, about: &AboutAnswer) {
    let trace_id = about.trace_id.as_deref();
    match outcome {
        Ok(_) => tracing::debug!(method, attempt, trace_id, "the gateway answered"),
        Err(failure) => tracing::debug!(method, attempt, trace_id, %failure, "the call to the gateway failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn pauses_are_random_up_to_a_limit_that_doubles() {
        assert_eq!(pause(1, &Always(0)), Duration::ZERO);
        assert_eq!(pause(1, &Always(0xff)), Duration::from_millis(200));
        assert_eq!(pause(2, &Always(0xff)), Duration::from_millis(400));
        let half = pause(2, &Always(0x80));
        assert!((Duration::from_millis(199)..Duration::from_millis(203)).contains(&half), "{half:?}");
    }

    #[test]
    fn an_exchange_is_never_repeated_and_a_read_where_it_may_help() {
        let interrupted = Kind::Interrupted("cut".into());
        let not_reached = Kind::NotReached("refused".into());
        for failure in [&interrupted, &not_reached, &Kind::Status(502), &Kind::Busy] {
            assert!(!Retry::Never.allows(failure));
        }
        assert!(Retry::WithoutEffect.allows(&not_reached) && !Retry::WithoutEffect.allows(&interrupted));
        assert!(!Retry::WithoutEffect.allows(&Kind::Status(502)));
        assert!(Retry::Read.allows(&interrupted) && Retry::Read.allows(&Kind::Status(502)));
        assert!(!Retry::Read.allows(&Kind::Status(404)) && !Retry::Read.allows(&Kind::IdentityMismatch));
    }

    #[test]
    fn values_do_not_print() {
        let token = SecretString::from("composeB");
        let call = Call::new("alipay.user.info.share").auth_token(&token).parameter("app_auth_token", "composeA");
        let printed = format!("{call:?}");
        assert!(printed.contains("auth_token") && !printed.contains("compose"), "{printed}");
    }
}
