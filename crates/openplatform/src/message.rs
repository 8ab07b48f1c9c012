//! Messages of the platform to the app, posted to the app's gateway address (应用网关), which is set in the console.
//!
//! Their format is known from public projects (kysion/alipay-library): a form, signed over its sorted decoded values
//! like a request. Some kinds of message sign `sign_type` too and others do not, so both are tried.

use crate::{
    config::AppId,
    keys::{PrivateKey, PublicKey, SignError},
    member::UserIds,
    protocol::{ADDRESS_CHECK, Charset, FormError, Parameters, SignType, WITHDRAWAL_MESSAGE, beijing_moment},
};
use miniauth_core::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The largest message that is read, in bytes.
pub const MAXIMUM_MESSAGE: usize = 64 * 1024;

/// A message to this app whose signature was verified.
#[derive(Debug)]
#[non_exhaustive]
pub enum Message {
    /// A user withdrew consent (用户授权取消消息).
    Withdrawal(Withdrawal),
    /// The console checks the gateway address.
    AddressCheck,
    /// Another message, by its method.
    Other(String),
}

/// A user withdrew consent. The ids do not print.
#[derive(Debug)]
pub struct Withdrawal {
    /// The user.
    pub ids: UserIds,
    /// When. Later consents are not affected.
    pub at: Timestamp,
    /// The platform's id of the message, the same for each repetition.
    pub notify_id: Option<String>,
}

/// Why a message is rejected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// It is not a form, is too long, is in an unknown character set, or has a parameter twice.
    #[error("it is not a form that the platform would post")]
    Form,
    /// It has no signature.
    #[error("it is not signed")]
    Unsigned,
    /// Its signature is not RSA2.
    #[error("it is not signed with RSA2")]
    SignType,
    /// Its signature is not the platform's for this app.
    #[error("its signature is wrong: check that alipay_public_key is the platform's key for this app")]
    SignatureInvalid,
    /// It is for another app.
    #[error("it is for another app")]
    OtherApp,
    /// It is signed correctly, but lacks a field that this kind of message must have.
    #[error("{0}")]
    Unusable(&'static str),
}

impl From<FormError> for MessageError {
    fn from(_: FormError) -> Self {
        Self::Form
    }
}

/// The known part of a withdrawal's `biz_content`.
#[derive(Deserialize)]
struct Content {
    app_id: Option<String>,
    user_id: Option<String>,
    open_id: Option<String>,
    union_id: Option<String>,
    cancel_time: Option<Value>,
}

/// Reads a body as the platform's message to the app `app_id`.
pub(crate) fn read(form: &[u8], app_id: &AppId, key: &PublicKey) -> Result<Message, MessageError> {
    let parameters = verified(form, key)?;
    // The console's check may name the app only in its XML.
    let named = parameters.get("app_id");
    if named.is_some_and(|named| named != app_id.as_str()) {
        return Err(MessageError::OtherApp);
    }
    if parameters.get("service") == Some(ADDRESS_CHECK) {
        return Ok(Message::AddressCheck);
    }
    let method = parameters.get("msg_method").ok_or(MessageError::Unusable("it has no msg_method"))?;
    if named.is_none() {
        return Err(MessageError::Unusable("it names no app"));
    }
    match method {
        WITHDRAWAL_MESSAGE => withdrawal(&parameters, app_id).map(Message::Withdrawal),
        other => Ok(Message::Other(other.to_owned())),
    }
}

/// Returns the parameters if the platform signed them.
fn verified(form: &[u8], key: &PublicKey) -> Result<Parameters<'static>, MessageError> {
    if form.len() > MAXIMUM_MESSAGE {
        return Err(MessageError::Form);
    }
    let named = form.split(|&byte| byte == b'&').find_map(|pair| pair.strip_prefix(b"charset="));
    let charset = match named.map(str::from_utf8) {
        None => Charset::Utf8,
        Some(name) => name.ok().and_then(|name| name.parse().ok()).ok_or(MessageError::Form)?,
    };
    let mut parameters = Parameters::new();
    parameters.extend_from_form(form, charset)?;
    let signature = parameters.take("sign").filter(|sign| !sign.is_empty()).ok_or(MessageError::Unsigned)?;
    if parameters.get("sign_type").is_some_and(|sign_type| sign_type != SignType::Rsa2.as_str()) {
        return Err(MessageError::SignType);
    }
    let is_signed = |parameters: &Parameters<'_>| {
        let signed = parameters.bytes_to_sign(charset).ok();
        signed.is_some_and(|signed| key.verify(&signed, &signature).is_ok())
    };
    let mut without = parameters.clone();
    without.take("sign_type");
    if is_signed(&parameters) || is_signed(&without) { Ok(parameters) } else { Err(MessageError::SignatureInvalid) }
}

fn withdrawal(parameters: &Parameters<'_>, app_id: &AppId) -> Result<Withdrawal, MessageError> {
    const MALFORMED: MessageError = MessageError::Unusable("its biz_content is not that of a withdrawal");
    let content: Content =
        serde_json::from_str(parameters.get("biz_content").unwrap_or_default()).map_err(|_| MALFORMED)?;
    if content.app_id.is_some_and(|named| named != app_id.as_str()) {
        return Err(MessageError::OtherApp);
    }
    let ids = UserIds::from_ids(content.open_id, content.user_id, content.union_id).map_err(|_| MALFORMED)?;
    let sent = || parameters.get("utc_timestamp").and_then(moment_of_text);
    let at = content.cancel_time.as_ref().and_then(moment).or_else(sent);
    let notify_id = parameters.get("notify_id").map(str::to_owned);
    Ok(Withdrawal { ids, at: at.ok_or(MALFORMED)?, notify_id })
}

/// Parses a time in the platform's forms: milliseconds since 1970, as a number (in a real message) or as text, or the
/// date and time in Beijing.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => moment_of_text(text),
        value => value.as_u64().map(Timestamp::from_millis),
    }
}

fn moment_of_text(text: &str) -> Option<Timestamp> {
    text.parse().ok().map(Timestamp::from_millis).or_else(|| beijing_moment(text))
}

/// Returns the answer to the console's check, in the form of the platform's SDKs and public projects.
pub(crate) fn answer_to_address_check(key: &PrivateKey) -> Result<String, SignError> {
    let public_key = key.public_key().to_spki_pem().map_err(|_| SignError)?;
    let public_key: String = public_key.lines().filter(|line| !line.starts_with("-----")).collect();
    // It is ASCII, which is the same in GBK.
    let answer = format!("<biz_content>{public_key}</biz_content><success>true</success>");
    let sign = key.sign(answer.as_bytes())?;
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"GBK\"?><alipay><response>{answer}</response><sign>{sign}</sign>\
         <sign_type>RSA2</sign_type></alipay>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
    const APP: &str = "2021000000000001";
    const CONTENT: &str = r#"{"app_id":"2021000000000001","cancel_time":"1795190400123","user_id":"2088000000000001"}"#;

    /// Returns a message as the platform posts it; `unsigned` names the parameters that the signature leaves out.
    fn form(content: &str, changes: &[(&'static str, &str)], unsigned: &[&str], charset: Charset) -> String {
        let mut parameters = Parameters::new();
        for (name, value) in [
            ("app_id", APP),
            ("biz_content", content),
            ("charset", charset.as_str()),
            ("msg_method", WITHDRAWAL_MESSAGE),
            ("notify_id", "n1"),
            ("sign_type", "RSA2"),
            ("utc_timestamp", "1795190400999"),
            ("version", "1.1"),
        ] {
            parameters.set(name, value);
        }
        for &(name, value) in changes {
            parameters.set(name, value.to_owned());
        }
        let mut signed = parameters.clone();
        for name in unsigned {
            signed.take(name);
        }
        let sign = KEY.sign(&signed.bytes_to_sign(charset).unwrap()).unwrap();
        parameters.set("sign", sign);
        parameters.to_form(charset).unwrap()
    }

    fn read(form: &str) -> Result<Message, MessageError> {
        super::read(form.as_bytes(), &AppId::parse(APP).unwrap(), KEY.public_key())
    }

    fn withdrawal(form: &str) -> Withdrawal {
        match read(form) {
            Ok(Message::Withdrawal(withdrawal)) => withdrawal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_withdrawal_is_read_whether_or_not_sign_type_was_signed_and_in_either_character_set() {
        for unsigned in [&[][..], &["sign_type"]] {
            for charset in [Charset::Utf8, Charset::Gbk] {
                let content = CONTENT.replace("}", r#","scope":"会员"}"#);
                let withdrawal = withdrawal(&form(&content, &[], unsigned, charset));
                assert_eq!(withdrawal.ids.user_id(), Some("2088000000000001"));
                assert_eq!(
                    (withdrawal.at.as_millis(), withdrawal.notify_id.as_deref()),
                    (1_795_190_400_123, Some("n1"))
                );
            }
        }
    }

    #[test]
    fn its_time_is_milliseconds_or_beijings_or_when_it_was_sent() {
        for (time, expected) in [
            ("1795190400123", 1_795_190_400_123),
            ("2026-11-21 00:00:00", 1_795_190_400_000),
            ("soon", 1_795_190_400_999),
        ] {
            let content = CONTENT.replace("1795190400123", time);
            assert_eq!(withdrawal(&form(&content, &[], &[], Charset::Utf8)).at.as_millis(), expected, "{time}");
        }
    }

    #[test]
    fn a_genuine_withdrawal_has_its_time_as_a_number() {
        let content = CONTENT.replace("\"1795190400123\"", "1795190400123");
        assert_eq!(withdrawal(&form(&content, &[], &[], Charset::Utf8)).at.as_millis(), 1_795_190_400_123);
    }

    #[test]
    fn unproven_messages_are_refused() {
        let genuine = form(CONTENT, &[], &[], Charset::Utf8);
        let other_app = CONTENT.replace("2021000000000001", "2021000000000002");
        for (form, error) in [
            (genuine.replace("2088000000000001", "2088000000000002"), MessageError::SignatureInvalid),
            (genuine.replace("n1", "n2"), MessageError::SignatureInvalid),
            (genuine.replace("&sign=", "&unsigned="), MessageError::Unsigned),
            (format!("{genuine}&notify_id=n3"), MessageError::Form),
            (genuine.replace("charset=utf-8", "charset=latin1"), MessageError::Form),
            (form(CONTENT, &[("sign_type", "RSA")], &[], Charset::Utf8), MessageError::SignType),
            (form(CONTENT, &[("app_id", "2021000000000002")], &[], Charset::Utf8), MessageError::OtherApp),
            (form(&other_app, &[], &[], Charset::Utf8), MessageError::OtherApp),
            (form(CONTENT, &[("app_id", "")], &[], Charset::Utf8), MessageError::Unusable("it names no app")),
        ] {
            assert_eq!(read(&form).unwrap_err(), error, "{form}");
        }
        let longest = format!("x={}", "y".repeat(MAXIMUM_MESSAGE - 2));
        assert_eq!(
            [read(&longest).unwrap_err(), read(&format!("{longest}y")).unwrap_err()],
            [MessageError::Unsigned, MessageError::Form]
        );
        let too_long = CONTENT.replace('}', &format!(r#","x":"{}"}}"#, "x".repeat(MAXIMUM_MESSAGE)));
        assert_eq!(read(&form(&too_long, &[], &[], Charset::Utf8)).unwrap_err(), MessageError::Form);
        for content in ["", "[]", "{}", r#"{"user_id":""}"#, r#"{"user_id":"a b"}"#] {
            assert!(
                matches!(read(&form(content, &[], &[], Charset::Utf8)), Err(MessageError::Unusable(_))),
                "{content}"
            );
        }
    }

    #[test]
    fn the_consoles_check_is_answered_with_a_signed_key() {
        let check =
            form("<XML/>", &[("msg_method", ""), ("app_id", ""), ("service", ADDRESS_CHECK)], &[], Charset::Gbk);
        assert!(matches!(read(&check), Ok(Message::AddressCheck)));
        let answer = answer_to_address_check(&KEY).unwrap();
        let between = |start: &str, end: &str| answer.split_once(start).unwrap().1.split_once(end).unwrap().0;
        KEY.public_key().verify(between("<response>", "</response>").as_bytes(), between("<sign>", "</sign>")).unwrap();
        assert_eq!(&PublicKey::parse(between("<biz_content>", "</biz_content>")).unwrap(), KEY.public_key());
    }

    #[test]
    fn other_messages_are_identified_by_their_method() {
        let other = form("{}", &[("msg_method", "alipay.open.mini.version.audit.passed")], &[], Charset::Utf8);
        assert!(
            matches!(read(&other), Ok(Message::Other(method)) if method == "alipay.open.mini.version.audit.passed")
        );
    }
}
