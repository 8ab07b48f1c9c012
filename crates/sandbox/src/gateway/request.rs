//! A request as it came, in either character set, and whether it is the app's own.

use super::answer::RefusalNode;
use crate::{keys::Keys, known_app};
use miniauth_openplatform::protocol::{Charset, FormError, Parameters, SignType};

/// The parameters of query and body, and the character set that they name.
pub(super) struct Request {
    pub(super) parameters: Parameters<'static>,
    pub(super) charset: Option<Charset>,
    fault: Option<FormError>,
}

impl Request {
    pub(super) fn read(query: &[u8], body: &[u8]) -> Self {
        // Its value is ASCII in either character set, and needs no escapes.
        let named = [query, body].into_iter().flat_map(|form| form.split(|&byte| byte == b'&'));
        let named = named.filter_map(|pair| pair.strip_prefix(b"charset=")).next();
        let charset = named.and_then(|name| str::from_utf8(name).ok()).and_then(|name| name.parse().ok());
        let mut parameters = Parameters::new();
        let read_as = charset.unwrap_or_default();
        let outcome =
            parameters.extend_from_form(query, read_as).and_then(|()| parameters.extend_from_form(body, read_as));
        Self { parameters, charset, fault: outcome.err() }
    }

    /// Why nothing can be done with it.
    pub(super) fn complaint(&self) -> Option<RefusalNode> {
        match self.fault? {
            FormError::Duplicate => Some(RefusalNode::of("isv.invalid-parameter")),
            // What is not of the named character set cannot be what was signed.
            FormError::Encoding => Some(RefusalNode::of("isv.invalid-signature")),
        }
    }
}

/// Checks the common parameters in the order in which a person would mend them, and the signature last.
pub(super) fn check(request: &Request, keys: &Keys) -> Result<(), RefusalNode> {
    let parameters = &request.parameters;
    let required = |name, missing| parameters.get(name).ok_or_else(|| RefusalNode::of(missing));
    required("method", "isv.missing-method")?;
    if known_app(required("app_id", "isv.missing-app-id")?).is_none() {
        return Err(RefusalNode::of("isv.invalid-app-id"));
    }
    let charset = request.charset.ok_or_else(|| RefusalNode::of("isv.invalid-charset"))?;
    if required("sign_type", "isv.missing-signature-type")? != SignType::Rsa2.as_str() {
        return Err(RefusalNode::of("isv.invalid-signature-type"));
    }
    if !is_timestamp(required("timestamp", "isv.missing-timestamp")?) {
        return Err(RefusalNode::of("isv.invalid-timestamp"));
    }
    required("version", "isv.missing-version")?;
    check_certificates(parameters, keys)?;
    let signature = required("sign", "isv.missing-signature")?;
    let canonical = parameters.canonical_string();
    let verified = charset.encode(&canonical).is_ok_and(|bytes| keys.app_public_key.verify(&bytes, signature).is_ok());
    if verified {
        return Ok(());
    }
    Err(RefusalNode {
        // As the real gateway does: whoever logs a sub_msg logs auth codes and tokens.
        sub_msg: format!(
            "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：{}",
            canonical.replace('&', "&amp;")
        )
        .into(),
        ..RefusalNode::of("isv.invalid-signature")
    })
}

/// Certificate mode is chosen by each request: with both serial numbers, or with neither.
fn check_certificates(parameters: &Parameters, keys: &Keys) -> Result<(), RefusalNode> {
    let fault = match (parameters.get("app_cert_sn"), parameters.get("alipay_root_cert_sn")) {
        (None, None) => return Ok(()),
        (None, Some(_)) => "isv.missing-app-cert-sn",
        (Some(_), None) => "isv.missing-alipay-root-cert-sn",
        (Some(app), _) if app != keys.certificates.app().serial() => "isv.app-cert-not-exist",
        (_, Some(root)) if root != keys.certificates.root_serial() => "isv.invalid-alipay-root-cert-sn",
        _ => return Ok(()),
    };
    Err(RefusalNode::of(fault))
}

/// `yyyy-MM-dd HH:mm:ss`. The clock itself is not compared, so that tests can have a time of their own.
fn is_timestamp(text: &str) -> bool {
    text.len() == "yyyy-MM-dd HH:mm:ss".len()
        && text.bytes().zip(*b"0000-00-00 00:00:00").all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            separator => byte == separator,
        })
}
