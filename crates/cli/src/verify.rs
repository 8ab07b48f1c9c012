//! `miniauth verify`: verifies an answer of the platform.

use crate::command::{self, CliError};
use miniauth_openplatform::{
    Certificate, EnvelopeError, Lookalike, VerifiedNode, VerifyError,
    keys::{KeyError, PrivateKey, PublicKey},
    mismatch_causes,
    protocol::{Charset, SignType},
    verify,
};
use secrecy::ExposeSecret as _;
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "Prints the verified node and exits with 0, or exits with 1 and says why not: mismatch, unsigned, duplicate node, \
                  malformed, wrong node or not decrypted. Exits with 2 when the command or the key is unusable."
)]
pub(crate) struct Arguments {
    /// The called method, such as alipay.user.info.share.
    #[arg(long, value_name = "NAME")]
    method: String,
    /// The platform's public key (支付宝公钥): PEM or bare base64, SPKI or PKCS#1; or its certificate.
    #[arg(long, value_name = "FILE")]
    public_key: PathBuf,
    /// The app's own key, private or public: tests whether it was used instead of the platform's.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_APP_PRIVATE_KEY_FILE")]
    app_key: Option<PathBuf>,
    /// The app's content key (AES 密钥): prints an encrypted node decrypted.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONTENT_KEY_FILE")]
    content_key: Option<PathBuf>,
    /// The character set of the request: utf-8 or gbk.
    #[arg(long, value_name = "CHARSET", default_value = "utf-8")]
    charset: Charset,
    /// The signature type of the answer: RSA2, or RSA for old answers, whose key may have 1024 bits.
    #[arg(long, value_name = "TYPE", default_value = "RSA2", value_parser = sign_type)]
    sign_type: SignType,
    /// The whole body of the answer, byte for byte; - is standard input.
    #[arg(value_name = "BODY", default_value = "-")]
    body: PathBuf,
}

fn sign_type(name: &str) -> Result<SignType, String> {
    [SignType::Rsa2, SignType::Rsa]
        .into_iter()
        .find(|sign_type| sign_type.as_str() == name)
        .ok_or_else(|| "the sign type is RSA2 or RSA".to_owned())
}

/// Prints the verified node, or says why there is none.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let key = public_key(&arguments.public_key, arguments.sign_type)?;
    let own_key = arguments.app_key.as_deref().map(|path| own_key(path, arguments.sign_type)).transpose()?;
    let content_key = arguments.content_key.as_deref().map(command::content_key).transpose()?;
    let body = command::bytes(&arguments.body)?;
    match arguments.verified(&body, &key) {
        Ok(node) => {
            let node = match content_key {
                Some(key) => node.decrypted(&[key]).map_err(|error| {
                    CliError::Running(format!(
                        "not decrypted: the signature is valid, but {error}: check --content-key"
                    ))
                })?,
                None => node,
            };
            command::line(&node.text())?;
            arguments.print_notes(&node, &key);
            Ok(())
        }
        Err(distrust) => Err(CliError::Running(arguments.explained(&body, &key, own_key.as_ref(), &distrust))),
    }
}

impl Arguments {
    fn verified<'a>(&self, body: &'a [u8], key: &PublicKey) -> Result<VerifiedNode<'a>, VerifyError> {
        verify(body, &self.method, key, self.charset, self.sign_type)
    }

    /// Prints what a valid signature does not prove.
    fn print_notes(&self, node: &VerifiedNode<'_>, key: &PublicKey) {
        if node.is_encrypted() {
            eprintln!(
                "miniauth: note: the node is encrypted (AES), and the signature over the encrypted text is valid: decrypt it \
                 with the app's AES key (接口内容加密方式), --content-key"
            );
        }
        if self.sign_type == SignType::Rsa {
            eprintln!(
                "miniauth: note: trust an RSA (SHA-1) signature by a key of {} bits only to inspect old answers: new ones are \
                 signed with RSA2",
                key.bits()
            );
        }
    }

    /// Explains why an answer does not verify: the kind of fault, its meaning, and likely causes.
    fn explained(&self, body: &[u8], key: &PublicKey, own_key: Option<&PublicKey>, distrust: &VerifyError) -> String {
        if let VerifyError::Malformed(error) = distrust
            && let Some(found) = Lookalike::find(body, self.charset, key, self.sign_type)
        {
            return self.explained_as(body, key, *error, &found);
        }
        let mut text = match distrust {
            VerifyError::SignatureInvalid => {
                "mismatch: the signature is not this key's over the bytes of the node".to_owned()
            }
            VerifyError::Unsigned { .. } => format!("unsigned: {distrust}. Trust nothing in such an answer"),
            VerifyError::Malformed(error @ EnvelopeError::DuplicateNode) => format!("duplicate node: {error}"),
            VerifyError::Malformed(error @ (EnvelopeError::NoNode | EnvelopeError::ForeignNode)) => {
                format!("wrong node: {error}; check --method")
            }
            other => format!("malformed: {other}"),
        };
        let causes = match distrust {
            VerifyError::SignatureInvalid | VerifyError::Malformed(EnvelopeError::InvalidEncoding(_)) => {
                mismatch_causes(body, &self.method, key, self.charset, self.sign_type, own_key)
            }
            _ => Vec::new(),
        };
        for cause in &causes {
            let _ = write!(text, "\n  likely cause: {cause}");
        }
        if causes.iter().any(|cause| cause.is_rewriting()) {
            text.push_str(
                "\n  so the body was re-serialised (parsed and written again) on its way: verify the original bytes",
            );
        }
        if causes.is_empty() && *distrust == VerifyError::SignatureInvalid {
            text.push_str(&self.not_found(own_key));
        }
        text
    }

    /// Explains what the body is instead of an answer.
    fn explained_as(&self, body: &[u8], key: &PublicKey, error: EnvelopeError, found: &Lookalike) -> String {
        let is_json = matches!(error, EnvelopeError::NoNode | EnvelopeError::ForeignNode);
        let mut text = format!("{}: {found}", if is_json { "wrong node" } else { "malformed" });
        if *found == Lookalike::ByteOrderMark {
            text.push_str(match self.verified(Lookalike::without_byte_order_mark(body), key) {
                Ok(_) => "; without it, the answer verifies",
                Err(_) => "; without it, the answer does not verify either",
            });
        }
        text
    }

    /// Lists the causes that were ruled out.
    fn not_found(&self, own_key: Option<&PublicKey>) -> String {
        let mut text =
            "\n  checked and not the cause: another charset, a re-serialised body, a wrongly decoded signature, another sign \
             type; it may be another app's key, or the body may have changed on its way"
                .to_owned();
        if self.sign_type == SignType::Rsa {
            text.push_str("; an old answer needs the key that the console showed for RSA at that time");
        }
        if own_key.is_none() {
            text.push_str("\n  not checked: the app's own key instead of the platform's; give it with --app-key");
        }
        text
    }
}

fn public_key(path: &Path, sign_type: SignType) -> Result<PublicKey, CliError> {
    let text = command::key_text(path)?;
    let parse = match sign_type {
        SignType::Rsa2 => PublicKey::parse,
        SignType::Rsa => PublicKey::parse_old,
    };
    match parse(text.expose_secret()) {
        Err(KeyError::Certificate | KeyError::Several) => {
            let certificate = Certificate::parse(text.expose_secret()).map_err(|error| unusable(path, &error))?;
            certificate.public_key().cloned().map_err(|error| unusable(path, &error))
        }
        Err(error @ KeyError::Size(1_024..2_048)) => Err(CliError::Arguments(format!(
            "{}: {error}. If it is the platform's key for old answers, signed with RSA (SHA-1), verify them with --sign-type \
             RSA",
            path.display()
        ))),
        key => key.map_err(|error| unusable(path, &error)),
    }
}

fn own_key(path: &Path, sign_type: SignType) -> Result<PublicKey, CliError> {
    let text = command::key_text(path)?;
    match PrivateKey::parse(text.expose_secret()) {
        Ok(key) => Ok(key.public_key().clone()),
        Err(KeyError::PublicForPrivate) => public_key(path, sign_type),
        Err(error) => Err(unusable(path, &error)),
    }
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> CliError {
    CliError::Arguments(format!("{}: {error}", path.display()))
}
