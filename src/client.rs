//! One mini-program's client, as the driver calls it.
//!
//! Every method decides about taps and takes its place in line before anything is awaited; the rest happens in promises.

use crate::{
    decision::Decision,
    environment::now,
    error::Failure,
    guard::Guard,
    operations::{Operation, control::Control, request::RequestOptions},
    platform::Platform,
    promise::{Queue, promise},
    read::{field, moment, number, text},
};
use js_sys::{Function, Promise};
use miniauth_core::{
    consent::Consent,
    error_code::ErrorCode,
    guard::Refusal,
    purpose::Purpose,
    server_url::ServerUrl,
    session::{Attempt, Session},
    tap::{TapEvent, TapLedger, TapProof},
};
use serde::Serialize;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::prelude::*;

/// The client of one server.
#[wasm_bindgen]
pub struct Client {
    shared: Rc<Shared>,
}

/// What a client's operations share.
pub(crate) struct Shared {
    pub(crate) platform: Platform,
    pub(crate) server: ServerUrl,
    pub(crate) taps: RefCell<TapLedger>,
    pub(crate) consent: RefCell<Consent>,
    pub(crate) panel: RefCell<Option<Promise>>,
    pub(crate) session: RefCell<Session>,
    pub(crate) guard: RefCell<Guard>,
    pub(crate) posts: Queue,
    in_flight: RefCell<Vec<(Operation, Attempt, Promise)>>,
    observe: Option<Function>,
}

#[wasm_bindgen]
impl Client {
    /// A client that calls `my` and logs in at `server`; `observe`, if it is a function, is told every decision. A tap holds
    /// for `tap_lifetime` milliseconds.
    ///
    /// # Errors
    /// `options_invalid` when `server` is not an address of the form that [`ServerUrl`] takes.
    #[wasm_bindgen(constructor)]
    pub fn new(my: JsValue, server: &str, observe: JsValue, tap_lifetime: u32) -> Result<Client, JsValue> {
        let server = ServerUrl::parse(server)
            .map_err(|fault| Failure::new(ErrorCode::OptionsInvalid).because(&fault.to_string()))?;
        let client = Self {
            shared: Rc::new(Shared {
                platform: Platform::new(my),
                server,
                taps: RefCell::new(TapLedger::new(tap_lifetime.into())),
                consent: RefCell::default(),
                panel: RefCell::default(),
                session: RefCell::default(),
                guard: RefCell::default(),
                posts: Queue::default(),
                in_flight: RefCell::default(),
                observe: observe.is_function().then(|| Function::from(observe)),
            }),
        };
        client.shared.restore_session();
        Ok(client)
    }

    /// Logs in silently, unless a session lives. Resolves to the stored member or `null`.
    pub fn login(&self) -> Promise {
        self.shared.login()
    }

    /// Asks for consent on a tap, and has the server read and store the member. Resolves to the stored member.
    ///
    /// # Errors
    /// At once, when the tap or the purpose does not allow it.
    pub fn authorize(&self, stamp: JsValue) -> Result<Promise, JsValue> {
        let (proof, purpose) = self.shared.tapped(&stamp, "authorize")?;
        Ok(self.shared.authorize(proof, purpose))
    }

    /// Learns nickname and avatar for display on a tap. Resolves to a [`DisplayInfo`](crate::DisplayInfo).
    ///
    /// # Errors
    /// At once, when the tap or the purpose does not allow it.
    #[wasm_bindgen(js_name = getAuthUserInfo)]
    pub fn get_auth_user_info(&self, stamp: JsValue) -> Result<Promise, JsValue> {
        let (proof, purpose) = self.shared.tapped(&stamp, "getAuthUserInfo")?;
        Ok(self.shared.display_info(proof, purpose))
    }

    /// A bare auth code for `auth_base`. Resolves to the code.
    #[wasm_bindgen(js_name = getSilentCode)]
    pub fn get_silent_code(&self) -> Promise {
        self.shared.silent_code()
    }

    /// A bare auth code for `auth_user`, on a tap. Resolves to the code.
    ///
    /// # Errors
    /// At once, when the tap or the purpose does not allow it.
    #[wasm_bindgen(js_name = getConsentedCode)]
    pub fn get_consented_code(&self, stamp: JsValue) -> Result<Promise, JsValue> {
        let (proof, purpose) = self.shared.tapped(&stamp, "getAuthCode")?;
        Ok(self.shared.consented_code_promise(proof, purpose))
    }

    /// Sends a request that the driver took a snapshot of, as long as its `control` allows. Resolves to
    /// `{ status, data, headers }` on 2xx.
    #[wasm_bindgen(js_name = httpRequest)]
    pub fn http_request(&self, snapshot: &JsValue, control: Control) -> Promise {
        self.shared.http_request(RequestOptions::read(snapshot, control))
    }

    /// The answers to consent panels so far, oldest first, at most 100.
    ///
    /// # Errors
    /// None in practice: records are plain values.
    pub fn consents(&self) -> Result<JsValue, JsValue> {
        Ok(to_javascript(&self.shared.consent.borrow().records().collect::<Vec<_>>())?)
    }

    /// Ends the session here, and on the server as far as it can be reached.
    pub fn logout(&self) -> Promise {
        self.shared.logout()
    }

    /// Remembers the platform's own function `my.<name>`, in front of which the driver puts its guard.
    #[wasm_bindgen(js_name = keepOriginal)]
    pub fn keep_original(&self, name: String, function: Function) {
        self.shared.platform.keep_original(name, function);
    }

    /// Checks what page code passes to `my.<name>`.
    ///
    /// # Errors
    /// `display_only_forwarded` when display information is in it.
    pub fn check(&self, name: &str, snapshot: JsValue) -> Result<(), JsValue> {
        self.shared.check_call(name, &snapshot)
    }
}

impl Shared {
    /// Spends a tap, before anything is awaited.
    fn tapped(&self, stamp: &JsValue, operation: &'static str) -> Result<(TapProof, Purpose), JsValue> {
        let refused = |code: ErrorCode, reason: &str| {
            self.observe(Decision::new("tap", operation, "refused").because(reason).code(code));
            JsValue::from(Failure::new(code).because(reason))
        };
        let purpose = Purpose::parse(&text(stamp, "purpose").unwrap_or_default())
            .map_err(|fault| refused(ErrorCode::PurposeRequired, &fault.to_string()))?;
        let called_at = moment(stamp, "calledAt").unwrap_or_else(now);
        let event = Some(field(stamp, "event")).filter(JsValue::is_object).map(|event| TapEvent {
            object: number(&event, "object").unwrap_or_default() as u32,
            kind: text(&event, "kind").unwrap_or_default(),
            time_stamp: number(&event, "timeStamp"),
            first_seen: moment(&event, "firstSeen").unwrap_or(called_at),
        });
        let proof = self
            .taps
            .borrow_mut()
            .prove(event.as_ref(), called_at)
            .map_err(|refusal| refused(refusal.code(), &refusal.message()))?;
        self.observe(Decision::new("tap", operation, "accepted").purpose(purpose.as_str()));
        Ok((proof, purpose))
    }

    /// Callers that want the same operation share its outcome, unless a logout lies between them. The attempt begins
    /// here, with the call: a future's first step comes later, and so might a logout.
    pub(crate) fn share(
        self: &Rc<Self>,
        operation: Operation,
        start: impl AsyncFnOnce(Rc<Self>, Attempt) -> Result<JsValue, JsValue> + 'static,
    ) -> Promise {
        let attempt = self.session.borrow().begin();
        let is_same = move |of: Operation, since: Attempt| of == operation && since == attempt;
        if let Some((.., promise)) = self.in_flight.borrow().iter().find(|(of, since, _)| is_same(*of, *since)) {
            return promise.clone();
        }
        let shared = Rc::clone(self);
        let promise = promise(async move {
            let outcome = start(Rc::clone(&shared), attempt).await;
            shared.in_flight.borrow_mut().retain(|(of, since, _)| !is_same(*of, *since));
            outcome
        });
        self.in_flight.borrow_mut().push((operation, attempt, promise.clone()));
        promise
    }

    /// Tells the app. An observer that fails is its own affair.
    pub(crate) fn observe(&self, decision: Decision) {
        let Some(observe) = &self.observe else { return };
        let _ = observe.call1(&JsValue::UNDEFINED, decision.as_object());
    }

    pub(crate) fn refuse(&self, operation: &'static str, refusal: &Refusal) -> Failure {
        self.observe(Decision::new("guard", operation, "refused").refusal(refusal));
        Failure::new(ErrorCode::DisplayOnlyForwarded)
            .because(&refusal.message())
            .with("where", &refusal.place)
            .with("encoding", &refusal.encoding())
    }

    fn check_call(&self, name: &str, snapshot: &JsValue) -> Result<(), JsValue> {
        let checked = self.guard.borrow().check_call(name, snapshot);
        checked.map_err(|refusal| self.refuse("guard", &refusal).into())
    }
}

/// Plain objects with plain numbers, as JSON would have them.
pub(crate) fn to_javascript(value: &impl Serialize) -> Result<JsValue, serde_wasm_bindgen::Error> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())
}
