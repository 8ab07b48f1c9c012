//! The answer of `my.getPhoneNumber`: what the page is given, verified and decrypted.
//!
//! The platform encrypts the number with the app's content key, and signs the encrypted text where the app has signing set up
//! (接口加签方式). Nothing in it names the user or the moment, so that whoever has one answer can post it again, as somebody else
//! too. Form and codes are those of the platform's documents (`my.getPhoneNumber.md`, "服务器端各语言实现手机号&运动步数").

use crate::{
    charset::Charset,
    config::Trust,
    content::{ContentKey, DecryptError, ENCRYPT_TYPE, decrypt_json},
    keys::SignType,
    protocol::CODE_SUCCESS,
    refusal::Refusal,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt;
use thiserror::Error;

/// Largest answer that is read, in bytes. Genuine ones have under 1 KiB.
pub const MAXIMUM_PHONE_ANSWER: usize = 8 * 1024;

/// A user's phone number, as the platform told it. It does not print.
#[derive(Clone)]
pub struct PhoneNumber {
    number: SecretString,
    is_signed: bool,
}

impl PhoneNumber {
    /// The number in clear: digits, perhaps with a country code (`+86`, `86-`).
    pub fn expose(&self) -> &str {
        self.number.expose_secret()
    }

    /// The number as a page may show it: `138****1234`. Of a number of fewer than eight characters nothing shows.
    pub fn masked(&self) -> String {
        let number = self.number.expose_secret();
        match number.len() {
            length @ 8.. => format!("{}****{}", &number[..3], &number[length - 4..]),
            _ => "****".to_owned(),
        }
    }

    /// Whether the platform's signature was there, and right. Without one, only the content key says that it is the platform's.
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PhoneNumber").field("is_signed", &self.is_signed).finish_non_exhaustive()
    }
}

/// Whether an answer has to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PhoneSignature {
    /// It has to be: for apps that have signing (接口加签方式) set up.
    #[default]
    Required,
    /// One without a signature is taken too; a wrong signature never is. For apps that have no signing set up, of which the
    /// platform's answers have none.
    Optional,
}

/// The answer as the page was given it: `response` of `my.getPhoneNumber`, or what the button's event `onGetPhoneNumber` has.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, alias = "encryptedData")]
    response: &'a RawValue,
    sign: Option<String>,
    sign_type: Option<String>,
    encrypt_type: Option<String>,
    charset: Option<String>,
}

/// What was encrypted, or, of some refusals, what stands there in clear.
#[derive(Deserialize)]
struct Content {
    code: String,
    #[serde(alias = "subCode")]
    sub_code: Option<String>,
    mobile: Option<String>,
}

/// Verifies and decrypts an answer.
pub(crate) fn read(
    answer: &str,
    trust: &Trust,
    keys: &[ContentKey],
    signature: PhoneSignature,
) -> Result<PhoneNumber, PhoneError> {
    if answer.len() > MAXIMUM_PHONE_ANSWER {
        return Err(PhoneError::TooLarge);
    }
    let answer: Answer<'_> = serde_json::from_str(answer).map_err(|_| PhoneError::Malformed)?;
    let is = |given: &Option<String>, expected: &str| given.as_deref().is_none_or(|given| given == expected);
    if !is(&answer.sign_type, SignType::Rsa2.as_str()) || !is(&answer.encrypt_type, ENCRYPT_TYPE) {
        return Err(PhoneError::OtherType);
    }
    let charset = answer.charset.as_deref().unwrap_or("utf-8").parse::<Charset>().map_err(|_| PhoneError::OtherType)?;
    let response = answer.response.get();
    // A text, unless it is a refusal that stands there in clear, as an object or within a text.
    let text = serde_json::from_str::<String>(response).ok();
    let encrypted = text.as_deref().filter(|text| !text.starts_with('{'));
    let Some(encrypted) = encrypted else {
        let clear = text.as_deref().unwrap_or(response);
        return Err(refused(clear).map_or(PhoneError::Malformed, PhoneError::Refused));
    };
    let is_signed = match &answer.sign {
        // The quotation marks are signed with the encrypted text.
        Some(sign) => {
            let signed = format!("\"{encrypted}\"");
            trust.key().verify(signed.as_bytes(), sign).map_err(|_| PhoneError::SignatureInvalid)?;
            true
        }
        None if signature == PhoneSignature::Required => return Err(PhoneError::Unsigned),
        None => false,
    };
    let content = decrypt_json(encrypted.as_bytes(), keys, charset)?;
    if let Some(refusal) = refused(&content) {
        return Err(PhoneError::Refused(refusal));
    }
    let content: Content = serde_json::from_str(&content).map_err(|_| PhoneError::Unusable)?;
    let number = content.mobile.filter(|number| is_number(number)).ok_or(PhoneError::Unusable)?;
    Ok(PhoneNumber { number: number.into(), is_signed })
}

/// The refusal that a content is, if it is one.
fn refused(content: &str) -> Option<Refusal> {
    let content: Content = serde_json::from_str(content).ok()?;
    (content.code != CODE_SUCCESS).then(|| Refusal::new(Some(&content.code), content.sub_code.as_deref()))
}

fn is_number(text: &str) -> bool {
    (5..=24).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'))
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Why an answer of `my.getPhoneNumber` gives no number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// It is not of the form that answers have.
    #[error("this is not what my.getPhoneNumber answers: post its field `response` as it came, a text")]
    Malformed,
    /// It is larger than any real answer.
    #[error("it is larger than {} KiB, which no answer of my.getPhoneNumber is", MAXIMUM_PHONE_ANSWER / 1024)]
    TooLarge,
    /// It is signed, encrypted or written in another way than the documented one.
    #[error("its sign_type is not RSA2, its encrypt_type not AES, or its charset neither UTF-8 nor GBK")]
    OtherType,
    /// It has no signature, and has to have one.
    #[error(
        "it is not signed: set 接口加签方式, 接口内容加密方式 and 应用网关 of the app in the console, of which the platform signs only when \
         all are set; or allow answers without a signature"
    )]
    Unsigned,
    /// Its signature is not the platform's over this text.
    #[error("its signature is wrong: it was changed on its way, or is of another app than alipay_public_key_file")]
    SignatureInvalid,
    /// It cannot be decrypted.
    #[error("{0}: configure the AES key that the console shows (接口内容加密方式)")]
    NotDecrypted(#[from] DecryptError),
    /// The platform refused. This may stand there in clear, and is then nobody's word for sure.
    #[error("the platform refused the phone number ({}): {}", .0, .0.explanation().en)]
    Refused(Refusal),
    /// It is the platform's, and holds no number.
    #[error("what was decrypted holds no phone number")]
    Unusable,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::PrivateKey, system::SystemRandom};
    use serde_json::{Value, json};
    use std::sync::LazyLock;

    static PLATFORM: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
    static KEY: LazyLock<ContentKey> = LazyLock::new(|| ContentKey::generate(&SystemRandom));

    fn signed(encrypted: &str) -> String {
        PLATFORM.sign(format!("\"{encrypted}\"").as_bytes()).unwrap()
    }

    /// An answer with this content.
    fn answer(content: &Value) -> Value {
        let encrypted = KEY.encrypt(content.to_string().as_bytes()).unwrap();
        let sign = signed(&encrypted);
        json!({ "response": encrypted, "sign": sign, "sign_type": "RSA2", "encrypt_type": "AES", "charset": "UTF-8" })
    }

    fn genuine() -> Value {
        answer(&json!({ "code": "10000", "msg": "Success", "mobile": "13800001234" }))
    }

    fn read_as(answer: &Value, signature: PhoneSignature) -> Result<PhoneNumber, PhoneError> {
        let trust = Trust::from(PLATFORM.public_key().clone());
        read(&answer.to_string(), &trust, std::slice::from_ref(&KEY), signature)
    }

    fn refusal(answer: &Value) -> PhoneError {
        read_as(answer, PhoneSignature::Required).unwrap_err()
    }

    #[test]
    fn a_number_is_verified_and_decrypted_and_does_not_print() {
        let number = read_as(&genuine(), PhoneSignature::Required).unwrap();
        assert_eq!((number.expose(), number.masked().as_str()), ("13800001234", "138****1234"));
        assert!(number.is_signed() && !format!("{number:?}").contains("1234"));
        // The button's own event has it under another name, and without the rest.
        let genuine = genuine();
        let event = json!({ "encryptedData": genuine["response"], "sign": genuine["sign"] });
        assert_eq!(read_as(&event, PhoneSignature::Required).unwrap().expose(), "13800001234");
    }

    #[test]
    fn an_answer_may_be_as_large_as_the_limit() {
        let genuine = genuine().to_string();
        let trust = Trust::from(PLATFORM.public_key().clone());
        let padded = |length: usize| {
            let padded = format!("{genuine}{}", " ".repeat(length - genuine.len()));
            read(&padded, &trust, std::slice::from_ref(&KEY), PhoneSignature::Required)
        };
        assert_eq!(padded(MAXIMUM_PHONE_ANSWER).unwrap().expose(), "13800001234");
        assert_eq!(padded(MAXIMUM_PHONE_ANSWER + 1).unwrap_err(), PhoneError::TooLarge);
    }

    #[test]
    fn what_is_not_signed_is_taken_where_that_is_allowed_and_what_is_signed_wrongly_never() {
        let mut unsigned = genuine();
        unsigned.as_object_mut().unwrap().remove("sign");
        assert_eq!(refusal(&unsigned), PhoneError::Unsigned);
        assert!(!read_as(&unsigned, PhoneSignature::Optional).unwrap().is_signed());
        for changed in ["", "AAAA", genuine()["response"].as_str().unwrap()] {
            let mut forged = genuine();
            forged["sign"] = changed.into();
            assert_eq!(read_as(&forged, PhoneSignature::Optional).unwrap_err(), PhoneError::SignatureInvalid);
        }
        let mut other = genuine();
        other["response"] = answer(&json!({ "code": "10000", "mobile": "13900001234" }))["response"].clone();
        assert_eq!(refusal(&other), PhoneError::SignatureInvalid);
    }

    #[test]
    fn a_refusal_shows_encrypted_and_in_clear() {
        for (code, sub_code) in [
            ("20000", "aop.unknow-error"),
            ("40001", "isv.missing-encrypt-key"),
            ("40001", "isv.missing-default-signature-type"),
            ("40003", "isv.invalid-auth-relations"),
            ("40006", "isv.insufficient-isv-permissions"),
        ] {
            let content = json!({ "code": code, "msg": "m", "subCode": sub_code, "subMsg": "s" });
            let clear = [json!({ "response": content }), json!({ "response": content.to_string() })];
            for shape in clear.into_iter().chain([answer(&content)]) {
                let PhoneError::Refused(refusal) = refusal(&shape) else { panic!("{shape}") };
                assert_eq!((refusal.code(), refusal.sub_code()), (code, Some(sub_code)));
            }
        }
    }

    #[test]
    fn a_number_in_clear_is_nobodys_word() {
        let content = json!({ "code": "10000", "mobile": "13800001234" });
        for shape in [json!({ "response": content }), json!({ "response": content.to_string() })] {
            assert_eq!(read_as(&shape, PhoneSignature::Optional).unwrap_err(), PhoneError::Malformed);
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        let with = |name: &str, value: &str| {
            let mut changed = genuine();
            changed[name] = value.into();
            changed
        };
        for (changed, expected) in [
            (with("sign_type", "RSA"), PhoneError::OtherType),
            (with("encrypt_type", "DES"), PhoneError::OtherType),
            (with("charset", "latin1"), PhoneError::OtherType),
            (json!([]), PhoneError::Malformed),
            (json!({ "sign": "x" }), PhoneError::Malformed),
            (json!({ "response": 1 }), PhoneError::Malformed),
            (json!({ "response": "x".repeat(MAXIMUM_PHONE_ANSWER) }), PhoneError::TooLarge),
            (answer(&json!({ "code": "10000" })), PhoneError::Unusable),
            (answer(&json!({ "code": "10000", "mobile": "call me" })), PhoneError::Unusable),
            (answer(&json!({ "code": "10000", "mobile": "1".repeat(40) })), PhoneError::Unusable),
            (answer(&json!(["no object"])), PhoneError::Unusable),
        ] {
            assert_eq!(refusal(&changed), expected, "{changed}");
        }
        let other = ContentKey::generate(&SystemRandom).encrypt(b"{}").unwrap();
        let other = json!({ "response": other, "sign": signed(&other) });
        assert_eq!(refusal(&other), PhoneError::NotDecrypted(DecryptError::OtherKey));
    }
}
