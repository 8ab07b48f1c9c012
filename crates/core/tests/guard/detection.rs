//! Everything that is encoded once or twice is found, wherever it stands.

use crate::{
    encodings::{ENCODERS, Encoder, Mask},
    users::USERS,
};
use miniauth_core::guard::{Guard, Outgoing, Reason, Value};

/// Encodes all characters, one in two, one in seven, and only those that must be encoded.
const MASKS: [Mask; 4] = [u64::MAX, 0x5555_5555_5555_5555, 0x8102_0408_1020_4081, 0];

const URL: &str = "https://api.shop.example/save";

/// Requests with `sent` in each place that can hold it, with the names of the places.
pub(crate) fn places(sent: &[u8]) -> Vec<(&'static str, Outgoing)> {
    let with = |data| Outgoing { url: URL.to_owned(), headers: Value::Other, data };
    let fields = |name: &str, value| {
        Value::Fields(vec![("id".to_owned(), Value::Text("T-1".to_owned())), (name.to_owned(), value)])
    };
    let mut places = vec![("data.file", with(fields("file", Value::Bytes([b"\x89PNG\0", sent, b"\0"].concat()))))];
    if let Ok(text) = String::from_utf8(sent.to_vec()) {
        let value = || Value::Text(text.clone());
        places.extend([
            ("url", Outgoing { url: format!("{URL}?u={text}&v=1"), ..with(Value::Other) }),
            (
                "headers.x-user",
                Outgoing {
                    headers: Value::Fields(vec![("x-user".to_owned(), Value::Text(text.clone()))]),
                    ..with(Value::Other)
                },
            ),
            ("data", with(Value::Text(format!("a=1&user={text};")))),
            ("data.user", with(fields("user", value()))),
            ("data.order.list[1]", with(fields("order", fields("list", Value::List(vec![Value::Other, value()]))))),
        ]);
    }
    places
}

fn assert_found(guard: &Guard, sent: &[u8], reason: Reason, what: &dyn std::fmt::Debug) {
    for (place, outgoing) in places(sent) {
        match guard.check(&outgoing, &[]) {
            Ok(_) => panic!("{what:?} at {place} is not found: {}", String::from_utf8_lossy(sent)),
            Err(refusal) => {
                assert_eq!((refusal.place.as_str(), refusal.reason), (place, reason), "{what:?}: {refusal}");
            }
        }
    }
    if let Ok(text) = std::str::from_utf8(sent) {
        let joined = format!("4\x7f2\x7fid\x7f0\x7fuser\x7f1\x7f{text}");
        assert!(guard.could_hold(text.as_bytes()), "{what:?} has no sign: {text}");
        assert!(guard.could_hold(joined.as_bytes()), "{what:?} has no sign among others: {text}");
    }
}

/// Single encoders, and pairs in which the outer one accepts the inner one's output.
fn chains() -> impl Iterator<Item = (Encoder, Option<Encoder>)> {
    ENCODERS.into_iter().flat_map(|inner| {
        let outer = ENCODERS.into_iter().filter(move |outer| {
            let both_utf16 = inner.makes_bytes() && outer.makes_bytes();
            !both_utf16 && (!inner.makes_bytes() || outer.takes_bytes())
        });
        outer.map(Some).chain([None]).map(move |outer| (inner, outer))
    })
}

#[test]
fn every_encoding_of_every_value_is_found_two_deep_in_every_place() {
    let mut found = 0;
    for user in &USERS {
        let guard = user.guard();
        let mut values = vec![];
        if user.has_telling_name() {
            values.push((user.nick_name, Reason::NickName));
        }
        if !user.avatar.contains("default") {
            values.push((user.avatar, Reason::Avatar));
        }
        for (value, reason) in values {
            for (index, (inner, outer)) in chains().enumerate() {
                let mask = |skip: usize| MASKS[(index + skip) % MASKS.len()];
                let once = inner.encode(value.as_bytes(), mask(0));
                let sent = outer.map_or_else(|| once.clone(), |outer| outer.encode(&once, mask(index / 4)));
                assert_found(&guard, &sent, reason, &(value, inner, outer));
                found += 1;
            }
        }
    }
    println!("{found} encoded values, each in up to six places: all found");
    assert!(found > 6_000, "{found}");
}

#[test]
fn a_common_nickname_is_found_under_a_name_and_with_the_default_avatar() {
    for user in USERS.iter().filter(|user| !user.has_telling_name()) {
        let guard = user.guard();
        for (index, (inner, outer)) in chains().enumerate() {
            let mask = MASKS[index % MASKS.len()];
            let encode = |plain: &str| {
                let once = inner.encode(plain.as_bytes(), mask);
                outer.map_or_else(|| once.clone(), |outer| outer.encode(&once, mask))
            };
            let named = encode(&format!(r#"{{"nickName":"{}"}}"#, user.nick_name));
            assert_found(&guard, &named, Reason::NickName, &(user.nick_name, inner, outer));
            if outer.unwrap_or(inner).makes_bytes() {
                continue;
            }
            let value = String::from_utf8(encode(user.nick_name)).expect("a text");
            let data = |name: &str| Value::Fields(vec![(name.to_owned(), Value::Text(value.clone()))]);
            let check = |data| guard.check(&Outgoing { url: URL.to_owned(), headers: Value::Other, data }, &[]);
            let refusal = check(data("nickName")).expect_err(&value);
            assert_eq!(refusal.place, "data.nickName");
            assert!(check(data("receiver")).is_ok(), "{} in {value}", user.nick_name);
            if user.avatar.contains("default") {
                let Value::Fields(mut together) = data("who") else { unreachable!("fields") };
                together.push(("pic".to_owned(), Value::Text(user.avatar.to_owned())));
                assert_eq!(check(Value::Fields(together)).expect_err("together they count").place, "data.who");
            }
        }
    }
}
