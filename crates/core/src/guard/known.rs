//! Derives what is searched for from one user's display information.

use super::{
    Reason,
    needles::{Counts, Needle},
    pattern::Pattern,
};
use crate::display::Shown;

/// Nicknames shorter than this many characters are common words: they count only in a field with a name like `nickName`
/// or `avatar`, or together with the avatar.
pub const SHORT_NICKNAME_CHARACTERS: usize = 4;

/// From this length on, a segment of an avatar's URL alone identifies the user.
const IDENTIFYING_LENGTH: usize = 16;

/// Words in ordinary requests: of fields, URLs and manufacturers. A user with such a nickname could send nothing at all
/// if it counted more than a short nickname does.
const EVERYDAY_WORDS: &str = " \
    account active address adidas admin alibaba alipay amazon amount android apple brand chrome cocacola coffee \
    color count create customer data default delete detail details false gift goods google guest home honor http \
    https huawei image index info iphone item items json lenovo list login meituan member message mobile money \
    name nike nokia null oppo order orders page pages payment phone price product profile search service share \
    shop size sony starbucks status success system taobao tencent tesla test text title token toyota true type \
    user vivo wechat xiaomi 中国移动 中国联通 农夫山泉 匿名用户 可口可乐 微信用户 支付宝用户 蜜雪冰城 阿迪达斯 ";

/// Returns the patterns of a user's values, in each of their forms. If `forms` returns none, that is the value itself.
pub(super) fn known(shown: Shown<'_>, forms: &dyn Fn(Reason, &str) -> Vec<String>) -> Vec<Needle> {
    let default = shown.avatar.is_some_and(|avatar| is_default_avatar(avatar.as_bytes()));
    let mut all = Vec::new();
    // Avatars first: nobody types one.
    for (value, reason) in [(shown.avatar, Reason::Avatar), (shown.nick_name, Reason::NickName)] {
        let Some(value) = value else { continue };
        let mut forms = forms(reason, value);
        if forms.is_empty() {
            forms.push(value.to_owned());
        }
        for form in &forms {
            for pattern in [Pattern::bare(form.as_bytes()), Pattern::whole(form.as_bytes())] {
                let (counts, is_word) = match reason {
                    Reason::Avatar if default => (Counts::WithNickName, true),
                    Reason::Avatar => (Counts::Anywhere, pattern.length() < IDENTIFYING_LENGTH),
                    _ if is_common(&pattern) => (Counts::Named { or_with_avatar: default }, true),
                    _ => (Counts::Anywhere, true),
                };
                all.push(Needle { pattern, reason, counts, is_word });
            }
        }
    }
    all
}

/// Returns whether a nickname alone says nothing about the sender: it is short, a date or number, or an everyday word.
fn is_common(nick_name: &Pattern) -> bool {
    let words = EVERYDAY_WORDS.as_bytes();
    let is_word_at = |at| nick_name.end_at(words, at).is_some_and(|end| words[end] == b' ');
    let characters = nick_name.characters();
    nick_name.length() < SHORT_NICKNAME_CHARACTERS
        || characters.iter().any(char::is_ascii_digit)
            && characters.iter().all(|c| c.is_ascii() && !c.is_ascii_alphabetic())
        || (1..words.len()).any(|at| words[at - 1] == b' ' && is_word_at(at))
}

/// Returns whether an avatar says nothing about the sender.
///
/// No source says which pictures the platform gives to users without one: its documents say that the field is then
/// absent. So this judges by the last segment of the URL: it contains `default`, or nothing but `X`, as the platform's
/// documents write it in place of a user's own (`…/images/partner/XXXXXXXX`).
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
    fn a_default_avatar_is_recognised_by_the_end_of_its_address() {
        for default in ["a.example/default_avatar.png", "a.example/images/partner/XXXXXXXX", "a.example/u/Default?x=1"]
        {
            assert!(is_default_avatar(default.as_bytes()), "{default}");
        }
        for own in ["a.example/default/T1Z3FcXkdUXXXXXXXX", "a.example/", "a.example/u?pic=default"] {
            assert!(!is_default_avatar(own.as_bytes()), "{own}");
        }
    }
}
