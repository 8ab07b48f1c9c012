//! A request as it came, in either character set.

use super::refusal::RefusalNode;
use miniauth_openplatform::protocol::{Charset, FormError, Parameters};

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
