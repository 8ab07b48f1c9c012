use super::*;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};

const NICK_NAME: &str = "爱喝茶的小张😀";
const AVATAR: &str = "https://avatars.shop.example/zhang.png";

fn guard() -> Guard {
    let mut guard = Guard::default();
    guard.remember(&DisplayInfo::new(Some(NICK_NAME.into()), Some(AVATAR.into())), |_, _| vec![]);
    guard.remember(&DisplayInfo::new(Some("张伟".into()), None), |_, _| vec![]);
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
    assert_eq!(place(fields([(NICK_NAME, Value::Other)])), "data.*", "the place does not hold what was found");
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
}

#[test]
fn a_short_nickname_counts_only_under_a_name_of_display() {
    let allowed = |data| guard().check(&in_data(data), &[]).is_ok();
    assert!(allowed(fields([("receiver", text("张伟"))])));
    assert!(allowed(text("收件人：张伟")));
    assert!(!allowed(fields([("nickName", text("张伟"))])));
    assert!(!allowed(fields([("userInfo", fields([("name", text("张伟"))]))])));
    assert!(!allowed(text(r#"{"nick_name":"张伟"}"#)));
    assert!(!allowed(text(STANDARD.encode(r#"{"avatar":"","nickName":"张伟"}"#))));
}

#[test]
fn what_the_user_typed_is_exempt_by_declaration_and_recorded() {
    let order = in_data(fields([("receiver", text(NICK_NAME))]));
    let typed = ["data.receiver".to_owned()];
    assert_eq!(guard().check(&order, &typed), Ok(typed.to_vec()));
    assert!(guard().check(&order, &["data.other".to_owned()]).is_err());
    let avatar = in_data(fields([("receiver", text(AVATAR))]));
    assert!(guard().check(&avatar, &typed).is_err(), "nobody types an avatar's address");
}

#[test]
fn the_display_object_itself_is_refused_even_before_anything_is_known() {
    let refusal =
        Guard::default().check(&in_data(fields([("user", text(crate::display::REDACTION))])), &[]).unwrap_err();
    assert_eq!((refusal.place.as_str(), refusal.reason), ("data.user", Reason::DisplayObject));
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
fn a_refusal_says_where_and_how_and_never_what() {
    let refusal = guard().check(&in_data(text(percent(NICK_NAME))), &[]).unwrap_err();
    let message = refusal.to_string();
    assert_eq!(message, "data holds the nickname (encoded: percent)");
}

#[test]
fn what_is_refused_for_its_size_is_refused_for_nothing_else() {
    let outcome = |text: String| guard().check(&in_data(Value::Text(text)), &[]).map_err(|refusal| refusal.reason);
    assert_eq!(outcome("!".repeat(MAXIMUM_BYTES + 1)), Err(Reason::TooMuchToSearch));
    assert_eq!(outcome("!".repeat(MAXIMUM_BYTES - 100)), Ok(vec![]));
    let nothing_known = Guard::default().check(&in_data(Value::Text("!".repeat(MAXIMUM_BYTES + 1))), &[]);
    assert_eq!(nothing_known, Ok(vec![]));
}

/// Every name on the way to a value, and every declared place, shows neither nickname nor avatar.
#[test]
fn no_place_shows_a_value() {
    let known = |nick_name: &str| {
        let mut guard = Guard::default();
        guard.remember(&DisplayInfo::new(Some(nick_name.into()), Some(AVATAR.into())), |_, _| vec![]);
        guard
    };
    let encoded = |nick_name: &str| [percent(nick_name), STANDARD.encode(nick_name), nick_name.to_owned()];
    for nick_name in [NICK_NAME, "张伟", "Jack", "moon", "test", "1314", "Tom Lee"] {
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

/// In so many bytes, a short value stands somewhere by chance. It counts where text is around it.
#[test]
fn a_picture_holds_no_nickname_by_chance() {
    let noise = |seed: u32| -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..100_000).map(|_| next()).collect()
    };
    for nick_name in ["晴", "Bob", "Moon"] {
        let mut guard = Guard::default();
        guard.remember(&DisplayInfo::new(Some(nick_name.into()), None), |_, _| vec![]);
        let outcome =
            |data: Value| guard.check(&in_data(fields([("avatar", data)])), &[]).map_err(|error| error.reason);
        for between in ["", "\u{1}", " to be, or not to be "] {
            let mut bytes = noise(7);
            if !between.is_empty() {
                bytes.extend([between, nick_name, between].concat().bytes());
            }
            bytes.extend(noise(8));
            let expected = if between.len() > 1 { Err(Reason::NickName) } else { Ok(vec![]) };
            assert_eq!(outcome(text(STANDARD.encode(&bytes))), expected, "{nick_name} in base64");
            assert_eq!(outcome(Value::Bytes(bytes)), expected, "{nick_name}");
        }
        // Base64 itself has three letters between two of its signs.
        let [before, after] = [7, 8].map(|seed| STANDARD_NO_PAD.encode(noise(seed)));
        for (between, expected) in [("+", Ok(vec![])), ("/", Ok(vec![])), (" ", Err(Reason::NickName))] {
            if nick_name.is_ascii() {
                let body = [before.as_str(), between, nick_name, between, after.as_str()].concat();
                assert_eq!(outcome(text(body)), expected, "{nick_name} between two of {between:?}");
            }
        }
    }
}

#[test]
fn no_name_is_hidden_for_what_it_would_be_in_base64() {
    let mut guard = Guard::default();
    // Without its emoji, this is one sign, and `file` is base64 of `~)^`.
    guard.remember(&DisplayInfo::new(Some("🌀🌀)🌀".into()), None), |_, _| vec![]);
    let refusal = guard.check(&in_data(fields([("file", text("🌀🌀)🌀"))])), &[]).unwrap_err();
    assert_eq!(refusal.place, "data.file");
}
