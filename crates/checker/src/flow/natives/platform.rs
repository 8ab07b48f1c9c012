//! `my.*`: panels, display information, and what leaves the page; the package `miniauth`, which enforces both rules at run time;
//! and packages that are not in the project.

use super::super::{
    context::Trigger,
    facts::{FactKey, RawFinding},
    heap::{Kind, Object},
    machine::{Machine, Task},
    panels::Panel,
    value::{Atom, Implied, Mark, Value},
};
use crate::{
    flow::facts::{Place, Step, StepKind},
    platform,
    scripts::ir::Name,
};
use miniauth_platform::calls::{Call, Destination, Outgoing};

/// The field of an answer that holds the settings, whatever the call's name.
pub(crate) const SETTINGS: &str = "authSetting";

/// Whether a call registers a listener, as `my.onAppShow` does.
fn is_listening(api: &str) -> bool {
    api.strip_prefix("on").is_some_and(|event| event.starts_with(|first: char| first.is_ascii_uppercase()))
}

impl Machine<'_> {
    pub(super) fn call_platform(&mut self, api: &str, arguments: &[Value], place: Place) -> Value {
        self.deeds += 1;
        let options = arguments.first().cloned().unwrap_or_default();
        let call = platform::call(api);
        self.used_api(api, place);
        self.refused_image(api, &options, place);
        if let Some(outgoing) = call.and_then(|call| call.outgoing.as_ref()) {
            self.send(api, outgoing, arguments, place);
        } else if api.ends_with("callFunction") || api.ends_with("function.invoke") {
            self.sink_all(&format!("my.{api}"), arguments, place);
        }
        match api {
            "getAuthCode" => {
                let scopes = self.read(&options, &"scopes".into(), place);
                let scope_list = self.any_field(&scopes);
                let names = scopes.whole_texts().chain(scope_list.whole_texts());
                let named: Vec<&str> = names.flat_map(|names| names.split(',').map(str::trim)).collect();
                let asks = named.iter().any(|scope| platform::scope_asks(scope));
                let asks_user = named.iter().any(|scope| platform::scope_asks_user(scope));
                let result = Value::object(self.heap.add(Object::new(Kind::AuthCodeResult)));
                let panel = asks.then(|| Panel { api: "my.getAuthCode".into(), place, asks_user });
                return self.with_callbacks(&options, result, panel, place);
            }
            "getSetting" | "openSetting" => {
                // One page of the platform's documents reads the scopes from the answer itself.
                let (answer, settings) = (self.settings(), self.settings());
                for id in answer.objects() {
                    self.heap.edit(id).fields.insert(SETTINGS.into(), settings.clone());
                }
                return self.with_callbacks(&options, answer, None, place);
            }
            "getStorage" | "getStorageSync" => return self.read_storage(api, &options, place),
            "confirm" => {
                let answer = self.new_object();
                let agreed = Value::one(Atom::Implies { fact: Implied::Agreed, when: true });
                self.heap.edit(answer).fields.insert("confirm".into(), agreed);
                self.heap.edit(answer).rest = Value::unknown();
                return self.with_callbacks(&options, Value::object(answer), None, place);
            }
            "createWorker" => return self.create_worker(&options),
            _ => {}
        }
        if let Some(call) = call {
            if call.navigates {
                return self.navigate(&options, place);
            }
            if call.display || call.consent.is_some() {
                return self.call_for_person(api, call, &options, place);
            }
        }
        if is_listening(api) {
            self.listen_to_platform(api, &options, place);
        }
        let answer = self.answer_to(api);
        let result = self.with_callbacks(&options, answer, None, place);
        match call.and_then(|call| call.returns.as_ref()).filter(|kind| platform::has_methods(kind)) {
            Some(kind) => self.native(&format!("my.{kind}")),
            None => result,
        }
    }

    /// A call that returns something about the person.
    pub(super) fn call_for_person(&mut self, api: &str, call: &Call, options: &Value, place: Place) -> Value {
        let scope = platform::scope_needed(call);
        let asked = scope.and_then(|scope| self.need_button(api, scope, place));
        let answer = if call.display { self.display(place, &format!("my.{api}")) } else { self.anything() };
        self.outcome.reads_display |= call.display && scope.is_none();
        let panel = platform::asks(call).then(|| Panel { api: format!("my.{api}").into(), place, asks_user: false });
        let before = self.context.asked;
        self.context.asked = asked.or(before);
        let result = self.with_callbacks(options, answer, panel, place);
        self.context.asked = before;
        result
    }

    /// Reports a call's arguments as leaving the page.
    fn send(&mut self, api: &str, outgoing: &Outgoing, arguments: &[Value], place: Place) {
        let options = arguments.first().cloned().unwrap_or_default();
        // A method's name starts with the kind of its object, not with `my.`.
        let is_method = api.starts_with(|first: char| first.is_ascii_uppercase());
        let label = if is_method { api.to_owned() } else { format!("my.{api}") };
        if outgoing.to == Destination::Storage {
            let (key, value) = self.stored_parts(&options, arguments, place);
            self.store(&label, &key, &value, place);
        } else if outgoing.only.is_empty() {
            self.sink_all(&label, arguments, place);
        } else {
            for option in &outgoing.only {
                let value = self.read(&options, &option.as_str().into(), place);
                // Loading the avatar from its own address tells nobody anything new; an address built from it may lead elsewhere.
                if option != "url" || value.atoms.iter().any(|atom| matches!(atom, Atom::Text(_))) {
                    self.sink(&label, &value, place);
                }
            }
        }
    }

    pub(crate) fn sink_all(&mut self, label: &str, arguments: &[Value], place: Place) {
        for argument in arguments {
            self.sink(label, argument, place);
        }
    }

    /// `my.onAppShow(callback)` and the like: the callback runs without a tap.
    fn listen_to_platform(&mut self, api: &str, callback: &Value, place: Place) {
        if !self.heap.is_callable(callback) {
            return;
        }
        let mut context = self.context.called(StepKind::CalledBack, place, &format!("my.{api}").into());
        if context.trigger != Trigger::Unseen {
            context.trigger = Trigger::Unasked;
        }
        let answer = self.anything();
        let (callee, this) = (callback.clone(), Value::undefined());
        self.schedule(Task { callee, this, arguments: vec![answer], context, place, settles: None });
    }

    fn stored_parts(&mut self, options: &Value, arguments: &[Value], place: Place) -> (Value, Value) {
        // Some wrappers call `setStorageSync(key, data)`, the form of other platforms.
        if let Some(value) = arguments.get(1) {
            return (options.clone(), value.clone());
        }
        (self.read(options, &"key".into(), place), self.read(options, &"data".into(), place))
    }

    fn read_storage(&mut self, api: &str, options: &Value, place: Place) -> Value {
        let mut key = self.read(options, &"key".into(), place);
        if key.is_undefined() {
            key = options.clone();
        }
        let data = self.stored(&key, place);
        let answer = self.new_object();
        self.heap.edit(answer).fields.insert("data".into(), data);
        if api == "getStorageSync" {
            return Value::object(answer);
        }
        self.with_callbacks(options, Value::object(answer), None, place)
    }

    /// The answer of an ordinary call. The answer to a request that carries an auth code is tracked: see `consent-unneeded`.
    fn answer_to(&mut self, api: &str) -> Value {
        if matches!(api, "request" | "httpRequest")
            && let Some(panel) = self.context.shown.last().copied()
            && self.outcome.user_codes.contains_key(&panel)
        {
            return Value::object(self.heap.add(Object::new(Kind::Answer(panel))));
        }
        self.anything()
    }

    /// Calls `success`, `fail` and `complete`, or settles a promise if there are none.
    pub(crate) fn with_callbacks(
        &mut self,
        options: &Value,
        result: Value,
        panel: Option<Panel>,
        place: Place,
    ) -> Value {
        // Name, whether it receives the result, and whether the call may have failed.
        let names = [("success", true, false), ("fail", false, true), ("complete", true, true)];
        let callbacks = names.map(|(name, given, may_fail)| (self.read(options, &name.into(), place), given, may_fail));
        let context = self.context.clone();
        if let Some(panel) = &panel
            && !self.show(panel)
        {
            self.context = context;
            return Value::unknown();
        }
        for (callback, is_given, may_fail) in callbacks {
            let given = if is_given { result.clone() } else { Value::unknown() };
            let kept = self.context.clone();
            if may_fail && let Some(panel) = &panel {
                self.refuse(panel);
            }
            self.later(Some(&callback), vec![given], place);
            self.context = kept;
        }
        let promise = self.new_promise();
        self.resolve(promise, result, place);
        if let Some(panel) = &panel {
            self.refuse(panel);
            self.reject(promise, Value::unknown());
        }
        self.context = context;
        Value::object(promise)
    }

    /// A value is about to leave the page: reports all display information in it.
    pub(crate) fn sink(&mut self, api: &str, value: &Value, place: Place) {
        if self.is_send_reported {
            return;
        }
        for mark in self.deep_marks(value) {
            let place = self.border(place, mark.source);
            let last = Step::after(&mark.step, StepKind::Sink, place, &api.into());
            self.outcome.findings.push(RawFinding {
                source: Some(mark.source),
                way: last.way(),
                entry: mark.step.last_field(),
                handed: self.handed(place, &mark),
                ..RawFinding::new("display-only-forwarded", place, api)
            });
        }
    }

    /// The place to report: the call by which the app's own code enters the library at `place`, or `place` if it is in no library.
    fn border(&self, place: Place, source: Place) -> Place {
        let is_library = |place: Place| self.project.is_in_library(place);
        // If a library sends information that it fetched itself, the finding is in the library.
        if !is_library(place) || source.file == place.file && is_library(source) {
            return place;
        }
        let calls = std::iter::successors(self.context.calls.as_ref(), |step| step.before.as_ref());
        let mut own = calls.filter(|step| step.kind == StepKind::Called && !is_library(step.place));
        own.next().map_or(place, |step| step.place)
    }

    /// The call that passed the information from the code of another file to the code that sends it.
    fn handed(&self, place: Place, mark: &Mark) -> Option<Place> {
        let by = mark.step.place.file;
        if by == place.file || self.project.is_in_library(mark.step.place) {
            return None;
        }
        let calls = std::iter::successors(self.context.calls.as_ref(), |step| step.before.as_ref());
        let is_handed = |call: Place| {
            let frames = self.frames.iter().rev().filter(|frame| frame.called_at == Some(call));
            let mut given = frames.flat_map(|frame| frame.arguments.iter());
            given.any(|value| self.deep_marks(value).iter().any(|known| known.source == mark.source))
        };
        let mut own = calls.filter(|step| step.kind == StepKind::Called && step.place.file == by);
        own.next().map(|step| step.place).filter(|call| is_handed(*call))
    }

    /// Opens another page of the app, which receives the address's parameters.
    fn navigate(&mut self, options: &Value, place: Place) -> Value {
        let url = self.read(options, &"url".into(), place);
        self.address(&url, place);
        let events = self.read(options, &"events".into(), place);
        for key in self.keys_of(&events) {
            if let Some(name) = key.whole_texts().next().cloned() {
                let callback = self.read(&events, &name, place);
                self.listen(&name, callback, place);
            }
        }
        let answer = self.new_object();
        let channel = self.native("channel");
        self.heap.edit(answer).fields.insert("eventChannel".into(), channel);
        self.with_callbacks(options, Value::object(answer), None, place)
    }

    /// Leaves the parameters of an address for its page.
    pub(crate) fn address(&mut self, url: &Value, place: Place) {
        for atom in &url.atoms {
            let Atom::Text(text) = atom else { continue };
            let route = text.start.split('?').next().unwrap_or_default().trim_matches(['/', '.']);
            let Some(route) = self.project.pages.keys().find(|page| page.ends_with(route) && !route.is_empty()) else {
                continue;
            };
            let route = Name::from(route.as_str());
            self.note_opening(&route);
            for mark in &url.marks {
                let parameter = mark.step.parameter().unwrap_or_else(|| "".into());
                let value = Value::carrying(vec![mark.clone()]);
                let key = FactKey::Parameter(route.clone(), parameter.clone());
                self.leave(key, &value, StepKind::Navigated, place, &parameter);
            }
        }
    }
}

/// Packages that send their arguments.
const HTTP_CLIENTS: &[&str] = &["axios", "flyio", "luch-request", "umi-request", "alova", "wefetch", "superagent"];

impl Machine<'_> {
    /// `createAuth(...)` and the methods of its result. They show a panel only after a tap, so a panel is never a finding.
    pub(super) fn call_miniauth(&mut self, name: &str, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        match name.rsplit('.').next().unwrap_or_default() {
            "createAuth" => self.native("auth"),
            "session" => self.anything(),
            // The state of the client that a page shows. Only one of its fields is display information.
            "useAuth" => {
                let (shown, display) = (self.anything(), self.display(place, "useAuth"));
                for id in shown.objects() {
                    self.heap.edit(id).fields.insert("display".into(), display.clone());
                }
                shown
            }
            "onChange" | "onRequest" => self.native("(nothing)"),
            "getAuthUserInfo" => {
                // Opaque until `renderTo` releases the plain values.
                let info = self.new_object();
                let render = self.method("renderTo", info);
                self.heap.edit(info).fields.insert("renderTo".into(), render);
                self.resolved(Value::object(info), place)
            }
            "httpRequest" => {
                self.sink("auth.httpRequest", &first, place);
                let answer = self.anything();
                self.resolved(answer, place)
            }
            _ => {
                let answer = self.anything();
                self.resolved(answer, place)
            }
        }
    }

    /// One of miniauth's functions in uni-app's vendor file. A minifier has renamed it, so its argument decides which one it is.
    pub(super) fn call_vendored_miniauth(&mut self, given: &Value, place: Place) -> Option<Value> {
        let is_native = |value: &Value, name: &str| {
            value
                .objects()
                .iter()
                .any(|id| matches!(&self.heap.get(*id).kind, Kind::Native(native) if &**native == name))
        };
        if is_native(given, "auth") {
            return Some(self.call_miniauth("miniauth.useAuth", std::slice::from_ref(given), place));
        }
        let makes = given.objects().iter().any(|id| {
            let fields = &self.heap.get(*id).fields;
            fields.contains_key("server") && fields.get("my").is_some_and(|my| is_native(my, "my"))
        });
        makes.then(|| self.native("auth"))
    }

    /// `info.renderTo(page, key)` and `info.renderTo(function)`: from here on, the values are plain.
    pub(super) fn render_display(&mut self, arguments: &[Value], place: Place) {
        let display = self.display(place, "renderTo");
        let first = arguments.first().cloned().unwrap_or_default();
        if self.heap.is_callable(&first) {
            self.call(&first, Value::undefined(), vec![display], place);
            return;
        }
        let key = arguments.get(1).cloned().unwrap_or_default();
        for page in first.objects() {
            let patch = self.new_object();
            self.write_index(&Value::object(patch), &key, display.clone(), place);
            self.set_data(page, &Value::object(patch), place);
        }
    }

    /// A function of a package whose code is not here.
    pub(super) fn call_package(&mut self, name: &str, arguments: &[Value], place: Place) -> Value {
        let package = name.split(['.', '/']).next().unwrap_or_default();
        if let Some(helper) = name.strip_prefix("tslib.")
            && let Some(value) = self.call_helper(helper, arguments, place)
        {
            return value;
        }
        let by_framework = match name.strip_prefix("@tarojs/") {
            Some(own) => self.call_taro(own, arguments, place),
            None => name.strip_prefix("react").and_then(|own| self.call_react(own, arguments, place)),
        };
        if let Some(value) = by_framework {
            return value;
        }
        if HTTP_CLIENTS.contains(&package) || name.ends_with("function.invoke") {
            // The module system adds `.default`; authors do not write it.
            self.sink_all(&name.replace(".default", ""), arguments, place);
            let answer = self.anything();
            return self.resolved(answer, place);
        }
        self.call_unknown(&Value::undefined(), arguments, place)
    }
}
