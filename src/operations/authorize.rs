//! The way with consent: one panel, one code, one exchange, the member as stored.

use super::Operation;
use crate::{
    client::{Shared, to_javascript},
    decision::Decision,
    environment::{login_id, now},
    error::Failure,
    promise::{Deferred, promise},
};
use js_sys::Promise;
use miniauth_core::{
    consent::{Outcome, Panel, Permission, Record},
    error_code::ErrorCode,
    purpose::Purpose,
    scope::Scope,
    tap::TapProof,
    wire::{AuthCode, AuthRequest, ConsentReport},
};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

impl Shared {
    pub(crate) fn authorize(self: &Rc<Self>, proof: TapProof, purpose: Purpose) -> Promise {
        self.share(Operation::Authorize, async |shared, attempt| {
            let authcode = shared.consented_code("authorize", proof, purpose).await?;
            let consent = shared.consent.borrow().granted().map(report);
            let request = AuthRequest { authcode, scope: Scope::AuthUser, login_id: Some(login_id()), consent };
            shared.post_auth("authorize", attempt, &request).await?;
            let session = shared.session.borrow();
            let member = session.member().ok_or_else(|| {
                Failure::new(ErrorCode::ServerAnswerInvalid).because("the server answered auth_user without a member")
            })?;
            Ok(to_javascript(member)?)
        })
    }

    pub(crate) fn consented_code_promise(self: &Rc<Self>, proof: TapProof, purpose: Purpose) -> Promise {
        let shared = Rc::clone(self);
        promise(async move {
            let code = shared.consented_code("getAuthCode", proof, purpose).await?;
            Ok(code.expose().into())
        })
    }

    /// A code for `auth_user` at the price of a tap. Whoever comes while a panel is open waits for its answer and, when it
    /// is yes, gets a code of its own, for which the platform asks no second time.
    pub(crate) async fn consented_code(
        &self,
        operation: &'static str,
        proof: TapProof,
        purpose: Purpose,
    ) -> Result<AuthCode, JsValue> {
        let permission = self.consent.borrow_mut().request(proof, purpose);
        match permission {
            Permission::Ask(panel) => {
                let open = self.open_panel();
                let answer = self.platform.auth_code(Scope::AuthUser).await;
                let outcome = answer.as_ref().map_or_else(|(outcome, _)| *outcome, |_| Outcome::Granted);
                self.answer_panel(operation, panel, outcome);
                open.resolve();
                answer.map_err(|(_, failure)| failure.into())
            }
            Permission::Share => {
                self.shared_answer(operation).await?;
                self.platform.auth_code(Scope::AuthUser).await.map_err(|(_, failure)| failure.into())
            }
        }
    }

    pub(crate) fn open_panel(&self) -> Deferred {
        let open = Deferred::new();
        *self.panel.borrow_mut() = Some(open.promise.clone());
        open
    }

    pub(crate) fn answer_panel(&self, operation: &'static str, panel: Panel, outcome: Outcome) {
        let mut consent = self.consent.borrow_mut();
        let decision = Decision::new("consent", operation, outcome.as_str()).purpose(panel.purpose().as_str());
        consent.answer(panel, Scope::AuthUser, outcome, now());
        drop(consent);
        self.observe(decision);
    }

    /// Waits for the open panel's answer and takes it as one's own.
    pub(crate) async fn shared_answer(&self, operation: &'static str) -> Result<(), JsValue> {
        let panel = self.panel.borrow().clone();
        if let Some(panel) = panel {
            JsFuture::from(panel).await?;
        }
        let outcome = self.consent.borrow().records().last().map_or(Outcome::Failed, |record| record.outcome);
        let shared = Decision::new("consent", operation, outcome.as_str());
        self.observe(shared.because("the panel that was open answered for this call too"));
        match outcome {
            Outcome::Granted => Ok(()),
            Outcome::Refused => Err(Failure::new(ErrorCode::ConsentRefused).into()),
            Outcome::Dismissed => Err(Failure::new(ErrorCode::ConsentDismissed).into()),
            Outcome::Failed => Err(Failure::new(ErrorCode::PlatformError).into()),
        }
    }
}

fn report(record: &Record) -> ConsentReport {
    ConsentReport { purpose: record.purpose.clone(), at: record.at }
}
