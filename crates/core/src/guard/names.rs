//! Names of fields and headers: those of display information, and those that show what the value beside or below them
//! is.

/// Parts of names of display information, in lower case. A `_` stands for a word separator or nothing.
pub(super) const DISPLAY: [&str; 13] = [
    "nick",
    "avatar",
    "user_info",
    "head_img",
    "display_info",
    "user_name",
    "display_name",
    "member_name",
    "screen_name",
    "alias",
    "昵称",
    "头像",
    "用户名",
];

/// Parts of names of fields in which people write a name: their own, or the recipient's.
const PERSON: [&str; 11] = [
    "receiver",
    "recipient",
    "consignee",
    "addressee",
    "contact",
    "link_man",
    "signature",
    "收件人",
    "收货人",
    "联系人",
    "签名",
];

/// Parts of names of fields that people fill in beside it.
const BESIDE_PERSON: [&str; 10] =
    ["mobile", "phone", "tel", "address", "message", "content", "手机", "电话", "地址", "内容"];

/// Headers whose values belong to the protocol.
const PROTOCOL: [&str; 10] =
    ["accept", "content_", "user_agent", "cache_", "connection", "host", "origin", "refer", "if_", "x_requested_with"];

/// Returns whether a field's or header's name is about display information. A part suffices, because headers have
/// prefixes like `X-User-`.
pub(super) fn speaks_of_display(name: &str) -> bool {
    has_any(&DISPLAY, name)
}

/// Returns whether a text is exactly such a name, as in `{ key: 'nickName', value }`.
pub(super) fn is_display_name(text: &[u8]) -> bool {
    display_name_at(text, 0).is_some_and(|length| {
        let rest = text[length..].trim_ascii();
        ["", "name", "_name", "-name", "url", "_url", "-url"]
            .iter()
            .any(|end| rest.eq_ignore_ascii_case(end.as_bytes()))
    })
}

/// Returns the length of the name of display information at `at`, if there is one.
pub(super) fn display_name_at(text: &[u8], at: usize) -> Option<usize> {
    length_at(&DISPLAY, text, at)
}

/// Returns the first two bytes of a name.
pub(super) const fn beginning(name: &str) -> [u8; 2] {
    [name.as_bytes()[0], name.as_bytes()[1]]
}

pub(super) fn speaks_of_person(name: &str) -> bool {
    has_any(&PERSON, name)
}

pub(super) fn stands_beside_person(name: &str) -> bool {
    has_any(&BESIDE_PERSON, name)
}

pub(super) fn is_of_protocol(header: &str) -> bool {
    length_at(&PROTOCOL, header.as_bytes(), 0).is_some()
}

fn has_any(names: &[&str], name: &str) -> bool {
    (0..name.len()).any(|at| length_at(names, name.as_bytes(), at).is_some())
}

fn length_at(names: &[&str], text: &[u8], at: usize) -> Option<usize> {
    let [first, second, ..] = text[at..] else { return None };
    // Most texts differ in the first two bytes, in either case.
    let could_be = |name: &[u8]| ((first ^ name[0]) | (second ^ name[1])) & !0x20 == 0;
    names.iter().map(|name| name.as_bytes()).filter(|name| could_be(name)).find_map(|name| length_of(name, &text[at..]))
}

/// Returns the length of `name` at the beginning of `text`.
fn length_of(name: &[u8], text: &[u8]) -> Option<usize> {
    name.iter().try_fold(0, |length, part| match (part, text.get(length)) {
        (b'_', Some(b'_' | b'-' | b' ')) => Some(length + 1),
        (b'_', _) => Some(length),
        (part, Some(byte)) if part.eq_ignore_ascii_case(byte) => Some(length + 1),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_behind_prefixes() {
        for name in DISPLAY {
            for separator in ["", "_", "-"] {
                let name = name.replace('_', separator);
                assert!(speaks_of_display(&name) && speaks_of_display(&name.to_ascii_uppercase()), "{name}");
                assert!(is_display_name(name.as_bytes()), "{name}");
            }
        }
        for name in
            ["nickName", "X-User-Avatar", "memberAvatarUrl", "user_info", "head_img_url", "userName", "用户名称"]
        {
            assert!(speaks_of_display(name), "{name}");
        }
        for name in ["name", "receiver", "user", "information", "ünïcödé 张伟", ""] {
            assert!(!speaks_of_display(name), "{name}");
        }
    }

    #[test]
    fn a_text_is_a_name_only_as_a_whole() {
        for name in ["nickName", "nick_name", "avatarUrl", "head-img-url", "UserName", "昵称"] {
            assert!(is_display_name(name.as_bytes()), "{name}");
        }
        for text in ["nickname_edit_opened", "avatar_picker_closed", "my nickName", "nickName: x", "n"] {
            assert!(!is_display_name(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn other_names_are_known_by_their_parts() {
        assert!(["receiverName", "Contact", "linkman", "收货人姓名"].iter().all(|name| speaks_of_person(name)));
        assert!(["user_mobile", "telephone", "message"].iter().all(|name| stands_beside_person(name)));
        assert!(["Content-Type", "accept-language", "User-Agent"].iter().all(|name| is_of_protocol(name)));
        assert!(!["X-User", "authorization", "x-content-owner"].iter().any(|name| is_of_protocol(name)));
    }
}
