//! The exchange of a code for a session at the server.

use super::request::{Request, Response};
use crate::{
    client::Shared,
    decision::Decision,
    environment::now,
    error::ClientError,
    read::{auth_answer, parsed, problem},
    write,
};
use miniauth_core::{
    error_code::ErrorCode,
    session::Attempt,
    text::joined,
    wire::{AuthAnswer, AuthRequest},
};
use wasm_bindgen::JsValue;

impl Shared {
    /// Posts a code. A client's posts go one after another, since each carries the present session, which the new one
    /// replaces. When no answer arrives the same post is sent once more: its `login_id` makes that safe.
    pub(crate) async fn post_auth(
        &self,
        operation: &'static str,
        attempt: Attempt,
        request: &AuthRequest,
    ) -> Result<(), JsValue> {
        let _turn = self.posts.turn().await;
        let options = Request::post(&self.server.endpoint("auth"), write::auth_request(request)?);
        let present = self.session.borrow().bearer(now()).map(|bearer| bearer.token.clone());
        let response = match self.send(operation, &options, present.as_ref()).await {
            Err(failure) if failure.is_lost_answer() => {
                let why = "no answer arrived: the same post is sent once more with the same login_id";
                self.observe(Decision::new("session", operation, "repeated").because(why));
                self.send(operation, &options, present.as_ref()).await?
            }
            outcome => outcome?,
        };
        let answer = read(response).inspect_err(|failure| {
            self.observe(Decision::new("session", operation, "refused").failure(failure));
        })?;
        let completed = self.session.borrow_mut().complete(attempt, answer, now());
        if let Err(late) = completed {
            // The session is void here; the server is told as far as it can be reached.
            let _ = self.end_on_server(&late.token).await;
            return Err(ClientError::new(ErrorCode::LoggedOut).because(&late.to_string()).into());
        }
        self.store_session();
        self.observe(
            Decision::new("session", operation, "started").because(&joined(&["scope ", request.scope.as_str()])),
        );
        Ok(())
    }
}

fn read(response: Response) -> Result<AuthAnswer<JsValue>, ClientError> {
    let data = parsed(&response.data());
    if response.is_success() {
        return auth_answer(&data).map_err(|field| response.breaks_contract(field));
    }
    let failure = match problem(&data) {
        Some(problem) => ClientError::new(problem.code).advised_by(&problem),
        None => ClientError::new(ErrorCode::HttpStatus).because(&response.words()),
    };
    Err(failure.with_value("response", &response.0))
}
