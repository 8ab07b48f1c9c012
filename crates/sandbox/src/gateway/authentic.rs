//! Whether a request is the app's own: its common parameters and its signature.

use super::refusal::{self, Refusal};
use super::request::Request;
use crate::{keys::Keys, known_app};
use miniauth_openplatform::protocol::{Parameters, SignType};

/// Checks the common parameters in the order in which a person would mend them, and the signature last.
pub(super) fn check(request: &Request, keys: &Keys) -> Result<(), Refusal> {
    let parameters = &request.parameters;
    let required = |name, missing: &Refusal| parameters.get(name).ok_or_else(|| missing.clone());
    required("method", &refusal::MISSING_METHOD)?;
    if known_app(required("app_id", &refusal::MISSING_APP_ID)?).is_none() {
        return Err(refusal::INVALID_APP_ID);
    }
    let charset = request.charset.ok_or(refusal::INVALID_CHARSET)?;
    if required("sign_type", &refusal::MISSING_SIGNATURE_TYPE)? != SignType::Rsa2.as_str() {
        return Err(refusal::INVALID_SIGNATURE_TYPE);
    }
    if !is_timestamp(required("timestamp", &refusal::MISSING_TIMESTAMP)?) {
        return Err(refusal::INVALID_TIMESTAMP);
    }
    required("version", &refusal::MISSING_VERSION)?;
    check_certificates(parameters, keys)?;
    let signature = required("sign", &refusal::MISSING_SIGNATURE)?;
    let canonical = parameters.canonical_string();
    let verified = charset.encode(&canonical).is_ok_and(|bytes| keys.app_public_key.verify(&bytes, signature).is_ok());
    if verified {
        return Ok(());
    }
    Err(Refusal {
        // As the real gateway does: whoever logs a sub_msg logs auth codes and tokens.
        sub_msg: format!(
            "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：{}",
            canonical.replace('&', "&amp;")
        )
        .into(),
        ..refusal::INVALID_SIGNATURE
    })
}

/// Certificate mode is chosen by each request: with both serial numbers, or with neither.
fn check_certificates(parameters: &Parameters, keys: &Keys) -> Result<(), Refusal> {
    match (parameters.get("app_cert_sn"), parameters.get("alipay_root_cert_sn")) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(refusal::MISSING_APP_CERTIFICATE),
        (Some(_), None) => Err(refusal::MISSING_ROOT_CERTIFICATE),
        (Some(app), _) if app != keys.certificates.app().serial() => Err(refusal::APP_CERTIFICATE_UNKNOWN),
        (_, Some(root)) if root != keys.certificates.root_serial() => Err(refusal::INVALID_ROOT_CERTIFICATE),
        _ => Ok(()),
    }
}

/// `yyyy-MM-dd HH:mm:ss`. The clock itself is not compared, so that tests can have a time of their own.
fn is_timestamp(text: &str) -> bool {
    text.len() == "yyyy-MM-dd HH:mm:ss".len()
        && text.bytes().zip(*b"0000-00-00 00:00:00").all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            separator => byte == separator,
        })
}
