//! Why a signature does not verify: what can be found out by trying.

use crate::{
    charset::Charset,
    envelope::Envelope,
    keys::{PublicKey, SignType},
};
use std::{borrow::Cow, fmt};

/// A likely cause of a signature that does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MismatchCause {
    /// It verifies over the node in this other character set.
    OtherCharset(Charset),
    /// It verifies as a signature of this other kind.
    OtherSignType(SignType),
    /// It verifies once every `/` is written `\/`: the body was decoded and encoded again on its way.
    SlashesUnescaped,
    /// It verifies once every `\/` is written `/`.
    SlashesEscaped,
    /// The given key is the app's own.
    OwnKey,
}

impl fmt::Display for MismatchCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherCharset(charset) => write!(
                formatter,
                "another charset: the signature is right over the node in {charset}; verify the bytes as they came, with \
                 the charset of the request"
            ),
            Self::OtherSignType(sign_type) => {
                write!(formatter, "another sign type: the signature is right as {}", sign_type.as_str())
            }
            Self::SlashesUnescaped => formatter.write_str(
                "unescaped slashes: the signature is right once each / is written \\/; the body was parsed and written \
                 again, verify it as it came",
            ),
            Self::SlashesEscaped => formatter.write_str(
                "escaped slashes: the signature is right once each \\/ is written /; the body was parsed and written \
                 again, verify it as it came",
            ),
            Self::OwnKey => formatter.write_str(
                "the app's own key: the public key is the app's (应用公钥); use the platform's (支付宝公钥) from the \
                 console, which it shows once the app's key is uploaded",
            ),
        }
    }
}

/// Looks for what would explain why an answer's signature does not verify. `own_key` is the app's public key, if known.
///
/// It also explains a body that is not of `charset` at all. No cause found proves nothing: the key may be another
/// app's, or the bytes may have changed.
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
    // The body may be of the other character set throughout, or may have been converted from it.
    for read_as in [charset, charset.other()] {
        let Ok(Envelope { node, signature: Some(signature), .. }) = Envelope::open(body, method, read_as) else {
            continue;
        };
        let Some(text) = read_as.decode(node) else { continue };
        for signed_as in [charset, charset.other()] {
            for (slashes, text) in rewritten(&text) {
                let Ok(bytes) = signed_as.encode(&text) else { continue };
                for kind in [sign_type, sign_type.other()] {
                    if key.verify_as(kind, &bytes, &signature).is_ok() {
                        let other_charset = (signed_as != charset).then_some(MismatchCause::OtherCharset(signed_as));
                        let other_kind = (kind != sign_type).then_some(MismatchCause::OtherSignType(kind));
                        return [other_charset, slashes, other_kind].into_iter().flatten().collect();
                    }
                }
            }
        }
    }
    Vec::new()
}

fn rewritten(text: &str) -> [(Option<MismatchCause>, Cow<'_, str>); 3] {
    let unescaped = text.replace(r"\/", "/");
    let escaped = unescaped.replace('/', r"\/");
    [
        (None, text.into()),
        (Some(MismatchCause::SlashesUnescaped), escaped.into()),
        (Some(MismatchCause::SlashesEscaped), unescaped.into()),
    ]
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
    fn a_body_of_the_other_character_set_is_told() {
        let gbk = Charset::Gbk.encode(NODE).unwrap();
        let converted = body(NODE, Charset::Utf8, &gbk);
        assert_eq!(causes(&converted, Charset::Utf8), [MismatchCause::OtherCharset(Charset::Gbk)]);
        let as_it_came = body(NODE, Charset::Gbk, &gbk);
        assert_eq!(causes(&as_it_came, Charset::Utf8), [MismatchCause::OtherCharset(Charset::Gbk)]);
    }

    #[test]
    fn slashes_that_were_rewritten_are_told() {
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
    fn the_apps_own_key_is_told() {
        let body = body(NODE, Charset::Utf8, b"something else");
        let key = KEY.public_key();
        let causes = |own| mismatch_causes(&body, USER_INFO_SHARE, key, Charset::Utf8, SignType::Rsa2, own);
        assert_eq!(causes(Some(key)), [MismatchCause::OwnKey]);
        assert_eq!(causes(None), []);
    }
}
