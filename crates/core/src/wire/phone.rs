//! `POST /phone`: the platform's encrypted answer from the page, and the masked number for it.

use super::{
    RequestError,
    request::{ConsentReport, Fields, invalid, parse_consent},
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;
use std::fmt;

/// The body of `POST /phone`: the answer of `my.getPhoneNumber`, or the data of the button's event `onGetPhoneNumber`.
/// The page forwards either unchanged: only the server can read it.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhoneRequest {
    /// `response` of `my.getPhoneNumber`, a text or an object, or `encryptedData` of `onGetPhoneNumber`. In JSON
    /// `response`; `encryptedData` is accepted too.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::text_or_object))]
    pub response: String,
    /// `sign` of `onGetPhoneNumber`, if the app has signing set up. In the answer of `my.getPhoneNumber` it is inside
    /// `response`.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub sign: Option<String>,
    /// What the user was asked, as the client reports it.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub consent: Option<ConsentReport>,
}

impl fmt::Debug for PhoneRequest {
    /// Hides the answer, because whoever has it can post it again.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PhoneRequest(redacted)")
    }
}

/// Writes a map, like [`AuthRequest`](super::AuthRequest).
impl Serialize for PhoneRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("response", &self.response)?;
        if let Some(sign) = &self.sign {
            map.serialize_entry("sign", sign)?;
        }
        if let Some(consent) = &self.consent {
            map.serialize_entry("consent", consent)?;
        }
        map.end()
    }
}

impl PhoneRequest {
    /// Reads a JSON body.
    ///
    /// # Errors
    /// A [`RequestError`] that names the wrong field. Display fields are reported first.
    pub fn from_json(body: &[u8]) -> Result<Self, RequestError> {
        let mut response = None;
        let mut sign = None;
        let mut consent = None;
        for (name, value) in Fields::from_json(body)?.without_display()? {
            let repeated = match name.as_str() {
                "response" | "encryptedData" => response.replace(parse_response(value)?).is_some(),
                "sign" => sign.replace(parse_sign(value)?).is_some(),
                "consent" => consent.replace(parse_consent(value)?).is_some(),
                _ => return Err(RequestError::Unknown(name)),
            };
            if repeated {
                return Err(RequestError::Invalid { field: name, expected: "must occur only once" });
            }
        }
        let response = response.ok_or_else(|| invalid("response", "is required: the answer of my.getPhoneNumber"))?;
        Ok(Self { response, sign: sign.flatten(), consent })
    }
}

fn parse_response(value: Value) -> Result<String, RequestError> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text),
        Value::Object(_) => Ok(value.to_string()),
        _ => Err(invalid("response", "the answer of my.getPhoneNumber unchanged, a text or an object")),
    }
}

/// `null` counts as absent: pages forward what an event does not have.
fn parse_sign(value: Value) -> Result<Option<String>, RequestError> {
    match value {
        Value::String(text) => Ok(Some(text)),
        Value::Null => Ok(None),
        _ => Err(invalid("sign", "the text that came with encryptedData")),
    }
}

/// The answer to `POST /phone`, and `phone` in the answer to `GET /session`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Phone))]
pub struct PhoneAnswer {
    /// The number, masked for display.
    #[cfg_attr(feature = "openapi", schema(example = "138****1234"))]
    pub phone_number: String,
    /// The country code, which the platform gives for numbers outside mainland China.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "1"))]
    pub country_code: Option<String>,
    /// `false` if another user of the app has the same number: it is stored, but proves nothing.
    pub confirmed: bool,
}

impl fmt::Debug for PhoneAnswer {
    /// Hides personal data from logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PhoneAnswer(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_code::ErrorCode;

    fn fault(body: &str) -> (ErrorCode, Option<String>) {
        let fault = PhoneRequest::from_json(body.as_bytes()).unwrap_err();
        (fault.code(), fault.field())
    }

    #[test]
    fn every_form_that_a_page_gets_is_accepted() {
        let read = |body: &str| {
            let PhoneRequest { response, sign, consent } = PhoneRequest::from_json(body.as_bytes()).unwrap();
            (response, sign, consent.is_some())
        };
        let sign = || Some("c2ln".to_owned());
        let answer = r#"{"response":"YWJj","sign":"c2ln"}"#;
        let text = serde_json::to_string(answer).unwrap();
        assert_eq!(read(&format!(r#"{{"response":{text}}}"#)), (answer.to_owned(), None, false));
        assert_eq!(read(&format!(r#"{{"response":{answer}}}"#)), (answer.to_owned(), None, false));
        assert_eq!(read(r#"{"response":"YWJj","sign":"c2ln"}"#), ("YWJj".to_owned(), sign(), false));
        assert_eq!(read(r#"{"encryptedData":"YWJj","sign":null}"#), ("YWJj".to_owned(), None, false));
        let whole = r#"{"response":"YWJj","sign":"c2ln","consent":{"purpose":"配送联系","at":1}}"#;
        assert_eq!(read(whole), ("YWJj".to_owned(), sign(), true));
        let request = PhoneRequest::from_json(whole.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), whole);
        assert_eq!(format!("{request:?}"), "PhoneRequest(redacted)");
    }

    #[test]
    fn an_answer_does_not_print() {
        let answer = PhoneAnswer { phone_number: "138****1234".to_owned(), country_code: None, confirmed: true };
        assert_eq!(format!("{answer:?}"), "PhoneAnswer(redacted)");
    }

    #[test]
    fn each_fault_is_named() {
        let field = |name: &str| Some(name.to_owned());
        assert_eq!(fault("[]"), (ErrorCode::BodyMalformed, None));
        assert_eq!(fault("{}"), (ErrorCode::FieldInvalid, field("response")));
        for response in ["1", "null", "[]", "\"\""] {
            let body = format!(r#"{{"response":{response}}}"#);
            assert_eq!(fault(&body), (ErrorCode::FieldInvalid, field("response")), "{response}");
        }
        assert_eq!(fault(r#"{"response":"a","encryptedData":"a"}"#), (ErrorCode::FieldInvalid, field("encryptedData")));
        assert_eq!(fault(r#"{"response":"a","sign":1}"#), (ErrorCode::FieldInvalid, field("sign")));
        assert_eq!(fault(r#"{"response":"a","sign":"b","sign":"b"}"#), (ErrorCode::FieldInvalid, field("sign")));
        assert_eq!(fault(r#"{"response":"a","mobile":"1"}"#), (ErrorCode::FieldUnknown, field("mobile")));
        assert_eq!(
            fault(r#"{"response":"a","consent":{"at":1}}"#),
            (ErrorCode::FieldInvalid, field("consent.purpose"))
        );
        assert_eq!(
            fault(r#"{"response":{"userInfo":{}}}"#),
            (ErrorCode::DisplayOnlyForwarded, field("response.userInfo"))
        );
    }
}
