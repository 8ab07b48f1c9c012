//! Nickname and avatar for display, with one panel at most.

use super::Operation;
use crate::{
    client::Shared, decision::Decision, display::DisplayInfo, error::Failure, normal_forms::normal_forms,
    platform::passed_on,
};
use js_sys::Promise;
use miniauth_core::{
    consent::{Outcome, Permission},
    display,
    error_code::ErrorCode,
    purpose::Purpose,
    tap::{TapKind, TapProof},
};
use std::rc::Rc;
use wasm_bindgen::JsValue;

impl Shared {
    pub(crate) fn display_info(self: &Rc<Self>, proof: TapProof, purpose: Purpose) -> Promise {
        self.share(Operation::DisplayInfo, async |shared, _| {
            let info = shared.learn_display_info(proof, purpose).await?;
            if !info.is_empty() {
                shared.guard.borrow_mut().remember(&info, normal_forms);
                let why = "display information is known: every outgoing request is searched for it";
                shared.observe(Decision::new("guard", "getAuthUserInfo", "watching").because(why));
            }
            Ok(DisplayInfo::new(info).into())
        })
    }

    /// Three ways to the consent: it was given before, or with the authorising button; the current call asks for it by
    /// itself; for the legacy call a code for `auth_user` has to be asked for.
    async fn learn_display_info(&self, proof: TapProof, purpose: Purpose) -> Result<display::DisplayInfo, JsValue> {
        let granted = proof.kind() == TapKind::GetAuthorize || self.consent.borrow().granted().is_some();
        if granted {
            let why = "consent was given before: no panel is needed";
            self.observe(Decision::new("consent", "getAuthUserInfo", "kept").because(why));
        } else if self.platform.has("getOpenUserInfo") {
            return self.ask_with_the_call(proof, purpose).await;
        } else {
            // The code itself is not needed: consent is what it brings.
            self.consented_code("getAuthUserInfo", proof, purpose).await?;
        }
        self.platform.user_info().await.map_err(|(code, cause)| {
            if code == ErrorCode::DisplayNotAuthorized {
                self.consent.borrow_mut().withdrawn();
            }
            passed_on(code, cause).into()
        })
    }

    async fn ask_with_the_call(&self, proof: TapProof, purpose: Purpose) -> Result<display::DisplayInfo, JsValue> {
        let permission = self.consent.borrow_mut().request(proof, purpose);
        let panel = match permission {
            Permission::Ask(panel) => panel,
            Permission::Share => {
                self.shared_answer("getAuthUserInfo").await?;
                return self.platform.user_info().await.map_err(|(code, cause)| passed_on(code, cause).into());
            }
        };
        let open = self.open_panel();
        let answer = self.platform.user_info().await;
        let outcome = match &answer {
            Ok(_) => Outcome::Granted,
            Err((ErrorCode::ConsentRefused | ErrorCode::DisplayNotAuthorized, _)) => Outcome::Refused,
            Err(_) => Outcome::Failed,
        };
        self.answer_panel("getAuthUserInfo", panel, outcome);
        open.resolve();
        answer.map_err(|(code, cause)| match outcome {
            Outcome::Refused => Failure::new(ErrorCode::ConsentRefused).caused_by(cause).into(),
            _ => passed_on(code, cause).into(),
        })
    }
}
