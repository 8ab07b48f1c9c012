//! The client of one mini-program, as the driver calls it.
//!
//! Every method checks its tap and joins the queue synchronously; the rest happens in promises.

use crate::{
    decision::Decision,
    environment::now,
    error::ClientError,
    guard::{Page, has_letter},
    platform::{Platform, display_info},
    promise::{BoxFuture, Slot, promise, rejected},
    request::Control,
    values::{self, field, moment, number, set_text, text},
};
use js_sys::{Array, Function, Object, Promise};
use miniauth_core::{
    consent::{Consents, Kind, Purpose, Standing},
    display,
    error_code::ErrorCode,
    guard::GuardError,
    server_url::ServerUrl,
    session::{Attempt, ClientSession},
    tap::{Press, TapError, TapEvent, TapProof},
    text::joined,
};
use std::{
    cell::{RefCell, RefMut},
    ops::{Deref, DerefMut},
    rc::Rc,
};
use wasm_bindgen::prelude::*;

/// The client for one server.
#[wasm_bindgen]
pub struct Client {
    shared: Rc<Shared>,
}

/// The operation for the phone number, of the page and of the platform.
pub(crate) const PHONE: &str = "getPhoneNumber";

/// The shared state of a client's operations.
pub(crate) struct Shared {
    pub(crate) platform: Platform,
    pub(crate) server: ServerUrl,
    pub(crate) page: &'static Page,
    pub(crate) tap_lifetime: u32,
    /// The time-out of a panel, in milliseconds.
    pub(crate) panel_timeout: f64,
    consents: RefCell<Consents>,
    /// Its member is the server's answer about the session's user: `{ subject, member }`.
    session: RefCell<ClientSession<Rc<JsValue>>>,
    /// The platform's call for a silent code that has not been answered yet.
    pub(crate) silent_code: Slot,
    /// The last post; posts are sent one after another.
    pub(crate) posts: Slot,
    under_way: [Slot; 4],
    observe: Option<Function>,
}

#[wasm_bindgen]
impl Client {
    /// Creates a client that calls `my` and logs in at `server`. `observe`, if it is a function, receives every decision. A tap
    /// is valid for `tap_lifetime` milliseconds, and a panel times out after `panel_timeout`. In development, the server may be
    /// in a private network.
    ///
    /// # Errors
    /// `options_invalid` if `server` is not a valid [`ServerUrl`].
    #[wasm_bindgen(constructor)]
    pub fn new(
        my: JsValue,
        server: &str,
        observe: JsValue,
        tap_lifetime: u32,
        panel_timeout: u32,
        in_development: bool,
    ) -> Result<Client, JsValue> {
        let server = ServerUrl::parse(server, in_development).map_err(|fault| {
            let message = joined(&[&fault.to_string(), ", not '", server, "'"]);
            ClientError::new(ErrorCode::OptionsInvalid).because(&message)
        })?;
        let client = Self {
            shared: Rc::new(Shared {
                platform: Platform::new(my),
                server,
                page: Page::shared(),
                tap_lifetime,
                panel_timeout: panel_timeout.into(),
                consents: RefCell::default(),
                session: RefCell::default(),
                silent_code: Slot::default(),
                posts: Slot::default(),
                under_way: Default::default(),
                observe: observe.is_function().then(|| Function::from(observe)),
            }),
        };
        client.shared.restore_session();
        Ok(client)
    }

    /// Logs in silently, unless there is a session. Resolves to the stored member or `null`.
    pub fn login(&self) -> Promise {
        self.shared.login()
    }

    /// Asks for consent on a tap; the server then reads and stores the member. Resolves to the stored member.
    ///
    /// Rejects at once if the tap or the purpose is not valid.
    pub fn authorize(&self, stamp: JsValue) -> Promise {
        let tapped = self.shared.tapped(&stamp, "authorize");
        tapped.map_or_else(|failure| rejected(failure.into()), |(tap, purpose)| self.shared.authorize(tap, purpose))
    }

    /// Gets nickname and avatar for display, on a tap or from the authorising button. Resolves to the result of `displayInfo`.
    ///
    /// Rejects at once if the event or the purpose is not valid, or if the button's event is a failure.
    #[wasm_bindgen(js_name = getAuthUserInfo)]
    pub fn get_auth_user_info(&self, stamp: JsValue) -> Promise {
        let pressed = self.shared.pressed(&stamp, "getAuthUserInfo", Some(Kind::UserInfo));
        pressed.map_or_else(
            |failure| rejected(failure.into()),
            |(press, purpose)| self.shared.display_info(press, purpose, shown(&stamp)),
        )
    }

    /// Has the server read the phone number, after a press of the authorising button or on a tap. Resolves to the server's
    /// answer.
    ///
    /// Rejects at once like [`get_auth_user_info`](Self::get_auth_user_info).
    #[wasm_bindgen(js_name = getPhoneNumber)]
    pub fn get_phone_number(&self, stamp: JsValue) -> Promise {
        let pressed = self.shared.pressed(&stamp, PHONE, Some(Kind::PhoneNumber));
        pressed.map_or_else(
            |failure| rejected(failure.into()),
            |(_, purpose)| self.shared.phone_number(purpose, field(&field(&stamp, "event"), "phone")),
        )
    }

    /// Gets a bare auth code for `auth_base`. Resolves to the code.
    #[wasm_bindgen(js_name = getSilentCode)]
    pub fn get_silent_code(&self) -> Promise {
        self.shared.silent_code()
    }

    /// Gets a bare auth code for `auth_user`, on a tap. Resolves to the code.
    ///
    /// Rejects at once if the tap or the purpose is not valid.
    #[wasm_bindgen(js_name = getConsentedCode)]
    pub fn get_consented_code(&self, stamp: JsValue) -> Promise {
        let tapped = self.shared.tapped(&stamp, "getAuthCode");
        tapped.map_or_else(
            |failure| rejected(failure.into()),
            |(tap, purpose)| self.shared.consented_code_promise(tap, purpose),
        )
    }

    /// Sends a request from the driver's snapshot, unless its `control` aborts it. Resolves to `{ status, data, headers }` on
    /// 2xx.
    #[wasm_bindgen(js_name = httpRequest)]
    pub fn http_request(&self, snapshot: JsValue, control: Control) -> Promise {
        self.shared.http_request(snapshot, Some(control))
    }

    /// Returns what is known of the session: when it expires, if there is one; and its user, `{ subject, member }`, if the server
    /// has said.
    pub fn known(&self) -> Array {
        let expires_at = self.shared.session().expires_at();
        let profile = self.shared.session().member().cloned();
        let known = Array::new();
        known.push(&expires_at.map_or(JsValue::UNDEFINED, |moment| (moment.as_millis() as f64).into()));
        known.push(profile.as_deref().unwrap_or(&JsValue::UNDEFINED));
        known
    }

    /// Returns what the platform said about consents so far, oldest first, at most 100.
    pub fn consents(&self) -> Array {
        let list = Array::new();
        for index in 0.. {
            let record = self.shared.consents().records().nth(index).cloned();
            let Some(record) = record else { break };
            list.push(&values::record(&record));
        }
        list
    }

    /// Returns what is known of each consent, `granted`, `denied` or `unknown` by kind. `setting` is the answer of
    /// `my.getSetting`: what it omits stays as known before.
    #[wasm_bindgen(js_name = consentState)]
    pub fn consent_state(&self, setting: &JsValue) -> Object {
        let state = Object::new();
        for kind in Kind::ALL {
            let said = Standing::of_setting(field(setting, kind.as_str()).as_bool());
            self.shared.consents().learn(kind, said);
            let known = self.shared.consents().standing(kind);
            set_text(&state, kind.as_str(), known.as_str());
        }
        state
    }

    /// Records what page code learns from a call of its own. Returns whether it contains any display information.
    pub fn learn(&self, answer: &JsValue) -> bool {
        display_info(answer).is_ok_and(|info| self.shared.page.remember(&info))
    }

    /// Ends the session here, and on the server if it is reachable.
    pub fn logout(&self) -> Promise {
        self.shared.logout()
    }

    /// Checks what page code passes to `my.<name>`.
    ///
    /// # Errors
    /// `display_only_forwarded` if it contains display information.
    pub fn check(&self, name: &str, snapshot: JsValue) -> Result<(), JsValue> {
        self.shared.check_call(name, &snapshot)
    }
}

/// The borrowed session. Its previous member is dropped after the borrow ends, because dropping calls JavaScript.
pub(crate) struct BorrowedSession<'shared> {
    session: RefMut<'shared, ClientSession<Rc<JsValue>>>,
    _member: Option<Rc<JsValue>>,
}

impl Deref for BorrowedSession<'_> {
    type Target = ClientSession<Rc<JsValue>>;

    fn deref(&self) -> &Self::Target {
        &self.session
    }
}

impl DerefMut for BorrowedSession<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.session
    }
}

impl Shared {
    /// Call no JavaScript during the borrow, not even to clone or drop a value: an exception would leave it borrowed.
    pub(crate) fn session(&self) -> BorrowedSession<'_> {
        let session = self.session.borrow_mut();
        let member = session.member().cloned();
        BorrowedSession { session, _member: member }
    }

    /// Like [`session`](Self::session).
    pub(crate) fn consents(&self) -> RefMut<'_, Consents> {
        self.consents.borrow_mut()
    }

    /// Evaluates an event before anything is awaited: as a tap for a panel, or as the authorising button's event of a kind.
    /// Display information in it is known from now on, whatever happens next.
    fn pressed(
        &self,
        stamp: &JsValue,
        operation: &'static str,
        button: Option<Kind>,
    ) -> Result<(Press, Purpose), ClientError> {
        if let Some(info) = shown(stamp) {
            self.page.remember(&info);
        }
        let refused = |code: ErrorCode, reason: &str| {
            self.observe(Decision::new("tap", operation, "refused").because(reason).code(code));
            ClientError::new(code).because(reason)
        };
        let called_at = moment(stamp, "calledAt").unwrap_or_else(now);
        let given = field(stamp, "event");
        let failure = field(&given, "failure");
        let event = TapEvent {
            object: number(&given, "object").unwrap_or_default(),
            kind: text(&given, "kind").unwrap_or_default(),
            time_stamp: number(&given, "timeStamp"),
            first_seen: moment(&given, "firstSeen").unwrap_or(called_at),
            failed: failure.is_object(),
            elsewhere: field(&given, "elsewhere").is_truthy(),
        };
        if !event.is_act() {
            let message = joined(&[&TapError::NotATap.message(), &self.passed(&event.kind)]);
            return Err(refused(ErrorCode::TapRequired, &message));
        }
        let purpose = Purpose::parse_with(&text(stamp, "purpose").unwrap_or_default(), has_letter)
            .map_err(|fault| refused(ErrorCode::PurposeRequired, &fault.to_string()))?;
        // It ends up in decisions and records, and on the server.
        self.check_purpose(operation, &purpose.as_str().into())?;
        let lifetime = self.tap_lifetime.into();
        let proved = self.page.taps.borrow_mut().press(Some(&event), called_at, lifetime, button.is_none());
        match proved {
            Ok(press) => {
                self.observe(Decision::new("tap", operation, "accepted").purpose(purpose.as_str()));
                Ok((press, purpose))
            }
            Err(refusal) => match button {
                Some(kind) if refusal == TapError::Failed => Err(self.button_failed(operation, kind, purpose, failure)),
                _ => Err(refused(refusal.code(), &refusal.message())),
            },
        }
    }

    /// Describes what was passed as an event, unless its type is a value that no message may contain.
    fn passed(&self, kind: &str) -> String {
        if kind.is_empty() || self.page.check_call("event", &kind.into()).is_err() {
            return "; the first argument is not an event".to_owned();
        }
        joined(&["; the first argument is an event of type ", kind])
    }

    /// Spends a tap for a panel.
    fn tapped(&self, stamp: &JsValue, operation: &'static str) -> Result<(TapProof, Purpose), ClientError> {
        let (press, purpose) = self.pressed(stamp, operation, None)?;
        let tap = press.for_panel().map_err(|refusal| ClientError::new(refusal.code()))?;
        Ok((tap, purpose))
    }

    /// Callers of the same operation share its outcome, unless a logout lies between them. The attempt begins here, with the
    /// call: a future's first step runs later, and a logout might come first.
    pub(crate) fn share(
        self: &Rc<Self>,
        operation: Operation,
        start: impl FnOnce(Rc<Self>, Attempt) -> BoxFuture,
    ) -> Promise {
        let under_way = &self.under_way[operation as usize];
        under_way.held().unwrap_or_else(|| {
            let attempt = self.session().begin();
            let promise = promise(start(Rc::clone(self), attempt));
            under_way.hold(&promise);
            promise
        })
    }

    /// Makes the next caller start again, whatever the running operation does.
    pub(crate) fn forget(&self, operation: Operation) {
        self.under_way[operation as usize].release();
    }

    /// Like [`forget`](Self::forget), for all operations.
    pub(crate) fn forget_all(&self) {
        self.under_way.iter().for_each(Slot::release);
    }

    /// Reports a decision to the app. Errors of the observer are ignored.
    pub(crate) fn observe(&self, decision: Decision) {
        let Some(observe) = &self.observe else { return };
        let _ = observe.call1(&JsValue::UNDEFINED, decision.as_object());
    }

    pub(crate) fn refuse(&self, operation: &str, refusal: &GuardError) -> ClientError {
        self.observe(Decision::new("guard", operation, "refused").refusal(refusal));
        ClientError::new(ErrorCode::DisplayOnlyForwarded)
            .because(&refusal.message())
            .with("where", &refusal.place)
            .with("encoding", &refusal.encoding())
    }

    /// The purpose is the only input of the app that this module puts into its own requests.
    pub(crate) fn check_purpose(&self, operation: &str, purpose: &JsValue) -> Result<(), ClientError> {
        let checked = self.page.check_call("purpose", purpose);
        checked.map_err(|refusal| self.refuse(operation, &refusal))
    }

    fn check_call(&self, name: &str, snapshot: &JsValue) -> Result<(), JsValue> {
        let checked = self.page.check_call(name, snapshot);
        checked.map_err(|refusal| self.refuse("guard", &refusal).into())
    }
}

/// Returns the nickname and avatar in an event.
fn shown(stamp: &JsValue) -> Option<display::DisplayInfo> {
    display_info(&field(&field(stamp, "event"), "shown")).ok()
}

/// Operations whose concurrent callers share one outcome.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Login,
    Authorize,
    /// On a tap.
    DisplayInfo,
    /// From the authorising button: it must not share a tap's answer from before the consent.
    DisplayInfoByButton,
}
