//! Whether a request is the app's own: its common parameters and its signature.

use super::refusal::{self, Refusal};
use crate::APP_ID;
use miniauth_openplatform::{
    keys::PublicKey,
    protocol::{Charset, Parameters, SignType},
};

/// Checks the common parameters in the order in which a person would mend them, and the signature last.
pub(super) fn check(parameters: &Parameters, app_public_key: &PublicKey) -> Result<(), Refusal> {
    let required = |name, missing: &Refusal| parameters.get(name).ok_or_else(|| missing.clone());
    required("method", &refusal::MISSING_METHOD)?;
    if required("app_id", &refusal::MISSING_APP_ID)? != APP_ID {
        return Err(refusal::INVALID_APP_ID);
    }
    if parameters.get("charset").and_then(|charset| charset.parse().ok()) != Some(Charset::Utf8) {
        return Err(refusal::INVALID_CHARSET);
    }
    if required("sign_type", &refusal::MISSING_SIGNATURE_TYPE)? != SignType::Rsa2.as_str() {
        return Err(refusal::INVALID_SIGNATURE_TYPE);
    }
    if !is_timestamp(required("timestamp", &refusal::MISSING_TIMESTAMP)?) {
        return Err(refusal::INVALID_TIMESTAMP);
    }
    required("version", &refusal::MISSING_VERSION)?;
    let signature = required("sign", &refusal::MISSING_SIGNATURE)?;
    let canonical = parameters.canonical_string();
    app_public_key.verify(canonical.as_bytes(), signature).map_err(|_| Refusal {
        // As the real gateway does: whoever logs a sub_msg logs auth codes and tokens.
        sub_msg: format!(
            "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：{}",
            canonical.replace('&', "&amp;")
        )
        .into(),
        ..refusal::INVALID_SIGNATURE
    })
}

/// `yyyy-MM-dd HH:mm:ss`. The clock itself is not compared, so that tests can have a time of their own.
fn is_timestamp(text: &str) -> bool {
    text.len() == "yyyy-MM-dd HH:mm:ss".len()
        && text.bytes().zip(*b"0000-00-00 00:00:00").all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            separator => byte == separator,
        })
}
