//! What requires consent: the member for the server, with one panel, one code and one exchange; and nickname and avatar for
//! display.

use crate::{
    client::{Operation, PHONE, Shared},
    decision::Decision,
    environment::{login_id, now},
    error::{ClientError, code_of},
    platform::{ConsentCallError, UserInfoCall, missing, read_auth_code, read_user_info},
    promise::{promise, settled},
    session::auth_code_in,
    values::{self, error_number, field, words},
};
use js_sys::Promise;
use miniauth_core::{
    consent::{Kind, Outcome, Panel, Purpose, Record, Standing},
    display::{DisplayInfo, REDACTION},
    error_code::ErrorCode,
    platform::{button_failure, is_for_good},
    scope::Scope,
    tap::{Press, TapProof},
    wire::{AuthCode, AuthRequest, ConsentReport},
};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Display information as the page holds it: `renderTo` is the only way out.
    #[wasm_bindgen(js_name = displayInfo)]
    fn display_info(nick_name: Option<&str>, avatar: Option<&str>, redaction: &str) -> JsValue;

    /// The request that forwards the platform's answer with the phone number; none if the answer is empty.
    #[wasm_bindgen(js_name = phoneRequest)]
    fn phone_request(url: &str, answer: &JsValue, purpose: &str) -> JsValue;
}

impl Shared {
    pub(crate) fn authorize(self: &Rc<Self>, tap: TapProof, purpose: Purpose) -> Promise {
        self.share(Operation::Authorize, |shared, attempt| {
            Box::pin(async move {
                let authcode = shared.consented_code("authorize", tap, purpose).await?;
                let consent = shared.consents().granted(Kind::AuthUser).map(report);
                let request = AuthRequest { authcode, scope: Scope::AuthUser, login_id: login_id(), consent };
                shared.post_auth("authorize", attempt, request).await?;
                let profile = shared.session().member().cloned();
                let member = values::member(profile.as_deref());
                if member.is_null() {
                    let why = "the server's answer to auth_user has no member";
                    return Err(ClientError::new(ErrorCode::ServerAnswerInvalid).because(why).into());
                }
                Ok(member)
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

    /// Gets a code for `auth_user` in exchange for a tap. A caller that comes while a panel is open waits for its answer and, if
    /// the user agrees, gets its own code, for which the platform does not ask again.
    pub(crate) async fn consented_code(
        self: &Rc<Self>,
        operation: &'static str,
        tap: TapProof,
        purpose: Purpose,
    ) -> Result<AuthCode, JsValue> {
        let panel = Panel::new(tap, purpose);
        if let Some(agreed) = self.panel_closed(operation).await {
            agreed?;
            let code = self.platform.auth_code(Scope::AuthUser, self.panel_timeout).await;
            return code.map_err(|refused| refused.failure.into());
        }
        let shared = Rc::clone(self);
        let answered = promise(async move { shared.open_panel(operation, panel).await });
        self.page.panel.hold(&answered);
        Ok(auth_code_in(&settled(&answered).await?)?)
    }

    async fn open_panel(self: &Rc<Self>, operation: &'static str, panel: Panel) -> Result<JsValue, JsValue> {
        match self.platform.auth_code(Scope::AuthUser, self.panel_timeout).await {
            Ok(code) => {
                self.record(operation, Kind::AuthUser, panel.purpose(), Outcome::Granted, None, false);
                Ok(code.expose().into())
            }
            Err(ConsentCallError { outcome, failure, late }) => {
                self.record(operation, Kind::AuthUser, panel.purpose(), outcome, failure.words(), false);
                if let Some(late) = late {
                    // A late code is discarded.
                    self.record_late(operation, Kind::AuthUser, panel.purpose().clone(), late, None);
                }
                Err(failure.into())
            }
        }
    }

    /// Waits for the panel that is open on this page, if any, of any client, and returns its answer.
    pub(crate) async fn panel_closed(&self, operation: &'static str) -> Option<Result<JsValue, JsValue>> {
        let open = self.page.panel.held()?;
        let why = "the panel that is open answers for this call too";
        self.observe(Decision::new("consent", operation, "shared").because(why));
        Some(settled(&open).await)
    }

    /// Records an answer that arrives after the time-out, if it says something about the consent, without acting on it. Such an
    /// answer is an auth code, unless another `call` is given.
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

    /// Records the platform's answer about a consent.
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
        let decision = if late { decision.because("the answer came after the time-out") } else { decision };
        let record = Record { kind, purpose: purpose.clone(), at: now(), outcome, message, late };
        self.consents().record(record);
        self.observe(decision);
    }
}

fn report(record: &Record) -> ConsentReport {
    ConsentReport { purpose: record.purpose.clone(), at: record.at }
}

impl Shared {
    /// For the authorising button the user has already agreed, and the event may carry the values. A tap on anything else never
    /// asks if the current call exists: either that call has the answer, or the error names the button.
    pub(crate) fn display_info(self: &Rc<Self>, press: Press, purpose: Purpose, shown: Option<DisplayInfo>) -> Promise {
        match (press, shown) {
            (Press::Tap(tap), _) => self.share(Operation::DisplayInfo, |shared, _| {
                Box::pin(async move { shared.display_info_on_tap(tap, purpose).await })
            }),
            (Press::Button, Some(info)) => Promise::resolve(&self.known(info)),
            (Press::Button, None) => self.share(Operation::DisplayInfoByButton, |shared, _| {
                Box::pin(async move {
                    let has_open = shared.platform.has(UserInfoCall::Open.as_str());
                    let call = if has_open { UserInfoCall::Open } else { UserInfoCall::Auth };
                    shared.ask(call, purpose, ErrorCode::DisplayNotAuthorized).await
                })
            }),
        }
    }

    async fn display_info_on_tap(self: &Rc<Self>, tap: TapProof, purpose: Purpose) -> Result<JsValue, JsValue> {
        if self.platform.has(UserInfoCall::Open.as_str()) {
            // One document says that it shows a panel after all: never show two at once.
            let _ = self.panel_closed("getAuthUserInfo").await;
            return self.ask(UserInfoCall::Open, purpose, ErrorCode::AuthorizeButtonRequired).await;
        }
        let call = UserInfoCall::Auth.as_str();
        if self.platform.function(call).is_none() {
            return Err(missing(call).into());
        }
        if self.consents().standing(Kind::AuthUser) == Standing::Granted {
            let why = "consent was given before: no panel is needed";
            self.observe(Decision::new("consent", "getAuthUserInfo", "kept").because(why));
        } else {
            // Only the consent is needed, not the code.
            self.consented_code("getAuthUserInfo", tap, purpose.clone()).await?;
        }
        self.ask(UserInfoCall::Auth, purpose, ErrorCode::DisplayNotAuthorized).await
    }

    /// Asks the platform. `unauthorised` is the failure without a consent; it is not the user's answer and is not recorded.
    async fn ask(
        self: &Rc<Self>,
        call: UserInfoCall,
        purpose: Purpose,
        unauthorised: ErrorCode,
    ) -> Result<JsValue, JsValue> {
        let kind = call.kind();
        let record = |outcome, words| self.record("getAuthUserInfo", kind, &purpose, outcome, words, false);
        match self.platform.user_info(call, self.panel_timeout).await {
            Ok(info) => {
                if self.consents().standing(kind) != Standing::Granted {
                    record(Outcome::Granted, None);
                }
                Ok(self.known(info))
            }
            Err(ConsentCallError { failure, .. }) if failure.code() == ErrorCode::DisplayNotAuthorized => {
                self.consents().withdrawn(kind);
                Err(failure.renamed(unauthorised).into())
            }
            Err(ConsentCallError { outcome, failure, late }) => {
                if let Some(late) = late {
                    self.record_late("getAuthUserInfo", kind, purpose.clone(), late, Some(call));
                }
                if matches!(outcome, Outcome::Refused | Outcome::Dismissed) {
                    record(outcome, failure.words());
                }
                Err(failure.into())
            }
        }
    }

    /// Passes display information to the page.
    fn known(&self, info: DisplayInfo) -> JsValue {
        if self.page.remember(&info) {
            let why = "display information is known: every outgoing request is searched for it";
            self.observe(Decision::new("guard", "getAuthUserInfo", "watching").because(why));
        }
        info.render(|shown| display_info(shown.nick_name, shown.avatar, REDACTION))
    }

    /// Records that the authorising button reported no consent, with the platform's message. It counts as a refusal only if it
    /// is a known one.
    pub(crate) fn button_failed(
        &self,
        operation: &'static str,
        kind: Kind,
        purpose: Purpose,
        failure: JsValue,
    ) -> ClientError {
        let number = error_number(&failure);
        let words = words(&failure);
        let (outcome, code) = button_failure(kind, number, words.as_deref().unwrap_or_default());
        self.record(operation, kind, &purpose, outcome, words, false);
        let failure = ClientError::new(code).caused_by(failure);
        if is_for_good(number) { failure.advised_as(ErrorCode::ConsentBlocked) } else { failure }
    }
}

impl Shared {
    /// Has the server read the phone number. The event's data or the platform's answer is encrypted: only the server can tell
    /// whether the user agreed.
    pub(crate) fn phone_number(self: &Rc<Self>, purpose: Purpose, carried: JsValue) -> Promise {
        let shared = Rc::clone(self);
        promise(async move {
            let answer = if carried.is_object() {
                carried
            } else {
                shared.platform.phone_number(shared.panel_timeout).await.map_err(|refused| refused.failure)?
            };
            let request = phone_request(&shared.server.endpoint("phone"), &answer, purpose.as_str());
            if !request.is_object() {
                return Err(ClientError::new(ErrorCode::PlatformAnswerInvalid).caused_by(answer).into());
            }
            let told = settled(&shared.http_request(request, None)).await;
            match &told {
                Ok(_) if shared.consents().standing(Kind::PhoneNumber) == Standing::Granted => {}
                Ok(_) => shared.record(PHONE, Kind::PhoneNumber, &purpose, Outcome::Granted, None, false),
                Err(failure) if code_of(&field(failure, "code")) == Some(ErrorCode::PhoneNotAuthorized) => {
                    shared.consents().withdrawn(Kind::PhoneNumber);
                }
                Err(_) => {}
            }
            told
        })
    }
}
