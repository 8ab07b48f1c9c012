//! Consent panels: when one may appear, and what a refusal must not lead to. Mistakes that show as soon as a field is read or a
//! function called.

use super::{
    consents::Consents,
    context::{Press, Trigger},
    facts::{Place, RawFinding, Step, StepKind},
    machine::Machine,
};
use crate::{platform, scripts::ir::Name};
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
    /// A panel appears. Says whether the way behind it is still to be followed.
    pub(crate) fn show(&mut self, panel: &Panel) -> bool {
        let way = |calls: &Option<Arc<Step>>| match calls {
            Some(calls) => Step::after(calls, StepKind::Panel, panel.place, &panel.api).way(),
            None => Vec::new(),
        };
        if panel.asks_user {
            // The authorising button has its own window: two for one press.
            let display = Consents::of(platform::display_scope());
            let second =
                matches!(self.context.press, Press::Unanswered(scopes) | Press::Agreed(scopes) if scopes == display);
            *self.outcome.user_codes.entry(panel.place).or_default() |= second;
        }
        let finding = |rule, way| RawFinding { way, ..RawFinding::new(rule, panel.place, panel.api.clone()) };
        let again = self.context.shown.contains(&panel.place);
        if self.context.refused || again {
            let way = way(&self.context.calls);
            self.outcome.findings.push(finding("consent-again-after-refusal", way));
        } else if self.context.trigger == Trigger::Unasked {
            let way = way(&self.context.calls);
            self.outcome.findings.push(finding("consent-without-tap", way));
        }
        let calls = self.context.called(StepKind::Panel, panel.place, &panel.api);
        self.context = calls;
        let shown = Arc::make_mut(&mut self.context.shown);
        shown.push(panel.place);
        !again && shown.len() < 6
    }

    /// From here on the person has refused.
    pub(crate) fn refuse(&mut self, panel: &Panel) {
        self.context = self.context.called(StepKind::Refused, panel.place, &panel.api);
        self.context.refused = true;
    }

    /// A field of what `getAuthCode` gave: `authcode` is a common misspelling.
    pub(crate) fn auth_code_field(&mut self, name: &Name, place: Place) {
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

    /// Notes a call of something that the platform has replaced.
    pub(crate) fn used_api(&mut self, api: &str, place: Place) {
        if platform::replacement(api).is_some() {
            self.outcome.findings.push(RawFinding::new("removed-api", place, api));
        }
    }
}
