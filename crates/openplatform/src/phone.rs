//! The answer of `my.getPhoneNumber`, verified and decrypted.
//!
//! The platform encrypts the number with the app's content key, and signs the encrypted text if the app has signing set
//! up (接口加签方式). The answer contains neither the user nor the time, so anyone who has it can post it again, even as
//! another user. Format and codes are from the platform's documents (`my.getPhoneNumber.md`, "服务器端各语言实现手机号&运动步数").

use crate::{
    charset::Charset,
    config::Trust,
    content::{ContentKey, DecryptError, ENCRYPT_TYPE, decrypt_json},
    keys::SignType,
    protocol::CODE_SUCCESS,
    refusal::Refusal,
};
use miniauth_core::error_code::ErrorCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{fmt, str::FromStr};
use thiserror::Error;

/// The largest answer that is read, in bytes. Real ones have less than 1 KiB.
pub const MAXIMUM_PHONE_ANSWER: usize = 8 * 1024;

/// How deeply the answer may be nested in a page's POST: its text, in the result of the call, in an object of the page.
const DEEPEST: usize = 3;

/// A user's phone number, as the platform sent it. It does not print.
#[derive(Clone)]
pub struct PhoneNumber {
    number: SecretString,
    is_signed: bool,
}

impl PhoneNumber {
    /// Restores a number that was [read](crate::Gateway::read_phone_number) earlier, and stored.
    pub fn from_kept(number: SecretString, is_signed: bool) -> Self {
        Self { number, is_signed }
    }

    /// The full number, as the platform sent it: digits, and for a number outside mainland China with the country code in front
    /// (`1-1234432112`).
    pub fn expose(&self) -> &str {
        self.number.expose_secret()
    }

    /// The country code, if the platform sent one.
    pub fn country_code(&self) -> Option<&str> {
        self.parts().0
    }

    /// The number without the country code.
    pub fn local(&self) -> &str {
        self.parts().1
    }

    /// The number without the country code, as a page may show it: `138****1234`. A number of fewer than eight digits is masked
    /// completely.
    pub fn masked(&self) -> String {
        let local = self.local();
        match local.len() {
            length @ 8.. => format!("{}****{}", &local[..3], &local[length - 4..]),
            _ => "****".to_owned(),
        }
    }

    /// Whether the answer had a valid signature of the platform. Without one, only the content key shows where it came from.
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }

    fn parts(&self) -> (Option<&str>, &str) {
        match self.number.expose_secret().split_once('-') {
            Some((country, local)) => (Some(country.trim_start_matches('+')), local),
            None => (None, self.number.expose_secret()),
        }
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PhoneNumber").field("is_signed", &self.is_signed).finish_non_exhaustive()
    }
}

/// Whether an answer must be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PhoneSignature {
    /// It must be signed. For apps that have signing (接口加签方式) set up.
    #[default]
    Required,
    /// An unsigned answer is accepted too, but never one with a wrong signature. For apps without signing, to which the platform sends
    /// unsigned answers.
    Optional,
}

impl FromStr for PhoneSignature {
    type Err = PhoneSignatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "required" => Ok(Self::Required),
            "optional" => Ok(Self::Optional),
            _ => Err(PhoneSignatureError),
        }
    }
}

/// The text is neither `required` nor `optional`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it is required or optional")]
pub struct PhoneSignatureError;

/// The answer as the page got it: `response` of `my.getPhoneNumber`, or the fields of the button's event `onGetPhoneNumber`.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, alias = "encryptedData")]
    response: Option<&'a RawValue>,
    sign: Option<String>,
    sign_type: Option<String>,
    encrypt_type: Option<String>,
    charset: Option<String>,
}

/// The encrypted content, or for some refusals the content in clear text.
#[derive(Deserialize)]
struct Content {
    code: String,
    #[serde(alias = "subCode")]
    sub_code: Option<String>,
    mobile: Option<String>,
}

/// The encrypted text of an answer, with its signature and parameters.
struct Encrypted {
    text: String,
    sign: Option<String>,
    charset: Charset,
}

/// Verifies and decrypts an answer.
pub(crate) fn read(
    response: &str,
    sign: Option<&str>,
    trust: &Trust,
    keys: &[ContentKey],
    signature: PhoneSignature,
) -> Result<PhoneNumber, PhoneError> {
    let Encrypted { text, sign, charset } = encrypted(response, sign)?;
    if keys.is_empty() {
        return Err(DecryptError::NoKey.into());
    }
    let is_signed = match &sign {
        // The signature covers the quotation marks too.
        Some(sign) => {
            let signed = format!("\"{text}\"");
            trust.key().verify(signed.as_bytes(), sign).map_err(|_| PhoneError::SignatureInvalid)?;
            true
        }
        None if signature == PhoneSignature::Required => return Err(PhoneError::Unsigned),
        None => false,
    };
    let content = decrypt_json(text.as_bytes(), keys, charset)?;
    if let Some(refusal) = refused(&content) {
        return Err(PhoneError::Refused(refusal));
    }
    let content: Content = serde_json::from_str(&content).map_err(|_| PhoneError::Unusable)?;
    match content.mobile {
        Some(number) if is_number(&number) => Ok(PhoneNumber { number: number.into(), is_signed }),
        Some(number) if !number.is_empty() => Err(PhoneError::Unusable),
        _ => Err(PhoneError::NumberMissing),
    }
}

/// Finds the encrypted text. The page posts either that text with its signature beside it, or an object with both, possibly as a text.
fn encrypted(response: &str, sign: Option<&str>) -> Result<Encrypted, PhoneError> {
    if response.len() + sign.map_or(0, str::len) > MAXIMUM_PHONE_ANSWER {
        return Err(PhoneError::TooLarge);
    }
    let is = |given: &Option<String>, expected: &str| given.as_deref().is_none_or(|given| given == expected);
    let mut found = Encrypted { text: response.to_owned(), sign: sign.map(str::to_owned), charset: Charset::default() };
    for _ in 0..=DEEPEST {
        if !found.text.starts_with('{') {
            return if is_base64(&found.text) { Ok(found) } else { Err(PhoneError::Malformed) };
        }
        let answer: Answer<'_> = serde_json::from_str(&found.text).map_err(|_| PhoneError::Malformed)?;
        if !is(&answer.sign_type, SignType::Rsa2.as_str()) || !is(&answer.encrypt_type, ENCRYPT_TYPE) {
            return Err(PhoneError::OtherType);
        }
        // A refusal may be in clear text.
        let Some(inner) = answer.response else {
            return Err(refused(&found.text).map_or(PhoneError::Malformed, PhoneError::Refused));
        };
        let text = match serde_json::from_str::<String>(inner.get()) {
            Ok(text) => text,
            Err(_) if inner.get().starts_with('{') => inner.get().to_owned(),
            Err(_) => return Err(PhoneError::Malformed),
        };
        let charset = answer.charset.as_deref().map_or(Ok(found.charset), str::parse);
        let charset = charset.map_err(|_| PhoneError::OtherType)?;
        found = Encrypted { text, sign: answer.sign.or(found.sign), charset };
    }
    Err(PhoneError::Malformed)
}

/// Returns the refusal in a content, if it is one.
fn refused(content: &str) -> Option<Refusal> {
    let content: Content = serde_json::from_str(content).ok()?;
    (content.code != CODE_SUCCESS).then(|| Refusal::new(Some(&content.code), content.sub_code.as_deref()))
}

fn is_base64(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    !text.is_empty() && text.bytes().all(is_digit)
}

fn is_number(text: &str) -> bool {
    (5..=24).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'))
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Why an answer of `my.getPhoneNumber` contains no number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// It is not in the form of an answer.
    #[error("this is not an answer of my.getPhoneNumber: post its field `response` unchanged")]
    Malformed,
    /// It is larger than any real answer.
    #[error("it is larger than {} KiB, more than any answer of my.getPhoneNumber", MAXIMUM_PHONE_ANSWER / 1024)]
    TooLarge,
    /// It is signed, encrypted or encoded in an undocumented way.
    #[error("its sign_type is not RSA2, its encrypt_type not AES, or its charset neither UTF-8 nor GBK")]
    OtherType,
    /// It must be signed, but is not.
    #[error(
        "it is not signed: set 接口加签方式, 接口内容加密方式 and 应用网关 of the app in the console (the platform signs only if all are set), \
         or accept answers without a signature"
    )]
    Unsigned,
    /// Its signature is not the platform's over this text.
    #[error("its signature is wrong: it was changed, or is for another app than alipay_public_key_file")]
    SignatureInvalid,
    /// It cannot be decrypted.
    #[error("{0}: configure the AES key that the console shows (接口内容加密方式)")]
    NotDecrypted(#[from] DecryptError),
    /// The platform refused. The refusal may be in clear text; then it is not certain that the platform wrote it.
    #[error("the platform refused the phone number ({0})")]
    Refused(Refusal),
    /// It comes from the platform but has no number, for example because none is bound to the account.
    #[error("the platform's answer has no number: the user's account has none")]
    NumberMissing,
    /// The decrypted text is not such an answer.
    #[error("the decrypted text is not an answer about a phone number")]
    Unusable,
}

impl PhoneError {
    /// Returns the code of the problem document.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed | Self::TooLarge | Self::OtherType | Self::Unusable => ErrorCode::PhoneAnswerInvalid,
            Self::Unsigned => ErrorCode::PhoneSignatureMissing,
            Self::SignatureInvalid => ErrorCode::PhoneSignatureInvalid,
            Self::NotDecrypted(DecryptError::NoKey) => ErrorCode::PhoneNotConfigured,
            Self::NotDecrypted(DecryptError::OtherKey) => ErrorCode::PhoneNotDecrypted,
            Self::NumberMissing => ErrorCode::PhoneNumberMissing,
            Self::Refused(refusal) => match refusal.code() {
                "20000" => ErrorCode::PhoneUnavailable,
                "40001" => ErrorCode::PhoneSetupMissing,
                "40002" => ErrorCode::PhoneEncryptionFailed,
                "40003" => ErrorCode::PhoneNotAuthorized,
                "40004" => ErrorCode::PhoneRefused,
                "40005" => ErrorCode::PhoneLimited,
                "40006" => ErrorCode::PhoneProductNotInForce,
                _ => ErrorCode::GatewayRejected,
            },
        }
    }
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
        read(&answer.to_string(), None, &trust, std::slice::from_ref(&KEY), signature)
    }

    fn refusal(answer: &Value) -> PhoneError {
        read_as(answer, PhoneSignature::Required).unwrap_err()
    }

    #[test]
    fn phone_signature_is_required_or_optional() {
        assert_eq!("required".parse(), Ok(PhoneSignature::Required));
        assert_eq!("optional".parse(), Ok(PhoneSignature::Optional));
        assert_eq!("no".parse::<PhoneSignature>(), Err(PhoneSignatureError));
    }

    #[test]
    fn a_number_is_verified_and_decrypted_and_does_not_print() {
        let number = read_as(&genuine(), PhoneSignature::Required).unwrap();
        assert_eq!((number.expose(), number.masked().as_str()), ("13800001234", "138****1234"));
        assert_eq!((number.is_signed(), format!("{number:?}").as_str()), (true, "PhoneNumber { is_signed: true, .. }"));
        // The button's event has the field under another name, and no other fields.
        let genuine = genuine();
        let event = json!({ "encryptedData": genuine["response"], "sign": genuine["sign"] });
        assert_eq!(read_as(&event, PhoneSignature::Required).unwrap().expose(), "13800001234");
        // A page may post the encrypted text with its signature beside it, or the whole result of the call.
        let beside = |sign: &str| {
            let text = genuine["response"].as_str().unwrap();
            let trust = Trust::from(PLATFORM.public_key().clone());
            read(text, Some(sign), &trust, std::slice::from_ref(&KEY), PhoneSignature::Required)
        };
        assert_eq!(beside(genuine["sign"].as_str().unwrap()).unwrap().expose(), "13800001234");
        assert_eq!(beside("AAAA").unwrap_err(), PhoneError::SignatureInvalid);
        let mut result = genuine.clone();
        for _ in 0..DEEPEST {
            assert_eq!(read_as(&result, PhoneSignature::Required).unwrap().expose(), "13800001234");
            result = json!({ "response": result.to_string() });
        }
        assert_eq!(refusal(&json!({ "response": result })), PhoneError::Malformed);
    }

    #[test]
    fn a_number_has_a_countrys_code_outside_mainland_china() {
        let parts = |number: &str| {
            let number = PhoneNumber::from_kept(number.into(), true);
            (number.country_code().map(str::to_owned), number.local().to_owned(), number.masked())
        };
        assert_eq!(parts("13800001234"), (None, "13800001234".into(), "138****1234".into()));
        assert_eq!(parts("1-1234432112"), (Some("1".into()), "1234432112".into(), "123****2112".into()));
        assert_eq!(parts("+852-12345"), (Some("852".into()), "12345".into(), "****".into()));
    }

    #[test]
    fn an_answer_may_be_as_large_as_the_limit() {
        let genuine = genuine().to_string();
        let trust = Trust::from(PLATFORM.public_key().clone());
        let padded = |length: usize| {
            let padded = format!("{genuine}{}", " ".repeat(length - genuine.len()));
            read(&padded, None, &trust, std::slice::from_ref(&KEY), PhoneSignature::Required)
        };
        assert_eq!(padded(MAXIMUM_PHONE_ANSWER).unwrap().expose(), "13800001234");
        assert_eq!(padded(MAXIMUM_PHONE_ANSWER + 1).unwrap_err(), PhoneError::TooLarge);
    }

    #[test]
    fn unsigned_answers_are_accepted_if_allowed_and_wrongly_signed_ones_never() {
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
        for (code, sub_code, told) in [
            ("20000", "aop.unknow-error", ErrorCode::PhoneUnavailable),
            ("40001", "isv.missing-encrypt-key", ErrorCode::PhoneSetupMissing),
            ("40001", "isv.missing-default-signature-type", ErrorCode::PhoneSetupMissing),
            ("40002", "isv.encryption-failed", ErrorCode::PhoneEncryptionFailed),
            ("40003", "isv.invalid-auth-relations", ErrorCode::PhoneNotAuthorized),
            ("40004", "isv.unknown", ErrorCode::PhoneRefused),
            ("40005", "isv.call-limited", ErrorCode::PhoneLimited),
            ("40006", "isv.insufficient-isv-permissions", ErrorCode::PhoneProductNotInForce),
            ("40009", "isv.unknown", ErrorCode::GatewayRejected),
        ] {
            let content = json!({ "code": code, "msg": "m", "subCode": sub_code, "subMsg": "s" });
            let clear = [json!({ "response": content }), json!({ "response": content.to_string() })];
            for shape in clear.into_iter().chain([answer(&content)]) {
                let error = refusal(&shape);
                assert_eq!(error.code(), told, "{shape}");
                let PhoneError::Refused(refusal) = error else { panic!("{shape}") };
                assert_eq!((refusal.code(), refusal.sub_code()), (code, Some(sub_code)));
            }
        }
    }

    #[test]
    fn a_number_in_clear_text_is_refused() {
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
            (with("response", "13800001234 "), PhoneError::Malformed),
            (json!({ "sign": "x" }), PhoneError::Malformed),
            (json!({ "response": 1 }), PhoneError::Malformed),
            (json!({ "response": "x".repeat(MAXIMUM_PHONE_ANSWER) }), PhoneError::TooLarge),
            (answer(&json!({ "code": "10000" })), PhoneError::NumberMissing),
            (answer(&json!({ "code": "10000", "mobile": "" })), PhoneError::NumberMissing),
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
