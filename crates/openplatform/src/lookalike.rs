//! Recognises texts that people try to verify although they are not an answer of the gateway, or not the original one.

use crate::{
    charset::Charset,
    envelope::{is_node, members},
    keys::{PublicKey, SignType},
};
use std::fmt;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The nature of a text that is not an answer to the call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookalike {
    /// Nothing at all.
    Empty,
    /// A page of HTML.
    Html,
    /// An answer behind a byte order mark.
    ByteOrderMark,
    /// A form: an asynchronous notification, or a message of the platform.
    Form,
    /// The node of an answer, without its name and the signature.
    Node,
    /// An answer to the call of this other method.
    OtherMethod(String),
    /// An answer that a page gets and passes on to the app's server, such as that of `my.getPhoneNumber`.
    PagesAnswer {
        /// Whether it is signed with the given key.
        verified: bool,
    },
}

impl Lookalike {
    /// Examines a text that cannot be parsed as an answer.
    pub fn find(body: &[u8], charset: Charset, key: &PublicKey, sign_type: SignType) -> Option<Self> {
        let trimmed = body.trim_ascii();
        if trimmed.is_empty() {
            return Some(Self::Empty);
        }
        if body.starts_with(BYTE_ORDER_MARK) {
            return Some(Self::ByteOrderMark);
        }
        if trimmed.starts_with(b"<") {
            return Some(Self::Html);
        }
        if !trimmed.starts_with(b"{") {
            let mut names = trimmed.split(|&byte| byte == b'&').map(|pair| pair.split(|&byte| byte == b'=').next());
            return names.any(|name| name == Some(b"sign")).then_some(Self::Form);
        }
        let members = members(body, charset).ok()?;
        let text = |name: &str| {
            let value = charset.decode(&body[members.get(name)?.clone()])?;
            serde_json::from_str::<String>(&value).ok()
        };
        if let Some(range) = members.get("response") {
            let verified = text("sign").is_some_and(|sign| {
                // The quotation marks of an encrypted text are signed too.
                key.verify_as(sign_type, &body[range.clone()], &sign).is_ok()
            });
            return Some(Self::PagesAnswer { verified });
        }
        let mut names = members.keys();
        match names.clone().find_map(|name| is_node(name).then(|| method_of(name))) {
            Some(method) => method.map(Self::OtherMethod),
            None => names.all(|name| name != "sign").then_some(Self::Node),
        }
    }

    /// Returns the text after a byte order mark, if there is one.
    pub fn without_byte_order_mark(body: &[u8]) -> &[u8] {
        body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
    }
}

/// Returns the method with that node; `None` if the name is not a method's, because it could contain anything.
fn method_of(node: &str) -> Option<String> {
    let name = node.strip_suffix("_response")?;
    let is_plain =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (name.starts_with("alipay_") && name.len() <= 128 && is_plain(name)).then(|| name.replace('_', "."))
}

impl fmt::Display for Lookalike {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("it is empty: give the body of the answer"),
            Self::Html => formatter.write_str(
                "it is a page of HTML: a proxy or another server answered in the gateway's place, or the address is wrong",
            ),
            Self::ByteOrderMark => formatter.write_str(
                "it begins with a byte order mark (BOM), which an editor or a shell added: save it \
                 without"
            ),
            Self::Form => formatter.write_str(
                "it is a form, as the platform posts to an app: an asynchronous notification, which is signed over its sorted \
                 parameters and is not an answer"
            ),
            Self::Node => formatter.write_str(
                "it is the node alone, without its name and its sign: give the whole original body; an SDK that \
                 extracted it has lost what is to be verified"
            ),
            Self::OtherMethod(method) => {
                write!(formatter, "it answers another method: give --method {method}, or find the right answer")
            }
            Self::PagesAnswer { verified } => {
                formatter.write_str(
                    "it is the platform's answer to a page, for the app's server (response, sign, encrypt_type), as of \
                     my.getPhoneNumber, not an answer of the gateway; "
                )?;
                formatter.write_str(if *verified {
                    "it is signed with this key: decrypt response on the server with the app's AES key (接口内容加密方式)"
                } else {
                    "it is not signed with this key over the bytes of response, quotation marks and all"
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::PrivateKey;

    #[test]
    fn texts_that_are_no_answers_are_recognised() {
        let key = PrivateKey::generate().unwrap();
        let find = |body: &str| Lookalike::find(body.as_bytes(), Charset::Utf8, key.public_key(), SignType::Rsa2);
        for (body, expected) in [
            (" \r\n", Some(Lookalike::Empty)),
            ("\n<!doctype html><h1>504</h1>", Some(Lookalike::Html)),
            ("\u{feff}{}", Some(Lookalike::ByteOrderMark)),
            ("notify_id=1&sign=x&sign_type=RSA2", Some(Lookalike::Form)),
            ("the answer", None),
            (r#"{"code":"10000","nick_name":"a"}"#, Some(Lookalike::Node)),
            (
                r#"{"alipay_trade_query_response":{},"sign":"x"}"#,
                Some(Lookalike::OtherMethod("alipay.trade.query".to_owned())),
            ),
            (r#"{"alipay_\u001b[2J_response":{},"sign":"x"}"#, None),
            (r#"{"shop_trade_query_response":{},"sign":"x"}"#, None),
            (r#"{"sign":"x"}"#, None),
            (r#"{"response":"YWJj","sign":"x"}"#, Some(Lookalike::PagesAnswer { verified: false })),
            (r#"{"alipay_"#, None),
        ] {
            assert_eq!(find(body), expected, "{body}");
        }
        assert_eq!(Lookalike::without_byte_order_mark("\u{feff}{}".as_bytes()), b"{}");
        assert_eq!(Lookalike::without_byte_order_mark(b"{}"), b"{}");
        assert!(Lookalike::OtherMethod("alipay.trade.query".to_owned()).to_string().contains("alipay.trade.query"));
        let sign = key.sign(br#""YWJj""#).unwrap();
        let signed = format!(r#"{{"response": "YWJj" ,"sign":"{sign}","encrypt_type":"AES"}}"#);
        assert_eq!(find(&signed), Some(Lookalike::PagesAnswer { verified: true }));
    }
}
