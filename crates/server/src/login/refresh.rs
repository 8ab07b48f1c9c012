//! Asking the platform about a member again.
//!
//! The stored access token is used while it is good. When it is over, by its time or because the platform says so, the
//! refresh token buys new tokens, which are saved before they are used, since the old ones are spent by then. Every answer
//! must be about the very user of the session.

use super::{LoginError, Logins};
use crate::{
    crypto::{Column, Owner},
    store::{
        members::{SealedToken, SealedTokens, StoredMember},
        sessions::SessionRecord,
    },
};
use miniauth_core::{scope::Scope, wire::MemberView};
use miniauth_openplatform::{Subject, TokenGrant, VerifiedMember};
use secrecy::SecretString;

impl Logins {
    /// The member of a session as the platform describes it now, which is stored.
    pub(crate) async fn refresh_member(&self, session: &SessionRecord) -> Result<MemberView, LoginError> {
        let known = session.owner.member.as_ref().map(StoredMember::view).ok_or(LoginError::NoMember)?;
        if session.owner.scope != Scope::AuthUser {
            return Err(LoginError::Silent);
        }
        let subject =
            Subject::from_ids(known.open_id.clone(), known.user_id.clone()).map_err(|_| LoginError::NoMember)?;
        let _turn = self.refreshes.take(session.grant).await;
        let member = self.ask_again(&subject).await?;

        let (app_id, now) = (self.gateway.app_id().as_str(), self.clock.now());
        let stored = self.stores.refresh_member(app_id, member, now).await?;
        stored.map(StoredMember::into_view).ok_or(LoginError::NoMember)
    }

    /// What the platform says about a user with the tokens that are kept.
    async fn ask_again(&self, subject: &Subject) -> Result<VerifiedMember, LoginError> {
        let sealed = self.stores.members.tokens(self.app_id(), subject.key()).await?.ok_or(LoginError::NoMember)?;
        if !sealed.access_token.is_over(self.clock.now()) {
            let access_token = self.open(&sealed, &sealed.access_token, subject, Column::AccessToken)?;
            match self.read_member(subject, &access_token).await {
                Err(LoginError::UserInformation(fault)) if fault.access_token_rejected() => {}
                outcome => return outcome,
            }
        }
        let refresh_token = self.living_refresh_token(&sealed, subject)?;
        let tokens = self.gateway.refresh(subject, &refresh_token).await;
        let tokens = self.counted("refresh", tokens).map_err(LoginError::Refresh)?;
        self.renew(&tokens).await?;
        self.read_member(subject, tokens.access_token()).await
    }

    async fn read_member(&self, subject: &Subject, access_token: &SecretString) -> Result<VerifiedMember, LoginError> {
        let member = self.gateway.user_info_with(subject, access_token).await;
        self.counted("user_info", member).map_err(LoginError::UserInformation)
    }

    fn living_refresh_token(&self, sealed: &SealedTokens, subject: &Subject) -> Result<SecretString, LoginError> {
        let token = sealed.refresh_token.as_ref().ok_or(LoginError::GrantOver("the platform gave no refresh token"))?;
        if token.is_over(self.clock.now()) {
            return Err(LoginError::GrantOver("the refresh token is over"));
        }
        self.open(sealed, token, subject, Column::RefreshToken)
    }

    fn open(
        &self,
        sealed: &SealedTokens,
        token: &SealedToken,
        subject: &Subject,
        column: Column,
    ) -> Result<SecretString, LoginError> {
        let owner = Owner { app_id: self.gateway.app_id().as_str(), subject: subject.key() };
        self.sealers
            .of(&sealed.key_id)
            .ok_or(LoginError::GrantOver("the tokens were sealed under a key that is not configured"))?
            .open(&token.bytes, owner, column)
            .ok_or(LoginError::GrantOver("the sealed tokens were changed"))
    }

    async fn renew(&self, tokens: &TokenGrant) -> Result<(), LoginError> {
        let sealed = self.seal(tokens, Scope::AuthUser, self.clock.now());
        if self.stores.members.renew_grant(sealed).await? { Ok(()) } else { Err(LoginError::NoMember) }
    }
}
