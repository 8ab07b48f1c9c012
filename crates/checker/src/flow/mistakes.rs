//! Mistakes that show as soon as a field is read or a function called.

use super::{facts::RawFinding, machine::Machine, trail::Place};
use crate::{platform, scripts::ir::Name};

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
        self.outcome.findings.push(RawFinding { fix, ..RawFinding::new("auth-code-misspelt", place, name.clone()) });
    }

    /// Notes a call of something that the platform has replaced.
    pub(crate) fn used_api(&mut self, api: &str, place: Place) {
        if platform::replacement(api).is_some() {
            self.outcome.findings.push(RawFinding::new("removed-api", place, api));
        }
    }
}
