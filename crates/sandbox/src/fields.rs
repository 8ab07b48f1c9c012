//! The fields of a user that the platform approved for the app: what a panel lists, and what the server is answered.

use crate::users::Profile;
use serde::Deserialize;

/// A field of `alipay.user.info.share`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    NickName,
    Avatar,
    Gender,
    Province,
    City,
    Mobile,
    PersonBirthday,
}

impl Field {
    /// Those that an app has when nothing else is said.
    pub(crate) const USUAL: [Self; 5] = [Self::NickName, Self::Avatar, Self::Gender, Self::Province, Self::City];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NickName => "nick_name",
            Self::Avatar => "avatar",
            Self::Gender => "gender",
            Self::Province => "province",
            Self::City => "city",
            Self::Mobile => "mobile",
            Self::PersonBirthday => "person_birthday",
        }
    }

    /// As a consent panel names it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::NickName => "昵称",
            Self::Avatar => "头像",
            Self::Gender => "性别",
            Self::Province => "省份",
            Self::City => "城市",
            Self::Mobile => "手机号",
            Self::PersonBirthday => "生日",
        }
    }

    /// What the user has set.
    pub(crate) fn of(self, profile: &Profile) -> Option<&str> {
        match self {
            Self::NickName => profile.nick_name.as_deref(),
            Self::Avatar => profile.avatar.as_deref(),
            Self::Gender => profile.gender.as_deref(),
            Self::Province => profile.province.as_deref(),
            Self::City => profile.city.as_deref(),
            Self::Mobile => profile.mobile.as_deref(),
            Self::PersonBirthday => profile.person_birthday.as_deref(),
        }
    }
}
