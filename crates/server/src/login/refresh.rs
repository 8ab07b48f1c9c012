//! Asking the platform about a member again.
//!
//! The stored refresh token buys new tokens, which are saved before they are used, since the old ones are spent by then.
//! With the new access token the member is read. Both answers must be about the very user of the session.

use super::{LoginFailure, Logins};
use crate::{
    crypto::{Column, Owner},
    store::{
        grants,
        members::{self, StoredMember},
        sessions::Session,
    },
};
use miniauth_core::{scope::Scope, wire::MemberView};
use miniauth_openplatform::{Subject, TokenGrant};
use secrecy::SecretString;

impl Logins {
    /// The member of a session as the platform describes it now, which is stored.
    pub(crate) async fn refresh_member(&self, session: Session) -> Result<MemberView, LoginFailure> {
        let known = session.member.map(StoredMember::into_view).ok_or(LoginFailure::NoMember)?;
        if session.scope != Scope::AuthUser {
            return Err(LoginFailure::Silent);
        }
        let subject = Subject::from_ids(known.open_id, known.user_id).map_err(|_| LoginFailure::NoMember)?;
        let _turn = self.refreshes.take(session.grant).await;
        let refresh_token = self.living_refresh_token(&subject).await?;
        let tokens = self.gateway.refresh(&subject, &refresh_token).await;
        let tokens = self.counted("refresh", tokens).map_err(LoginFailure::Refresh)?;
        self.renew(&tokens).await?;
        let member = self.gateway.user_info(&tokens).await;
        let member = self.counted("user_info", member).map_err(LoginFailure::UserInformation)?;

        let (app_id, now) = (self.gateway.app_id().as_str(), self.clock.now());
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        // Who was erased while the platform was asked stays erased.
        if members::find(&mut transaction, app_id, subject.key()).await?.is_none() {
            return Err(LoginFailure::NoMember);
        }
        let stored = members::save(&mut transaction, app_id, member, now).await?;
        transaction.commit().await?;
        Ok(stored.into_view())
    }

    async fn living_refresh_token(&self, subject: &Subject) -> Result<SecretString, LoginFailure> {
        let owner = Owner { app_id: self.gateway.app_id().as_str(), subject: subject.key() };
        let sealed = grants::refresh_token(&self.database.reader, owner.app_id, owner.subject)
            .await?
            .ok_or(LoginFailure::GrantOver("the platform gave no refresh token"))?;
        if sealed.expires_at.is_some_and(|end| end <= self.clock.now()) {
            return Err(LoginFailure::GrantOver("the refresh token is over"));
        }
        self.sealers
            .of(&sealed.key_id)
            .ok_or(LoginFailure::GrantOver("the tokens were sealed under a key that is not configured"))?
            .open(&sealed.token, owner, Column::RefreshToken)
            .ok_or(LoginFailure::GrantOver("the sealed tokens were changed"))
    }

    async fn renew(&self, tokens: &TokenGrant) -> Result<(), LoginFailure> {
        let mut connection = self.database.writer.acquire().await?;
        let sealed = self.seal(tokens, Scope::AuthUser, self.clock.now());
        if grants::renew(&mut connection, &sealed).await? { Ok(()) } else { Err(LoginFailure::NoMember) }
    }
}
