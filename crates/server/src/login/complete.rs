//! The end of a login that went well.

use super::{LoginError, Logins};
use crate::{
    crypto::{CodeHash, Column, Owner, SessionHash},
    store::{
        codes::Claim,
        members::{GrantId, Login, SealedGrant, StoredMember},
        sessions::NewSession,
    },
};
use miniauth_core::{
    scope::Scope,
    time::Timestamp,
    wire::{AuthAnswer, AuthRequest},
};
use miniauth_openplatform::{TokenGrant, VerifiedMember};
use std::{sync::Arc, time::Duration};

impl Logins {
    /// Saves member, grant, session, consent and the outcome of the claim.
    pub(super) async fn complete(
        &self,
        request: &AuthRequest,
        code: &CodeHash,
        claim: &Claim,
        replaced: Option<SessionHash>,
        tokens: &TokenGrant,
        member: Option<VerifiedMember>,
    ) -> Result<AuthAnswer, LoginError> {
        let now = self.clock.now();
        let app_id = self.gateway.app_id().as_str();
        let subject = tokens.subject().key();
        self.marks.note(app_id, subject);
        let session = self.deriver.derive(&request.authcode, request.login_id.as_ref(), &claim.salt);
        let session_hash = SessionHash::of(&session);
        let expires_at = self.session_rules.end(now, now);
        let login = Login {
            code: code.clone(),
            grant: self.seal(tokens, request.scope, now),
            new_grant: GrantId::generate(&*self.random),
            member,
            consent: request.consent.clone(),
            session: NewSession {
                hash: session_hash,
                expires_at,
                longest: self.session_rules.longest(now),
                replaces: replaced,
                per_user: self.session_rules.per_user,
            },
            now,
        };
        let member = self.stores.sessions.finish_login(Arc::new(login)).await?;
        Ok(AuthAnswer {
            session,
            expires_in: self.seconds_left(expires_at),
            member: member.map(StoredMember::into_view),
        })
    }

    pub(super) fn seal(&self, tokens: &TokenGrant, scope: Scope, now: Timestamp) -> SealedGrant {
        let owner = Owner { app_id: self.gateway.app_id().as_str(), subject: tokens.subject().key() };
        let seal = |token, column| self.sealers.current().seal(token, owner, column, &*self.random);
        SealedGrant {
            app_id: owner.app_id.to_owned(),
            subject: owner.subject.to_owned(),
            scope,
            key_id: self.sealers.current().key_id().to_owned(),
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
