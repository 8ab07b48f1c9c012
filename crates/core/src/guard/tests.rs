use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};

const NICK_NAME: &str = "爱喝茶的小张😀";
const AVATAR: &str = "https://avatars.shop.example/zhang.png";

fn guard() -> Guard {
    let mut guard = knowing(NICK_NAME, Some(AVATAR));
    guard.remember(&DisplayInfo::new(Some("张伟".into()), None), |_, _| vec![]);
    guard
}

fn knowing(nick_name: &str, avatar: Option<&str>) -> Guard {
    let mut guard = Guard::default();
    guard.remember(&DisplayInfo::new(Some(nick_name.into()), avatar.map(str::to_owned)), |_, _| vec![]);
    guard
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn fields<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Fields(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn refusal(outgoing: &Outgoing) -> (String, String) {
    let refusal = guard().check(outgoing, &[]).expect_err("it holds display information");
    (refusal.place.clone(), refusal.encoding())
}

fn in_data(data: Value) -> Outgoing {
    Outgoing { url: "https://api.shop.example/save".into(), headers: Value::Other, data }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn every_place_is_searched_and_named() {
    let place = |data| refusal(&in_data(data)).0;
    assert_eq!(place(text(NICK_NAME)), "data");
    assert_eq!(place(fields([("user", fields([("name", text(NICK_NAME))]))])), "data.user.name");
    assert_eq!(place(fields([("list", Value::List(vec![text("a"), text(format!("x {AVATAR} y"))]))])), "data.list[1]");
    assert_eq!(place(fields([("file", Value::Bytes(format!("\0{NICK_NAME}").into_bytes()))])), "data.file");
    assert_eq!(place(fields([(NICK_NAME, Value::Other)])), "data.*", "the path must not contain the value");
    let url = format!("https://api.shop.example/?n={NICK_NAME}");
    assert_eq!(refusal(&Outgoing { url, ..Outgoing::default() }).0, "url");
    let headers = fields([("X-User", text(AVATAR))]);
    assert_eq!(refusal(&Outgoing { headers, ..Outgoing::default() }).0, "headers.X-User");
}

#[test]
fn every_encoding_is_looked_through_two_deep() {
    let encoding = |value: String| refusal(&in_data(text(value))).1;
    let units: String = NICK_NAME.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    assert_eq!(encoding(format!("{{\"a\":\"{NICK_NAME}\"}}")), "plain");
    assert_eq!(encoding(format!("{{\"a\":\"{units}\"}}")), "json");
    assert_eq!(encoding(AVATAR.replace('/', "\\/")), "json");
    assert_eq!(encoding(percent(NICK_NAME)), "percent");
    assert_eq!(encoding(percent(NICK_NAME).to_lowercase()), "percent");
    assert_eq!(encoding(STANDARD.encode(NICK_NAME)), "base64");
    assert_eq!(encoding(STANDARD.encode(percent(NICK_NAME))), "base64, percent");
    assert_eq!(encoding(percent(&STANDARD.encode(NICK_NAME))), "percent, base64");
    let hexadecimal: String = NICK_NAME.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(encoding(hexadecimal), "hexadecimal");
    let short_lines: Vec<String> = STANDARD
        .encode(NICK_NAME)
        .as_bytes()
        .chunks(4)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    for line_break in ["\n", "\r\n"] {
        assert_eq!(encoding(short_lines.join(line_break)), "base64");
    }
    let utf16 = |plain: &str| plain.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let alone = |value: String| knowing(NICK_NAME, None).check(&in_data(text(value)), &[]).unwrap_err().encoding();
    assert_eq!(alone(STANDARD.encode(utf16(NICK_NAME))), "base64, utf-16");
    assert_eq!(refusal(&in_data(Value::Bytes(utf16(&percent(NICK_NAME))))).1, "utf-16, percent");
    assert_eq!(encoding(format!("{} &lt;", percent(NICK_NAME))), "percent", "and not HTML");
    let long = "爱喝茶的小张".repeat(8);
    let numbers: Vec<String> = long.bytes().map(|byte| byte.to_string()).collect();
    let sent = in_data(text(numbers.join(", ").replacen(',', "%2C", 1)));
    let refusal = knowing(&long, None).check(&sent, &[]).unwrap_err();
    assert_eq!(refusal.encoding(), "percent, numbers", "within reach of a value");
    let twice = STANDARD.encode(STANDARD.encode(NICK_NAME));
    assert_eq!(encoding(twice.clone()), "base64, base64");
    let thrice = guard().check(&in_data(text(STANDARD.encode(twice))), &[]);
    assert_eq!(thrice, Ok(vec![]), "each further level would multiply the work");
}

#[test]
fn a_short_nickname_counts_only_under_a_name_of_display() {
    let allowed = |data| guard().check(&in_data(data), &[]).is_ok();
    assert!(allowed(fields([("receiver", text("张伟"))])));
    assert!(allowed(text("收件人：张伟")));
    assert!(!allowed(fields([("nickName", text("张伟"))])));
    assert!(!allowed(fields([("userInfo", fields([("name", text("张伟"))]))])));
    assert!(!allowed(text(r#"{"nick_name":"张伟"}"#)));
    assert!(!allowed(text(r#"{"昵称":"张伟"}"#)));
    assert!(!allowed(text(STANDARD.encode(r#"{"avatar":"","nickName":"张伟"}"#))));
    let units: Vec<u8> = "张伟".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!allowed(Value::Bytes([b"nickName", units.as_slice()].concat())));
    assert!(allowed(Value::Bytes([b"receiver", units.as_slice()].concat())));
    let shortest = knowing("晴", None).check(&in_data(text(STANDARD.encode("nick晴"))), &[]);
    assert!(shortest.is_err(), "the shortest name and the shortest value");
    for value in ["张伟".to_owned(), percent("张伟"), STANDARD.encode("张伟")] {
        let behind = |distance: usize| allowed(text(format!("nick{}{value}", ":".repeat(distance))));
        assert!(!behind(1) && !behind(127) && behind(128), "{value}: within reach of a name");
        assert!(allowed(text(format!("{value} nickName"))), "{value}: before a name");
        let between = " ".repeat(200);
        assert!(allowed(text(format!("nickName{between}{value}{between}nickName"))), "{value}: far from two names");
        let renewed = format!("nickName{}avatar{}{value}", " ".repeat(100), " ".repeat(100));
        assert!(!allowed(text(renewed)), "{value}: behind the second of two names");
        assert!(!allowed(text(format!(r#"{{"a":"","nickName":"{value}"}}"#))), "{value}: behind a name in a text");
    }
}

#[test]
fn a_short_nickname_counts_with_the_default_avatar_of_the_same_user() {
    const DEFAULT: &str = "https://avatars.shop.example/default.png";
    let mut guard = knowing("李娜", Some(DEFAULT));
    guard.remember(&DisplayInfo::new(Some("张伟".into()), Some(AVATAR.into())), |_, _| vec![]);
    let allowed = |first: &str, second: &str, typed: &[String]| {
        guard.check(&in_data(fields([("a", text(first)), ("b", text(second))])), typed)
    };
    for [first, second] in [["李娜", DEFAULT], [DEFAULT, "李娜"]] {
        let place = if first == DEFAULT { "data.b" } else { "data.a" };
        let refusal = allowed(first, second, &[]).unwrap_err();
        assert_eq!((refusal.place.as_str(), refusal.reason), (place, Reason::NickName));
        assert_eq!(allowed(first, second, &[place.to_owned()]), Ok(vec![place.to_owned()]), "typed");
        assert!(allowed(first, second, &["data.c".to_owned()]).is_err());
    }
    let twice = in_data(fields([("a", text("李娜")), ("b", text("李娜")), ("c", text(DEFAULT))]));
    assert_eq!(guard.check(&twice, &["data.a".to_owned()]).unwrap_err().place, "data.b", "only one of them is typed");
    for alone in ["李娜", DEFAULT] {
        assert!(guard.could_hold(alone.as_bytes()), "the other may be in the URL");
    }
    for [first, second] in [["李娜", "张伟"], ["张伟", DEFAULT], ["李娜", ""], ["", DEFAULT]] {
        assert_eq!(allowed(first, second, &[]), Ok(vec![]), "{first} {second}");
    }
}

/// A nickname of ASCII letters must be a whole word, and in lower case not one of the app's.
#[test]
fn a_nickname_of_letters_is_no_part_of_a_word() {
    let guard = knowing("Jack", None);
    let is_found = |value: Value| guard.check(&in_data(value), &[]).is_err();
    let forms = |plain: &str| {
        let units = |order: fn(u16) -> [u8; 2]| plain.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let utf16 = [units(u16::to_le_bytes), units(u16::to_be_bytes)];
        let odd = utf16.clone().map(|bytes| [&[7], bytes.as_slice()].concat());
        let bytes = utf16.into_iter().chain(odd).map(Value::Bytes);
        bytes.chain([text(plain), text(percent(plain)), text(STANDARD.encode(plain))]).collect::<Vec<_>>()
    };
    for found in ["Jack", "jack", "JACK", "by Jack!", "Jack's", "张Jack", "/Jack/", "x_Jack_1", "jack. And", "- jack -"]
    {
        assert!(forms(found).into_iter().all(is_found), "{found}");
    }
    for other in [
        "Jackets",
        "hiJack",
        "11Jack",
        "Jack22",
        "see /jack",
        "jack/ lists",
        "at a.jack",
        "jack.png",
        "user_jack",
        "jack-12",
    ] {
        assert!(!forms(other).into_iter().any(is_found), "{other}");
    }
    for (name, found) in [("Jack", true), ("jack", false), ("Jackets", false), ("is Jack", true), ("is jack", false)] {
        assert_eq!(is_found(fields([(name, Value::Other)])), found, "a field {name}");
    }
    let in_header = |name| {
        let headers = fields([(name, text("Jack"))]);
        guard.check(&Outgoing { headers, ..Outgoing::default() }, &[]).is_err()
    };
    assert!(in_header("X-User") && !in_header("Accept"));
}

/// A text is decoded around an escape within the reach of a value. The cut there is not the end of a word.
#[test]
fn a_word_that_is_cut_is_no_nickname() {
    let guard = knowing("Jack", None);
    let is_found = |sent: String| guard.check(&in_data(text(sent)), &[]).is_err();
    for distance in 0..1000 {
        let between = " ".repeat(distance);
        for escape in ["%41", "\\x41", "&#65;", "%41 &#65;"] {
            assert!(!is_found(format!("hijack{between}{escape}")), "before {escape} at {distance}");
            assert!(!is_found(format!("{escape}{between}Jackets")), "behind {escape} at {distance}");
        }
    }
    for whole in ["%4Aack", "J%61ck", "Jac%6B", "%4Aack &lt;", "&lt; Jac%6B"] {
        assert!(is_found(whole.to_owned()), "{whole}");
    }
}

#[test]
fn a_nickname_that_begins_with_one_letter_is_found_without_what_follows_it() {
    for (nick_name, forms) in [
        ("A 张三丰", ["A 张三丰", "a张三丰", "Ａ张三丰", "a_张三丰"]),
        ("A🌊张三丰", ["A🌊张三丰", "a张三丰", "Ａ张三丰", "a?张三丰"]),
        ("Ab张三", ["Ab张三", "aB张三", "AB张三", "Ａｂ张三"]),
    ] {
        let guard = knowing(nick_name, None);
        for form in forms {
            assert!(guard.check(&in_data(text(format!("-{form}-"))), &[]).is_err(), "{form}");
        }
    }
}

#[test]
fn an_avatars_address_of_few_characters_is_no_part_of_a_word() {
    for (avatar, found) in [("https://a.cn/bc", false), ("https://a.cn/bcd", true), ("https://a.cn/bcde", true)] {
        let guard = knowing(NICK_NAME, Some(avatar));
        assert!(guard.check(&in_data(text(avatar)), &[]).is_err(), "{avatar}");
        assert_eq!(guard.check(&in_data(text(format!("x{avatar}"))), &[]).is_err(), found, "x{avatar}");
    }
}

#[test]
fn a_text_with_zero_bytes_is_searched_as_utf_16() {
    let zeros = |plain: &str| plain.chars().flat_map(|letter| [letter, '\0']).collect::<String>();
    let guard = knowing("Tom🌊Lee", None);
    // A replaced emoji may have 16 bytes.
    for sent in ["TomLee", "Tom Lee", "tomlee", "Tom:!?!?!?!?!?!?!?:Lee"] {
        let sent = zeros(sent);
        let refusal = guard.check(&in_data(text(sent.clone())), &[]).expect_err(&sent);
        assert_eq!(refusal.encoding(), "utf-16", "{sent}");
        assert!(guard.could_hold(sent.as_bytes()), "{sent}");
    }
    assert!(guard.check(&in_data(text(zeros("Tomas Lee"))), &[]).is_ok());
    let many = knowing("ab🌊cd🌊ef🌊gh🌊ij🌊kl", None);
    let far = ["ab", "cd", "ef", "gh", "ij", "kl"].join(":!?!?!?!?!?!?!?:");
    assert!(many.check(&in_data(text(zeros(&far))), &[]).is_err());
    // In UTF-16 this is `aaabacadaeaf`.
    let guard = knowing("慡慢慣慤慥慦", None);
    let letters = "aaabacadaeaf";
    assert!(guard.check(&in_data(Value::Bytes(letters.into())), &[]).is_err());
    assert!(guard.check(&in_data(text(letters)), &[]).is_ok());
}

#[test]
fn the_quick_test_passes_harmless_data_but_nothing_too_large() {
    let joined = |fields: &[&str]| fields.join("\x7f").into_bytes();
    assert!(!guard().could_hold(&joined(&["4", "2", "id", "0", "note", "1", "请放在门口 100% 谢谢+ZGVsaXZlcnk="])));
    assert!(!guard().could_hold(&joined(&["4", "1", "receiver", "1", "张伟", "note", "1", "good night"])));
    assert!(guard().could_hold(&joined(&["4", "1", "nickName", "1", "张伟"])));
    let far = "-".repeat(200);
    assert!(guard().could_hold(&joined(&["4", "1", "昵称", "2", "a", "1", &far, "b", "1", "张伟"])));
    assert!(guard().could_hold(&joined(&["4", "1", "nickName", "2", "a", "1", &far, "b", "1", "张伟"])));
    assert!(guard().could_hold(&vec![b'!'; MAXIMUM_BYTES + 1]));
    assert!(!guard().could_hold(&vec![b'!'; MAXIMUM_BYTES]));
}

#[test]
fn what_the_user_typed_is_exempt_by_declaration_and_recorded() {
    let order = in_data(fields([("receiver", text(NICK_NAME))]));
    let typed = ["data.receiver".to_owned()];
    assert_eq!(guard().check(&order, &typed), Ok(typed.to_vec()));
    assert!(guard().check(&order, &["data.other".to_owned()]).is_err());
    let twice = in_data(fields([("receiver", text(NICK_NAME)), ("by", text(NICK_NAME))]));
    let both = ["data.receiver".to_owned(), "data.by".to_owned()];
    assert_eq!(guard().check(&twice, &both), Ok(both.to_vec()));
    let avatar = in_data(fields([("receiver", text(AVATAR))]));
    assert!(guard().check(&avatar, &typed).is_err(), "nobody types an avatar's address");
}

#[test]
fn a_persons_name_beside_what_people_write_is_taken_for_typed_and_a_fields_name_is_not() {
    let check = |person: Value| guard().check(&in_data(fields([("contact", person), ("mobile", text("139"))])), &[]);
    assert_eq!(check(fields([("name", text(NICK_NAME))])), Ok(vec!["data.contact.name".to_owned()]));
    assert_eq!(check(fields([(NICK_NAME, text("x"))])).unwrap_err().place, "data.contact.*");
    assert_eq!(check(fields([("nickName", text(NICK_NAME))])).unwrap_err().place, "data.contact.nickName");
    assert_eq!(check(fields([("name", text(AVATAR))])).unwrap_err().place, "data.contact.name");
    for other in [fields([("contact", text(NICK_NAME))]), fields([("user", text(NICK_NAME)), ("mobile", text("139"))])]
    {
        assert!(guard().check(&in_data(other), &[]).is_err());
    }
}

#[test]
fn the_display_object_itself_is_refused_even_before_anything_is_known() {
    let refusal =
        Guard::default().check(&in_data(fields([("user", text(crate::display::REDACTION))])), &[]).unwrap_err();
    assert_eq!((refusal.place.as_str(), refusal.reason), ("data.user", Reason::DisplayObject));
    for length in 0..crate::display::REDACTION.len() {
        let part = text(&crate::display::REDACTION[..length]);
        assert_eq!(Guard::default().check(&in_data(part), &[]), Ok(vec![]), "a part of it is not refused");
    }
}

#[test]
fn an_ordinary_order_passes() {
    let order = in_data(fields([
        ("items", Value::List(vec![fields([("sku", text("T-0042")), ("count", Value::Other)])])),
        ("note", text("请放在门口 100% 谢谢+ZGVsaXZlcnkgbm90ZQ==")),
        ("token", text("dGhpcyBpcyBhIHRva2VuIG9mIG5vYm9keQ")),
    ]));
    assert_eq!(guard().check(&order, &[]), Ok(vec![]));
}

#[test]
fn a_refusal_names_place_and_encoding_and_never_the_value() {
    let refusal = guard().check(&in_data(text(percent(NICK_NAME))), &[]).unwrap_err();
    let message = refusal.to_string();
    assert_eq!(message, "data holds the nickname (encoded: percent)");
    let bound = format!(" {} MB ", MAXIMUM_BYTES / 1024 / 1024);
    assert!(Reason::TooMuchToSearch.as_str().contains(&bound), "{bound}");
}

#[test]
fn a_request_is_refused_for_its_size_alone() {
    let outcome = |text: String| guard().check(&in_data(Value::Text(text)), &[]).map_err(|refusal| refusal.reason);
    assert_eq!(outcome("!".repeat(MAXIMUM_BYTES + 1)), Err(Reason::TooMuchToSearch));
    assert_eq!(outcome("!".repeat(MAXIMUM_BYTES - 100)), Ok(vec![]));
    let nothing_known = Guard::default().check(&in_data(Value::Text("!".repeat(MAXIMUM_BYTES + 1))), &[]);
    assert_eq!(nothing_known, Ok(vec![]));
}

/// No path shows the nickname or the avatar, in any name or declared field.
#[test]
fn no_place_shows_a_value() {
    let known = |nick_name: &str| knowing(nick_name, Some(AVATAR));
    let encoded = |nick_name: &str| [percent(nick_name), STANDARD.encode(nick_name), nick_name.to_owned()];
    for nick_name in [NICK_NAME, "张伟", "Bo", "Jack", "moon", "test", "1314", "Tom Lee"] {
        for shown in encoded(nick_name) {
            for name in [shown.clone(), format!("x_{shown}"), format!("{shown}s"), nick_name.to_uppercase()] {
                let below = |value| fields([("by", fields([(name.as_str(), fields([("pic", value)]))]))]);
                let refusal = known(nick_name).check(&in_data(below(text(AVATAR))), &[]).unwrap_err();
                assert!(refusal.place == "data.by.*" || refusal.place == "data.by.*.pic", "{refusal}");
                let typed = [format!("data.by.{name}.pic")];
                let used = known(nick_name).check(&in_data(below(text("nobody"))), &typed);
                assert!(used.is_err() || used == Ok(vec![]), "{used:?}");
                let headers = fields([(name.as_str(), text(AVATAR))]);
                let refusal = known(nick_name).check(&Outgoing { headers, ..Outgoing::default() }, &[]).unwrap_err();
                assert_eq!(refusal.place, "headers.*");
            }
        }
    }
}

/// The server's host says nothing about the user; if it is not written plainly, it is searched too.
#[test]
fn a_nickname_may_be_a_part_of_the_servers_name() {
    let check = |url: &str| knowing("Moonlight", None).check(&Outgoing { url: url.into(), ..Outgoing::default() }, &[]);
    for scheme in ["https", "http", "wss", "ws"] {
        for rest in ["Moonlight-shop.example:8443/list", "Moonlight", "Moonlight?page=1", "Moonlight#top"] {
            assert_eq!(check(&format!("{scheme}://{rest}")), Ok(vec![]), "{scheme}://{rest}");
        }
    }
    for url in ["https://Moonlight/?by=Moonlight", "https://Moonlight@a.example/", "//Moonlight/", "Moonlight"] {
        assert_eq!(check(url).unwrap_err().place, "url", "{url}");
    }
}

#[test]
fn the_arguments_of_other_calls_are_searched_under_their_name() {
    let check = |passed: Value| guard().check_call("setClipboard", &passed).map_err(|refusal| refusal.place);
    assert_eq!(check(fields([("text", text("order 12"))])), Ok(()));
    assert_eq!(check(fields([("text", text(NICK_NAME))])), Err("setClipboard.text".to_owned()));
    assert_eq!(check(fields([("url", text(AVATAR))])), Err("setClipboard.url".to_owned()));
}

/// Returns bytes like a picture's.
fn noise(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// Returns the usual encodings of bytes in a body.
fn written(bytes: &[u8]) -> Vec<Value> {
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let base64 = STANDARD.encode(bytes);
    let lines: Vec<&str> = (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
    let each = [lines.join("\n"), lines.join("\\n"), hexadecimal, format!("[{}]", numbers.join(","))];
    each.into_iter().chain([base64]).map(Value::Text).chain([Value::Bytes(bytes.to_vec())]).collect()
}

/// A blob, a hash or a picture in a field where short nicknames count, alone or one of many.
#[test]
fn no_nickname_matches_noise_by_chance() {
    let guards =
        ["L", "Bo", "晴", "Bob", "B🌊b", "张伟", "Moon"].map(|nick_name| (nick_name, knowing(nick_name, None)));
    let lengths = [vec![20_000], vec![1000; 10], vec![200; 40], vec![48; 50], vec![16; 50]];
    for (seed, length) in (0_u32..).zip(lengths.concat()) {
        let all = written(&noise(seed, length));
        for value in all.iter().cloned().chain([Value::List(all.clone())]) {
            let body = in_data(fields([("avatar", value)]));
            for (nick_name, guard) in &guards {
                assert_eq!(guard.check(&body, &[]), Ok(vec![]), "{nick_name} in {length} bytes, seed {seed}");
            }
        }
    }
}

/// The shorter a value is, and the more is searched, the more text must surround it.
#[test]
fn a_nickname_in_bytes_counts_where_text_is_around_it() {
    let is_found = |size: usize, before: &str, nick_name: &str, after: &str| {
        let value = [before, nick_name, after].concat();
        // What else is searched: a URL and a name.
        let rest = size - "https://api.shop.example/save".len() - "avatar".len() - value.len();
        let bytes = [&[1; 100], value.as_bytes(), &vec![1; rest - 100]].concat();
        knowing(nick_name, None).check(&in_data(fields([("avatar", Value::Bytes(bytes))])), &[]).is_err()
    };
    for (size, before, nick_name, after, expected) in [
        // 28 bits of the value; 20 for the first byte searched, and one per doubling.
        (255, "", "Moon", "", true),
        (511, "", "Moon", "", true),
        (512, "", "Moon", "", false),
        (1 << 17, "", "B🌊b", "", true),
        (1 << 17, "", "Moonbeam", "", true),
        // Two and a half bits for a character of text.
        (512, "\"", "Moon", "", true),
        (512, "", "Moon", "\"", true),
        (512, "…", "Moon", "", true),
        (512, "张", "Moon", "", true),
        (512, "", "Moon", "张", true),
        (512, "", "Moon", "\r\n~", true),
        (512, "09 az=", "Moon", "", true),
        (512, "/AZ+", "Moon", "-\t=\r\n_az09", false),
        (512, " \u{1}", "Moon", "\u{7f} ", false),
        (512, "!é", "Moon", "é!", false),
        (512, "", "Moon", "", false),
        (16_383, "\"", "Moon", "\"", true),
        (16_384, "\"", "Moon", "\"", false),
        (1 << 17, "\"nickName\":\"", "Moon", "\",", true),
        (1 << 17, "\"nickName\":\"", "Bo", "\",\"avatar\":\"", true),
        (1 << 17, "\"nickName\":\"", "Bo", "", false),
        // Of 24 characters on either side.
        (512, " ", "Moon", "=======================!", true),
        (512, "", "Moon", "========================!", false),
    ] {
        let found = is_found(size, before, nick_name, after);
        assert_eq!(found, expected, "{nick_name} in {size} bytes between {before:?} and {after:?}");
    }
}

/// An end of a text is evidence; for decoded text, only in a short one.
#[test]
fn a_short_nickname_that_is_a_whole_text_counts() {
    let is_found = |sent: Value| knowing("Bo", None).check(&in_data(fields([("nickName", sent)])), &[]).is_err();
    let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    let base64 = |plain: &str| STANDARD.encode(plain);
    for found in ["Bo".to_owned(), base64("Bo"), base64(&base64("Bo")), "426f".into(), "[66,111,33]".into()] {
        assert!(is_found(text(found.clone())), "{found}");
        assert!(is_found(text(format!("{{\"n\":\"{found}\"}}"))), "{found} in JSON");
    }
    assert!(is_found(bytes(b"Bo")));
    let emoji = knowing("😀", None).check(&in_data(fields([("nickName", text("240,159,152,128,32"))])), &[]);
    assert!(emoji.is_err(), "an emoji has four bytes");
    let behind = |distance: usize| {
        let sent = text(["\u{1}".repeat(distance), base64("Bob")].concat());
        knowing("Bob", None).check(&in_data(fields([("nickName", sent)])), &[]).is_err()
    };
    assert!(behind(251) && !behind(252), "at the end of a longer text");
}

/// Without its emoji nothing is left, and nothing must not match everywhere.
#[test]
fn a_nickname_of_emoji_alone_is_found_as_it_is_and_nowhere_else() {
    let guard = knowing("🌊🌊🌊🌊", None);
    let is_found =
        |bytes: &[u8]| guard.check(&in_data(fields([("avatar", Value::Bytes(bytes.to_vec()))])), &[]).is_err();
    assert!(is_found("a🌊🌊🌊🌊b".as_bytes()));
    let begun = &"🌊".as_bytes()[..2];
    for other in ["".as_bytes(), b"!", begun, &[begun, b"!"].concat(), "🌊🌊🌊".as_bytes()] {
        assert!(!is_found(other), "{other:?}");
    }
}

#[test]
fn no_nickname_is_missed_because_it_is_valid_base64() {
    // Without its emoji, this is one character, and `file` is base64 of `~)^`.
    let guard = knowing("🌀🌀)🌀", None);
    let refusal = guard.check(&in_data(fields([("file", text("🌀🌀)🌀"))])), &[]).unwrap_err();
    assert_eq!(refusal.place, "data.file");
}
