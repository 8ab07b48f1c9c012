//! Finds out why a signature does not verify, by trying the likely causes.

use crate::{
    charset::Charset,
    envelope::Envelope,
    keys::{PublicKey, SignType},
    rewriting::{compact, escaped, unescaped},
};
use percent_encoding::percent_decode_str;
use std::{borrow::Cow, fmt};

/// A likely cause of a signature that does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MismatchCause {
    /// It verifies over the node in this other character set.
    OtherCharset(Charset),
    /// It verifies as a signature of this other type.
    OtherSignType(SignType),
    /// It verifies without the white space between the node's parts.
    WhiteSpace,
    /// It verifies if non-ASCII characters are written as themselves instead of `\u5f20`.
    CharactersEscaped,
    /// It verifies if non-ASCII characters are written as `\u5f20`.
    CharactersUnescaped,
    /// It verifies if every `/` is written `\/`.
    SlashesUnescaped,
    /// It verifies if every `\/` is written `/`.
    SlashesEscaped,
    /// It verifies over an encrypted node without its quotation marks.
    QuotationMarks,
    /// It verifies if the spaces in the signature are replaced by `+`.
    SignatureBlanks,
    /// It verifies if the signature is percent-decoded.
    SignaturePercentEncoded,
    /// The given key is the app's own.
    OwnKey,
}

impl MismatchCause {
    /// Returns whether the body was parsed and serialized again.
    pub const fn is_rewriting(self) -> bool {
        use MismatchCause::*;
        matches!(self, WhiteSpace | CharactersEscaped | CharactersUnescaped | SlashesUnescaped | SlashesEscaped)
    }
}

impl fmt::Display for MismatchCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherCharset(charset) => write!(
                formatter,
                "another charset: the signature is right over the node in {charset}; verify the original bytes with \
                 the charset of the request"
            ),
            Self::OtherSignType(SignType::Rsa) => formatter.write_str(
                "another sign type: the signature is right as RSA (SHA-1), as in old answers; verify it with \
                 --sign-type RSA"
            ),
            Self::OtherSignType(sign_type) => {
                write!(formatter, "another sign type: the signature is right as {}", sign_type.as_str())
            }
            Self::WhiteSpace => {
                formatter.write_str("white space: the signature is right if the node is compact")
            }
            Self::CharactersEscaped => formatter.write_str(
                "escaped characters: the signature is right if escapes like \\u5f20 are replaced by the characters",
            ),
            Self::CharactersUnescaped => formatter.write_str(
                "unescaped characters: the signature is right if non-ASCII characters are escaped like \\u5f20",
            ),
            Self::SlashesUnescaped => {
                formatter.write_str("unescaped slashes: the signature is right if each / is written \\/")
            }
            Self::SlashesEscaped => {
                formatter.write_str("escaped slashes: the signature is right if each \\/ is written /")
            }
            Self::QuotationMarks => formatter.write_str(
                "quotation marks: the signature is right over the encrypted text without them, but the platform signs it \
                 with them; a program between here and the platform signed this"
            ),
            Self::SignatureBlanks => formatter.write_str(
                "a wrongly decoded signature: it is right if its blanks are replaced by +; it was decoded like a form's value, \
                 which it is not in an answer"
            ),
            Self::SignaturePercentEncoded => formatter.write_str(
                "a percent-encoded signature: it is right once decoded; take it exactly as in the \
                 answer"
            ),
            Self::OwnKey => formatter.write_str(
                "the app's own key: the public key is the app's (应用公钥); use the platform's (支付宝公钥) from the \
                 console, which it shows once the app's key is uploaded",
            ),
        }
    }
}

/// Returns the likely reasons why an answer's signature does not verify. `own_key` is the app's public key, if known.
///
/// It also recognises a body that is not in `charset` at all. If it finds no cause, the key may belong to another app, or the bytes may
/// have been changed.
pub fn mismatch_causes(
    body: &[u8],
    method: &str,
    key: &PublicKey,
    charset: Charset,
    sign_type: SignType,
    own_key: Option<&PublicKey>,
) -> Vec<MismatchCause> {
    if own_key == Some(key) {
        return vec![MismatchCause::OwnKey];
    }
    // The whole body may be in the other character set, or may have been converted from it.
    for read_as in [charset, charset.other()] {
        let Ok(Envelope { node, signature: Some(signature), .. }) = Envelope::open(body, method, read_as) else {
            continue;
        };
        let Some(text) = read_as.decode(node) else { continue };
        for (causes, text) in rewritten(&text) {
            for signed_as in [charset, charset.other()] {
                let Ok(bytes) = signed_as.encode(&text) else { continue };
                for (of_signature, signature) in signatures(&signature) {
                    for kind in [sign_type, sign_type.other()] {
                        if key.verify_as(kind, &bytes, &signature).is_ok() {
                            let other_charset =
                                (signed_as != charset).then_some(MismatchCause::OtherCharset(signed_as));
                            let other_kind = (kind != sign_type).then_some(MismatchCause::OtherSignType(kind));
                            let found = other_charset.into_iter().chain(causes).chain(other_kind).chain(of_signature);
                            return found.collect();
                        }
                    }
                }
            }
        }
    }
    Vec::new()
}

/// A node as it may have been signed, and the changes since.
type Rewritten<'a> = (Vec<MismatchCause>, Cow<'a, str>);

/// A possible change, and how to undo it.
type Step = (MismatchCause, fn(&str) -> String);

/// Returns the node itself, and then with more and more changes undone.
fn rewritten(node: &str) -> Vec<Rewritten<'_>> {
    let mut all: Vec<Rewritten<'_>> = vec![(Vec::new(), node.into())];
    let mut undo = |steps: &[Step]| {
        for place in 0..all.len() {
            for (cause, step) in steps {
                let (causes, text) = &all[place];
                let undone = step(text);
                if undone != *text {
                    all.push(([causes.as_slice(), &[*cause]].concat(), undone.into()));
                }
            }
        }
    };
    undo(&[(MismatchCause::WhiteSpace, compact)]);
    undo(&[(MismatchCause::CharactersEscaped, unescaped), (MismatchCause::CharactersUnescaped, escaped)]);
    undo(&[
        (MismatchCause::SlashesUnescaped, |text| text.replace(r"\/", "/").replace('/', r"\/")),
        (MismatchCause::SlashesEscaped, |text| text.replace(r"\/", "/")),
    ]);
    undo(&[(MismatchCause::QuotationMarks, |text| {
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).to_owned()
    })]);
    all
}

/// Returns the signature itself, and as it may have been before it was decoded wrongly.
fn signatures(signature: &str) -> Vec<(Option<MismatchCause>, Cow<'_, str>)> {
    let mut all = vec![(None, signature.into())];
    if signature.contains(' ') {
        all.push((Some(MismatchCause::SignatureBlanks), signature.replace(' ', "+").into()));
    }
    if signature.contains('%') {
        let decoded = percent_decode_str(signature).decode_utf8_lossy();
        all.push((Some(MismatchCause::SignaturePercentEncoded), decoded));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        answer::{self, VerifyError},
        keys::PrivateKey,
        protocol::USER_INFO_SHARE,
    };
    use std::sync::LazyLock;

    static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

    const NODE: &str = r#"{"code":"10000","nick_name":"诚\\","avatar":"https:\/\/a.example\/1"}"#;

    fn body(node: &str, charset: Charset, signed: &[u8]) -> Vec<u8> {
        let sign = KEY.sign(signed).unwrap();
        let text = format!(r#"{{"alipay_user_info_share_response":{node},"sign":"{sign}"}}"#);
        charset.encode(&text).unwrap().into_owned()
    }

    fn causes(body: &[u8], charset: Charset) -> Vec<MismatchCause> {
        let key = KEY.public_key();
        let refused = answer::verify(body, USER_INFO_SHARE, key, charset, SignType::Rsa2).unwrap_err();
        assert!(matches!(refused, VerifyError::SignatureInvalid | VerifyError::Malformed(_)), "{refused}");
        mismatch_causes(body, USER_INFO_SHARE, key, charset, SignType::Rsa2, None)
    }

    #[test]
    fn a_body_in_the_other_character_set_is_recognised() {
        let gbk = Charset::Gbk.encode(NODE).unwrap();
        let converted = body(NODE, Charset::Utf8, &gbk);
        assert_eq!(causes(&converted, Charset::Utf8), [MismatchCause::OtherCharset(Charset::Gbk)]);
        assert!(!MismatchCause::OtherCharset(Charset::Gbk).is_rewriting());
        assert!(MismatchCause::OtherCharset(Charset::Gbk).to_string().contains("over the node in GBK"));
        let as_it_came = body(NODE, Charset::Gbk, &gbk);
        assert_eq!(causes(&as_it_came, Charset::Utf8), [MismatchCause::OtherCharset(Charset::Gbk)]);
    }

    #[test]
    fn rewritten_slashes_are_recognised() {
        let unescaped = NODE.replace(r"\/", "/");
        let parsed_again = body(&unescaped, Charset::Utf8, NODE.as_bytes());
        assert_eq!(causes(&parsed_again, Charset::Utf8), [MismatchCause::SlashesUnescaped]);
        let escaped_again = body(NODE, Charset::Utf8, unescaped.as_bytes());
        assert_eq!(causes(&escaped_again, Charset::Utf8), [MismatchCause::SlashesEscaped]);
        let both = body(&unescaped, Charset::Utf8, &Charset::Gbk.encode(NODE).unwrap());
        let expected = [MismatchCause::OtherCharset(Charset::Gbk), MismatchCause::SlashesUnescaped];
        assert_eq!(causes(&both, Charset::Utf8), expected);
    }

    #[test]
    fn reserialization_is_recognised() {
        use MismatchCause::*;
        let with_ascii = r#"{"code":"10000","nick_name":"\u8aa0\\","avatar":"https:\/\/a.example\/1"}"#;
        let pretty =
            "{\n  \"code\": \"10000\",\n  \"nick_name\": \"诚\\\\\",\n  \"avatar\": \"https://a.example/1\"\n}";
        let escaped = escaped(NODE);
        for (written, signed, expected) in [
            (pretty, NODE, vec![WhiteSpace, SlashesUnescaped]),
            (&escaped, NODE, vec![CharactersEscaped]),
            (&escaped.replace(r"\/", "/"), NODE, vec![CharactersEscaped, SlashesUnescaped]),
            (&unescaped(with_ascii), with_ascii, vec![CharactersUnescaped]),
        ] {
            let found = causes(&body(written, Charset::Utf8, signed.as_bytes()), Charset::Utf8);
            assert_eq!(found, expected, "{written}");
            assert!(found.iter().all(|cause| cause.is_rewriting()), "{written}");
        }
    }

    #[test]
    fn a_wrongly_decoded_signature_is_recognised() {
        let genuine = String::from_utf8(body(NODE, Charset::Utf8, NODE.as_bytes())).unwrap();
        let (before, sign) = genuine.split_at(genuine.find(r#""sign":""#).unwrap() + r#""sign":""#.len());
        let encoded = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        for (sign, cause) in [
            (sign.replace('+', " "), MismatchCause::SignatureBlanks),
            (encoded, MismatchCause::SignaturePercentEncoded),
        ] {
            assert_eq!(causes(format!("{before}{sign}").as_bytes(), Charset::Utf8), [cause], "{sign}");
        }
    }

    #[test]
    fn an_encrypted_node_is_signed_with_its_quotation_marks() {
        let node = r#""c29tZXRoaW5n""#;
        let without = body(node, Charset::Utf8, node.trim_matches('"').as_bytes());
        assert_eq!(causes(&without, Charset::Utf8), [MismatchCause::QuotationMarks]);
    }

    #[test]
    fn the_apps_own_key_is_recognised() {
        let body = body(NODE, Charset::Utf8, b"something else");
        let key = KEY.public_key();
        let causes = |own| mismatch_causes(&body, USER_INFO_SHARE, key, Charset::Utf8, SignType::Rsa2, own);
        assert_eq!(causes(Some(key)), [MismatchCause::OwnKey]);
        assert_eq!(causes(None), []);
    }
}
