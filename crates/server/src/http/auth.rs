//! `/auth`: exchanges an auth code for a session, and ends sessions. Each code is exchanged at most once:
//!
//! ```text
//! POST -> lock on the code -> claim: a row saved before the exchange -> exchange (-> user information)
//!      -> one transaction: subject, member, grant, session, consent, outcome of the claim -> answer
//! ```
//!
//! A second POST of a code finds the claim. A retry by the same client gets the same answer, anyone else learns that
//! the code is used. There is no second exchange.

use super::{content_type, read_body};
use crate::{
    api_error::{ANY, ApiError, BODY, PLATFORM, describe_errors},
    app::App,
    bearer,
    crypto::{CodeHash, LoginIdHash, Salt, SessionHash},
    store::{
        SecondIdError, StoreError,
        codes::{Claim, Outcome},
        logins::{Login, NewSession},
        members::{SavedLogin, StoredMember},
        subjects::Judged,
    },
};
use axum::{
    Json,
    extract::{ConnectInfo, FromRequest, Request, State},
    http::{Extensions, HeaderMap, Method, StatusCode},
};
use miniauth_core::{
    error_code::ErrorCode::{self, *},
    scope::Scope,
    time::Timestamp,
    wire::{AuthAnswer, AuthRequest, SubjectId},
};
use miniauth_openplatform::{GatewayError, TokenGrant, VerifiedMember};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::Instrument as _;
use utoipa_axum::{router::OpenApiRouter, routes};

/// How long a POST waits for an earlier one with the same code. The gateway's timeouts bound the earlier one; this
/// bound is below the client's request timeout, 30 seconds by default.
const MAX_LOCK_WAIT: Duration = Duration::from_secs(25);

/// How long saving a login is retried after its code was exchanged: through a restart, a failover, a lock, or a lack of
/// connections.
const MAX_SAVE_TIME: Duration = Duration::from_secs(10);

const SAVE_RETRY_DELAY: Duration = Duration::from_millis(250);

/// How long after the first POST a retry gets the same answer, in milliseconds.
const REPLAY_WINDOW_MILLIS: u64 = 60_000;

/// The largest clock difference in which a claim from the future counts as recent, in milliseconds. Beyond it, the age
/// of the claim is unknown.
const MAX_CLOCK_DIFFERENCE_MILLIS: u64 = 5_000;

pub(super) fn routes() -> OpenApiRouter<App> {
    let (schemas, paths, methods) = routes!(log_in, log_out);
    OpenApiRouter::new().routes((schemas, paths, methods.fallback(refuse)))
}

describe_errors!(LogInErrors: ANY, PLATFORM, BODY, &[
    CodeUsed,
    CodeOutcomeUnknown,
    CodeInvalid,
]);

/// Exchanges an auth code for a session. Each code is exchanged at most once.
///
/// If a session is sent along and belongs to the same user, the new session replaces it.
#[utoipa::path(
    post,
    path = "/auth",
    operation_id = "logIn",
    security((), ("session" = [])),
    request_body(content(
        (AuthRequest = "application/json"),
        (AuthRequest = "application/x-www-form-urlencoded", encoding(("consent" = (content_type = "application/json")))),
    )),
    responses((status = 200, description = "The session, and the member as stored.", body = AuthAnswer), LogInErrors),
)]
async fn log_in(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    AuthBody(request): AuthBody,
) -> Result<Json<AuthAnswer>, ApiError> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|ConnectInfo(peer)| app.proxies.client(peer.ip(), &headers).address);
    if let Some(address) = address {
        app.rates.failed_logins.check(address).map_err(|wait| super::too_many("address", wait))?;
    }
    let replaced = bearer::optional(&headers)?.as_ref().map(SessionHash::of);
    // In a task of its own: if the client hangs up, the login still completes, and a retry finds the outcome.
    let login = app.running.spawn(log_in_and_count(app.clone(), request, replaced, address).in_current_span());
    match login.await {
        Ok(outcome) => Ok(Json(outcome?)),
        Err(_) => Err(ApiError::new(Internal).because("a login panicked")),
    }
}

describe_errors!(LogOutErrors: ANY, &[BearerMissing]);

/// Ends the session. Succeeds also if it has ended already.
#[utoipa::path(
    delete,
    path = "/auth",
    operation_id = "logOut",
    security(("session" = [])),
    responses((status = 204, description = "It has ended."), LogOutErrors),
)]
async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<StatusCode, ApiError> {
    let session = bearer::required(&headers)?;
    app.sessions.end(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers 405, and tells a client that puts an auth code into a URL why that is wrong.
async fn refuse(method: Method) -> ApiError {
    let error = ApiError::new(MethodNotAllowed);
    if method == Method::GET {
        error.with_detail("Do not put an auth code into a URL, because URLs are logged: POST it in the body.")
    } else {
        error
    }
}

/// A body, as JSON or a form, that passed all checks of [`AuthRequest`].
struct AuthBody(AuthRequest);

impl FromRequest<App> for AuthBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let parse = parser(request.headers()).ok_or_else(|| ApiError::new(ContentTypeUnsupported))?;
        Ok(Self(parse(&read_body(request).await?)?))
    }
}

type Parser = fn(&[u8]) -> Result<AuthRequest, miniauth_core::wire::RequestError>;

/// Returns the parser for the request's content type. `None` for an unsupported one.
fn parser(headers: &HeaderMap) -> Option<Parser> {
    match content_type(headers)?.as_str() {
        "application/json" => Some(AuthRequest::from_json),
        "application/x-www-form-urlencoded" => Some(AuthRequest::from_form),
        _ => None,
    }
}

/// Why a login failed.
#[derive(Debug, thiserror::Error)]
enum LoginError {
    #[error("the auth code was used before, by another client or too long ago")]
    CodeUsed,
    #[error(
        "the auth code was used before, and the outcome of its exchange is unknown: a crash, or no answer from the gateway"
    )]
    OutcomeUnknown,
    #[error("this login failed before: {0}")]
    Before(ErrorCode),
    #[error("exchanging the auth code failed: {0}")]
    Exchange(GatewayError),
    #[error("reading the member failed: {0}")]
    UserInformation(GatewayError),
    #[error(transparent)]
    SecondId(#[from] SecondIdError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LoginError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::CodeUsed => CodeUsed,
            Self::OutcomeUnknown => CodeOutcomeUnknown,
            Self::Before(code) => *code,
            Self::Exchange(error) | Self::UserInformation(error) => error.code(),
            Self::SecondId(_) => GatewayIdentityMismatch,
            Self::Store(error) => error.code(),
        }
    }

    /// Returns whether the platform may have exchanged the code without the server knowing.
    fn leaves_outcome_unknown(&self) -> bool {
        match self {
            Self::Exchange(error) => !error.outcome_known(),
            Self::Store(_) => true,
            _ => false,
        }
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        let told = Self::new(error.code()).because_of(&error);
        match &error {
            LoginError::Exchange(error) | LoginError::UserInformation(error) => told.with_words_of(error),
            _ => told,
        }
    }
}

/// Returns whether a retry came soon enough after the POST that claimed the code.
fn is_soon(claimed_at: Timestamp, arrived_at: Timestamp) -> bool {
    arrived_at.millis_since(claimed_at) < REPLAY_WINDOW_MILLIS
        && claimed_at.millis_since(arrived_at) <= MAX_CLOCK_DIFFERENCE_MILLIS
}

async fn log_in_and_count(
    app: App,
    request: AuthRequest,
    replaced: Option<SessionHash>,
    address: Option<IpAddr>,
) -> Result<AuthAnswer, LoginError> {
    let outcome = app.log_in(request, replaced).await;
    let failed = outcome.as_ref().err().map(LoginError::code);
    app.metrics.login(failed);
    if let (Some(address), Some(CodeInvalid)) = (address, failed) {
        app.rates.failed_logins.count(address);
    }
    outcome
}

impl App {
    /// Exchanges the code of `request` for a session, which replaces the session `replaced` if both belong to the same
    /// user.
    async fn log_in(&self, request: AuthRequest, replaced: Option<SessionHash>) -> Result<AuthAnswer, LoginError> {
        let arrived_at = self.clock.now();
        let code = CodeHash::of(&request.authcode);
        let waited = tokio::time::timeout(MAX_LOCK_WAIT, self.logins.lock(code.clone())).await;
        let _lock = waited.map_err(|_| LoginError::OutcomeUnknown)?;
        let claim = Claim {
            login_id: request.login_id.as_ref().map(LoginIdHash::of),
            salt: Salt::generate(&*self.random),
            claimed_at: arrived_at,
        };
        // If the stores cannot be written, do not spend the code: the login could not be saved.
        self.stores.probe_write().await?;
        if !self.stores.codes.claim(self.id(), &code, &claim).await? {
            return self.answer_retry(&request, &code, arrived_at).await;
        }
        let outcome = self.exchange(request, &code, &claim, replaced).await;
        // A retry gets the same error. If the code may be spent, the claim is left without an outcome.
        if let Err(error) = &outcome
            && !error.leaves_outcome_unknown()
        {
            self.stores.codes.fail(self.id(), &code, error.code(), self.clock.now()).await?;
        }
        outcome
    }

    async fn exchange(
        &self,
        request: AuthRequest,
        code: &CodeHash,
        claim: &Claim,
        replaced: Option<SessionHash>,
    ) -> Result<AuthAnswer, LoginError> {
        let exchange = self.gateway.exchange_code(&request.authcode);
        let tokens = self.measured("exchange_code", exchange).await.map_err(LoginError::Exchange)?;
        let member = match request.scope {
            Scope::AuthBase => None,
            Scope::AuthUser => {
                let read = self.measured("user_info", self.gateway.user_info(&tokens)).await;
                Some(read.map_err(LoginError::UserInformation)?)
            }
        };
        self.complete(request, code, claim, replaced, &tokens, member).await
    }

    /// Saves the member, grant, session, consent and the claim's outcome.
    async fn complete(
        &self,
        request: AuthRequest,
        code: &CodeHash,
        claim: &Claim,
        replaced: Option<SessionHash>,
        tokens: &TokenGrant,
        member: Option<VerifiedMember>,
    ) -> Result<AuthAnswer, LoginError> {
        let now = self.clock.now();
        let session = self.deriver.derive(&request.authcode, request.login_id.as_ref(), &claim.salt);
        let expires_at = self.session_rules.end(now, now);
        let login = Login {
            app_id: self.id().to_owned(),
            code: code.clone(),
            ids: member.as_ref().map_or(tokens.ids(), VerifiedMember::ids).clone(),
            new_subject: SubjectId::generate(&*self.random),
            grant: self.seal(tokens, request.scope, now),
            member,
            consent: request.consent,
            session: NewSession {
                hash: SessionHash::of(&session),
                expires_at,
                longest: self.session_rules.longest(now),
                replaces: replaced,
                per_user: self.session_rules.per_user,
            },
            arrived_at: claim.claimed_at,
            now,
        };
        let saved = self.save(Arc::new(login)).await?;
        if let Err(error) = &saved {
            self.metrics.second_id(error);
            self.stores.note_second_id(None, now).await?;
        }
        let SavedLogin { subject, member, .. } = saved?;
        self.marks.note(subject);
        let expires_in = self.seconds_left(expires_at);
        Ok(AuthAnswer { session, expires_in, subject, member: member.map(StoredMember::into_view) })
    }

    /// Saves the login. Retries when a store fails for a while, because the code is spent by now.
    async fn save(&self, login: Arc<Login>) -> Judged<SavedLogin> {
        let begun = Instant::now();
        loop {
            match self.stores.sessions.finish_login(Arc::clone(&login)).await {
                Err(error) if error.is_transient() && begun.elapsed() < MAX_SAVE_TIME => {
                    tracing::debug!(%error, "could not save a login, retrying");
                    tokio::time::sleep(SAVE_RETRY_DELAY).await;
                }
                saved => return saved,
            }
        }
    }

    /// Answers a POST whose code was claimed before. A retry (same `login_id`, within the window) gets the same session
    /// or the same error.
    async fn answer_retry(
        &self,
        request: &AuthRequest,
        code: &CodeHash,
        arrived_at: Timestamp,
    ) -> Result<AuthAnswer, LoginError> {
        let Some((claim, Some(outcome))) = self.stores.codes.find(self.id(), code).await? else {
            return Err(LoginError::OutcomeUnknown);
        };
        let is_same_attempt = match (&request.login_id, &claim.login_id) {
            (Some(posted), Some(claimed)) => LoginIdHash::of(posted) == *claimed,
            _ => false,
        };
        if !is_same_attempt || !is_soon(claim.claimed_at, arrived_at) {
            return Err(LoginError::CodeUsed);
        }
        let hash = match outcome {
            Outcome::Failed(code) => return Err(LoginError::Before(code)),
            Outcome::Session(hash) => hash,
        };
        let session = self.deriver.derive(&request.authcode, request.login_id.as_ref(), &claim.salt);
        // If the server's key has changed since the first POST, the derived session differs.
        if SessionHash::of(&session) != hash {
            return Err(LoginError::CodeUsed);
        }
        let stored = self.stores.sessions.find(&hash).await?.ok_or(LoginError::CodeUsed)?;
        if stored.expires_at <= self.clock.now() {
            return Err(LoginError::CodeUsed);
        }
        let member = stored.owner.member.as_ref().map(|member| member.view().clone());
        let (expires_in, subject) = (self.seconds_left(stored.expires_at), stored.owner.subject);
        Ok(AuthAnswer { session, expires_in, subject, member })
    }

    fn seconds_left(&self, expires_at: Timestamp) -> u64 {
        let now = self.clock.now();
        expires_at.min(self.session_rules.longest(now)).millis_since(now) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_counts_within_a_minute_and_a_clock_difference_of_five_seconds() {
        let at = Timestamp::from_millis;
        for (claimed_at, arrived_at, soon) in [
            (100_000, 100_000, true),
            (100_000, 159_999, true),
            (100_000, 160_000, false),
            (105_000, 100_000, true),
            (105_001, 100_000, false),
        ] {
            assert_eq!(is_soon(at(claimed_at), at(arrived_at)), soon, "{claimed_at} {arrived_at}");
        }
    }
}
