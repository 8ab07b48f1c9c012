//! The platform's refusals, in its own words: those of `platform/gateway.json`.

use miniauth_platform::gateway;
use serde::Serialize;
use std::borrow::Cow;

/// `code`, `msg`, `sub_code` and `sub_msg` of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefusalNode {
    pub(crate) code: &'static str,
    pub(crate) msg: &'static str,
    pub(crate) sub_code: &'static str,
    pub(crate) sub_msg: Cow<'static, str>,
    /// It tells that the app is not known, or has left the platform no key.
    #[serde(skip)]
    pub(super) of_no_app: bool,
}

impl RefusalNode {
    /// The refusal of that `sub_code`.
    pub(crate) fn find(sub_code: &str) -> Option<Self> {
        let (sub_code, refusal) = gateway().refusals.get_key_value(sub_code)?;
        let code = gateway().codes.get(&refusal.code)?;
        Some(Self {
            code: &refusal.code,
            msg: &code.msg,
            sub_code,
            sub_msg: Cow::Borrowed(&refusal.sub_msg),
            of_no_app: refusal.unsigned,
        })
    }

    /// The refusal of a `sub_code` that this platform uses. One that the data lacks has no code, and fails its test.
    pub(crate) fn of(sub_code: &'static str) -> Self {
        let unknown = Self { code: "", msg: "", sub_code, sub_msg: Cow::Borrowed(""), of_no_app: false };
        Self::find(sub_code).unwrap_or(unknown)
    }

    /// Every `sub_code` that [`find`](Self::find) knows.
    pub(crate) fn sub_codes() -> impl Iterator<Item = &'static str> {
        gateway().refusals.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_this_platform_is_in_the_data() {
        let sources =
            [include_str!("method.rs"), include_str!("request.rs"), include_str!("../control/display_info.rs")];
        let texts = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
        let used: Vec<_> = texts.filter(|text| text.starts_with("isv.") || text.starts_with("aop.")).collect();
        assert!(used.len() > 20, "{used:?}");
        for sub_code in used {
            assert!(RefusalNode::find(sub_code).is_some(), "{sub_code}");
        }
    }
}
