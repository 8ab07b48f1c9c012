//! Attributes that bind events, in every spelling.

use crate::platform;

/// What an attribute binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The event in lower case: what it is compared by.
    pub event: String,
    /// Whether the platform itself takes the spelling: `on`, `catch`, `capture-on` or `capture-catch`, then a capital.
    pub is_native: bool,
}

/// Prefixes that other platforms and frameworks write; the longer ones first.
const FOREIGN_PREFIXES: &[&str] = &["v-on:", "catch:", "bind:", "on:", "bind", "@"];

/// The event that an attribute binds, if it binds one. A small letter after `on` or `catch` makes an ordinary attribute of it,
/// unless an event of the authorising button must be meant.
pub fn bound(attribute: &str) -> Option<Bound> {
    let name = attribute.strip_prefix("capture-").unwrap_or(attribute);
    if let Some(event) = FOREIGN_PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        return Some(Bound { event: event.to_ascii_lowercase(), is_native: false }).filter(|_| !event.is_empty());
    }
    let event = ["catch", "on"].iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let is_native = event.starts_with(|first: char| first.is_ascii_uppercase());
    let event = event.to_ascii_lowercase();
    let is_button_s = platform::button().events.contains(&event);
    (is_native || is_button_s).then_some(Bound { event, is_native })
}

#[cfg(test)]
mod tests {
    use super::bound;

    #[test]
    fn every_spelling_is_read() {
        let spellings = [
            ("onTap", "tap", true),
            ("catchTap", "tap", true),
            ("capture-onTouchStart", "touchstart", true),
            ("capture-catchTouchStart", "touchstart", true),
            ("onGetAuthorize", "getauthorize", true),
            ("catchGetUserInfo", "getuserinfo", true),
            ("ongetuserinfo", "getuserinfo", false),
            ("catchgetuserinfo", "getuserinfo", false),
            ("bindgetuserinfo", "getuserinfo", false),
            ("bind:getuserinfo", "getuserinfo", false),
            ("capture-bind:tap", "tap", false),
            ("@getAuthorize", "getauthorize", false),
        ];
        for (attribute, event, is_native) in spellings {
            let found = bound(attribute).unwrap_or_else(|| panic!("{attribute} binds nothing"));
            assert_eq!((found.event.as_str(), found.is_native), (event, is_native), "{attribute}");
        }
        for attribute in ["class", "only", "once", "category", "catch", "on", "bind", "capture-", "@", "open-type"] {
            assert_eq!(bound(attribute), None, "{attribute}");
        }
    }
}
