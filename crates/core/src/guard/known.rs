//! One user's display information, as the guard remembers it.

use crate::display::Shown;

/// Nicknames shorter than this many characters are common words: they count only under a name like `nickName` or
/// `avatar`, or together with the avatar.
pub const SHORT_NICKNAME_CHARACTERS: usize = 4;

/// Words that stand in ordinary requests, as names of fields and in addresses. Someone is called that, and could send
/// nothing at all if these counted more than a short nickname does.
const EVERYDAY_WORDS: [&str; 40] = [
    "active", "address", "admin", "alipay", "amount", "android", "count", "data", "default", "detail", "false",
    "guest", "home", "http", "https", "image", "index", "info", "item", "items", "json", "list", "login", "mobile",
    "name", "null", "order", "page", "phone", "price", "search", "shop", "success", "test", "text", "title", "token",
    "true", "type", "user",
];

/// What was learnt about one user, each value in every form in which it is looked for.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) nick_name: Vec<String>,
    /// Whether the nickname by itself says nothing about who sent it.
    pub(super) is_common: bool,
    /// Without `https:`, which is easily replaced.
    pub(super) avatar: Vec<String>,
    /// Whether many users share the avatar.
    pub(super) is_default_avatar: bool,
}

impl Known {
    /// `normal_forms` gives a value's Unicode normal forms.
    pub(super) fn new(shown: Shown<'_>, normal_forms: impl Fn(&str) -> Vec<String>) -> Self {
        let forms = |value: Option<&str>| {
            let mut forms: Vec<String> = Vec::new();
            let Some(value) = value.filter(|value| !value.is_empty()) else { return forms };
            forms.push(value.to_owned());
            for form in normal_forms(value) {
                if !form.is_empty() && !forms.contains(&form) {
                    forms.push(form);
                }
            }
            forms
        };
        let avatar = shown.avatar.map(without_scheme);
        let nick_name = shown.nick_name.filter(|nick_name| !nick_name.trim().is_empty());
        Self {
            nick_name: forms(nick_name),
            is_common: nick_name.is_some_and(is_common),
            avatar: forms(avatar),
            is_default_avatar: avatar.is_some_and(is_default_avatar),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.nick_name.is_empty() && self.avatar.is_empty()
    }
}

fn is_common(nick_name: &str) -> bool {
    nick_name.trim().chars().count() < SHORT_NICKNAME_CHARACTERS
        || EVERYDAY_WORDS.iter().any(|word| nick_name.eq_ignore_ascii_case(word))
}

fn without_scheme(address: &str) -> &str {
    let scheme = address.as_bytes().windows(3).position(|here| here == b"://");
    scheme.and_then(|length| address.get(length + 3..)).unwrap_or(address)
}

/// Whether an avatar says nothing about who sent it.
///
/// No source settles which pictures the platform gives to users without one: its documents say that the field is then
/// absent. So this goes by the last part of the address: `default` in it, or nothing but `X`, as the platform's
/// documents write it where a user's own would stand (`…/images/partner/XXXXXXXX`).
fn is_default_avatar(address: &str) -> bool {
    const DEFAULT: &[u8] = b"default";
    let path = address.as_bytes().split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let last = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let is_placeholder = !last.is_empty() && last.iter().all(|byte| *byte == b'X');
    is_placeholder || last.windows(DEFAULT.len()).any(|here| here.eq_ignore_ascii_case(DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_everyday_nicknames_are_common() {
        for common in ["张伟", "Bob", "😀", "Admin", "test"] {
            assert!(is_common(common), "{common}");
        }
        for telling in ["爱喝茶的", "John", "tester"] {
            assert!(!is_common(telling), "{telling}");
        }
        assert!(EVERYDAY_WORDS.is_sorted());
    }

    #[test]
    fn a_default_avatar_is_known_by_the_end_of_its_address() {
        for default in ["a.example/default_avatar.png", "a.example/images/partner/XXXXXXXX", "a.example/u/Default?x=1"]
        {
            assert!(is_default_avatar(default), "{default}");
        }
        for own in ["a.example/default/T1Z3FcXkdUXXXXXXXX", "a.example/", "a.example/u?pic=default"] {
            assert!(!is_default_avatar(own), "{own}");
        }
    }
}
