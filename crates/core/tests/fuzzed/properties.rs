//! Properties that hold for any input. The fuzzer runs them, and the tests run them again on the fuzzer's corpus.

#[path = "../guard/encodings.rs"]
mod encodings;

use encodings::ENCODERS;
use miniauth_core::{
    display::DisplayInfo,
    guard::{Guard, Outgoing, Reason, Value},
    platform::UserInfoAnswer,
    session,
    wire::AuthRequest,
};

/// Nicknames of every kind. From the fifth on, they count only in a field with a name like `nickName`. From the sixth on, and if
/// they consist of ASCII letters, they count only as whole words.
const NICK_NAMES: [&str; 8] = ["爱喝茶的小张", "Lily", "Tom Lee 😀", r#"A"}{"x\%41&amp;"#, "张伟", "Bob", "test", "a"];
const TELLING: usize = 4;
const NOT_ONLY_WORDS: usize = 5;

fn knowing(nick_name: &str) -> Guard {
    let mut guard = Guard::default();
    let avatar = "https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH";
    guard.remember(&DisplayInfo::new(Some(nick_name.to_owned()), Some(avatar.to_owned())), |_, _| Vec::new());
    guard
}

fn request(data: Value) -> Outgoing {
    Outgoing { url: "https://api.shop.example/".to_owned(), headers: Value::Other, data }
}

/// The guard accepts any bytes. Its quick test never misses what its search finds (except where the search cuts a text and so
/// finds the end of a word). A value between any two texts is found, encoded by any two encoders.
pub(crate) fn guard_search(input: &[u8]) {
    let [who, inner, outer, cut, masks @ ..] = input else { return };
    let Some((masks, text)) = masks.split_first_chunk::<16>() else { return };
    let who = usize::from(*who) % NICK_NAMES.len();
    let guard = knowing(NICK_NAMES[who]);
    let _ = guard.check(&request(Value::Bytes(text.to_vec())), &[]);
    let text = String::from_utf8_lossy(text);

    let fields = Value::Fields(vec![("note".to_owned(), Value::Text(text.to_string()))]);
    if guard.check(&request(fields), &[]).is_err() && who < NOT_ONLY_WORDS {
        let joined = format!("4\x7f1\x7fnote\x7f1\x7f{text}");
        assert!(guard.could_hold(text.as_bytes()), "the first look overlooks a text");
        assert!(guard.could_hold(joined.as_bytes()), "the first look overlooks joined texts");
    }

    if who < TELLING {
        let mask = |half: &[u8]| half.iter().fold(0, |mask, byte| mask << 8 | u64::from(*byte));
        let (inner, outer) =
            (ENCODERS[usize::from(*inner) % ENCODERS.len()], ENCODERS[usize::from(*outer) % ENCODERS.len()]);
        if inner.makes_bytes() && !outer.takes_bytes() {
            return;
        }
        let at = (0..=usize::from(*cut).min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        // Directly between ASCII letters, the nickname would be part of a word.
        let planted = [&text[..at], " ", NICK_NAMES[who], " ", &text[at..]].concat();
        let sent = outer.encode(&inner.encode(planted.as_bytes(), mask(&masks[..8])), mask(&masks[8..]));
        let value = String::from_utf8(sent).map_or_else(|bytes| Value::Bytes(bytes.into_bytes()), Value::Text);
        // UTF-16 that happens to be valid UTF-8 is still sent as bytes.
        let value = match value {
            Value::Text(text) if outer.makes_bytes() => Value::Bytes(text.into_bytes()),
            value => value,
        };
        let refusal = guard.check(&request(value), &[]).expect_err("it holds the nickname");
        assert_ne!(refusal.reason, Reason::TooMuchToSearch, "{refusal}");
        assert_eq!(refusal.place, "data");
        assert!(refusal.encodings.len() <= 6, "{refusal}");
    }
}

/// Answers of the platform, requests of the client and stored sessions are either parsed or refused, and what was parsed can be
/// written and parsed again.
pub(crate) fn answers(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Some((token, expires_at)) = session::from_text(&text) {
        let again = session::from_text(&session::to_text(&token, expires_at));
        assert!(again.is_some_and(|(_, at)| at == expires_at), "what was read can be written");
    }
    let mut parts = text.split('\n').map(str::to_owned);
    let answer = UserInfoAnswer { code: parts.next(), nick_name: parts.next(), avatar: parts.next() };
    if let Ok(info) = answer.read() {
        let mut guard = Guard::default();
        guard.remember(&info, |_, _| Vec::new());
        let leak = info.render(|shown| shown.avatar.or(shown.nick_name).map(str::to_owned));
        let _ = guard.check(&request(leak.map_or(Value::Other, Value::Text)), &[]);
    }
    for request in [AuthRequest::from_json(input), AuthRequest::from_form(input)].into_iter().flatten() {
        let json = serde_json::to_vec(&request).expect("a request is JSON");
        assert_eq!(AuthRequest::from_json(&json).ok(), Some(request));
    }
}
