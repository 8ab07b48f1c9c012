//! Reads a request in either character set, checks that the app sent it, and carries out its method.

use super::{Answer, Done, RefusalNode, revocations};
use crate::{
    KEYLESS_APP_ID,
    codes::{Authorisation, CodeError, Refresh, TOKEN_LIFETIME, TokenError},
    faults::{Fault, FaultKind},
    keys::Keys,
    known_app,
    profiles::Ids,
    users::{Product, TestUser, Users},
    world::{Shared, World},
};
use miniauth_core::scope::Scope;
use miniauth_openplatform::protocol::{
    CODE_SUCCESS, CONSENT_QUERY, Charset, ENCRYPT_TYPE, FormError, OAUTH_TOKEN, Parameters, REVOCATIONS_QUERY,
    SignType, USER_INFO_SHARE, beijing_time,
};
use serde::Serialize;
use std::{collections::BTreeMap, slice};

/// The refusal of content that was encrypted with another key than the app's.
pub(super) const NOT_DECRYPTED: &str = "isv.decryption-error-unknown";

/// Returns a method's name for the log, which must not contain arbitrary input.
pub(super) fn name_for_log(method: Option<&str>) -> &'static str {
    match method {
        Some(OAUTH_TOKEN) => OAUTH_TOKEN,
        Some(USER_INFO_SHARE) => USER_INFO_SHARE,
        Some(REVOCATIONS_QUERY) => REVOCATIONS_QUERY,
        Some(CONSENT_QUERY) => CONSENT_QUERY,
        _ => "unknown",
    }
}

/// Carries out the method.
pub(super) fn carry_out(shared: &Shared, parameters: &Parameters, fault: Option<&Fault>) -> Done {
    match parameters.get("method") {
        Some(OAUTH_TOKEN) => oauth_token(shared, parameters),
        Some(USER_INFO_SHARE) => user_info_share(shared, parameters, fault),
        Some(REVOCATIONS_QUERY) => revocations::list(shared, parameters),
        Some(CONSENT_QUERY) => revocations::consents(shared, parameters),
        method => refuse(&shared.world(), method, &RefusalNode::of("isv.invalid-method")),
    }
}

/// Refuses a call: under the method's own name, or as `error_response` if there is no such method or the profile `node` says so.
pub(super) fn refuse(world: &World, method: Option<&str>, refusal: &RefusalNode) -> Done {
    let answer = match method {
        Some(OAUTH_TOKEN) if world.profiles.token_refuses_under_its_name() => Answer::own(OAUTH_TOKEN, refusal),
        Some(own @ (USER_INFO_SHARE | REVOCATIONS_QUERY | CONSENT_QUERY)) => Answer::own(own, refusal),
        _ => Answer::error(refusal),
    };
    Done::refused(answer, refusal.sub_code)
}

/// A user's ids, chosen by the profile `ids`, or by a test for this login or user.
#[derive(Serialize)]
pub(super) struct IdNode<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    alipay_open_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
}

impl<'a> IdNode<'a> {
    /// Chooses the ids for both answers of a login; `turn` is the token's.
    fn new(world: &World, method: &str, turn: usize, user: &'a TestUser, authorisation: &Authorisation) -> Self {
        let ids = authorisation.ids.unwrap_or_else(|| world.ids_of(&user.id)).in_turn(turn);
        Self::chosen(ids, method == USER_INFO_SHARE, user, authorisation.app_id)
    }

    /// Chooses the ids that the next login's answer would have.
    pub(super) fn of_today(world: &World, app_id: &'static str, user: &'a TestUser) -> Self {
        let ids = world.ids_of(&user.id).in_turn(world.codes.turns(app_id, &user.id));
        Self::chosen(ids, false, user, app_id)
    }

    fn chosen(ids: Ids, shares: bool, user: &'a TestUser, app_id: &str) -> Self {
        let open_id = || Some(user.open_id_for(app_id));
        let user_id = Some(user.user_id.as_str());
        let (alipay_open_id, open_id, user_id) = match ids {
            Ids::UserId | Ids::Mixed => (None, None, user_id),
            Ids::Both => (None, open_id(), user_id),
            Ids::AlipayOpenId if shares => (open_id(), None, None),
            Ids::Nobody if shares => (None, None, None),
            Ids::OpenId | Ids::AlipayOpenId | Ids::Nobody => (None, open_id(), None),
        };
        Self { alipay_open_id, open_id, user_id }
    }
}

/// The answer of `alipay.system.oauth.token`, which has no `code` on success.
#[derive(Serialize)]
struct TokenNode<'a> {
    access_token: &'a str,
    auth_start: String,
    expires_in: u64,
    re_expires_in: u64,
    refresh_token: &'a str,
    #[serde(flatten)]
    ids: IdNode<'a>,
}

fn oauth_token(shared: &Shared, parameters: &Parameters) -> Done {
    let now = shared.clock.now();
    let mut world = shared.world();
    let bought = match parameters.get("grant_type") {
        Some("authorization_code") => {
            let code = parameters.get("code").unwrap_or_default();
            let app_id = parameters.get("app_id").unwrap_or_default();
            world.codes.exchange(code, app_id, now, &*shared.random).map_err(|fault| match fault {
                CodeError::Invalid => "isv.code-invalid",
                CodeError::OtherApp => "isv.invalid-app-id",
            })
        }
        Some("refresh_token") => {
            let refresh_token = parameters.get("refresh_token").unwrap_or_default();
            let refresh = if world.profiles.refresh_renews() { Refresh::Renewed } else { Refresh::Fixed };
            world.codes.refresh(refresh_token, refresh, now, &*shared.random).map_err(|fault| match fault {
                TokenError::Unknown => "isv.refresh-token-invalid",
                TokenError::Expired => "isv.refresh-token-time-out",
                TokenError::Used => "isv.refreshed-token-invalid",
            })
        }
        _ => Err("isv.grant-type-invalid"),
    };
    let refused = |sub_code| refuse(&world, Some(OAUTH_TOKEN), &RefusalNode::of(sub_code));
    let (authorisation, tokens) = match bought {
        Ok(bought) => bought,
        Err(sub_code) => return refused(sub_code),
    };
    let Some(user) = world.users.get(&authorisation.user) else {
        return refused("isv.code-invalid");
    };
    let node = TokenNode {
        access_token: &tokens.access_token,
        auth_start: beijing_time(now),
        // Documented as a string, but a number in genuine answers.
        expires_in: TOKEN_LIFETIME,
        re_expires_in: tokens.re_expires_in,
        refresh_token: &tokens.refresh_token,
        ids: IdNode::new(&world, OAUTH_TOKEN, tokens.turn, user, &authorisation),
    };
    Done::went_well(Answer::own(OAUTH_TOKEN, &node), authorisation.user)
}

/// The answer of `alipay.user.info.share`, without fields that are not approved or that the user has not set.
#[derive(Serialize)]
struct MemberNode<'a> {
    code: &'static str,
    msg: &'static str,
    #[serde(flatten)]
    fields: BTreeMap<&'static str, &'a str>,
    #[serde(flatten)]
    ids: IdNode<'a>,
}

fn user_info_share(shared: &Shared, parameters: &Parameters, fault: Option<&Fault>) -> Done {
    let world = shared.world();
    let refused = |sub_code| refuse(&world, Some(USER_INFO_SHARE), &RefusalNode::of(sub_code));
    // The product gives nothing without an approved field.
    if !world.products.in_force(Product::Member) || world.fields.is_empty() {
        return refused("isv.insufficient-isv-permissions");
    }
    let token = world.codes.token(parameters.get("auth_token").unwrap_or_default(), shared.clock.now());
    let (authorisation, turn) = match token {
        Ok((authorisation, turn)) => (authorisation.clone(), turn),
        Err(TokenError::Unknown | TokenError::Used) => return refused("aop.invalid-auth-token"),
        Err(TokenError::Expired) => return refused("aop.auth-token-time-out"),
    };
    if authorisation.scope != Scope::AuthUser {
        return refused("isv.invalid-token").for_user(authorisation.user);
    }
    let Some(user) = answered_user(&world.users, &authorisation.user, fault) else {
        return refused("aop.invalid-auth-token");
    };
    let fields =
        world.fields.iter().filter_map(|field| Some((field.name(), user.fields.get(field)?.as_str()))).collect();
    let ids = IdNode::new(&world, USER_INFO_SHARE, turn, user, &authorisation);
    let node = MemberNode { code: CODE_SUCCESS, msg: "Success", fields, ids };
    Done::went_well(Answer::own(USER_INFO_SHARE, &node), authorisation.user)
}

/// Returns the answer's user: the token's, or another one if that fault is set.
fn answered_user<'a>(users: &'a Users, own: &str, fault: Option<&Fault>) -> Option<&'a TestUser> {
    let Some(fault) = fault.filter(|fault| fault.kind == FaultKind::IdentityMismatch) else {
        return users.get(own);
    };
    let chosen = fault.as_user.as_deref().and_then(|id| users.get(id));
    chosen.or_else(|| users.all().iter().find(|user| user.id != own))
}

/// A request: the parameters of query and body, and the character set that they name.
pub(super) struct Request {
    pub(super) parameters: Parameters<'static>,
    pub(super) charset: Option<Charset>,
    fault: Option<FormError>,
}

impl Request {
    pub(super) fn read(query: &[u8], body: &[u8]) -> Self {
        // Its value is ASCII in both character sets, and never escaped.
        let named = [query, body].into_iter().flat_map(|form| form.split(|&byte| byte == b'&'));
        let named = named.filter_map(|pair| pair.strip_prefix(b"charset=")).next();
        let charset = named.and_then(|name| str::from_utf8(name).ok()).and_then(|name| name.parse().ok());
        let mut parameters = Parameters::new();
        let read_as = charset.unwrap_or_default();
        let outcome =
            parameters.extend_from_form(query, read_as).and_then(|()| parameters.extend_from_form(body, read_as));
        Self { parameters, charset, fault: outcome.err() }
    }

    /// Returns the parameters, with encrypted content decrypted.
    pub(super) fn decrypted(&self, keys: &Keys) -> Result<Parameters<'static>, RefusalNode> {
        let mut parameters = self.parameters.clone();
        let encrypt_type = parameters.get("encrypt_type");
        if encrypt_type.is_some_and(|encrypt_type| encrypt_type != ENCRYPT_TYPE) {
            return Err(RefusalNode::of("isv.invalid-encrypt-type"));
        }
        let decrypted = parameters.decrypt(slice::from_ref(&keys.content_key), self.charset.unwrap_or_default());
        decrypted.map_err(|_| RefusalNode::of(NOT_DECRYPTED))?;
        Ok(parameters)
    }

    /// Whether the app wants its answer encrypted.
    pub(super) fn wants_encryption(&self) -> bool {
        self.parameters.get("encrypt_type") == Some(ENCRYPT_TYPE)
    }

    /// Returns the refusal of an unreadable request.
    pub(super) fn complaint(&self) -> Option<RefusalNode> {
        match self.fault? {
            FormError::Duplicate => Some(RefusalNode::of("isv.invalid-parameter")),
            // Bytes outside the named character set cannot be what the app signed.
            FormError::Encoding => Some(RefusalNode::of("isv.invalid-signature")),
        }
    }
}

/// Checks the common parameters in the order in which a person would correct them, and the signature last.
pub(super) fn check(request: &Request, keys: &Keys) -> Result<(), RefusalNode> {
    let parameters = &request.parameters;
    let required = |name, missing| parameters.get(name).ok_or_else(|| RefusalNode::of(missing));
    required("method", "isv.missing-method")?;
    check_app(required("app_id", "isv.missing-app-id")?)?;
    let charset = request.charset.ok_or_else(|| RefusalNode::of("isv.invalid-charset"))?;
    if required("sign_type", "isv.missing-signature-type")? != SignType::Rsa2.as_str() {
        return Err(RefusalNode::of("isv.invalid-signature-type"));
    }
    if !is_timestamp(required("timestamp", "isv.missing-timestamp")?) {
        return Err(RefusalNode::of("isv.invalid-timestamp"));
    }
    required("version", "isv.missing-version")?;
    check_certificates(parameters.get("app_cert_sn"), parameters.get("alipay_root_cert_sn"), keys)?;
    let signature = required("sign", "isv.missing-signature")?;
    let canonical = parameters.canonical_string();
    let verified = charset.encode(&canonical).is_ok_and(|bytes| keys.app_public_key.verify(&bytes, signature).is_ok());
    if verified {
        return Ok(());
    }
    Err(RefusalNode {
        // As on the real gateway: a server that logs a sub_msg logs auth codes and tokens.
        sub_msg: format!(
            "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：{}",
            canonical.replace('&', "&amp;")
        )
        .into(),
        ..RefusalNode::of("isv.invalid-signature")
    })
}

/// Checks that the app is known and has a key.
pub(super) fn check_app(app_id: &str) -> Result<(), RefusalNode> {
    match known_app(app_id) {
        _ if app_id == KEYLESS_APP_ID => Err(RefusalNode::of("isv.missing-signature-config")),
        Some(_) => Ok(()),
        None => Err(RefusalNode::of("isv.invalid-app-id")),
    }
}

/// Checks the serial numbers. Each request chooses certificate mode: it has both or neither.
pub(super) fn check_certificates(app: Option<&str>, root: Option<&str>, keys: &Keys) -> Result<(), RefusalNode> {
    let fault = match (app, root) {
        (None, None) => return Ok(()),
        (None, Some(_)) => "isv.missing-app-cert-sn",
        (Some(_), None) => "isv.missing-alipay-root-cert-sn",
        (Some(app), _) if app != keys.certificates.app().serial() => "isv.app-cert-not-exist",
        (_, Some(root)) if root != keys.certificates.root_serial() => "isv.invalid-alipay-root-cert-sn",
        _ => return Ok(()),
    };
    Err(RefusalNode::of(fault))
}

/// Whether the text has the form `yyyy-MM-dd HH:mm:ss`. It is not compared with the clock, so tests can use any time.
fn is_timestamp(text: &str) -> bool {
    text.len() == "yyyy-MM-dd HH:mm:ss".len()
        && text.bytes().zip(*b"0000-00-00 00:00:00").all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            separator => byte == separator,
        })
}
