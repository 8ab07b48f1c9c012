//! Gateway profiles: where the platform's sources contradict each other, which reading the sandbox takes.

use miniauth_openplatform::protocol::Charset;
use miniauth_platform::{Profile, UnknownProfileError, behaviours, behaviours::Part};
use serde::Deserialize;
use std::{fmt, str::FromStr};
use thiserror::Error;

/// A reading for every question about the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profiles(Profile);

/// Which ids the answers about a user name: one of the profile `ids`, or, for a user for whom a test chooses it, one that was
/// seen beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ids {
    UserId,
    Both,
    /// As an app is moved from the one kind to the other: first the user id, then both, then the open id for good.
    Mixed,
    OpenId,
    /// The exchange names the open id, and the member's information names it `alipay_open_id`.
    AlipayOpenId,
    /// The exchange names the open id, and the member's information nobody.
    Nobody,
}

/// Which ids a message of the platform names its user by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageIds {
    UserId,
    Both,
    OpenId,
}

impl Ids {
    /// Those of an answer that is the `turn`th about its user.
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
    /// Every profile's name and value.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.acting_in(Part::Sandbox)
    }

    /// Every profile with its values, of which the first is the default.
    pub fn known() -> String {
        let questions = behaviours().profiles.iter().filter(|(_, question)| question.acts_in == Part::Sandbox);
        let each: Vec<_> =
            questions.map(|(name, question)| format!("{name}: {}", question.values.join(" | "))).collect();
        each.join("; ")
    }

    /// Which ids answers name.
    pub(crate) fn ids(&self) -> Ids {
        match self.0.value("ids") {
            "both" => Ids::Both,
            "open_id" => Ids::OpenId,
            "mixed" => Ids::Mixed,
            _ => Ids::UserId,
        }
    }

    /// Whether a refresh starts the refresh token's life anew.
    pub(crate) fn refresh_renews(&self) -> bool {
        self.0.has("refresh:renewed")
    }

    /// Which ids a message names its user by.
    pub(crate) fn message_ids(&self) -> MessageIds {
        match self.0.value("message-ids") {
            "both" => MessageIds::Both,
            "open_id" => MessageIds::OpenId,
            _ => MessageIds::UserId,
        }
    }

    /// In which character set a message is.
    pub(crate) fn message_charset(&self) -> Charset {
        if self.0.has("message-charset:gbk") { Charset::Gbk } else { Charset::Utf8 }
    }

    /// Whether `sign_type` is part of what is signed of a message.
    pub(crate) fn message_signs_sign_type(&self) -> bool {
        self.0.has("message-sign:with")
    }

    /// Whether a refusal is signed although the app, or its key, is not known.
    pub(crate) fn signs_every_refusal(&self) -> bool {
        self.0.has("errors:signed")
    }

    /// Whether the refusals of `alipay.system.oauth.token` stand under the method's own name.
    pub(crate) fn token_refuses_under_its_name(&self) -> bool {
        self.0.has("node:own")
    }
}

impl fmt::Display for Profiles {
    /// `name:value,name:value`: those that differ from their default.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Profiles {
    type Err = ProfileError;

    /// Reads `name:value,name:value`; a profile that is not named has its default.
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

/// A profile that the sandbox cannot take.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// There is none like it, or it is named twice.
    #[error(transparent)]
    Unknown(#[from] UnknownProfileError),
    /// It changes nothing here.
    #[error("the profile \"{0}\" acts in the simulator. In the sandbox act {known}", known = Profiles::known())]
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
    fn what_does_nothing_here_is_refused_with_what_does() {
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
