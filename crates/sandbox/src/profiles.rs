//! Gateway profiles: where the platform's documents and its users disagree, which side the sandbox takes.

use std::{fmt, str::FromStr};
use thiserror::Error;

/// Name and values of each gateway profile; the first value is the default.
const KNOWN: [(&str, &[&str]); 4] = [
    ("ids", &["user_id", "both", "mixed", "open_id"]),
    ("refresh", &["renewed", "fixed"]),
    ("errors", &["unsigned", "signed"]),
    ("node", &["own", "error_response"]),
];

/// The gateway profiles in force: one value for each name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Profiles {
    /// The index of each profile's value, in the order of [`KNOWN`].
    chosen: [usize; KNOWN.len()],
}

/// Which ids the answers about a user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    UserId,
    Both,
    OpenId,
}

impl Profiles {
    fn value(self, name: &str) -> &'static str {
        let found = KNOWN.iter().zip(self.chosen).find(|((known, _), _)| *known == name);
        found.map_or("", |((_, values), index)| values[index])
    }

    /// Every profile's name and value.
    pub fn all(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        KNOWN.iter().zip(self.chosen).map(|((name, values), index)| (*name, values[index]))
    }

    /// Which ids an answer names that is the `turn`th about its user. An app that is being moved from one kind of id to the other
    /// sees all three in turn.
    pub(crate) fn ids(self, turn: usize) -> Ids {
        match self.value("ids") {
            "both" => Ids::Both,
            "open_id" => Ids::OpenId,
            "mixed" => [Ids::UserId, Ids::Both, Ids::OpenId][turn % 3],
            _ => Ids::UserId,
        }
    }

    /// Whether a refresh leaves the old access token alone and starts the refresh token's life anew.
    pub(crate) fn refresh_renews(self) -> bool {
        self.value("refresh") == "renewed"
    }

    /// Whether a refusal is signed although the app, or its key, is not known.
    pub(crate) fn signs_every_refusal(self) -> bool {
        self.value("errors") == "signed"
    }

    /// Whether the refusals of `alipay.system.oauth.token` stand under the method's own name.
    pub(crate) fn token_refuses_under_its_name(self) -> bool {
        self.value("node") == "own"
    }
}

impl fmt::Display for Profiles {
    /// `name:value,name:value`: those that differ from their default.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = Self::default();
        let differing = self.all().zip(default.all()).filter(|(own, usual)| own != usual);
        let texts: Vec<_> = differing.map(|((name, value), _)| format!("{name}:{value}")).collect();
        formatter.write_str(&texts.join(","))
    }
}

impl FromStr for Profiles {
    type Err = ProfileError;

    /// Reads `name:value,name:value`; a profile that is not named has its default.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let mut profiles = Self::default();
        let mut named = [false; KNOWN.len()];
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong = || ProfileError { part: part.to_owned() };
            let (name, value) = part.split_once(':').ok_or_else(wrong)?;
            let profile = KNOWN.iter().position(|(known, _)| *known == name).ok_or_else(wrong)?;
            let index = KNOWN[profile].1.iter().position(|known| *known == value).ok_or_else(wrong)?;
            if std::mem::replace(&mut named[profile], true) {
                return Err(wrong());
            }
            profiles.chosen[profile] = index;
        }
        Ok(profiles)
    }
}

/// A part of a profile is unknown, or names a profile for the second time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{part:?} is not one profile of the gateway's, each named once: {}", known())]
pub struct ProfileError {
    part: String,
}

fn known() -> String {
    KNOWN.map(|(name, values)| format!("{name}:{}", values.join("|"))).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_read_and_written_alike() {
        let default: Profiles = "".parse().unwrap();
        assert_eq!((default, default.to_string().as_str()), (Profiles::default(), ""));
        let profiles: Profiles = "refresh:fixed, ids:both".parse().unwrap();
        assert_eq!(profiles.to_string(), "ids:both,refresh:fixed");
        assert_eq!(profiles.to_string().parse(), Ok(profiles));
        assert_eq!("refresh:renewed".parse(), Ok(default));
    }

    #[test]
    fn what_is_unknown_is_refused_with_what_is_known() {
        for wrong in ["ids", "ids:", "ids:union_id", "close:10", "ids:both,ids:both", "ids:both;node:own"] {
            let told = wrong.parse::<Profiles>().unwrap_err().to_string();
            assert!(told.contains("ids:user_id|both|mixed|open_id, refresh:"), "{wrong}: {told}");
        }
    }
}
