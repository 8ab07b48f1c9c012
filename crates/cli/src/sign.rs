//! `miniauth sign`: signs the parameters of a request.

use crate::command::{self, CliError};
use miniauth_openplatform::{
    keys::PrivateKey,
    protocol::{Charset, Parameters},
};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "PARAMS.json is one JSON object with the request's parameters, in UTF-8. Values are strings, numbers or \
                  booleans. Give a nested object such as biz_content as the exact string that is sent. The parameter sign and \
                  empty values are left out, as the gateway does."
)]
pub(crate) struct Arguments {
    /// The app's private key: PEM or bare base64, PKCS#8 or PKCS#1.
    #[arg(long, value_name = "FILE")]
    private_key: PathBuf,
    /// The character set in which the string is signed: utf-8 or gbk [default: the parameter charset, otherwise utf-8].
    #[arg(long, value_name = "CHARSET")]
    charset: Option<Charset>,
    /// The app's content key (AES 密钥): encrypts biz_content before signing, and adds encrypt_type=AES.
    #[arg(long, value_name = "FILE")]
    content_key: Option<PathBuf>,
    /// The signature type; only RSA2.
    #[arg(long, value_name = "TYPE", default_value = "RSA2", value_parser = ["RSA2"])]
    sign_type: String,
    /// The parameters; - is standard input.
    #[arg(value_name = "PARAMS.json", default_value = "-")]
    parameters: PathBuf,
}

#[derive(Serialize)]
struct Signed {
    /// The encrypted content to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_content: Option<String>,
    string_to_sign: String,
    sign: String,
}

/// Prints the string to sign and its signature.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let key = command::key_text(&arguments.private_key)?;
    let place = arguments.private_key.display();
    let key =
        PrivateKey::parse(key.expose_secret()).map_err(|error| CliError::Arguments(format!("{place}: {error}")))?;
    let mut parameters = parameters(&command::bytes(&arguments.parameters)?).map_err(CliError::Arguments)?;
    let charset = charset(arguments.charset, &parameters).map_err(CliError::Arguments)?;
    let mut biz_content = None;
    if let Some(file) = &arguments.content_key {
        let key = command::content_key(file)?;
        let encrypted = parameters.encrypt(&key, charset);
        encrypted.map_err(|error| CliError::Arguments(format!("the parameters cannot be encrypted: {error}")))?;
        biz_content = parameters.get("biz_content").map(str::to_owned);
    }
    let string_to_sign = parameters.canonical_string();
    let message = charset.encode(&string_to_sign).map_err(|error| CliError::Arguments(error.to_string()))?;
    let sign = key.sign(&message).map_err(CliError::running)?;
    command::json(&Signed { biz_content, string_to_sign, sign })
}

fn parameters(json: &[u8]) -> Result<Parameters<'static>, String> {
    let fields: BTreeMap<String, Value> =
        serde_json::from_slice(json).map_err(|error| format!("the parameters are not one JSON object: {error}"))?;
    let mut parameters = Parameters::new();
    for (name, value) in fields {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null => continue,
            Value::Array(_) | Value::Object(_) => {
                return Err(format!(
                    "the parameter {name} is nested: give it as a string, because the signature covers its exact bytes"
                ));
            }
        };
        parameters.set(name, text);
    }
    Ok(parameters)
}

/// Chooses the charset. The gateway decodes by the parameter charset, and cannot verify a signature in another one: that gets a warning.
fn charset(wanted: Option<Charset>, parameters: &Parameters) -> Result<Charset, String> {
    let named = parameters.get("charset").map(str::parse::<Charset>).transpose();
    let named = named.map_err(|error| format!("the parameter charset: {error}"))?;
    match (wanted, named) {
        (Some(wanted), Some(named)) if wanted != named => {
            eprintln!("miniauth: note: the parameter charset is {named}, but the string was signed in {wanted}");
            Ok(wanted)
        }
        (wanted, named) => Ok(wanted.or(named).unwrap_or_default()),
    }
}
