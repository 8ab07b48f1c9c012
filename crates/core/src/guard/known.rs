//! What is looked for of one user's display information.

use super::{
    Reason,
    needles::{Counts, Needle},
    pattern::{Pattern, Reading},
};
use crate::display::Shown;

/// Nicknames shorter than this many characters are common words: they count only under a name like `nickName` or
/// `avatar`, or together with the avatar.
pub const SHORT_NICKNAME_CHARACTERS: usize = 4;

/// From this length on, the last part of an avatar's path tells by itself whose it is.
const TELLING_PART: usize = 16;

/// Words that stand in ordinary requests: of fields, addresses and makers. Someone is called that, and could send nothing
/// at all if these counted more than a short nickname does.
const EVERYDAY_WORDS: &str = " \
    account active address adidas admin alibaba alipay amazon amount android apple brand chrome cocacola coffee \
    color count create customer data default delete detail details false gift goods google guest home honor http \
    https huawei image index info iphone item items json lenovo list login meituan member message mobile money \
    name nike nokia null oppo order orders page pages payment phone price product profile search service share \
    shop size sony starbucks status success system taobao tencent tesla test text title token toyota true type \
    user vivo wechat xiaomi 中国移动 中国联通 农夫山泉 匿名用户 可口可乐 微信用户 支付宝用户 蜜雪冰城 阿迪达斯 ";

/// The values of one user, each in every form in which it is looked for. `other_forms` gives a value's Unicode normal forms
/// in either case.
pub(super) fn known(shown: Shown<'_>, other_forms: &dyn Fn(&str) -> Vec<String>) -> Vec<Needle> {
    let default = shown.avatar.is_some_and(|avatar| is_default_avatar(avatar.as_bytes()));
    let mut all = Vec::new();
    // Avatars first: nobody types one.
    for (value, reason) in [(shown.avatar, Reason::Avatar), (shown.nick_name, Reason::NickName)] {
        let Some(value) = value else { continue };
        let mut forms = other_forms(value);
        forms.push(value.to_owned());
        for form in &forms {
            let form = form.as_bytes();
            let patterns = if reason == Reason::Avatar {
                telling_parts(form).map(Pattern::whole)
            } else {
                [Pattern::bare(form), Pattern::whole(form)]
            };
            for pattern in patterns {
                let (counts, is_word) = match reason {
                    Reason::Avatar if default => (Counts::WithNickName, true),
                    Reason::Avatar => (Counts::Anywhere, pattern.length() < TELLING_PART),
                    _ if is_common(&pattern) => (Counts::Named { or_with_avatar: default }, true),
                    _ => (Counts::Anywhere, true),
                };
                all.push(Needle { pattern, reason, counts, is_word });
            }
        }
    }
    all
}

/// Whether a nickname by itself says nothing about who sent it: it is short, a date or a number, or an everyday word.
fn is_common(nick_name: &Pattern) -> bool {
    let words = EVERYDAY_WORDS.as_bytes();
    let is_word_at = |at| nick_name.end_at(words, at, Reading::Utf8).is_some_and(|end| words[end] == b' ');
    let characters = nick_name.characters();
    nick_name.length() < SHORT_NICKNAME_CHARACTERS
        || characters.iter().any(char::is_ascii_digit)
            && characters.iter().all(|c| c.is_ascii() && !c.is_ascii_alphabetic())
        || (1..words.len()).any(|at| words[at - 1] == b' ' && is_word_at(at))
}

/// The parts of an avatar's address that tell whose it is, without what may differ: scheme, host, query and size.
fn telling_parts(address: &[u8]) -> [&[u8]; 2] {
    let scheme = address.windows(3).position(|here| here == b"://");
    let address = &address[scheme.map_or(0, |length| length + 3)..];
    let path = address.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let last = |path: &[u8]| path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let host = path.iter().position(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let stem = &path[..without_size(path, host)];
    let own = &stem[last(stem)..];
    // Too short a part could be anyone's, and so could what is told apart by its query.
    let part = match () {
        () if own.len() >= TELLING_PART => return [own; 2],
        () if own.len() < SHORT_NICKNAME_CHARACTERS && path.len() < address.len() => address,
        () if stem.len() - host >= TELLING_PART => &stem[host..],
        () => stem,
    };
    let file = &path[last(path)..];
    [part, if file.len() >= TELLING_PART { file } else { part }]
}

/// The length of an address without the size and the type at its end: `_160x160`, `@100w`, `!small`, `/132`, `.png`.
fn without_size(path: &[u8], host: usize) -> usize {
    let mut length = path.len();
    let is_end = |byte: &u8| matches!(byte, b'.' | b'_' | b'-' | b'@' | b'!' | b'/');
    while let Some(at) = path[host..length].iter().rposition(is_end) {
        let at = host + at;
        let end = &path[at + 1..length];
        let has_digit = end.iter().any(u8::is_ascii_digit);
        let ends = match path[at] {
            b'.' => end.len() <= 4,
            b'@' | b'!' => true,
            b'/' => has_digit && end.len() <= 4 && end.iter().all(u8::is_ascii_digit),
            _ => {
                let is_size = |byte: &u8| matches!(byte | 0x20, b'0'..=b'9' | b'x' | b'w' | b'h' | b'q');
                let is_word = [&b"small"[..], b"big", b"thumb"].contains(&end);
                is_word || has_digit && end.iter().all(is_size) && !end.iter().all(u8::is_ascii_digit)
            }
        };
        if !ends {
            break;
        }
        length = at;
    }
    length
}

/// Whether an avatar says nothing about who sent it.
///
/// No source settles which pictures the platform gives to users without one: its documents say that the field is then
/// absent. So this goes by the last part of the address: `default` in it, or nothing but `X`, as the platform's
/// documents write it where a user's own would stand (`…/images/partner/XXXXXXXX`).
fn is_default_avatar(address: &[u8]) -> bool {
    const DEFAULT: &[u8] = b"default";
    let path = address.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let last = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let is_placeholder = !last.is_empty() && last.iter().all(|byte| *byte == b'X');
    is_placeholder || last.windows(DEFAULT.len()).any(|here| here.eq_ignore_ascii_case(DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_everyday_nicknames_and_numbers_are_common() {
        for common in
            ["张伟", "Bob", "😀", "Admin", "test", "张伟🌊🌊", "20261121", "13:14", "5201314", "支付宝用户", "ＮＩＫＥ"]
        {
            assert!(is_common(&Pattern::bare(common.as_bytes())), "{common}");
        }
        for telling in ["爱喝茶的", "John", "tester", "A2026", "!!!!"] {
            assert!(!is_common(&Pattern::bare(telling.as_bytes())), "{telling}");
        }
    }

    #[test]
    fn everyday_words_are_each_there_once_and_long_enough_to_matter() {
        let words: Vec<&str> = EVERYDAY_WORDS.trim().split(' ').collect();
        assert!(words.is_sorted());
        for word in words {
            assert!(word.chars().count() >= SHORT_NICKNAME_CHARACTERS && word == word.to_lowercase(), "{word}");
        }
    }

    #[test]
    fn an_avatar_is_known_by_what_does_not_differ() {
        let cases: [(&str, [&str; 2]); 9] = [
            ("https://tfs.example/images/T1Z3FcXkdUaBcDeFgH_160X160.jpg?x=1", ["T1Z3FcXkdUaBcDeFgH"; 2]),
            ("https://tfs.example/T1Z3FcXkdUaBcDeFgH@100w!small", ["T1Z3FcXkdUaBcDeFgH"; 2]),
            ("http://a.example/vi_32/Q0j4TwGTfTIabcdefgh/132", ["Q0j4TwGTfTIabcdefgh"; 2]),
            ("https://a.example/images/partner/zhang.png", ["images/partner/zhang"; 2]),
            ("https://a.example/zhang.png", ["a.example/zhang"; 2]),
            ("https://a.example/u?pic=T1Z3FcXkdU", ["a.example/u?pic=T1Z3FcXkdU"; 2]),
            ("https://a.example/zhang_of_it_160x160.png", ["a.example/zhang_of_it", "zhang_of_it_160x160.png"]),
            ("https://a.example/user-123456", ["a.example/user-123456"; 2]),
            ("avatar", ["avatar"; 2]),
        ];
        for (address, parts) in cases {
            assert_eq!(telling_parts(address.as_bytes()), parts.map(str::as_bytes), "{address}");
        }
    }

    #[test]
    fn a_default_avatar_is_known_by_the_end_of_its_address() {
        for default in ["a.example/default_avatar.png", "a.example/images/partner/XXXXXXXX", "a.example/u/Default?x=1"]
        {
            assert!(is_default_avatar(default.as_bytes()), "{default}");
        }
        for own in ["a.example/default/T1Z3FcXkdUXXXXXXXX", "a.example/", "a.example/u?pic=default"] {
            assert!(!is_default_avatar(own.as_bytes()), "{own}");
        }
    }
}
