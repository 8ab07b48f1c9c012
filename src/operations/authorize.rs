//! The way with consent: one panel, one code, one exchange, the member as stored.

use super::Operation;
use crate::{
    answer::{ConsentCallError, UserInfoCall, read_auth_code, read_user_info},
    client::Shared,
    decision::Decision,
    environment::{login_id, now},
    error::ClientError,
    promise::{Deferred, promise, settled},
    write,
};
use js_sys::Promise;
use miniauth_core::{
    consent::{Kind, Outcome, Panel, Purpose, Record},
    error_code::ErrorCode,
    scope::Scope,
    tap::TapProof,
    wire::{AuthCode, AuthRequest, ConsentReport},
};
use std::rc::Rc;
use wasm_bindgen::JsValue;

impl Shared {
    pub(crate) fn authorize(self: &Rc<Self>, tap: TapProof, purpose: Purpose) -> Promise {
        self.share(Operation::Authorize, |shared, attempt| {
            Box::pin(async move {
                let authcode = shared.consented_code("authorize", tap, purpose).await?;
                let consent = shared.consents.borrow().granted(Kind::AuthUser).map(report);
                let request = AuthRequest { authcode, scope: Scope::AuthUser, login_id: Some(login_id()), consent };
                shared.post_auth("authorize", attempt, &request).await?;
                let session = shared.session.borrow();
                let member = session.member().ok_or_else(|| {
                    ClientError::new(ErrorCode::ServerAnswerInvalid)
                        .because("the server answered auth_user without a member")
                })?;
                Ok(write::member(Some(member)))
            })
        })
    }

    pub(crate) fn consented_code_promise(self: &Rc<Self>, tap: TapProof, purpose: Purpose) -> Promise {
        let shared = Rc::clone(self);
        promise(async move {
            let code = shared.consented_code("getAuthCode", tap, purpose).await?;
            Ok(code.expose().into())
        })
    }

    /// A code for `auth_user` at the price of a tap. Whoever comes while a panel is open waits for its answer and, when it
    /// is yes, gets a code of its own, for which the platform asks no second time.
    pub(crate) async fn consented_code(
        self: &Rc<Self>,
        operation: &'static str,
        tap: TapProof,
        purpose: Purpose,
    ) -> Result<AuthCode, JsValue> {
        let panel = Panel::new(tap, purpose);
        if let Some(failure) = self.panel_closed(operation).await {
            if !failure.is_undefined() {
                return Err(failure);
            }
            let code = self.platform.auth_code(Scope::AuthUser, self.panel_timeout).await;
            return code.map_err(|refused| refused.failure.into());
        }
        let open = Deferred::new();
        *self.panel.borrow_mut() = Some(open.promise.clone());
        let answer = self.platform.auth_code(Scope::AuthUser, self.panel_timeout).await;
        *self.panel.borrow_mut() = None;
        let answer = match answer {
            Ok(code) => {
                self.record(operation, Kind::AuthUser, panel.purpose(), Outcome::Granted, None, false);
                Ok(code)
            }
            Err(ConsentCallError { outcome, failure, late }) => {
                self.record(operation, Kind::AuthUser, panel.purpose(), outcome, failure.words(), false);
                if let Some(late) = late {
                    // A code that comes late is dropped.
                    self.record_late(operation, Kind::AuthUser, panel.purpose().clone(), late, None);
                }
                Err(failure.into())
            }
        };
        open.resolve(answer.as_ref().err().unwrap_or(&JsValue::UNDEFINED));
        answer
    }

    /// Waits for the panel that is open, if one is, and takes its answer: nothing when the user agreed, else the failure.
    pub(crate) async fn panel_closed(&self, operation: &'static str) -> Option<JsValue> {
        let open = self.panel.borrow().clone()?;
        let why = "the panel that is open answers for this call too";
        self.observe(Decision::new("consent", operation, "shared").because(why));
        // It only ever resolves.
        Some(settled(&open).await.unwrap_or_default())
    }

    /// Records what comes after the time-out, as far as it says something of the consent, and does not act on it: an auth
    /// code unless another `call` is given.
    pub(crate) fn record_late(
        self: &Rc<Self>,
        operation: &'static str,
        kind: Kind,
        purpose: Purpose,
        late: Promise,
        call: Option<UserInfoCall>,
    ) {
        let shared = Rc::clone(self);
        drop(promise(async move {
            let answer = settled(&late).await;
            let read = match call {
                Some(call) => read_user_info(call, answer).map(drop),
                None => read_auth_code(Scope::AuthUser, answer).map(drop),
            };
            let (outcome, words) = match read {
                Ok(()) => (Outcome::Granted, None),
                Err(refused) => (refused.outcome, refused.failure.words()),
            };
            if outcome != Outcome::Failed {
                shared.record(operation, kind, &purpose, outcome, words, true);
            }
            Ok(JsValue::UNDEFINED)
        }));
    }

    /// Records what the platform said about a consent.
    pub(crate) fn record(
        &self,
        operation: &'static str,
        kind: Kind,
        purpose: &Purpose,
        outcome: Outcome,
        message: Option<String>,
        late: bool,
    ) {
        let decision = Decision::new("consent", operation, outcome.as_str()).purpose(purpose.as_str());
        let decision = if late { decision.because("it came after the time-out") } else { decision };
        let record = Record { kind, purpose: purpose.clone(), at: now(), outcome, message, late };
        self.consents.borrow_mut().record(record);
        self.observe(decision);
    }
}

fn report(record: &Record) -> ConsentReport {
    ConsentReport { purpose: record.purpose.clone(), at: record.at }
}
