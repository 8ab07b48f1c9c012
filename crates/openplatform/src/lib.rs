#![doc = include_str!("../README.md")]
//! # A login, and any other method
//!
//! You need the app's id, its private key, and the platform's public key for this app. With these, make a [`GatewayConfig`] and from it a
//! [`Gateway`]. Here the gateway is a local one, which issued the auth code in `code`:
//!
//! ```
//! use miniauth_core::wire::AuthCode;
//! use miniauth_openplatform::{
//!     AppId, Call, Endpoint, Gateway, GatewayConfig, GatewayErrorKind, Retry,
//!     keys::{PrivateKey, PublicKey},
//!     system::{SystemClock, SystemRandom},
//! };
//! use serde_json::json;
//! use std::{fs, sync::Arc};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let config = miniauth_sandbox::SandboxConfig::new(([127, 0, 0, 1], 0).into(), folder.path());
//! # let sandbox = miniauth_sandbox::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await?;
//! # let address = sandbox.local_addr();
//! # tokio::spawn(sandbox.run(std::future::pending()));
//! # let control = |what: &str, body| reqwest::Client::new().post(format!("http://{address}/control/{what}")).json(&body).send();
//! # control("consent", json!({ "user": "zhang-wei", "scope": "auth_user", "decision": "accept" })).await?;
//! # let issued = control("auth-codes", json!({ "user": "zhang-wei", "scopes": ["auth_user"] })).await?;
//! # let issued: serde_json::Value = issued.json().await?;
//! # let code = issued["auth_code"].as_str().unwrap_or_default();
//! # let gateway = format!("http://{address}/gateway.do");
//! # let [app_private_key_file, alipay_public_key_file] =
//! #     [miniauth_sandbox::APP_PRIVATE_KEY_FILE, miniauth_sandbox::ALIPAY_PUBLIC_KEY_FILE].map(|file| folder.path().join(file));
//! let config = GatewayConfig::new(
//!     AppId::parse("2021000000000001")?,
//!     PrivateKey::parse(&fs::read_to_string(app_private_key_file)?)?,
//!     PublicKey::parse(&fs::read_to_string(alipay_public_key_file)?)?,
//!     Endpoint::parse(&gateway)?, // Endpoint::PRODUCTION, or a sandbox's
//! );
//! let gateway = Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom))?;
//!
//! let grant = gateway.exchange_code(&AuthCode::parse(code)?).await?;
//! let member = gateway.user_info(&grant).await?;
//! assert_eq!(member.nick_name(), Some("张伟"));
//!
//! // The same as a plain call. The answer is verified, and returned byte for byte.
//! let call = Call::new("alipay.user.info.share").auth_token(grant.access_token()).retry(Retry::Read);
//! let node = gateway.call(call).await?;
//! assert_eq!(node.json()?["nick_name"], "张伟");
//!
//! // A call that the platform refuses. The local gateway does not have this method.
//! let call = Call::new("alipay.open.app.qrcode.create").biz_content(&json!({
//!     "url_param": "pages/index/index",
//!     "query_param": "from=poster",
//!     "describe": "海报",
//! }));
//! match gateway.call(call).await {
//!     Ok(node) => println!("{}", node.text()),
//!     Err(error) => match error.kind() {
//!         GatewayErrorKind::Refused(refusal) => assert_eq!(refusal.sub_code(), Some("isv.invalid-method")),
//!         _ => return Err(error.into()),
//!     },
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Verify an answer that you already have
//!
//! [`verify`] checks the signature of an answer, over the exact bytes as they came:
//!
//! ```
//! use miniauth_openplatform::{VerifyError, keys::{PrivateKey, SignType}, protocol::Charset, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let platform = PrivateKey::generate()?; // in place of the platform's own
//! let node = r#"{"code":"10000","nick_name":"张伟"}"#;
//! let answer = format!(r#"{{"alipay_user_info_share_response":{node},"sign":"{}"}}"#, platform.sign(node.as_bytes())?);
//!
//! let check = |answer: &str| {
//!     let verified = verify(answer.as_bytes(), "alipay.user.info.share", platform.public_key(), Charset::Utf8, SignType::Rsa2)?;
//!     Ok::<_, VerifyError>(verified.text().into_owned())
//! };
//! assert_eq!(check(&answer)?, node);
//!
//! let changed = answer.replace("张伟", "李娜");
//! assert!(matches!(check(&changed), Err(VerifyError::SignatureInvalid)));
//! # Ok(())
//! # }
//! ```
//!
//! # Modules
//!
//! | module | what is in it |
//! |---|---|
//! | [`keys`] | RSA2 keys. They are parsed once, and a private key in place of a public one is recognised |
//! | [`protocol`] | parameters, the string to sign, timestamps and names, also for implementing a gateway |
//! | [`v3`] | the same for OpenAPI v3, the newer of the two interfaces |
//! | [`system`] | the system's clock and random source |

mod advice;
mod answer;
mod call;
mod certificate;
mod charset;
mod config;
mod content;
mod diagnosis;
mod envelope;
mod error;
mod gateway;
mod http;
pub mod keys;
mod lookalike;
mod member;
mod message;
mod phone;
pub mod protocol;
mod refusal;
mod revocation;
mod rewriting;
pub mod system;
pub mod v3;

pub use advice::{Action, Explanation, Setting};
pub use answer::{OtherFields, VerifiedNode, VerifyError, verify};
pub use call::{Call, Retry};
pub use certificate::{Certificate, CertificateError, CertificateFile, Certificates, ValidityError};
pub use config::{Api, AppId, AppIdError, ConfigError, Endpoint, EndpointError, GatewayConfig, Trust, UnknownApiError};
pub use content::{ContentKey, ContentKeyError, DecryptError, EncryptError};
pub use diagnosis::{MismatchCause, mismatch_causes};
pub use envelope::{EnvelopeError, NodeKind};
pub use error::{GatewayError, GatewayErrorKind};
pub use gateway::{Gateway, Probe};
pub use lookalike::Lookalike;
pub use member::{TokenGrant, UserIds, UserIdsError, VerifiedMember};
pub use message::{MAXIMUM_MESSAGE, Message, MessageError, Withdrawal};
pub use phone::{MAXIMUM_PHONE_ANSWER, PhoneError, PhoneNumber, PhoneSignature, PhoneSignatureError};
pub use refusal::Refusal;
pub use revocation::{REVOCATIONS_PER_PAGE, Revocation, RevocationPage};
