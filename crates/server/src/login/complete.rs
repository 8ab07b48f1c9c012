//! The end of a login that went well: everything in one transaction.

use super::{LoginFailure, Logins};
use crate::{
    crypto::{CodeHash, Column, Owner, SessionHash},
    store::{
        claims::{self, Claim, Outcome},
        consents,
        grants::{self, SealedGrant},
        members, sessions,
    },
};
use miniauth_core::{
    scope::Scope,
    time::Timestamp,
    wire::{AuthAnswer, AuthRequest},
};
use miniauth_openplatform::{TokenGrant, VerifiedMember};
use std::time::Duration;

impl Logins {
    /// Saves member, grant, session, consent and the outcome of the claim, all or nothing.
    pub(super) async fn complete(
        &self,
        request: &AuthRequest,
        code: &CodeHash,
        claim: &Claim,
        replaced: Option<SessionHash>,
        tokens: &TokenGrant,
        member: Option<VerifiedMember>,
    ) -> Result<AuthAnswer, LoginFailure> {
        let now = self.clock.now();
        let app_id = self.gateway.app_id().as_str();
        let subject = tokens.subject().key();
        self.marks.note(app_id, subject);
        let session = self.deriver.derive(&request.authcode, request.login_id.as_ref(), &claim.salt);
        let session_hash = SessionHash::of(&session);
        let expires_at = self.session_rules.end(now, now);

        // IMMEDIATE: to read first and become a writer later can fail when another process writes.
        let mut transaction = self.database.writer.begin_with("BEGIN IMMEDIATE").await?;
        let member = match member {
            Some(verified) => Some(members::save(&mut transaction, app_id, verified, now).await?),
            None => members::find(&mut transaction, app_id, subject).await?,
        };
        let grant = grants::save(&mut transaction, &self.seal(tokens, request.scope, now)).await?;
        if let Some(replaced) = replaced {
            sessions::delete_of_grant(&mut transaction, &replaced, grant).await?;
        }
        sessions::insert(&mut transaction, &session_hash, grant, now, expires_at).await?;
        sessions::keep_newest(&mut transaction, grant, &session_hash, self.session_rules.per_user.get()).await?;
        if let Some(report) = &request.consent {
            consents::insert(&mut transaction, app_id, subject, request.scope, report, now).await?;
        }
        claims::answer(&mut transaction, code, &Outcome::Session(session_hash), now).await?;
        transaction.commit().await?;

        Ok(AuthAnswer {
            session,
            expires_in: self.seconds_left(expires_at),
            member: member.map(members::StoredMember::into_view),
        })
    }

    pub(super) fn seal<'a>(&'a self, tokens: &'a TokenGrant, scope: Scope, now: Timestamp) -> SealedGrant<'a> {
        let owner = Owner { app_id: self.gateway.app_id().as_str(), subject: tokens.subject().key() };
        let seal = |token, column| self.sealers.current().seal(token, owner, column, &*self.random);
        SealedGrant {
            app_id: owner.app_id,
            subject: owner.subject,
            scope,
            key_id: self.sealers.current().key_id(),
            access_token: seal(tokens.access_token(), Column::AccessToken),
            refresh_token: tokens.refresh_token().map(|token| seal(token, Column::RefreshToken)),
            access_expires_at: tokens.expires_in().map(|life| after(now, life)),
            refresh_expires_at: tokens.re_expires_in().map(|life| after(now, life)),
            granted_at: now,
        }
    }
}

fn after(now: Timestamp, life: Duration) -> Timestamp {
    now.plus_seconds(life.as_secs())
}
