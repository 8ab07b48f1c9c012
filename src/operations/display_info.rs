//! Nickname and avatar for display.

use super::Operation;
use crate::{
    answer::{ConsentCallError, UserInfoCall},
    client::Shared,
    decision::Decision,
    display::JsDisplayInfo,
    error::ClientError,
    platform::missing,
    read::{error_number, words},
};
use js_sys::Promise;
use miniauth_core::{
    consent::{Kind, Outcome, Purpose, Standing},
    display::DisplayInfo,
    error_code::ErrorCode,
    platform::{button_failure, is_for_good},
    tap::{Press, TapProof},
};
use std::rc::Rc;
use wasm_bindgen::JsValue;

impl Shared {
    /// With the authorising button the user has agreed already, and the event may carry the values. A tap on anything else
    /// asks nobody where today's call exists: it has the answer, or it names the button.
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
            // By one document it shows a panel after all: never two at once.
            self.panel_closed("getAuthUserInfo").await;
            return self.ask(UserInfoCall::Open, purpose, ErrorCode::AuthorizeButtonRequired).await;
        }
        let call = UserInfoCall::Auth.as_str();
        if self.platform.function(call).is_none() {
            return Err(missing(call).into());
        }
        if self.consents.borrow().standing(Kind::AuthUser) == Standing::Granted {
            let why = "consent was given before: no panel is needed";
            self.observe(Decision::new("consent", "getAuthUserInfo", "kept").because(why));
        } else {
            // The code itself is not needed: consent is what it brings.
            self.consented_code("getAuthUserInfo", tap, purpose.clone()).await?;
        }
        self.ask(UserInfoCall::Auth, purpose, ErrorCode::DisplayNotAuthorized).await
    }

    /// Asks the platform. `unauthorised` is what it means when there is no consent, which is no answer of the user's and not
    /// recorded.
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
                if self.consents.borrow().standing(kind) != Standing::Granted {
                    record(Outcome::Granted, None);
                }
                Ok(self.known(info))
            }
            Err(ConsentCallError { failure, .. }) if failure.code() == ErrorCode::DisplayNotAuthorized => {
                self.consents.borrow_mut().withdrawn(kind);
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

    /// Display information on its way to the page.
    fn known(&self, info: DisplayInfo) -> JsValue {
        if self.page.remember(&info) {
            let why = "display information is known: every outgoing request is searched for it";
            self.observe(Decision::new("guard", "getAuthUserInfo", "watching").because(why));
        }
        JsDisplayInfo::new(info).into()
    }

    /// The authorising button says that there is no consent: recorded in the platform's words, and as a refusal only where
    /// it is known for one.
    pub(crate) fn button_failed(&self, operation: &'static str, purpose: Purpose, failure: JsValue) -> ClientError {
        let number = error_number(&failure);
        let words = words(&failure);
        let (outcome, code) = button_failure(number, words.as_deref().unwrap_or_default());
        self.record(operation, Kind::UserInfo, &purpose, outcome, words, false);
        let failure = ClientError::new(code).caused_by(failure);
        if is_for_good(number) { failure.advised_as(ErrorCode::ConsentBlocked) } else { failure }
    }
}
