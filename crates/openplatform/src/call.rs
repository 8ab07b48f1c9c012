//! One call to the gateway: signed, sent, verified, and repeated where that is safe.

use crate::{
    answer,
    charset::Charset,
    config::{AppId, ConfigFault, GatewayConfig},
    envelope::NodeKind,
    error::{Failure, GatewayError},
    keys::PrivateKey,
    node::Fields,
    progress::{AboutAnswer, Progress, Stage, Waiting},
    protocol::{OAUTH_TOKEN, Parameters, SignType, UnsignedRequest, beijing_time},
    rejection::Rejection,
    retry::{self, MAXIMUM_ATTEMPTS, Repeat},
    signing::SigningThreads,
    transport::Transport,
    trust::Trust,
};
use miniauth_core::{random::Random, time::Clock};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep, timeout, timeout_at},
};

/// A method and its own parameters.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'static str,
    pub(crate) business: &'a [(&'static str, &'a str)],
    pub(crate) repeat: Repeat,
}

/// Makes calls as one app.
pub(crate) struct Caller {
    pub(crate) app_id: AppId,
    private_key: PrivateKey,
    signing: SigningThreads,
    trust: Trust,
    charset: Charset,
    transport: Transport,
    call_timeout: Duration,
    turn_timeout: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    in_flight: Semaphore,
}

impl Caller {
    pub(crate) fn new(
        config: GatewayConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, ConfigFault> {
        config.check(clock.now())?;
        Ok(Self {
            transport: Transport::new(&config.endpoint, config.charset, config.connect_timeout)?,
            app_id: config.app_id,
            private_key: config.app_private_key,
            signing: SigningThreads::start().map_err(ConfigFault::NoThreads)?,
            trust: config.trust,
            charset: config.charset,
            call_timeout: config.call_timeout,
            turn_timeout: config.turn_timeout,
            clock,
            random,
            in_flight: Semaphore::new(config.calls_in_flight.min(Semaphore::MAX_PERMITS)),
        })
    }

    /// The node of a success whose signature was verified.
    pub(crate) async fn call<T>(
        self: &Arc<Self>,
        call: Call<'_>,
        read: impl FnOnce(Fields) -> Result<T, Failure>,
    ) -> Result<T, GatewayError> {
        let (about, outcome) = self.repeated(call).await;
        outcome.and_then(read).map_err(|failure| GatewayError::new(failure, about.trace_id))
    }

    async fn repeated(self: &Arc<Self>, call: Call<'_>) -> (AboutAnswer, Result<Fields, Failure>) {
        let _turn = match self.turn().await {
            Ok(turn) => turn,
            Err(busy) => return (AboutAnswer::default(), Err(busy)),
        };
        let deadline = Instant::now() + self.call_timeout;
        let mut attempt = 1;
        loop {
            let (about, outcome) = self.attempt(call, deadline).await;
            log(call.method, attempt, &outcome, &about);
            let failure = match outcome {
                Err(failure) if attempt < MAXIMUM_ATTEMPTS && call.repeat.allows(&failure) => failure,
                outcome => return (about, outcome),
            };
            let pause = retry::pause(attempt, &*self.random);
            if Instant::now() + pause >= deadline {
                return (about, Err(failure));
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// One call that is not repeated, with what the headers of its answer say.
    pub(crate) async fn probe(self: &Arc<Self>, call: Call<'_>) -> (AboutAnswer, Result<Fields, Failure>) {
        self.attempt(call, Instant::now() + self.call_timeout).await
    }

    /// A place among the calls in flight, so that a slow gateway holds a bounded number of them.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, Failure> {
        let turn = timeout(self.turn_timeout.min(self.call_timeout), self.in_flight.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or(Failure::Busy)
    }

    async fn attempt(self: &Arc<Self>, call: Call<'_>, deadline: Instant) -> (AboutAnswer, Result<Fields, Failure>) {
        let progress = Arc::new(Progress::default());
        let outcome = self.answer(call, deadline, &progress).await;
        // Verifying costs 0.02 ms, about what handing it over to another thread would.
        let node = outcome.and_then(|body| self.successful_node(call.method, &body));
        (progress.about(), node)
    }

    /// The body of the answer, as it came.
    async fn answer(
        self: &Arc<Self>,
        call: Call<'_>,
        deadline: Instant,
        progress: &Arc<Progress>,
    ) -> Result<Vec<u8>, Failure> {
        // Certificates end while a server runs. The platform refuses an app's that is over, what is signed under one of
        // its own that is over proves nothing, and a code that is not sent is not spent.
        if let Trust::Certificates(certificates) = &self.trust {
            certificates.check_validity(self.clock.now())?;
        }
        let request = UnsignedRequest::new(self.parameters(call), self.charset).map_err(|_| Failure::Unencodable)?;
        let post = Arc::clone(self).post(request, deadline, Arc::clone(progress));
        let _waiting = Waiting(progress);
        timeout_at(deadline, self.signing.begin(post)).await.unwrap_or_else(|elapsed| {
            Err(match progress.give_up() {
                Stage::Signing => Failure::NotSigned,
                Stage::Connecting => Failure::NotReached(elapsed.into()),
                Stage::Sent => Failure::Interrupted(elapsed.into()),
            })
        })
    }

    async fn post(
        self: Arc<Self>,
        request: UnsignedRequest,
        deadline: Instant,
        progress: Arc<Progress>,
    ) -> Result<Vec<u8>, Failure> {
        let form = request.sign(&self.private_key).map_err(|_| Failure::NotSigned)?;
        // What cannot be answered in time is better not sent at all: then it is known what became of it.
        if Instant::now() >= deadline {
            return Err(Failure::NotSigned);
        }
        self.transport.post(form, &progress).await
    }

    /// The parameters of one call, all but the signature.
    fn parameters<'a>(&'a self, call: Call<'a>) -> Parameters<'a> {
        let mut parameters = Parameters::new();
        parameters.set("app_id", self.app_id.as_str());
        parameters.set("method", call.method);
        parameters.set("format", "JSON");
        parameters.set("charset", self.charset.as_str());
        parameters.set("sign_type", SignType::Rsa2.as_str());
        parameters.set("timestamp", beijing_time(self.clock.now()));
        parameters.set("version", "1.0");
        if let Trust::Certificates(certificates) = &self.trust {
            parameters.set("app_cert_sn", certificates.app().serial());
            parameters.set("alipay_root_cert_sn", certificates.root_serial());
        }
        for &(name, value) in call.business {
            parameters.set(name, value);
        }
        parameters
    }

    /// The node of an answer that the platform signed and that is a success.
    fn successful_node(&self, method: &str, body: &[u8]) -> Result<Fields, Failure> {
        let verified = answer::verify_own(body, method, &self.trust, self.charset)?;
        let node = Fields::read(&verified.text())?;
        let status = node.status()?;
        // The one API whose success has no code.
        let succeeded = !status.is_refusal() && (status.code.is_some() || method == OAUTH_TOKEN);
        if verified.kind() == NodeKind::Response && succeeded {
            Ok(node)
        } else {
            Err(Failure::Rejected(Rejection::new(status)))
        }
    }
}

/// What is told about a call: nothing that was sent, and of the answer only the platform's codes.
fn log(method: &str, attempt: u32, outcome: &Result<Fields, Failure>, about: &AboutAnswer) {
    let trace_id = about.trace_id.as_deref();
    match outcome {
        Ok(_) => tracing::debug!(method, attempt, trace_id, "the gateway answered"),
        Err(failure) => tracing::debug!(method, attempt, trace_id, %failure, "the call to the gateway failed"),
    }
}
