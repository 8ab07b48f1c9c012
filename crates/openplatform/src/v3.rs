//! OpenAPI v3: the same methods as `gateway.do`, with a path for each method, JSON, and a signed time in each answer. The names here also
//! serve implementations of a gateway.
//!
//! Everything about v3 is taken from the platform's own SDKs: alipay-sdk 4.14.0 for Node, `curl`. A row of
//! `platform/behaviours.json` lists the parts that no source confirms.

use crate::{
    answer::{Fields, VerifiedNode, VerifyError, check_serial},
    charset::Charset,
    config::Trust,
    content::{ContentKey, DecryptError, EncryptError, decrypt_json},
    error::GatewayErrorKind as Kind,
    protocol::{CODE_SUCCESS, Parameters},
    refusal::Refusal,
};
use miniauth_core::{random::Random, time::Timestamp};
use miniauth_platform::gateway::gateway;
use serde_json::{Map, Value};
use std::{fmt::Write as _, time::Duration};
use url::form_urlencoded::Serializer;

/// The scheme of the header `authorization`.
pub const SCHEME: &str = "ALIPAY-SHA256withRSA";

/// Header of a request in certificate mode: the serial number of the platform's root certificates.
pub const ROOT_SERIAL_HEADER: &str = "alipay-root-cert-sn";

/// Header of a request on behalf of another app: `app_auth_token`.
pub const APP_AUTH_TOKEN_HEADER: &str = "alipay-app-auth-token";

/// Header of an answer: the signature, in base64.
pub const SIGNATURE_HEADER: &str = "alipay-signature";

/// Header of an answer: when it was signed, in milliseconds since 1970.
pub const TIMESTAMP_HEADER: &str = "alipay-timestamp";

/// Header of an answer: a random text that is signed with it.
pub const NONCE_HEADER: &str = "alipay-nonce";

/// Header of an answer in certificate mode: the serial number of the certificate whose key signed.
pub const SERIAL_HEADER: &str = "alipay-sn";

/// Header of a request with an encrypted body, and that asks for an encrypted answer: with the value `AES`.
pub const ENCRYPT_TYPE_HEADER: &str = "alipay-encrypt-type";

/// How far the signed time of an answer may differ from the client's clock. A recorded answer can be replayed for this
/// long, and clocks may differ by as much. The platform documents no limit, and its SDKs do not check.
pub const WINDOW: Duration = Duration::from_secs(5 * 60);

/// Returns the path of a method: `/v3/alipay/user/info/share` for `alipay.user.info.share`.
pub fn path(method: &str) -> String {
    format!("/v3/{}", method.replace('.', "/"))
}

/// Returns v3's code for a `sub_code` of v2: `invalid-auth-token` for `aop.invalid-auth-token`.
pub fn bare_code(sub_code: &str) -> &str {
    sub_code.split_once('.').map_or(sub_code, |(_, bare)| bare)
}

/// Returns the text that a request's signature covers. `auth` is the part of the header `authorization` before
/// `,sign=`.
pub fn request_string(
    auth: &str,
    http_method: &str,
    path_and_query: &str,
    body: &str,
    app_auth_token: Option<&str>,
) -> String {
    let mut signed = format!("{auth}\n{http_method}\n{path_and_query}\n{body}\n");
    if let Some(token) = app_auth_token {
        signed.push_str(token);
        signed.push('\n');
    }
    signed
}

/// Returns the bytes that an answer's signature covers.
pub fn answer_bytes(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat()
}

/// Decrypts a body that was encrypted with one of the keys.
///
/// # Errors
/// [`DecryptError`] if none of them fits.
pub fn decrypt(body: &str, keys: &[ContentKey]) -> Result<String, DecryptError> {
    decrypt_json(body.as_bytes(), keys, Charset::Utf8)
}

/// The HTTP method that v3 uses for a method of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

impl Verb {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request without its signature.
pub(crate) struct Request {
    pub(crate) verb: Verb,
    pub(crate) path_and_query: String,
    pub(crate) body: String,
    pub(crate) app_auth_token: Option<String>,
    pub(crate) is_encrypted: bool,
    auth: String,
}

impl Request {
    /// Creates a request. `POST` has the parameters as the JSON body. If there is `biz_content`, that is the body, and
    /// the others are in the query. `auth_token` is always in the query. `GET` has all parameters in the query.
    pub(crate) fn new(verb: Verb, method: &str, parameters: &Parameters<'_>, auth: String) -> Self {
        let mut query = Serializer::new(String::new());
        let mut members = Map::new();
        let content = parameters.get("biz_content");
        for (name, value) in parameters.iter() {
            match name {
                "biz_content" | "app_auth_token" => {}
                "auth_token" => drop(query.append_pair(name, value)),
                _ if content.is_some() || verb == Verb::Get => drop(query.append_pair(name, value)),
                _ => drop(members.insert(name.to_owned(), Value::from(value))),
            }
        }
        let body = match content {
            Some(content) if verb == Verb::Get => {
                for (name, value) in serde_json::from_str::<Map<String, Value>>(content).unwrap_or_default() {
                    query.append_pair(&name, value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str());
                }
                String::new()
            }
            Some(content) => content.to_owned(),
            None if members.is_empty() => String::new(),
            None => Value::from(members).to_string(),
        };
        let query = query.finish();
        let separator = if query.is_empty() { "" } else { "?" };
        Self {
            verb,
            path_and_query: format!("{}{separator}{query}", path(method)),
            body,
            app_auth_token: parameters.get("app_auth_token").map(str::to_owned),
            is_encrypted: false,
            auth,
        }
    }

    /// Encrypts the body. Do this before signing.
    pub(crate) fn encrypt(&mut self, key: &ContentKey) -> Result<(), EncryptError> {
        if self.body.is_empty() {
            return Err(EncryptError::NoContent);
        }
        self.body = key.encrypt(self.body.as_bytes())?;
        self.is_encrypted = true;
        Ok(())
    }

    /// Returns the header `content-type` of a `POST`.
    pub(crate) fn content_type(&self) -> &'static str {
        if self.is_encrypted { "text/plain" } else { "application/json" }
    }

    /// Returns the bytes to sign.
    pub(crate) fn to_sign(&self) -> Vec<u8> {
        let token = self.app_auth_token.as_deref();
        request_string(&self.auth, self.verb.as_str(), &self.path_and_query, &self.body, token).into_bytes()
    }

    /// Returns the header `authorization`.
    pub(crate) fn authorization(&self, signature: &str) -> String {
        format!("{SCHEME} {},sign={signature}", self.auth)
    }
}

/// Returns the sender and the time of a request.
pub(crate) fn auth(app_id: &str, trust: &Trust, now: Timestamp, random: &dyn Random) -> String {
    let mut auth = format!("app_id={app_id}");
    // Writing to a text cannot fail.
    if let Trust::Certificates(certificates) = trust {
        let _ = write!(auth, ",app_cert_sn={}", certificates.app().serial());
    }
    let mut nonce = [0; 16];
    random.fill(&mut nonce);
    let _ = write!(auth, ",nonce={:032x},timestamp={}", u128::from_be_bytes(nonce), now.as_millis());
    auth
}

/// An answer as received. Nothing in it is trusted yet.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) signature: Option<String>,
    pub(crate) timestamp: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Returns the body and the fields of a success.
    pub(crate) fn success(
        mut self,
        trust: &Trust,
        content_keys: &[ContentKey],
        now: Timestamp,
    ) -> Result<(VerifiedNode<'static>, Fields), Kind> {
        let verified = self.verify(trust, now);
        // The signature covers only the body as received.
        let decrypted = self.decrypt(content_keys);
        if let Err(distrust) = verified {
            // The page of a proxy, or of a platform that is down. Its status says as much as its text.
            let says_nothing = self.signature.is_none() && (self.status >= 500 || self.refusal().is_none());
            return Err(if self.status != 200 && says_nothing { Kind::Status(self.status) } else { distrust.into() });
        }
        if self.status != 200 {
            return Err(self.refusal().map_or(Kind::Status(self.status), Kind::Refused));
        }
        decrypted?;
        let fields = Fields::read(str::from_utf8(&self.body).unwrap_or_default())?;
        match fields.status()?.code.and_then(|code| self.refusal_named(code)) {
            Some(refusal) => Err(Kind::Refused(refusal)),
            None => Ok((VerifiedNode::whole(self.body), fields)),
        }
    }

    fn verify(&self, trust: &Trust, now: Timestamp) -> Result<(), VerifyError> {
        let (Some(signature), Some(timestamp), Some(nonce)) = (&self.signature, &self.timestamp, &self.nonce) else {
            return Err(VerifyError::Unsigned { claim: self.refusal() });
        };
        check_serial(trust, self.serial.as_deref())?;
        let signed = answer_bytes(timestamp, nonce, &self.body);
        trust.key().verify(&signed, signature).map_err(|_| VerifyError::SignatureInvalid)?;
        // It is signed, so this is the platform's clock.
        let signed_at = Timestamp::from_millis(timestamp.parse().map_err(|_| VerifyError::SignatureInvalid)?);
        let (early, late) = (signed_at.millis_since(now), now.millis_since(signed_at));
        if u128::from(early.max(late)) > WINDOW.as_millis() {
            return Err(VerifyError::OtherTime { seconds: early.max(late) / 1_000, ahead: late > 0 });
        }
        Ok(())
    }

    /// Decrypts the body if it is encrypted.
    fn decrypt(&mut self, keys: &[ContentKey]) -> Result<(), DecryptError> {
        if is_base64(&self.body) {
            self.body = decrypt_json(&self.body, keys, Charset::Utf8)?.into_bytes();
        }
        Ok(())
    }

    /// Returns the refusal that the body claims to be.
    fn refusal(&self) -> Option<Refusal> {
        let fields: Value = serde_json::from_slice(&self.body).ok()?;
        self.refusal_named(fields.get("code")?.as_str()?)
    }

    /// Returns `None` for the code of success.
    fn refusal_named(&self, named: &str) -> Option<Refusal> {
        if named == CODE_SUCCESS {
            return None;
        }
        // v3 has one code where v2 has two, and omits the part before the dot. The data has both codes of v2.
        let whole = ["", "isv.", "isp.", "aop."].into_iter().map(|before| format!("{before}{named}"));
        let known = whole.into_iter().find_map(|sub_code| gateway().refusals.get_key_value(&sub_code));
        Some(match known {
            Some((sub_code, known)) => Refusal::new(Some(&known.code), Some(sub_code)),
            None => Refusal::new((self.status >= 500).then_some("20000"), Some(named)),
        })
    }
}

/// Returns whether a body is encrypted (接口内容加密): base64 instead of JSON.
fn is_base64(body: &[u8]) -> bool {
    let of_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    !body.is_empty() && body.iter().all(of_alphabet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::PrivateKey, system::SystemRandom};
    use std::sync::LazyLock;

    fn request(parameters: &[(&'static str, &'static str)]) -> Request {
        let mut all = Parameters::new();
        for &(name, value) in parameters {
            all.set(name, value);
        }
        Request::new(Verb::Post, "alipay.user.info.share", &all, "app_id=1,nonce=n,timestamp=2".to_owned())
    }

    #[test]
    fn a_get_has_all_of_its_parameters_in_the_signed_query() {
        let mut all = Parameters::new();
        all.set("biz_content", r#"{"open_id":"a b","scopes":"auth_user,auth_base","limit":1}"#);
        all.set("notify_url", "x");
        let request =
            Request::new(Verb::Get, "alipay.open.auth.userauth.relationship.query", &all, "app_id=1".to_owned());
        let path = "/v3/alipay/open/auth/userauth/relationship/query\
                    ?notify_url=x&limit=1&open_id=a+b&scopes=auth_user%2Cauth_base";
        assert_eq!((request.path_and_query.as_str(), request.body.as_str()), (path, ""));
        assert_eq!(String::from_utf8(request.to_sign()).unwrap(), format!("app_id=1\nGET\n{path}\n\n"));
    }

    #[test]
    fn a_request_has_its_parameters_where_v3_wants_them() {
        let exchange = request(&[("grant_type", "authorization_code"), ("code", "a\"b")]);
        assert_eq!(exchange.path_and_query, "/v3/alipay/user/info/share");
        assert_eq!(exchange.body, r#"{"code":"a\"b","grant_type":"authorization_code"}"#);
        let read = request(&[("auth_token", "a+b/c=")]);
        assert_eq!(
            (read.path_and_query.as_str(), read.body.as_str()),
            ("/v3/alipay/user/info/share?auth_token=a%2Bb%2Fc%3D", "")
        );
        let other =
            request(&[("biz_content", r#"{"a":1}"#), ("notify_url", "https://shop.example"), ("app_auth_token", "t")]);
        assert_eq!(other.body, r#"{"a":1}"#);
        assert!(other.path_and_query.ends_with("?notify_url=https%3A%2F%2Fshop.example"), "{}", other.path_and_query);
        assert!(other.to_sign().ends_with(b"\n{\"a\":1}\nt\n"));
    }

    #[test]
    fn a_refusal_is_known_by_its_code_with_and_without_the_part_before_the_dot() {
        for (status, named, code, sub_code) in [
            (401, "invalid-auth-token", "20001", "aop.invalid-auth-token"),
            (401, "aop.invalid-auth-token", "20001", "aop.invalid-auth-token"),
            (400, "code-invalid", "40002", "isv.code-invalid"),
            (400, "something-new", "", "something-new"),
            (500, "something-new", "20000", "something-new"),
        ] {
            let body = format!(r#"{{"code":"{named}","message":"x","links":[]}}"#).into_bytes();
            let (signature, timestamp, nonce, serial) = (None, None, None, None);
            let refusal = Answer { status, signature, timestamp, nonce, serial, body }.refusal().unwrap();
            assert_eq!((refusal.code(), refusal.sub_code()), (code, Some(sub_code)), "{named}");
        }
    }

    static PLATFORM: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

    const NOW: Timestamp = Timestamp::from_seconds(1_795_230_256);

    fn unsigned(status: u16, body: &str) -> Answer {
        let (signature, timestamp, nonce, serial) = (None, None, None, None);
        Answer { status, signature, timestamp, nonce, serial, body: body.as_bytes().to_vec() }
    }

    /// Returns an answer with that body, signed by the platform at that time.
    fn signed_at(time: Timestamp, body: &str) -> Answer {
        let (timestamp, nonce) = (time.as_millis().to_string(), "n".to_owned());
        let signature = PLATFORM.sign(&answer_bytes(&timestamp, &nonce, body.as_bytes())).unwrap();
        let (signature, timestamp, nonce) = (Some(signature), Some(timestamp), Some(nonce));
        Answer { signature, timestamp, nonce, ..unsigned(200, body) }
    }

    fn outcome(answer: Answer, content_keys: &[ContentKey]) -> Result<String, Kind> {
        let trust = Trust::from(PLATFORM.public_key().clone());
        answer.success(&trust, content_keys, NOW).map(|(node, _)| node.text().into_owned())
    }

    #[test]
    fn a_signed_time_may_differ_by_the_window_and_no_more() {
        let window = u64::try_from(WINDOW.as_millis()).unwrap();
        let ago = |millis| outcome(signed_at(Timestamp::from_millis(NOW.as_millis() - millis), "{}"), &[]);
        let ahead = |millis| outcome(signed_at(NOW.plus_millis(millis), "{}"), &[]);
        assert!(ago(window).is_ok() && ahead(window).is_ok());
        for (outcome, late) in [(ago(window + 1), true), (ahead(window + 1), false)] {
            let Err(Kind::Untrusted(VerifyError::OtherTime { seconds, ahead })) = outcome else {
                panic!("{outcome:?}")
            };
            assert_eq!((seconds, ahead), (WINDOW.as_secs(), late));
        }
    }

    #[test]
    fn an_unsigned_answer_counts_as_its_status_unless_it_claims_a_refusal() {
        let refusal = r#"{"code":"invalid-signature"}"#;
        for (status, body, is_status) in
            [(404, "not found", true), (502, "", true), (502, refusal, true), (400, refusal, false), (200, "{}", false)]
        {
            match outcome(unsigned(status, body), &[]).unwrap_err() {
                Kind::Status(found) => assert!(is_status && found == status, "{status} {body}"),
                Kind::Untrusted(VerifyError::Unsigned { claim }) => {
                    assert!(!is_status && claim.is_some() == (body == refusal), "{status} {body}");
                }
                other => panic!("{status} {body}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_encrypted_body_is_read_as_its_content() {
        let key = ContentKey::generate(&SystemRandom);
        let body = key.encrypt(r#"{"nick_name":"诚"}"#.as_bytes()).unwrap();
        let keys = [key];
        assert_eq!(outcome(signed_at(NOW, &body), &keys).unwrap(), r#"{"nick_name":"诚"}"#);
        assert_eq!(decrypt(&body, &keys).unwrap(), r#"{"nick_name":"诚"}"#);
        assert!(matches!(outcome(signed_at(NOW, &body), &[]), Err(Kind::NotDecrypted(DecryptError::NoKey))));
        // An empty body is neither an object nor encrypted.
        assert!(matches!(outcome(signed_at(NOW, ""), &keys), Err(Kind::Unusable(_))));
    }

    #[test]
    fn a_request_says_who_sends_it_and_what_its_body_is() {
        struct Ones;
        impl Random for Ones {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(0x11);
            }
        }
        let trust = Trust::from(PLATFORM.public_key().clone());
        let said = auth("2021", &trust, Timestamp::from_millis(7), &Ones);
        assert_eq!(said, "app_id=2021,nonce=11111111111111111111111111111111,timestamp=7");
        let mut request = request(&[("biz_content", "{}")]);
        let authorization = request.authorization("s");
        assert_eq!(authorization, "ALIPAY-SHA256withRSA app_id=1,nonce=n,timestamp=2,sign=s");
        assert_eq!(request.content_type(), "application/json");
        let key = ContentKey::generate(&SystemRandom);
        request.encrypt(&key).unwrap();
        assert_eq!((request.content_type(), request.is_encrypted), ("text/plain", true));
        assert_eq!(decrypt(&request.body, &[key]).unwrap(), "{}");
        assert_eq!(answer_bytes("1", "n", b"{}"), b"1\nn\n{}\n");
        assert_eq!([bare_code("aop.invalid-auth-token"), bare_code("missing")], ["invalid-auth-token", "missing"]);
    }

    #[test]
    fn the_string_to_sign_has_a_line_for_each_part() {
        let signed = request(&[("auth_token", "t")]).to_sign();
        let expected = "app_id=1,nonce=n,timestamp=2\nPOST\n/v3/alipay/user/info/share?auth_token=t\n\n";
        assert_eq!(String::from_utf8(signed).unwrap(), expected);
    }
}
