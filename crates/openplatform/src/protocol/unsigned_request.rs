//! A request that lacks nothing but its signature.

use super::{Parameters, form};
use crate::{
    charset::{Charset, Unencodable},
    keys::{PrivateKey, SigningFailed},
};

/// What is to be signed, and the form that is to carry the signature.
pub(crate) struct UnsignedRequest {
    message: Vec<u8>,
    form: String,
}

impl UnsignedRequest {
    /// The request with these parameters.
    ///
    /// # Errors
    /// [`Unencodable`] when the character set lacks a character.
    pub(crate) fn new(mut parameters: Parameters<'_>, charset: Charset) -> Result<Self, Unencodable> {
        let message = parameters.bytes_to_sign(charset)?;
        // Signed with the rest, but it travels in the query.
        parameters.take("charset");
        Ok(Self { message, form: parameters.to_form(charset)? })
    }

    /// The form with its signature.
    ///
    /// # Errors
    /// See [`PrivateKey::sign`].
    pub(crate) fn sign(self, key: &PrivateKey) -> Result<String, SigningFailed> {
        let mut form = self.form;
        form::append_ascii(&mut form, "sign", &key.sign(&self.message)?);
        Ok(form)
    }
}
