//! Mistakes that show as soon as a field is read or a function called.

use super::{facts::RawFinding, machine::Machine, trail::Place};
use crate::scripts::ir::Name;

impl Machine<'_> {
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
        let finding = RawFinding {
            rule: "auth-code-misspelt",
            place,
            source: None,
            way: Vec::new(),
            entry: None,
            subject: name.clone(),
            fix,
        };
        self.outcome.findings.push(finding);
    }

    /// Notes a call of something that the platform has replaced.
    pub(crate) fn used_api(&mut self, api: &str, place: Place) {
        if crate::rules::removed_api::replacement(api).is_some() {
            self.outcome.findings.push(RawFinding {
                rule: "removed-api",
                place,
                source: None,
                way: Vec::new(),
                entry: None,
                subject: api.into(),
                fix: None,
            });
        }
    }
}
