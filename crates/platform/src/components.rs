//! Tags, attributes and events of AXML.

use crate::{Fact, data};
use serde::Deserialize;
use std::collections::BTreeMap;

data! {
    /// The platform's components.
    components: Components, "components.json"
}

/// The data of `components.json`.
#[derive(Debug, Deserialize)]
pub struct Components {
    /// What every tag except `block` has.
    pub common: Tag,
    /// The tags.
    pub tags: BTreeMap<String, Tag>,
}

/// A tag, or what all tags have in common.
#[derive(Debug, Deserialize)]
pub struct Tag {
    /// Whether the simulator draws it.
    #[serde(default)]
    pub simulated: bool,
    /// The attributes that the simulator supports.
    #[serde(default)]
    pub attributes: BTreeMap<String, Rule>,
    /// Attributes and values that the platform has but the simulator lacks.
    #[serde(default)]
    pub beyond: BTreeMap<String, Rule>,
    /// Its events by type.
    #[serde(default)]
    pub events: BTreeMap<String, Event>,
    /// Attributes whose values leave the page.
    #[serde(default)]
    pub outgoing: Vec<String>,
    /// Attributes with the address of another page.
    #[serde(default)]
    pub navigates: Vec<String>,
    /// What makes a button the authorising button.
    pub authorize: Option<Authorize>,
    /// How this is known.
    #[serde(flatten)]
    pub fact: Fact,
}

/// The values of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Rule {
    /// `any` value, or a `flag`.
    Named(String),
    /// One of these values.
    OneOf(Vec<String>),
}

/// An event of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// The attribute that binds it, without the prefix.
    pub attribute: String,
    /// The field of its detail with display information.
    pub display: Option<String>,
    /// Whether it reports that the user refused, or that asking failed.
    #[serde(default)]
    pub refusal: bool,
    /// Who causes it.
    #[serde(default)]
    pub by: By,
    /// Whether the simulator fires it.
    #[serde(default)]
    pub simulated: bool,
}

/// The cause of an event or a hook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The person in front of the phone.
    #[default]
    Person,
    /// The platform by itself.
    Platform,
}

/// What makes a button the authorising button.
#[derive(Debug, Deserialize)]
pub struct Authorize {
    /// The value of `open-type`.
    pub open_type: String,
    /// The call and the event of each scope.
    pub scopes: BTreeMap<String, ScopeOfButton>,
    /// The platform's error text for an unknown scope.
    pub missing_scope: String,
}

/// The call and the event of a scope.
#[derive(Debug, Deserialize)]
pub struct ScopeOfButton {
    /// The call that it allows.
    pub call: String,
    /// The event that delivers the values.
    pub event: String,
}

impl Components {
    /// Finds an event by its name in any case, such as `scrolltolower`, on any tag.
    ///
    /// Tags may differ in the cause of such an event; `tag` comes first.
    pub fn event(&self, tag: &str, name: &str) -> Option<&Event> {
        let tags = self.tags.get(tag).into_iter().chain([&self.common]).chain(self.tags.values());
        let mut events = tags.flat_map(|tag| &tag.events);
        events.find(|(kind, _)| kind.eq_ignore_ascii_case(name)).map(|(_, event)| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_found_in_any_case_and_by_its_tag() {
        let who = |tag: &str, name: &str| components().event(tag, name).map(|event| event.by);
        assert_eq!(who("view", "tap"), Some(By::Person));
        assert_eq!(who("scroll-view", "scrolltolower"), Some(By::Platform));
        assert_eq!(who("image", "error"), Some(By::Platform));
        assert_eq!(who("button", "ERROR"), Some(By::Person));
        assert_eq!(who("view", "nothing"), None);
    }

    #[test]
    fn the_authorising_button_names_calls_and_events_that_exist() {
        let button = &components().tags["button"];
        let authorize = button.authorize.as_ref().unwrap();
        for (scope, of) in &authorize.scopes {
            assert!(crate::calls().find(&of.call).is_some_and(|call| call.consent.is_some()), "{scope}");
            assert!(button.events.contains_key(&of.event), "{scope}");
        }
    }
}
