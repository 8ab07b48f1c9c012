//! `/member`: shows, refreshes and erases the stored member of a session. `/consents`: lists the consents that the
//! user's clients reported.

use crate::{
    api_error::{ANY, ApiError, NO_SESSION, PLATFORM, describe_errors},
    app::App,
    crypto::{Column, TokenOwner},
    session::Session,
    store::{
        SecondIdError, StoreError,
        grants::{SealedToken, SealedTokens},
        members::{Owner, ReportedConsent, StoredMember},
        sessions::SessionRecord,
    },
};
use axum::{Json, extract::State, http::StatusCode};
use miniauth_core::{
    error_code::ErrorCode::{self, *},
    scope::Scope,
    wire::{MemberView, SubjectId},
};
use miniauth_openplatform::{GatewayError, UserIds, VerifiedMember};
use secrecy::SecretString;
use serde::Serialize;
use std::time::{Duration, Instant};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, erase)).routes(routes!(refresh)).routes(routes!(consents))
}

describe_errors!(ShowErrors: ANY, NO_SESSION, &[MemberUnknown]);

/// Returns the member as stored.
#[utoipa::path(
    get,
    path = "/member",
    operation_id = "getMember",
    security(("session" = [])),
    responses((status = 200, description = "The member.", body = MemberView), ShowErrors),
)]
async fn show(session: Session) -> Result<Json<MemberView>, ApiError> {
    session.member().cloned().map(Json).ok_or_else(|| ApiError::new(MemberUnknown))
}

describe_errors!(EraseErrors: ANY, NO_SESSION);

/// Erases everything about the user: profile, tokens, sessions and consents, at once and for good.
#[utoipa::path(
    delete,
    path = "/member",
    operation_id = "eraseMember",
    security(("session" = [])),
    responses((status = 204, description = "Everything is erased."), EraseErrors),
)]
async fn erase(State(app): State<App>, session: Session) -> Result<StatusCode, ApiError> {
    let running = app.running.clone();
    let erasing = running.spawn(async move {
        let erasure = app.stores.erase(&session, app.clock.now()).await?;
        if !erasure.complete {
            tracing::warn!("a reader kept the journal from being emptied after an erasure; the next clean-up will empty it");
            app.clean_up.erasures_are_due();
        }
        // Sessions in a separate store. Without their subject they are invalid already, and they contain nothing
        // personal.
        if let Err(error) = app.stores.sessions.end_all(&erasure.subjects).await {
            tracing::warn!(%error, "could not delete the sessions of an erased user; they are invalid, and will be deleted when they expire");
        }
        Ok::<_, StoreError>(())
    });
    match erasing.await {
        Ok(erased) => Ok(erased.map(|()| StatusCode::NO_CONTENT)?),
        Err(_) => Err(ApiError::new(Internal).because("an erasure panicked")),
    }
}

describe_errors!(RefreshErrors: ANY, NO_SESSION, PLATFORM, &[MemberUnknown, GrantExpired]);

/// Asks the open platform for the member again.
#[utoipa::path(
    post,
    path = "/member/refresh",
    operation_id = "refreshMember",
    security(("session" = [])),
    responses((status = 200, description = "The member as it is now.", body = MemberView), RefreshErrors),
)]
async fn refresh(State(app): State<App>, session: Session) -> Result<Json<MemberView>, ApiError> {
    let running = app.running.clone();
    // In a task of its own, like a login: the refresh token is spent even if the client hangs up.
    match running.spawn(async move { app.refresh_member(&session.stored).await }).await {
        Ok(member) => Ok(Json(member?)),
        Err(_) => Err(ApiError::new(Internal).because("the refresh of a member panicked")),
    }
}

/// Why a member was not refreshed.
#[derive(Debug, thiserror::Error)]
enum RefreshError {
    #[error("no member is stored, or it was erased in the meantime")]
    NoMember,
    #[error("the grant is of the scope auth_base")]
    Silent,
    #[error("{0}; the user has to consent again")]
    GrantExpired(&'static str),
    #[error("refreshing the tokens failed: {0}")]
    Tokens(GatewayError),
    #[error("reading the member failed: {0}")]
    UserInformation(GatewayError),
    #[error(transparent)]
    SecondId(#[from] SecondIdError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RefreshError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoMember => MemberUnknown,
            Self::Silent => ScopeInsufficient,
            Self::GrantExpired(_) => GrantExpired,
            // A refused refresh token has expired. The platform uses the same error code for it as for an auth code.
            Self::Tokens(error) if error.code() == CodeInvalid => GrantExpired,
            Self::Tokens(error) | Self::UserInformation(error) => error.code(),
            Self::SecondId(_) => GatewayIdentityMismatch,
            Self::Store(error) => error.code(),
        }
    }

    /// Returns whether the platform refuses the tokens themselves.
    fn refuses_tokens(&self) -> bool {
        match self {
            Self::Tokens(_) => self.code() == GrantExpired,
            Self::UserInformation(error) => error.access_token_rejected(),
            _ => false,
        }
    }
}

/// How long another instance may take to save its new tokens after the platform refused the old ones here.
const NEW_TOKENS_WAIT: Duration = Duration::from_secs(1);

/// How often the database is checked for them in that time.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How many token pairs are tried.
const MAX_ATTEMPTS: u32 = 4;

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        let told = Self::new(error.code()).because_of(&error);
        match &error {
            RefreshError::Tokens(error) | RefreshError::UserInformation(error) => told.with_words_of(error),
            _ => told,
        }
    }
}

impl App {
    /// Fetches the member of a session from the platform and stores it. Every answer must be about the session's user.
    async fn refresh_member(&self, session: &SessionRecord) -> Result<MemberView, RefreshError> {
        if session.owner.member.is_none() {
            return Err(RefreshError::NoMember);
        }
        if session.owner.scope != Scope::AuthUser {
            return Err(RefreshError::Silent);
        }
        let _lock = self.refreshes.lock(session.owner.subject).await;
        let member = self.fetch_member(&session.owner).await?;
        let saved = self.stores.refresh_member(session.owner.subject, member, self.clock.now()).await?;
        let stored = self.record_second_id(session.owner.subject, saved).await?;
        stored.map(StoredMember::into_view).ok_or(RefreshError::NoMember)
    }

    /// Fetches the member with the user's tokens. If the platform refuses them, another instance may have spent them: a
    /// refresh token is good for one exchange, which also ends the access token. Then tries the new ones.
    async fn fetch_member(&self, owner: &Owner) -> Result<VerifiedMember, RefreshError> {
        let mut sealed = self.tokens_of(owner).await?;
        let mut attempts = 1;
        loop {
            let refused = match self.fetch_member_with(owner, &sealed).await {
                Err(error) if error.refuses_tokens() => error,
                done => return done,
            };
            match self.newer_tokens(owner, &sealed).await? {
                Some(newer) if attempts < MAX_ATTEMPTS => sealed = newer,
                Some(_) => return Err(refused),
                None => {
                    if let Some(spent) = &sealed.refresh_token {
                        self.stores.members.end_tokens(owner.subject, &spent.bytes, self.clock.now()).await?;
                    }
                    return Err(refused);
                }
            }
            attempts += 1;
        }
    }

    async fn tokens_of(&self, owner: &Owner) -> Result<SealedTokens, RefreshError> {
        self.stores.members.tokens(owner.subject).await?.ok_or(RefreshError::NoMember)
    }

    /// Waits for tokens that replace `old`; `None` if nobody saves any.
    async fn newer_tokens(&self, owner: &Owner, old: &SealedTokens) -> Result<Option<SealedTokens>, RefreshError> {
        let deadline = Instant::now() + NEW_TOKENS_WAIT;
        loop {
            let sealed = self.tokens_of(owner).await?;
            if sealed.access_token.bytes != old.access_token.bytes {
                return Ok(Some(sealed));
            }
            if Instant::now() > deadline {
                return Ok(None);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Fetches the member with the access token if it is valid. If it has expired, by its time or because the platform
    /// says so, exchanges the refresh token for new tokens. Saves them before using them, because the old ones are
    /// spent by then.
    async fn fetch_member_with(&self, owner: &Owner, sealed: &SealedTokens) -> Result<VerifiedMember, RefreshError> {
        if !sealed.access_token.has_expired(self.clock.now()) {
            let access_token = self.open(sealed, &sealed.access_token, &owner.ids, Column::AccessToken)?;
            match self.read_member(&owner.ids, &access_token).await {
                Err(RefreshError::UserInformation(error)) if error.access_token_rejected() => {}
                outcome => return outcome,
            }
        }
        let sealed_token = sealed
            .refresh_token
            .as_ref()
            .ok_or(RefreshError::GrantExpired("the platform gave no refresh token, or refused it before"))?;
        if sealed_token.has_expired(self.clock.now()) {
            return Err(RefreshError::GrantExpired("the refresh token has expired"));
        }
        let refresh_token = self.open(sealed, sealed_token, &owner.ids, Column::RefreshToken)?;
        let refresh = self.gateway.refresh(&owner.ids, &refresh_token);
        let tokens = self.measured("refresh", refresh).await.map_err(RefreshError::Tokens)?;
        let renewed = self.seal(&tokens, Scope::AuthUser, self.clock.now());
        let saved = self.stores.members.renew_grant(owner.subject, tokens.ids().clone(), renewed).await?;
        if !self.record_second_id(owner.subject, saved).await? {
            return Err(RefreshError::NoMember);
        }
        let ids = tokens.ids().joined(&owner.ids).ok_or(SecondIdError)?;
        self.read_member(&ids, tokens.access_token()).await
    }

    /// Counts and records an answer that contradicts the known ids.
    async fn record_second_id<T>(
        &self,
        subject: SubjectId,
        saved: Result<T, SecondIdError>,
    ) -> Result<T, RefreshError> {
        if let Err(error) = &saved {
            self.metrics.second_id(error);
            self.stores.note_second_id(Some(subject), self.clock.now()).await?;
        }
        Ok(saved?)
    }

    async fn read_member(&self, ids: &UserIds, access_token: &SecretString) -> Result<VerifiedMember, RefreshError> {
        let read = self.gateway.user_info_with(ids, access_token);
        self.measured("user_info", read).await.map_err(RefreshError::UserInformation)
    }

    fn open(
        &self,
        sealed: &SealedTokens,
        token: &SealedToken,
        ids: &UserIds,
        column: Column,
    ) -> Result<SecretString, RefreshError> {
        let sealer = self
            .sealers
            .of(&sealed.key_id)
            .ok_or(RefreshError::GrantExpired("the tokens were sealed under a key that is not configured"))?;
        // Tries each id, because any of them may have been the key when the token was sealed.
        ids.each()
            .find_map(|user| sealer.open(&token.bytes, TokenOwner { app_id: self.id(), user }, column))
            .ok_or(RefreshError::GrantExpired("the sealed tokens were changed"))
    }
}

/// The answer to `GET /consents`: the newest 200.
#[derive(Serialize, ToSchema)]
struct Consents {
    reported_consents: Vec<ReportedConsent>,
}

/// Lists what the user's clients reported about consent, as reported.
#[utoipa::path(
    get,
    path = "/consents",
    operation_id = "listConsents",
    security(("session" = [])),
    responses((status = 200, description = "The newest first.", body = Consents), EraseErrors),
)]
async fn consents(State(app): State<App>, session: Session) -> Result<Json<Consents>, ApiError> {
    let reported_consents = app.stores.members.consents(session.subject()).await?;
    Ok(Json(Consents { reported_consents }))
}
