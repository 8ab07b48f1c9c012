//! What the analysis needs from the platform's data in `platform/`.

use crate::scripts::ir::Name;
use miniauth_platform::{
    calls::{AskedBy, Call, calls},
    components::{By, Tag, components},
    lifecycle,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{collections::BTreeMap, sync::LazyLock};

/// Something a person agrees to through the authorising button.
#[derive(Debug)]
pub(crate) struct ButtonScope {
    /// The button's `scope`, which is also the key in the answer of `my.getSetting`.
    pub(crate) name: &'static str,
    /// The call that needs it, without `my.`.
    pub(crate) call: &'static str,
    /// The event that the button sends for this scope besides `getAuthorize`, as written after `on`.
    pub(crate) event: &'static str,
}

/// The authorising button.
#[derive(Debug)]
pub(crate) struct Button {
    /// The value of its `open-type`.
    pub(crate) open_type: &'static str,
    pub(crate) scopes: Vec<ButtonScope>,
    /// The events that report the person's agreement, in lower case.
    pub(crate) events: Vec<String>,
    /// The platform's error text for an unknown scope.
    pub(crate) unknown_scope: &'static str,
}

static BUTTON: LazyLock<Button> = LazyLock::new(|| {
    let tag = components().tags.get("button");
    let Some((tag, authorize)) = tag.and_then(|tag| Some((tag, tag.authorize.as_ref()?))) else {
        return Button { open_type: "", scopes: Vec::new(), events: Vec::new(), unknown_scope: "" };
    };
    let scopes: Vec<ButtonScope> = authorize
        .scopes
        .iter()
        .map(|(name, of)| ButtonScope {
            name,
            call: &of.call,
            event: tag.events.get(&of.event).map_or("", |event| &event.attribute),
        })
        .collect();
    let own = scopes.iter().map(|scope| scope.event.to_ascii_lowercase());
    let events = own.chain([authorize.open_type.to_ascii_lowercase()]).collect();
    Button { open_type: &authorize.open_type, scopes, events, unknown_scope: &authorize.missing_scope }
});

pub(crate) fn button() -> &'static Button {
    &BUTTON
}

/// A call of `my`, or the object that it belongs to: `tb.any` is `tb`.
pub(crate) fn call(api: &str) -> Option<&'static Call> {
    let mut start = api;
    loop {
        if let Some(call) = calls().find(start) {
            return Some(call);
        }
        start = start.rsplit_once('.')?.0;
    }
}

/// The calls of `my` that show a panel, return display information, or send or store something.
pub(crate) fn calls_of_rules() -> impl Iterator<Item = &'static str> {
    let matters = |call: &Call| call.display || call.consent.is_some() || call.outgoing.is_some();
    calls().all().filter(move |(name, call)| !name.contains('.') && matters(call)).map(|(name, _)| name)
}

/// Whether the methods of a kind of object are known.
pub(crate) fn has_methods(kind: &str) -> bool {
    calls().all().any(|(name, _)| name.strip_prefix(kind).is_some_and(|rest| rest.starts_with('.')))
}

/// A tag of the platform.
pub(crate) fn tag(name: &str) -> Option<&'static Tag> {
    components().tags.get(name)
}

/// Whether a call itself shows a panel.
pub(crate) fn asks(call: &Call) -> bool {
    call.consent.as_ref().is_some_and(|consent| consent.asked_by == AskedBy::Call)
}

/// The scope of the authorising button that a call needs.
pub(crate) fn scope_needed(call: &Call) -> Option<&'static str> {
    let consent = call.consent.as_ref().filter(|consent| consent.asked_by == AskedBy::Button)?;
    button().scopes.iter().map(|scope| scope.name).find(|scope| *scope == consent.kind)
}

/// The scope of the authorising button that display information needs.
pub(crate) fn display_scope() -> &'static str {
    let of_display = |scope: &&ButtonScope| calls().find(scope.call).is_some_and(|call| call.display);
    button().scopes.iter().find(of_display).map_or("", |scope| scope.name)
}

/// The answer's code if the consent was given.
pub(crate) fn granted() -> &'static str {
    code_of_answer(None)
}

/// The answer's code if the consent is missing.
pub(crate) fn missing_consent() -> &'static str {
    code_of_answer(Some("authorize_button_required"))
}

fn code_of_answer(error: Option<&str>) -> &'static str {
    let found = calls().display_codes.iter().find(|(_, code)| code.code.as_deref() == error);
    found.map_or("", |(code, _)| code)
}

/// Whether a scope of `my.getAuthCode` shows a panel. Assumed for undescribed scopes, such as other wallets': only a silent one
/// is documented as silent.
pub(crate) fn scope_asks(scope: &str) -> bool {
    !scope.is_empty() && calls().scopes.get(scope).is_none_or(|scope| scope.asks)
}

/// Whether a text names a scope of `my.getAuthCode` that shows a panel.
pub(crate) fn names_scope(text: &str) -> bool {
    calls().scopes.iter().any(|(scope, of)| of.asks && text.contains(scope.as_str()))
}

/// Whether the documents say that this scope of `my.getAuthCode` asks for the member's fields.
pub(crate) fn scope_asks_user(scope: &str) -> bool {
    calls().scopes.get(scope).is_some_and(|scope| scope.asks)
}

/// The replacement of a call that is no longer maintained.
pub(crate) fn replacement(api: &str) -> Option<&'static str> {
    calls().find(api)?.removed.as_ref().map(|removed| removed.replacement.as_str())
}

/// The field of an event's detail that holds display information. The event is in lower case.
pub(crate) fn display_field(event: &str) -> Option<&'static str> {
    static FIELDS: LazyLock<FxHashMap<String, &'static str>> = LazyLock::new(|| {
        let events = components().tags.values().flat_map(|tag| &tag.events);
        events.filter_map(|(name, event)| Some((name.to_ascii_lowercase(), event.display.as_deref()?))).collect()
    });
    FIELDS.get(event).copied()
}

/// Whether an event of a tag comes without any action of the user. The event is in lower case.
pub(crate) fn comes_unasked(tag: &str, event: &str) -> bool {
    type Events = FxHashMap<String, By>;
    fn by_event(tag: &Tag) -> Events {
        tag.events.iter().map(|(kind, event)| (kind.to_ascii_lowercase(), event.by)).collect()
    }
    static BY_TAG: LazyLock<FxHashMap<&'static str, Events>> =
        LazyLock::new(|| components().tags.iter().map(|(name, tag)| (name.as_str(), by_event(tag))).collect());
    // On a component that the platform does not know, an event is treated as on most tags.
    static BY_PLATFORM: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
        let common = by_event(&components().common);
        let all = BY_TAG.values().flatten().chain(&common);
        all.filter(|(_, by)| **by == By::Platform).map(|(event, _)| event.clone()).collect()
    });
    match BY_TAG.get(tag).and_then(|events| events.get(event)) {
        Some(by) => *by == By::Platform,
        None => BY_PLATFORM.contains(event),
    }
}

/// Actions of the person that do not ask for anything, so no panel can follow from them.
const NO_REQUEST: &[&str] = &["onBack", "onPullDownRefresh"];

/// Hooks of frameworks whose code is not in the project.
const FRAMEWORK_HOOKS: &[&str] = &["mounted"];

/// Functions that the platform calls, and whether a person asks for something when it calls them.
pub(crate) struct Hooks {
    /// On an app, a page or a component.
    pub(crate) own: Vec<(Name, bool)>,
    /// In the `events` of a page.
    pub(crate) events: FxHashMap<&'static str, bool>,
    /// On a component with properties.
    pub(crate) of_component: Vec<Name>,
}

pub(crate) fn hooks() -> &'static Hooks {
    static HOOKS: LazyLock<Hooks> = LazyLock::new(|| {
        let is_request = |name: &str, by: By| by == By::Person && !NO_REQUEST.contains(&name);
        let mut own: BTreeMap<&str, bool> = FRAMEWORK_HOOKS.iter().map(|name| (*name, false)).collect();
        let mut events = FxHashMap::default();
        for registration in lifecycle().values() {
            own.extend(registration.hooks.iter().map(|(name, hook)| (name.as_str(), is_request(name, hook.by))));
            events.extend(registration.events.iter().map(|(name, hook)| (name.as_str(), is_request(name, hook.by))));
        }
        let component = lifecycle().get("Component").into_iter().flat_map(|component| component.hooks.keys());
        Hooks {
            own: own.into_iter().map(|(name, is_request)| (name.into(), is_request)).collect(),
            events,
            of_component: component.map(|name| name.as_str().into()).collect(),
        }
    });
    &HOOKS
}
