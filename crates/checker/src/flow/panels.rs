//! Consent panels: when one may appear, and what a refusal must not lead to.

use super::{
    context::Trigger,
    facts::RawFinding,
    machine::Machine,
    trail::{Place, Step, StepKind},
};
use crate::scripts::ir::Name;
use std::sync::Arc;

/// A call that shows a consent panel.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    pub(crate) api: Name,
    pub(crate) place: Place,
    /// Whether it is `getAuthCode` with `auth_user`.
    pub(crate) asks_user: bool,
}

/// The panel that a call other than `getAuthCode` shows.
pub(crate) fn panel_of(api: &str, place: Place) -> Option<Panel> {
    Some(Panel { api: format!("my.{api}").into(), place, asks_user: false })
}

impl Machine<'_> {
    /// A panel appears. Says whether the way behind it is still to be followed.
    pub(crate) fn show(&mut self, panel: &Panel) -> bool {
        let way = |calls: &Option<Arc<Step>>| match calls {
            Some(calls) => Step::after(calls, StepKind::Panel, panel.place, &panel.api).way(),
            None => Vec::new(),
        };
        if panel.asks_user {
            self.outcome.user_codes.entry(panel.place).or_default();
        }
        let finding = |rule, way, source| RawFinding {
            rule,
            place: panel.place,
            source,
            way,
            entry: None,
            subject: panel.api.clone(),
            fix: None,
        };
        let again = self.context.shown.contains(&panel.place);
        if self.context.refused || again {
            let way = way(&self.context.calls);
            self.outcome.findings.push(finding("consent-again-after-refusal", way, None));
        } else if self.context.trigger == Trigger::Unasked {
            let way = way(&self.context.calls);
            self.outcome.findings.push(finding("consent-without-tap", way, None));
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

    /// `getOpenUserInfo` after `auth_user`: two panels for one thing.
    pub(crate) fn note_second_panel(&mut self) {
        for place in self.context.shown.iter() {
            if let Some(second) = self.outcome.user_codes.get_mut(place) {
                *second = true;
            }
        }
    }
}
