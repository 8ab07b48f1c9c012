//! The fields of a user that the platform approves for an app: what a panel lists, and what the server is answered.

use miniauth_openplatform::protocol::USER_INFO_SHARE;
use miniauth_platform::gateway;
use serde::Deserialize;
use std::{collections::BTreeSet, sync::LazyLock};
use thiserror::Error;

/// The fields of `alipay.user.info.share` that are applied for, in the order in which a panel lists them.
static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let fields = gateway().methods[USER_INFO_SHARE].fields.iter().map(String::as_str);
    fields.filter(|field| !field.ends_with("_id")).collect()
});

/// Those that an app has when nothing else is said.
const USUAL: [&str; 5] = ["nick_name", "avatar", "gender", "province", "city"];

/// One of these fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Field {
    /// Its place among all.
    place: usize,
}

impl Field {
    pub(crate) fn usual() -> BTreeSet<Self> {
        USUAL.into_iter().filter_map(Self::find).collect()
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        ALL.iter().position(|known| *known == name).map(|place| Self { place })
    }

    pub(crate) fn name(self) -> &'static str {
        ALL[self.place]
    }

    /// As a consent panel may name it.
    pub(crate) fn label(self) -> &'static str {
        match self.name() {
            "nick_name" => "昵称",
            "avatar" => "头像",
            "gender" => "性别",
            "province" => "省份",
            "city" => "城市",
            "mobile" => "手机号",
            "person_birthday" => "生日",
            other => other,
        }
    }
}

impl TryFrom<String> for Field {
    type Error = UnknownFieldError;

    fn try_from(name: String) -> Result<Self, UnknownFieldError> {
        Self::find(&name).ok_or(UnknownFieldError { name })
    }
}

/// Neither the platform nor an application knows this field.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{name:?} is not a field that is applied for: those are {}", ALL.join(", "))]
pub(crate) struct UnknownFieldError {
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_platform_and_each_has_a_label() {
        assert_eq!(Field::usual().len(), USUAL.len());
        for name in ALL.iter() {
            let field = Field::find(name).unwrap();
            assert!(!field.label().is_ascii(), "{name}");
        }
        let told = Field::try_from("user_id".to_owned()).unwrap_err().to_string();
        assert!(told.contains("nick_name, avatar"), "{told}");
    }
}
