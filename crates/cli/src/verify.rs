//! `miniauth verify`.

use crate::command::{self, CliError};
use miniauth_openplatform::{
    Certificate, EnvelopeError, MismatchCause, VerifyError,
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
    after_help = "Exits with 0 and prints the verified node, or with 1 and says why not: mismatch, unsigned, duplicate \
                  node, malformed or wrong node; with 2 when the command or the key cannot be used."
)]
pub(crate) struct Arguments {
    /// The method that was called, such as alipay.user.info.share.
    #[arg(long, value_name = "NAME")]
    method: String,
    /// The platform's public key (支付宝公钥): PEM or bare base64, SPKI or PKCS#1; or its certificate.
    #[arg(long, value_name = "FILE")]
    public_key: PathBuf,
    /// The app's own key, private or public: to find out whether it was taken for the platform's.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_APP_PRIVATE_KEY_FILE")]
    app_key: Option<PathBuf>,
    /// The character set of the request: utf-8 or gbk.
    #[arg(long, value_name = "CHARSET", default_value = "utf-8")]
    charset: Charset,
    /// How the answer is signed: RSA2, or RSA for old ones.
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

/// Prints the verified node, or tells why there is none.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let key = public_key(&arguments.public_key)?;
    let own_key = arguments.app_key.as_deref().map(own_key).transpose()?;
    let body = command::bytes(&arguments.body)?;
    let Arguments { method, charset, sign_type, .. } = arguments;
    match verify(&body, method, &key, *charset, *sign_type) {
        Ok(node) => command::line(&node.text()),
        Err(distrust) => {
            let causes = match distrust {
                VerifyError::SignatureInvalid | VerifyError::Malformed(EnvelopeError::InvalidEncoding(_)) => {
                    mismatch_causes(&body, method, &key, *charset, *sign_type, own_key.as_ref())
                }
                _ => Vec::new(),
            };
            Err(CliError::Running(told(&distrust, &causes, own_key.is_some())))
        }
    }
}

/// The reason in one of five words, what it means, and what it comes from.
fn told(distrust: &VerifyError, causes: &[MismatchCause], own_key_known: bool) -> String {
    let mut text = match distrust {
        VerifyError::SignatureInvalid => {
            "mismatch: the signature is not of this key over the bytes of the node".to_owned()
        }
        VerifyError::Unsigned { .. } => format!("unsigned: {distrust}; nothing of such an answer is data"),
        VerifyError::Malformed(error @ EnvelopeError::DuplicateNode) => format!("duplicate node: {error}"),
        VerifyError::Malformed(error @ (EnvelopeError::NoNode | EnvelopeError::ForeignNode)) => {
            format!("wrong node: {error}; check --method")
        }
        other => format!("malformed: {other}"),
    };
    for cause in causes {
        let _ = write!(text, "\n  likely cause: {cause}");
    }
    if causes.is_empty() && *distrust == VerifyError::SignatureInvalid {
        text.push_str(
            "\n  checked and not the cause: another charset, slashes escaped or not, another sign type; it may be another \
             app's key, or the body may have changed on its way",
        );
        if !own_key_known {
            text.push_str("\n  not checked: the app's own key in place of the platform's; give it with --app-key");
        }
    }
    text
}

fn public_key(path: &Path) -> Result<PublicKey, CliError> {
    let text = command::key_text(path)?;
    let unusable = |error: &dyn std::fmt::Display| CliError::Arguments(format!("{}: {error}", path.display()));
    match PublicKey::parse(text.expose_secret()) {
        Err(KeyError::Certificate | KeyError::Several) => {
            let certificate = Certificate::parse(text.expose_secret()).map_err(|error| unusable(&error))?;
            certificate.public_key().cloned().map_err(|error| unusable(&error))
        }
        key => key.map_err(|error| unusable(&error)),
    }
}

fn own_key(path: &Path) -> Result<PublicKey, CliError> {
    let text = command::key_text(path)?;
    match PrivateKey::parse(text.expose_secret()) {
        Ok(key) => Ok(key.public_key().clone()),
        Err(KeyError::PublicForPrivate) => public_key(path),
        Err(error) => Err(CliError::Arguments(format!("{}: {error}", path.display()))),
    }
}
