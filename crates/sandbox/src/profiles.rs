//! Gateway profiles: the sandbox's reading where the platform's sources contradict each other.

use miniauth_openplatform::protocol::Charset;
use miniauth_platform::{Profile, UnknownProfileError, behaviours, behaviours::Part};
use serde::Deserialize;
use std::{fmt, str::FromStr};
use thiserror::Error;

/// A reading for every question about the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profiles(Profile);

/// The ids in answers about a user: a value of the profile `ids`, or one that was also observed, which a test can choose for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ids {
    UserId,
    Both,
    /// An app's move from one kind to the other: first the user id, then both, then only the open id.
    Mixed,
    OpenId,
    /// The exchange has the open id; the member's information calls it `alipay_open_id`.
    AlipayOpenId,
    /// The exchange has the open id; the member's information has none.
    Nobody,
}

/// The ids in a message of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageIds {
    UserId,
    Both,
    OpenId,
}

impl Ids {
    /// Returns the ids in the answer number `turn` about its user.
    pub(crate) fn in_turn(self, turn: usize) -> Self {
        match (self, turn) {
            (Self::Mixed, 0) => Self::UserId,
            (Self::Mixed, 1) => Self::Both,
            (Self::Mixed, _) => Self::OpenId,
            (ids, _) => ids,
        }
    }
}

impl Profiles {
    /// Iterates over every profile's name and value.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.acting_in(Part::Sandbox)
    }

    /// Describes every profile with its values, the default first.
    pub fn known() -> String {
        let questions = behaviours().profiles.iter().filter(|(_, question)| question.acts_in == Part::Sandbox);
        let each: Vec<_> =
            questions.map(|(name, question)| format!("{name}: {}", question.values.join(" | "))).collect();
        each.join("; ")
    }

    /// Returns the ids in answers.
    pub(crate) fn ids(&self) -> Ids {
        match self.0.value("ids") {
            "both" => Ids::Both,
            "open_id" => Ids::OpenId,
            "mixed" => Ids::Mixed,
            _ => Ids::UserId,
        }
    }

    /// Whether a refresh renews the refresh token's lifetime.
    pub(crate) fn refresh_renews(&self) -> bool {
        self.0.has("refresh:renewed")
    }

    /// Returns the ids in messages.
    pub(crate) fn message_ids(&self) -> MessageIds {
        match self.0.value("message-ids") {
            "both" => MessageIds::Both,
            "open_id" => MessageIds::OpenId,
            _ => MessageIds::UserId,
        }
    }

    /// Returns the character set of messages.
    pub(crate) fn message_charset(&self) -> Charset {
        if self.0.has("message-charset:gbk") { Charset::Gbk } else { Charset::Utf8 }
    }

    /// Whether the signature of a message covers `sign_type`.
    pub(crate) fn message_signs_sign_type(&self) -> bool {
        self.0.has("message-sign:with")
    }

    /// Whether refusals are signed even if the app or its key is unknown.
    pub(crate) fn signs_every_refusal(&self) -> bool {
        self.0.has("errors:signed")
    }

    /// Whether `alipay.system.oauth.token` refuses under its own name.
    pub(crate) fn token_refuses_under_its_name(&self) -> bool {
        self.0.has("node:own")
    }
}

impl fmt::Display for Profiles {
    /// Writes `name:value,name:value` for profiles that differ from their defaults.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Profiles {
    type Err = ProfileError;

    /// Parses `name:value,name:value`; the other profiles have their defaults.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let profile: Profile = text.parse()?;
        let questions = &behaviours().profiles;
        let names = text.split(',').filter_map(|part| part.split_once(':')).map(|(name, _)| name.trim());
        match names.into_iter().find(|name| questions[*name].acts_in != Part::Sandbox) {
            Some(name) => Err(ProfileError::OfTheSimulator(name.to_owned())),
            None => Ok(Self(profile)),
        }
    }
}

/// A profile that the sandbox does not accept.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// It does not exist, or is named twice.
    #[error(transparent)]
    Unknown(#[from] UnknownProfileError),
    /// It has no effect here.
    #[error("the profile \"{0}\" acts in the simulator. The sandbox has {known}", known = Profiles::known())]
    OfTheSimulator(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_read_and_written_alike() {
        let profiles: Profiles = "refresh:fixed, ids:both".parse().unwrap();
        assert_eq!(profiles.to_string(), "ids:both,refresh:fixed");
        assert_eq!(profiles.to_string().parse(), Ok(profiles));
        assert_eq!("".parse(), Ok(Profiles::default()));
    }

    #[test]
    fn a_profile_without_effect_here_is_refused_with_those_that_have_one() {
        for wrong in ["ids:union_id", "closed:10", "ids:both,ids:both", "ids:both, close:10"] {
            let told = wrong.parse::<Profiles>().unwrap_err().to_string();
            assert!(told.contains("ids: user_id | both | mixed | open_id"), "{wrong}: {told}");
        }
    }

    #[test]
    fn every_value_of_every_profile_is_acted_on() {
        let behaviour = |profiles: &Profiles| {
            let ids: Vec<_> = (0..3).map(|turn| profiles.ids().in_turn(turn)).collect();
            let others = (profiles.refresh_renews(), profiles.signs_every_refusal());
            let messages = (profiles.message_ids(), profiles.message_charset(), profiles.message_signs_sign_type());
            format!("{ids:?} {others:?} {messages:?} {}", profiles.token_refuses_under_its_name())
        };
        for (name, _) in Profiles::default().all() {
            let values = &behaviours().profiles[name].values;
            let mut seen: Vec<_> =
                values.iter().map(|value| behaviour(&format!("{name}:{value}").parse().unwrap())).collect();
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), values.len(), "{name}");
        }
    }
}
