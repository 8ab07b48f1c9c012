//! The shapes of what goes over the wire, for the description alone: [`miniauth_core::wire`] is what is read and written.
//! The tests hold the server's real answers against these.

#![allow(dead_code, reason = "only their description is used")]

use utoipa::ToSchema;

/// The body of `POST /auth`. Display information (nickname, avatar and their like) is refused, wherever it stands.
#[derive(ToSchema)]
pub(super) struct AuthRequest {
    /// The code that the platform gave to the page. It may be called `authCode` instead.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,128}$", example = "2e4248c2f50b4653bf18ecee3466UC18")]
    authcode: String,
    /// What the code was asked for.
    #[schema(default = "auth_base", required = false)]
    scope: Scope,
    /// Names this attempt, so that a repeated post within 60 seconds gets the same session.
    #[schema(pattern = "^[A-Za-z0-9._-]{16,64}$", required = false, example = "b3f1c1f6a1d94d0c")]
    login_id: String,
    /// What the user was asked, as the client reports it. In a form, a JSON text.
    #[schema(required = false)]
    consent: Consent,
}

/// The same as a form.
#[derive(ToSchema)]
pub(super) struct AuthForm {
    /// The code that the platform gave to the page. It may be called `authCode` instead.
    #[schema(pattern = "^[A-Za-z0-9._-]{1,128}$", example = "2e4248c2f50b4653bf18ecee3466UC18")]
    authcode: String,
    /// What the code was asked for.
    #[schema(default = "auth_base", required = false)]
    scope: Scope,
    /// Names this attempt, so that a repeated post within 60 seconds gets the same session.
    #[schema(pattern = "^[A-Za-z0-9._-]{16,64}$", required = false, example = "b3f1c1f6a1d94d0c")]
    login_id: String,
    /// A consent report as JSON.
    #[schema(required = false, example = r#"{"purpose":"用于显示会员等级","at":1760000000000}"#)]
    consent: String,
}

/// A consent as the client reports it: the server cannot check it and stores it as reported.
#[derive(ToSchema)]
pub(super) struct Consent {
    /// What the user was told: one sentence.
    #[schema(min_length = 1, max_length = 100, example = "用于显示会员等级")]
    purpose: String,
    /// When the user agreed by the phone's clock, in milliseconds since the Unix epoch.
    #[schema(minimum = 0, maximum = 9007199254740991_u64, example = 1760000000000_u64)]
    at: u64,
}

/// The scope of an auth code.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Scope {
    /// Silent: no panel, and the code buys the user id alone.
    AuthBase,
    /// Shows a consent panel, and the code buys the member's fields.
    AuthUser,
}

/// The answer to `POST /auth`.
#[derive(ToSchema)]
pub(super) struct AuthAnswer {
    /// The bearer for requests to this server.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$", example = "Zm9yIGV4YW1wbGUsIG5vdCBhIHJlYWwgc2Vzc2lvbiE")]
    session: String,
    /// How long the session lives from now, in seconds.
    #[schema(example = 604800)]
    expires_in: u64,
    /// The member as stored, when there is one.
    #[schema(required)]
    member: Option<Member>,
}

/// The answer to `GET /session`.
#[derive(ToSchema)]
pub(super) struct Session {
    /// How long the session lives from now, in seconds.
    #[schema(example = 604800)]
    expires_in: u64,
    /// The scope of the grant that the session rests on.
    scope: Scope,
    /// The member as stored, when there is one.
    #[schema(required)]
    member: Option<Member>,
}

/// A member as the server stored it: what the open platform said, never what a page sent.
#[derive(ToSchema)]
pub(super) struct Member {
    /// The user's id for this app; absent in older apps.
    #[schema(nullable = false)]
    open_id: Option<String>,
    /// The user's id on the platform; absent in newer apps.
    #[schema(nullable = false)]
    user_id: Option<String>,
    /// The nickname, if the user has one.
    #[schema(required)]
    nick_name: Option<String>,
    /// The avatar's address, if the user has one.
    #[schema(required)]
    avatar: Option<String>,
    /// `F` or `M`, if known.
    #[schema(required)]
    gender: Option<String>,
    /// The province, if known.
    #[schema(required)]
    province: Option<String>,
    /// The city, if known.
    #[schema(required)]
    city: Option<String>,
    /// When the server stored this, in milliseconds since the Unix epoch.
    stored_at: u64,
}

/// The answer to `GET /sessions`: the user's living sessions, the newest first.
#[derive(ToSchema)]
pub(super) struct Sessions {
    sessions: Vec<ListedSession>,
}

/// A session as its user sees it beside others.
#[derive(ToSchema)]
pub(super) struct ListedSession {
    /// Names the session; it is no bearer and cannot be turned into one.
    #[schema(pattern = "^[A-Za-z0-9_-]{21}[AQgw]$")]
    id: String,
    /// In milliseconds since the Unix epoch.
    created_at: u64,
    /// In milliseconds since the Unix epoch.
    expires_at: u64,
    /// Whether it is the session that asks.
    current: bool,
}

/// The answer to `GET /consents`: the newest 200.
#[derive(ToSchema)]
pub(super) struct Consents {
    reported_consents: Vec<ReportedConsent>,
}

/// A report as it was received.
#[derive(ToSchema)]
pub(super) struct ReportedConsent {
    scope: Scope,
    /// What the user was told, as reported.
    purpose: String,
    /// The client's time, as reported, in milliseconds since the Unix epoch.
    reported_at: u64,
    /// The server's own time, in milliseconds since the Unix epoch.
    received_at: u64,
}

/// The answer of a server that is well.
#[derive(ToSchema)]
pub(super) struct Status {
    #[schema(example = "ok")]
    status: String,
}

/// The body of every error answer (RFC 9457).
#[derive(ToSchema)]
pub(super) struct Problem {
    /// `urn:miniauth:problem:` and the code.
    r#type: String,
    /// What happened, in English.
    title: String,
    /// The HTTP status, again.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The stable code.
    #[schema(value_type = super::ErrorCode)]
    code: String,
    /// Whether a new auth code could help.
    reauthorize: bool,
    /// What happened this time, where there is more to say.
    #[schema(nullable = false)]
    detail: Option<String>,
    /// The field of the request that is at fault.
    #[schema(nullable = false)]
    field: Option<String>,
    advice: Advice,
}

/// What to do, in both languages.
#[derive(ToSchema)]
pub(super) struct Advice {
    /// In Chinese, fit to be shown to the user of a mini-program.
    zh: String,
    /// The same in English.
    en: String,
}
