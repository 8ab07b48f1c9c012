//! One call to the gateway: signed, sent, verified, and repeated where that is safe.

use crate::{
    answer,
    charset::Charset,
    config::{AppId, ConfigFault, GatewayConfig},
    envelope::NodeKind,
    error::{Failure, GatewayError},
    http::{AboutAnswer, Transport},
    keys::PrivateKey,
    node::Fields,
    protocol::{OAUTH_TOKEN, Parameters, SignType, beijing_time},
    rejection::Rejection,
    trust::Trust,
};
use miniauth_core::{random::Random, time::Clock};
use std::{sync::Arc, thread::available_parallelism, time::Duration};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
    time::{Instant, sleep, timeout, timeout_at},
};

/// Most attempts at one call.
const MAXIMUM_ATTEMPTS: u32 = 3;

/// The longest pause before the second attempt; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A method and its own parameters.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'static str,
    pub(crate) business: &'a [(&'static str, &'a str)],
    pub(crate) repeat: Repeat,
}

/// What may be repeated about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing: an auth code is exchanged once.
    Never,
    /// What surely had no effect: the call never arrived, or the platform says that its service failed.
    WithoutEffect,
    /// That, and whatever leaves open what happened: reading twice does no harm.
    Read,
}

impl Repeat {
    /// Whether a call that failed like this may be made again.
    fn allows(self, failure: &Failure) -> bool {
        let without_effect = match failure {
            Failure::NotReached(_) => true,
            Failure::Rejected(rejection) => rejection.is_passing(),
            _ => false,
        };
        match self {
            Self::Never => false,
            Self::WithoutEffect => without_effect,
            Self::Read => without_effect || matches!(failure, Failure::Interrupted(_) | Failure::Status(429 | 500..)),
        }
    }
}

/// Makes calls as one app.
pub(crate) struct Caller {
    pub(crate) app_id: AppId,
    private_key: PrivateKey,
    trust: Trust,
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
    ) -> Result<Self, ConfigFault> {
        config.check(clock.now())?;
        Ok(Self {
            transport: Transport::new(&config.endpoint, config.charset, config.connect_timeout)?,
            app_id: config.app_id,
            private_key: config.app_private_key,
            trust: config.trust,
            charset: config.charset,
            call_timeout: config.call_timeout,
            turn_timeout: config.turn_timeout,
            clock,
            random,
            in_flight: Semaphore::new(config.calls_in_flight.min(Semaphore::MAX_PERMITS)),
            // More would only take turns on the cores.
            signing: Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from))),
        })
    }

    /// The node of a success whose signature was verified.
    pub(crate) async fn call<T>(
        &self,
        call: Call<'_>,
        read: impl FnOnce(Fields) -> Result<T, Failure>,
    ) -> Result<T, GatewayError> {
        let (about, outcome) = self.repeated(call).await;
        outcome.and_then(read).map_err(|failure| GatewayError::new(failure, about.trace_id))
    }

    async fn repeated(&self, call: Call<'_>) -> (AboutAnswer, Result<Fields, Failure>) {
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
            let pause = pause(attempt, &*self.random);
            if Instant::now() + pause >= deadline {
                return (about, Err(failure));
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// One call that is not repeated, with what the headers of its answer say.
    pub(crate) async fn probe(&self, call: Call<'_>) -> (AboutAnswer, Result<Fields, Failure>) {
        self.attempt(call, Instant::now() + self.call_timeout).await
    }

    /// A place among the calls in flight, so that a slow gateway holds a bounded number of them.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, Failure> {
        let turn = timeout(self.turn_timeout.min(self.call_timeout), self.in_flight.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or(Failure::Busy)
    }

    async fn attempt(&self, call: Call<'_>, deadline: Instant) -> (AboutAnswer, Result<Fields, Failure>) {
        let mut about = AboutAnswer::default();
        let outcome = self.answer(call, deadline, &mut about).await;
        // Verifying costs 0.02 ms, about what handing it over to another thread would.
        (about, outcome.and_then(|body| self.successful_node(call.method, &body)))
    }

    /// The body of the answer, as it came.
    async fn answer(&self, call: Call<'_>, deadline: Instant, about: &mut AboutAnswer) -> Result<Vec<u8>, Failure> {
        // Certificates end while a server runs. The platform refuses an app's that is over, what is signed under one of
        // its own that is over proves nothing, and a code that is not sent is not spent.
        if let Trust::Certificates(certificates) = &self.trust {
            certificates.check_validity(self.clock.now())?;
        }
        let mut parameters = self.parameters(call);
        let message = parameters.bytes_to_sign(self.charset).map_err(|_| Failure::Unencodable)?;
        let signature = timeout_at(deadline, self.sign(message)).await.map_err(|_| Failure::NotSigned)??;
        parameters.set("sign", signature);
        // Signed with the rest, but it travels in the query.
        parameters.take("charset");
        let form = parameters.to_form(self.charset).map_err(|_| Failure::Unencodable)?;
        // What cannot be answered in time is better not sent at all: then it is known what became of it.
        if Instant::now() >= deadline {
            return Err(Failure::NotSigned);
        }
        let posted = timeout_at(deadline, self.transport.post(form, about)).await;
        posted.unwrap_or_else(|elapsed| Err(Failure::Interrupted(elapsed.into())))
    }

    /// Signs on one of the runtime's threads for blocking work: 0.2 ms of arithmetic and more are several times what a
    /// task may take between two awaits without holding up its neighbours.
    async fn sign(&self, message: Vec<u8>) -> Result<String, Failure> {
        let turn = Arc::clone(&self.signing).acquire_owned().await.map_err(|_| Failure::NotSigned)?;
        let key = self.private_key.clone();
        let signing = spawn_blocking(move || {
            // Given back when it is done, also when nobody waits for it any more.
            let _turn = turn;
            key.sign(&message)
        });
        signing.await.ok().and_then(Result::ok).ok_or(Failure::NotSigned)
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

/// How long to wait after that many attempts: a random time up to a limit that doubles, so that many callers who failed
/// together do not come back together.
fn pause(attempts: u32, random: &dyn Random) -> Duration {
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(attempts.saturating_sub(1));
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    longest.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

/// What is told about a call: nothing that was sent, and of the answer only the platform's codes.
fn log(method: &str, attempt: u32, outcome: &Result<Fields, Failure>, about: &AboutAnswer) {
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
        let interrupted = Failure::Interrupted("cut".into());
        let not_reached = Failure::NotReached("refused".into());
        for failure in [&interrupted, &not_reached, &Failure::Status(502), &Failure::Busy] {
            assert!(!Repeat::Never.allows(failure));
        }
        assert!(Repeat::WithoutEffect.allows(&not_reached) && !Repeat::WithoutEffect.allows(&interrupted));
        assert!(!Repeat::WithoutEffect.allows(&Failure::Status(502)));
        assert!(Repeat::Read.allows(&interrupted) && Repeat::Read.allows(&Failure::Status(502)));
        assert!(!Repeat::Read.allows(&Failure::Status(404)) && !Repeat::Read.allows(&Failure::IdentityMismatch));
    }
}
