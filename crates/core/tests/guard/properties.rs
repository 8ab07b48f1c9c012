//! Any value, any composition of encodings, any split between plain and encoded characters.

use crate::{
    detection::places,
    encodings::{ENCODERS, Encoder, Mask},
};
use miniauth_core::{
    display::DisplayInfo,
    guard::{Guard, Outgoing, Value},
};
use proptest::prelude::*;

fn knowing(nick_name: &str) -> Guard {
    let mut guard = Guard::default();
    guard.remember(&DisplayInfo::new(Some(nick_name.to_owned()), None), |_, _| Vec::new());
    guard
}

/// Converts a full-width character to ASCII: the guard treats both as equal.
fn half_width(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).expect("ASCII"),
        _ => c,
    }
}

fn encoder() -> impl Strategy<Value = (Encoder, Mask)> {
    (prop::sample::select(ENCODERS.to_vec()), prop_oneof![Just(u64::MAX), Just(0), any::<u64>()])
}

fn data(data: Value) -> Outgoing {
    Outgoing { url: "https://api.shop.example/".to_owned(), headers: Value::Other, data }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn an_encoded_nickname_is_found(
        nick_name in "[^ \\pC]{2}\\PC{0,8}[^ \\pC]{2}",
        before in "\\PC{0,12}",
        after in "\\PC{0,12}",
        (inner, inner_mask) in encoder(),
        (outer, outer_mask) in encoder(),
    ) {
        prop_assume!(!inner.makes_bytes() || outer.takes_bytes());
        // Spaces around the nickname, ASCII or not, do not count as characters.
        prop_assume!(nick_name.trim().chars().count() >= 4);
        // Numbers count only in a field with a name like `nickName`.
        let in_half_width: String = nick_name.chars().map(half_width).collect();
        prop_assume!(!in_half_width.contains(|c: char| c.is_ascii_digit()) || nick_name.contains(char::is_alphabetic));
        let guard = knowing(&nick_name);
        // Next to ASCII letters, the nickname would be part of a word.
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let before = if is_letter(in_half_width.chars().next()) { format!("{before} ") } else { before };
        let after = if is_letter(in_half_width.chars().last()) { format!(" {after}") } else { after };
        let once = inner.encode(format!("{before}{nick_name}{after}").as_bytes(), inner_mask);
        let twice = outer.encode(&once, outer_mask);
        for sent in [&once, &twice] {
            for (place, outgoing) in places(sent) {
                let refusal = guard.check(&outgoing, &[]);
                prop_assert!(refusal.is_err(), "not at {} in {}", place, String::from_utf8_lossy(sent));
                prop_assert_eq!(refusal.map_err(|refusal| refusal.place), Err(place.to_owned()));
            }
        }
    }

    #[test]
    fn no_bytes_make_it_fail(nick_name in "\\PC{1,12}", bytes in prop::collection::vec(any::<u8>(), 0..2000), text in ".{0,400}") {
        let guard = knowing(&nick_name);
        let _ = guard.check(&data(Value::Bytes(bytes.clone())), &[]);
        let _ = guard.check_call("setStorage", &Value::Fields(vec![(text.clone(), Value::Text(text.clone()))]));
        let _ = guard.could_hold(&bytes);
    }

    /// Texts made of the characters of escapes and digits.
    #[test]
    fn the_quick_search_misses_nothing_that_the_full_search_finds(
        nick_name in prop_oneof!["[a-c]{4}", "[张伟]{1,3}", "[a-c][b张伟 %+\\\\]{3,5}"],
        text in "[abc张伟 %+\\\\u0456&#x;nickQYWJj=]{0,60}",
        name in prop_oneof!["[a-c]{1,3}", Just("nickName".to_owned())],
    ) {
        let guard = knowing(&nick_name);
        let fields = Value::Fields(vec![(name.clone(), Value::Text(text.clone()))]);
        if guard.check(&data(fields), &[]).is_err() {
            let joined = format!("4\x7f1\x7f{name}\x7f1\x7f{text}");
            prop_assert!(guard.could_hold(joined.as_bytes()), "{}", joined);
        }
    }
}
