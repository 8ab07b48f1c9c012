//! Names under which display information travels, as they stand in texts and in the names of fields and headers.

use super::digits;
use crate::wire::is_display_field;
use std::ops::Range;

/// What such names begin with, in lower case.
pub(super) const BEGINNINGS: [&str; 9] =
    ["nick", "avatar", "userinfo", "user_info", "headimg", "head_img", "displayinfo", "昵称", "头像"];

/// The same as a regular expression.
pub(super) const PATTERN: &str = "nick|avatar|userinfo|user_info|headimg|head_img|displayinfo|昵称|头像";

/// How far behind such a name a value still counts as standing under it, in bytes.
const REACH: usize = 128;

/// Whether a field's or a header's name speaks of display information. Headers carry prefixes like `X-User-`, so a part
/// is enough.
pub(super) fn speaks_of_display(name: &str) -> bool {
    is_display_field(name) || mentioned(name.as_bytes())
}

/// Whether such a name stands anywhere in a text.
pub(super) fn mentioned(text: &[u8]) -> bool {
    next_mention(text, 0).is_some()
}

/// Hands the stretches of `text` that follow such a name to `read`, until one is a hit.
pub(super) fn after_mentions<T>(text: &[u8], mut read: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
    let mut next = next_mention(text, 0);
    while let Some(Range { start, mut end }) = next {
        loop {
            next = next_mention(text, end);
            match &next {
                Some(following) if following.start < end + REACH => end = following.end,
                _ => break,
            }
        }
        let end = text.len().min(end + REACH);
        // Digits that belong together stay together.
        let end = end + text[end..].iter().take_while(|byte| digits::is_digit(**byte)).count();
        let hit = read(&text[start..end]);
        if hit.is_some() {
            return hit;
        }
    }
    None
}

fn next_mention(text: &[u8], from: usize) -> Option<Range<usize>> {
    let could_begin = |byte: &u8| matches!(byte | 0x20, b'n' | b'a' | b'u' | b'h' | b'd' | 0xe6 | 0xe5);
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(could_begin)?;
        if let Some(length) = mention_at(text, at) {
            return Some(at..at + length);
        }
        at += 1;
    }
}

/// The length of the name that begins at `at`, if one does.
pub(super) fn mention_at(text: &[u8], at: usize) -> Option<usize> {
    let [first, second, ..] = text[at..] else { return None };
    // Most texts differ in the first two bytes, whatever their case.
    let could_be = |name: &[u8]| ((first ^ name[0]) | (second ^ name[1])) & !0x20 == 0;
    let is_here = |name: &&[u8]| text[at..].get(..name.len()).is_some_and(|here| here.eq_ignore_ascii_case(name));
    let name = BEGINNINGS.iter().map(|name| name.as_bytes()).find(|name| could_be(name) && is_here(name))?;
    Some(name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_behind_prefixes() {
        for name in BEGINNINGS {
            assert!(mentioned(name.as_bytes()) && mentioned(name.to_ascii_uppercase().as_bytes()), "{name}");
        }
        for name in
            ["nickName", "NICK_NAME", "X-User-Avatar", "memberAvatarUrl", "user_info", "昵称", "head_img_url", "头像"]
        {
            assert!(speaks_of_display(name), "{name}");
        }
        for name in ["name", "receiver", "user", "information", "ünïcödé 张伟"] {
            assert!(!speaks_of_display(name), "{name}");
        }
    }

    #[test]
    fn the_pattern_names_the_same() {
        assert_eq!(PATTERN, BEGINNINGS.join("|"));
    }

    #[test]
    fn what_follows_a_name_is_read_once() {
        let text = format!("a=1&nick=x&avatar=y{}&userInfo=z", "-".repeat(400));
        let mut stretches = Vec::new();
        after_mentions::<()>(text.as_bytes(), |stretch| {
            stretches.push(String::from_utf8_lossy(stretch).trim_end_matches('-').to_owned());
            None
        });
        assert_eq!(stretches, ["nick=x&avatar=y", "userInfo=z"]);
    }
}
