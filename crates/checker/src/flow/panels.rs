//! Consent panels: when one may appear, and what must not follow a refusal. The authorising button at run time: what its events
//! start, and which handlers it lacks. Also mistakes that show when a field is read or a function is called.

use super::{
    context::{Consents, Press, Start, Trigger},
    facts::{ButtonFault, Place, RawFinding, Step, StepKind},
    heap::Kind,
    machine::Machine,
    properties::MAX_CHAIN_LENGTH,
    value::{ObjectId, Value},
};
use crate::{
    platform,
    rules::insecure_url,
    scripts::ir::Name,
    templates::{
        Element,
        button::{AuthorisingButton, Scope},
    },
};
use std::sync::Arc;

/// A call that shows a consent panel.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    pub(crate) api: Name,
    pub(crate) place: Place,
    /// Whether it is `getAuthCode` with `auth_user`.
    pub(crate) asks_user: bool,
}

impl Machine<'_> {
    /// Notes that a panel appears here. Returns whether to follow the code after it.
    pub(crate) fn show(&mut self, panel: &Panel) -> bool {
        let way = |calls: &Option<Arc<Step>>| match calls {
            Some(calls) => Step::after(calls, StepKind::Panel, panel.place, &panel.api).way(),
            None => Vec::new(),
        };
        if panel.asks_user {
            // The authorising button shows a window of its own, so one press leads to two windows.
            let display = Consents::of(platform::display_scope());
            let second =
                matches!(self.context.press, Press::Unanswered(scopes) | Press::Agreed(scopes) if scopes == display);
            *self.outcome.user_codes.entry(panel.place).or_default() |= second;
        }
        let finding = |rule, way| RawFinding { way, ..RawFinding::new(rule, panel.place, panel.api.clone()) };
        let again = self.context.shown.contains(&panel.place);
        if self.context.refused {
            let way = way(&self.context.calls);
            self.outcome.findings.push(finding("consent-again-after-refusal", way));
        } else if self.context.trigger == Trigger::Unasked {
            let way = way(&self.context.calls);
            self.outcome.findings.push(finding("consent-without-tap", way));
        } else if self.context.trigger == Trigger::Unseen {
            self.note_unseen_panel(&panel.api);
        }
        let calls = self.context.called(StepKind::Panel, panel.place, &panel.api);
        self.context = calls;
        let shown = Arc::make_mut(&mut self.context.shown);
        shown.push(panel.place);
        !again && shown.len() < 6
    }

    /// From here on, the person has refused.
    pub(crate) fn refuse(&mut self, panel: &Panel) {
        self.context = self.context.called(StepKind::Refused, panel.place, &panel.api);
        self.context.refused = true;
    }

    /// Reads a field of `getAuthCode`'s result: `authcode` is a common misspelling.
    pub(crate) fn auth_code_field(&mut self, name: &Name, place: Place) {
        // Code that reads which scopes were not granted handles a refusal.
        self.context.refused |= &**name == "authErrorScopes";
        let bare: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        if !bare.eq_ignore_ascii_case("authcode") || &**name == "authCode" {
            return;
        }
        let text = &self.project.files[place.file as usize].text;
        let written = text.get(place.range.start as usize..place.range.end as usize).unwrap_or_default();
        let fix = match written {
            _ if written == &**name && self.shorthand_key => Some(format!("authCode: {name}")),
            _ if written == &**name => Some("authCode".to_owned()),
            _ if written.len() == name.len() + 2 => Some("'authCode'".to_owned()),
            _ => None,
        };
        self.outcome.findings.push(RawFinding { fix, ..RawFinding::new("auth-code-misspelt", place, name.clone()) });
    }

    /// Notes a call that the platform has replaced.
    pub(crate) fn used_api(&mut self, api: &str, place: Place) {
        if platform::replacement(api).is_some() {
            self.outcome.findings.push(RawFinding::new("removed-api", place, api));
        }
    }

    /// Notes an unencrypted image address, if the call refuses it.
    pub(crate) fn refused_image(&mut self, api: &str, options: &Value, place: Place) {
        let Some(option) = insecure_url::refused_option(api) else { return };
        let address = self.read(options, &option.into(), place);
        let refused = address.whole_texts().filter_map(|text| insecure_url::refused_image(text, place));
        self.outcome.findings.extend(refused);
    }

    /// How an event of an element starts code. A faulty button is reported once, not again at each call that its handlers make.
    pub(super) fn start_of(
        &mut self,
        module: u32,
        file: u32,
        element: &Element,
        button: Option<&AuthorisingButton<'_>>,
        event: &str,
    ) -> Start {
        let trigger = Trigger::of(!platform::comes_unasked(&element.tag, event));
        let start = Start { allowed: self.shown_where, ..trigger.into() };
        let says_agreed = platform::button().events.iter().any(|known| known == event);
        let all = |allowed| Start { allowed, ..start };
        let Some(button) = button else {
            // A component whose code is not in the project may have asked for any consent before it calls its page.
            return match Scope::read(element) {
                Scope::Known(scope) if says_agreed => all(start.allowed | Consents::of(scope)),
                _ if says_agreed || event != "tap" && self.is_foreign(module, element) => all(Consents::ALL),
                _ => start,
            };
        };
        let scopes = match button.scope {
            Scope::Known(scope) => Consents::of(scope),
            Scope::Open => self.scopes_of(file, element),
            Scope::Missing | Scope::Wrong(_) => Consents::ALL,
        };
        let allowed = start.allowed | if button.is_broken() { Consents::ALL } else { scopes };
        match event {
            _ if says_agreed => Start { allowed, press: Press::Agreed(scopes), ..start },
            "error" => Start { trigger: Trigger::Tap, press: Press::Refused(scopes), ..start },
            _ if button.is_broken() => Start { allowed, press: Press::Unanswered(scopes), ..start },
            _ => Start { press: Press::Unanswered(scopes), ..start },
        }
    }

    fn scopes_of(&mut self, file: u32, element: &Element) -> Consents {
        let Some(attribute) = element.attribute("scope") else { return Consents::ALL };
        let value = self.attribute_value(attribute, file);
        Self::scopes_in(&value)
    }

    /// Whether an element is a component whose code is not in the project.
    pub(super) fn is_foreign(&self, module: u32, element: &Element) -> bool {
        let module = &self.project.modules[module as usize];
        let template = module.template.and_then(|index| self.project.templates.get(index as usize));
        !module.components.contains_key(&element.tag)
            && template.is_some_and(|template| template.declared.contains(&element.tag))
    }

    /// If a call's answer decides whether the button is shown, the author expects the call to fail without consent.
    pub(super) fn note_button(&mut self, button: &AuthorisingButton<'_>) {
        if button.is_broken() {
            return;
        }
        for asked in self.shown_by.clone() {
            let Some(scope) = self.asked.get(asked as usize).map(|asked| asked.scope) else { continue };
            let is_of_scope = !matches!(button.scope, Scope::Known(known) if known != scope);
            // A button that is shown only to people who have already agreed does not ask for the consent.
            if is_of_scope && !self.shown_where.hold(Consents::of(scope)) {
                self.expect(asked, true);
            }
        }
    }

    /// Notes a handler that the button's page does not have, if the page is completely known.
    pub(super) fn unhandled(&mut self, page: ObjectId, name: &Name, place: Place) {
        if self.is_wholly_known(page) {
            self.outcome.unhandled.push(RawFinding {
                button: Some(Arc::new(ButtonFault::NoHandler)),
                ..RawFinding::new("authorize-button", place, name.clone())
            });
        }
    }

    fn is_wholly_known(&self, config: ObjectId) -> bool {
        let mut current = Some(config);
        for _ in 0..MAX_CHAIN_LENGTH {
            let Some(id) = current else { return true };
            let object = self.heap.get(id);
            let mixed_in = ["mixins", "behaviors"].iter().filter_map(|list| object.fields.get(*list));
            let is_plain = |mixin: &Value| {
                let objects = mixin.objects();
                !objects.is_empty() && objects.iter().all(|id| matches!(self.heap.get(*id).kind, Kind::Plain))
            };
            let is_mixed = mixed_in.into_iter().any(|list| {
                let (mixins, rest) = self.elements_of(list);
                !rest.is_undefined() || !mixins.iter().all(is_plain)
            });
            if !matches!(object.kind, Kind::Plain) || !object.rest.is_undefined() || is_mixed {
                return false;
            }
            current = object.prototype;
        }
        false
    }
}
