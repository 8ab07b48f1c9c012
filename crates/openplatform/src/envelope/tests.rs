//! Answers as the platform sends them, and as an attacker might.

use super::*;
use crate::protocol::USER_INFO_SHARE;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

const NODE: &str = "alipay_user_info_share_response";

fn open(body: &str) -> Result<(String, Option<String>), EnvelopeError> {
    let envelope = Envelope::open(body.as_bytes(), USER_INFO_SHARE, Charset::Utf8)?;
    Ok((String::from_utf8(envelope.node.to_vec()).unwrap(), envelope.signature))
}

#[test]
fn the_node_is_extracted_byte_for_byte() {
    for node in [
        r#"{"code":"10000","avatar":"https:\/\/t.example\/a.png"}"#,
        r#"{ "nick_name" : "A\"}{\"sign\":\"x\\" }"#,
        r#"{"nick_name":"\",\"sign\":\"Zm9yZ2Vk\"}"}"#,
        r#"{"a":[1,-0.5e+3,{"b":[[],{}]}],"c":null,"d":true,"e":false}"#,
        r#""encrypted+base64==""#,
    ] {
        let expected = Ok((node.to_owned(), Some("c2ln".to_owned())));
        assert_eq!(open(&format!(r#"{{"{NODE}":{node},"sign":"c2ln"}}"#)), expected);
        assert_eq!(open(&format!(r#" {{ "sign" : "c2ln" , "{NODE}" : {node} }} "#)), expected, "the order is free");
        assert_eq!(
            open(&format!(r#"{{"{NODE}":{node},"alipay_cert_sn":"ab","sign":"c2ln"}}"#)),
            expected,
            "certificate mode puts a member between"
        );
    }
}

#[test]
fn both_kinds_of_node_are_known_and_a_signature_may_be_missing() {
    let envelope = Envelope::open(br#"{"error_response":{"code":"40002"}}"#, USER_INFO_SHARE, Charset::Utf8).unwrap();
    assert_eq!((envelope.kind, envelope.signature), (NodeKind::Error, None));
}

#[test]
fn ambiguous_answers_are_refused() {
    let cases = [
        (format!(r#"{{"{NODE}":{{}},"{NODE}":{{}},"sign":""}}"#), EnvelopeError::DuplicateNode),
        (format!(r#"{{"{NODE}":{{}},"sign":"a","sign":"b"}}"#), EnvelopeError::DuplicateMember),
        (format!(r#"{{"{NODE}":{{}},"sign":"a","\u0073ign":"b"}}"#), EnvelopeError::DuplicateMember),
        (format!(r#"{{"{NODE}":{{}},"error_response":{{}},"sign":"a"}}"#), EnvelopeError::DuplicateNode),
        (format!(r#"{{"{NODE}":{{}},"alipay_trade_pay_response":{{}}}}"#), EnvelopeError::ForeignNode),
        (r#"{"alipay_system_oauth_token_response":{},"sign":"a"}"#.to_owned(), EnvelopeError::ForeignNode),
        (format!(r#"{{"{NODE}":{{}},"sign":{{"a":"b"}}}}"#), EnvelopeError::SignatureNotText),
        (format!(r#"{{"{NODE}":{{}},"alipay_cert_sn":1,"sign":"a"}}"#), EnvelopeError::SerialNotText),
        (r#"{"sign":"a"}"#.to_owned(), EnvelopeError::NoNode),
        ("{}".to_owned(), EnvelopeError::NoNode),
        (format!(r#"{{"{NODE}":{{}}}}{{}}"#), not_json(1, 39)),
        (format!(r#"{{"{NODE}":{{}},"sign":"a"#), EnvelopeError::Truncated),
        (String::new(), EnvelopeError::Truncated),
        ("<html>".to_owned(), not_json(1, 1)),
        (r#"[{"sign":"a"}]"#.to_owned(), EnvelopeError::NotAnObject),
        ("{\"a\":\"line\nbreak\"}".to_owned(), not_json(1, 10)),
        (r#"{"a":01}"#.to_owned(), not_json(1, 7)),
        (r#"{"a":1,}"#.to_owned(), not_json(1, 8)),
        (r#"{"a":"\x"}"#.to_owned(), not_json(1, 8)),
        (r#"{"a":"\u12g4"}"#.to_owned(), not_json(1, 12)),
    ];
    for (body, fault) in cases {
        assert_eq!(open(&body), Err(fault), "{body}");
    }
}

fn not_json(line: usize, column: usize) -> EnvelopeError {
    EnvelopeError::NotJson { line, column }
}

#[test]
fn neither_depth_nor_width_exhausts_anything() {
    let levels = 100_000;
    let node = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(open(&format!(r#"{{"{NODE}":{node}}}"#)), Ok((node, None)));
    assert_eq!(open(&format!(r#"{{"a":{}"#, "{\"a\":".repeat(levels))), Err(EnvelopeError::Truncated));
    let wide: Vec<String> = (0..levels).map(|index| format!(r#""{index}":0"#)).collect();
    assert_eq!(open(&format!("{{{}}}", wide.join(","))), Err(EnvelopeError::NoNode));
}

#[test]
fn a_name_that_is_not_text_is_refused() {
    assert_eq!(open(r#"{"\ud800":1}"#), Err(not_json(1, 9)));
}

/// An answer in GBK whose nickname has each of the given characters.
fn in_gbk(nick_name: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let node = [br#"{"nick_name":""#, nick_name, br#"","avatar":"a"}"#].concat();
    let body = [format!(r#"{{"{NODE}":"#).as_bytes(), &node, br#","sign":"c2ln"}"#].concat();
    (node, body)
}

#[test]
fn in_gbk_the_second_byte_of_a_character_is_not_json() {
    // A character each whose second byte is a backslash, an opening and a closing brace; then an escaped quote.
    let (node, body) = in_gbk(b"\x95\x5c\x9e\x7b\x9e\x7d\\\"\x95\x5c");
    let envelope = Envelope::open(&body, USER_INFO_SHARE, Charset::Gbk).unwrap();
    assert_eq!((envelope.node, envelope.signature.as_deref()), (node.as_slice(), Some("c2ln")));
    assert_eq!(
        Envelope::open(&body, USER_INFO_SHARE, Charset::Utf8),
        Err(EnvelopeError::InvalidEncoding(Charset::Utf8))
    );
}

#[test]
fn in_gbk_half_a_character_is_no_text() {
    for broken in [&b"\x95"[..], b"\xff\x40", b"\x81\x30\x81\x30", b"\x95\x7f"] {
        let (_, body) = in_gbk(broken);
        let opened = Envelope::open(&body, USER_INFO_SHARE, Charset::Gbk);
        assert_eq!(opened, Err(EnvelopeError::InvalidEncoding(Charset::Gbk)), "{broken:x?}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![".{0,12}", Just(r#"","sign":"x"}"#.to_owned()), Just("\\\"{}[]\u{0}/".to_owned())];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(text.clone(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_found_as_it_was_written(value in json(), pretty in any::<bool>()) {
        let node = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let body = format!(r#"{{"{NODE}":{node},"sign":"c2ln"}}"#);
        prop_assert_eq!(open(&body), Ok((node, Some("c2ln".to_owned()))));
    }

    /// serde_json over the text in UTF-8 is the oracle for places in GBK.
    #[test]
    fn in_gbk_any_value_is_found_as_it_was_written(value in json()) {
        let node = serde_json::to_string(&value).unwrap();
        let body = format!(r#"{{"{NODE}":{node},"sign":"c2ln"}}"#);
        if let (Ok(node), Ok(body)) = (Charset::Gbk.encode(&node), Charset::Gbk.encode(&body)) {
            let envelope = Envelope::open(&body, USER_INFO_SHARE, Charset::Gbk).unwrap();
            prop_assert_eq!((envelope.node, envelope.signature.as_deref()), (node.as_ref(), Some("c2ln")));
        }
    }

    #[test]
    fn invalid_json_is_refused(value in json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut body = format!(r#"{{"{NODE}":{value},"sign":"c2ln"}}"#).into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        let parsed: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_slice(&body);
        match (Envelope::open(&body, USER_INFO_SHARE, Charset::Utf8), parsed) {
            (Ok(envelope), Ok(members)) => {
                let node = if envelope.kind == NodeKind::Response { NODE } else { ERROR_NODE };
                prop_assert_eq!(envelope.node, members[node].get().as_bytes());
            }
            (Ok(_), Err(fault)) => prop_assert!(false, "{fault}"),
            (Err(EnvelopeError::NotJson { .. } | EnvelopeError::Truncated), Ok(_)) => prop_assert!(false, "it is JSON"),
            (Err(_), _) => {}
        }
    }

    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        for charset in [Charset::Utf8, Charset::Gbk] {
            let _ = Envelope::open(&body, USER_INFO_SHARE, charset);
        }
    }
}
