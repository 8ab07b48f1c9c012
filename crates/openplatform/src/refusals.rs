//! What the platform's refusals mean: the words and the advice are data of `platform/gateway.json`.

use crate::advice::{Action, Reason, Setting};
use miniauth_core::error_code::ErrorCode;
use miniauth_platform::gateway::{self, Meaning, gateway};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error},
};

/// What one refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) meaning: ErrorCode,
    pub(crate) action: Action,
    pub(crate) reason: Reason,
}

/// What a refusal means: its `sub_code` decides, and its `code` where that is not known.
pub(crate) fn find(code: &str, sub_code: Option<&str>) -> Refusal {
    gateway().meaning(code, sub_code).and_then(Refusal::of).unwrap_or(UNKNOWN)
}

impl Refusal {
    /// `None` for words that this program does not know: the data is compiled in, and a test reads all of it.
    fn of(known: &'static Meaning) -> Option<Self> {
        let action = match &known.action {
            gateway::Action::Reauthorize => Action::Reauthorize,
            gateway::Action::RetryLater => Action::RetryLater,
            gateway::Action::ReportBug => Action::ReportBug,
            gateway::Action::Fix(setting) => Action::FixConfiguration(setting_named(setting)?),
        };
        let reason = Reason { zh: &known.zh, en: &known.en };
        Some(Self { meaning: known.meaning.parse().ok()?, action, reason })
    }
}

fn setting_named(name: &str) -> Option<Setting> {
    Setting::deserialize(IntoDeserializer::<Error>::into_deserializer(name)).ok()
}

const UNKNOWN: Refusal = Refusal {
    meaning: ErrorCode::GatewayRejected,
    action: Action::ReportBug,
    reason: Reason {
        zh: "平台拒绝了调用：请查阅该接口文档中的 sub_code。",
        en: "Look the sub_code up in the documentation of the called API.",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals() -> impl Iterator<Item = (&'static String, &'static gateway::Refusal)> {
        gateway().refusals.iter()
    }

    #[test]
    fn every_refusal_and_every_code_of_the_data_is_understood() {
        for (sub_code, refusal) in refusals() {
            let wanted = refusal.meaning.as_ref().unwrap_or(&gateway().codes[&refusal.code].meaning);
            assert_eq!(Refusal::of(wanted), Some(find(&refusal.code, Some(sub_code))), "{sub_code}");
        }
        for (code, known) in &gateway().codes {
            assert_eq!(Refusal::of(&known.meaning), Some(find(code, Some("isv.something-new"))), "{code}");
        }
        assert_eq!(find("49999", None), UNKNOWN);
    }

    #[test]
    fn a_new_authorisation_is_asked_for_only_where_it_helps() {
        for (sub_code, refusal) in refusals() {
            let found = find(&refusal.code, Some(sub_code));
            assert!(found.action != Action::Reauthorize || found.meaning.reauthorize(), "{sub_code}");
        }
    }
}
