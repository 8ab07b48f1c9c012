//! `/introspect`: which user a session belongs to, for back-ends in any language (RFC 7662).

use super::{content_type, read_body};
use crate::{
    api_error::{ApiError, describe_errors},
    app::App,
    session::{Session, Sessions},
    store::Backend,
    tokens::PlatformIds,
};
use axum::{
    Json,
    body::Bytes,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, header::CACHE_CONTROL},
    response::{IntoResponse as _, Response},
};
use miniauth_core::{
    error_code::ErrorCode::*,
    scope::Scope,
    time::Timestamp,
    wire::{MemberView, SessionToken, SubjectId},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::{net::SocketAddr, sync::Arc};
use url::form_urlencoded;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(introspect))
}

/// The form that a back-end posts.
// Described; what is read are the form's pairs.
#[derive(ToSchema)]
#[schema(as = IntrospectionRequest)]
#[expect(dead_code, reason = "only described")]
struct IntrospectionForm {
    /// The bearer that a page sent to the back-end.
    #[schema(example = "Zm9yIGV4YW1wbGUsIG5vdCBhIHJlYWwgc2Vzc2lvbiE")]
    token: String,
    /// Is taken, and changes nothing.
    #[schema(nullable = false, example = "access_token")]
    token_type_hint: Option<String>,
}

/// What a back-end is told of a session. Only `active` when it does not live, or is none of the back-end's app.
#[derive(Serialize, ToSchema)]
struct Introspection<'a> {
    /// Whether the session lives.
    active: bool,
    #[serde(flatten)]
    living: Option<Living<'a>>,
}

/// What is told of a living session.
#[derive(Serialize, ToSchema)]
struct Living<'a> {
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Whose session it is: the same as `subject`, by the name of RFC 7662.
    #[schema(value_type = SubjectId)]
    sub: SubjectId,
    /// Whose session it is.
    subject: SubjectId,
    /// Further ids that the same user had before.
    #[schema(value_type = Vec<SubjectId>)]
    previous_subjects: &'a [SubjectId],
    /// The app that the user logged in to.
    app: &'a str,
    scope: Scope,
    /// When the session ends, in seconds since the Unix epoch.
    exp: u64,
    /// The member, where that is granted: `null` when the user is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Option<Member<'a>>>,
    /// The phone number in full, where that is granted: `null` when the user gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Option<Phone>>,
    /// The platform's ids of the user, where that is granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Ids>)]
    ids: Option<PlatformIds<'a>>,
}

/// A member without ids, which are a claim of their own.
#[derive(Serialize, ToSchema)]
#[schema(as = IntrospectedMember)]
struct Member<'a> {
    nick_name: Option<&'a str>,
    avatar: Option<&'a str>,
    gender: Option<&'a str>,
    province: Option<&'a str>,
    city: Option<&'a str>,
    stored_at: Timestamp,
}

impl<'a> From<&'a MemberView> for Member<'a> {
    fn from(view: &'a MemberView) -> Self {
        Self {
            nick_name: view.nick_name.as_deref(),
            avatar: view.avatar.as_deref(),
            gender: view.gender.as_deref(),
            province: view.province.as_deref(),
            city: view.city.as_deref(),
            stored_at: view.stored_at,
        }
    }
}

/// A phone number in full.
#[derive(Serialize, ToSchema)]
#[schema(as = IntrospectedPhone)]
struct Phone {
    #[serde(serialize_with = "in_full")]
    #[schema(value_type = String, example = "13800001234")]
    phone_number: SecretString,
    country_code: Option<String>,
    /// `false` when another user of the app holds the same number: it proves nothing.
    confirmed: bool,
}

/// It is asked for by who is granted it.
fn in_full<S: serde::Serializer>(number: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(number.expose_secret())
}

/// The ids that the platform itself ever used for the user.
#[derive(ToSchema)]
#[schema(as = PlatformIds)]
#[expect(dead_code, reason = "only described")]
struct Ids {
    #[schema(nullable = false)]
    open_id: Option<String>,
    #[schema(nullable = false)]
    user_id: Option<String>,
    #[schema(nullable = false)]
    union_id: Option<String>,
}

describe_errors!(IntrospectErrors: &[
    BackendUnknown,
    BodyMalformed,
    RequestTimeout,
    BodyTooLarge,
    ContentTypeUnsupported,
    FieldInvalid,
    FieldUnknown,
    RateLimited,
    Internal,
    Overloaded,
]);

/// Whether a session lives and whose it is, for a back-end to which a page sent it (RFC 7662).
///
/// The back-end says who it is by the name and the secret that `miniauth backends add` printed. Beside the subject it is told what it
/// was granted: `member`, `phone`, `ids`. An answer about a living session may be kept for as long as `cache-control` says; for so
/// long a logout is not noticed. It counts as a use of the session.
#[utoipa::path(
    post,
    path = "/introspect",
    operation_id = "introspect",
    security(("backend" = [])),
    request_body(content = IntrospectionForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (
            status = 200,
            description = "What there is to say, also of what is no session.",
            body = inline(Introspection),
            content_type = "application/json",
            headers(("Cache-Control" = String, description = "`private, max-age=10`, say; `no-store` of what does not live")),
        ),
        IntrospectErrors,
    ),
)]
async fn introspect(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|ConnectInfo(peer)| app.proxies.client(peer.ip(), request.headers()).address);
    let backend = app.backends.asking(request.headers(), address, &app.shared).await?;
    app.rates.introspections.count_name(backend.name.as_str()).map_err(|wait| super::too_many("back-end", wait))?;
    let token = token(request).await?;
    let sessions = Sessions::new(Arc::clone(&app.shared));
    let sessions = match &backend.app_id {
        Some(app_id) => sessions.of_app(app_id),
        None => sessions,
    };
    let session = match token {
        Some(token) => living(&sessions, &token).await?,
        None => None,
    };
    app.metrics.introspection(backend.name.as_str(), session.is_some());
    match session {
        Some(session) => app.tell(&backend, &session).await,
        None => Ok(Json(Introspection { active: false, living: None }).into_response()),
    }
}

/// The session of a bearer, if it lives.
async fn living(sessions: &Sessions, token: &SessionToken) -> Result<Option<Session>, ApiError> {
    match sessions.check(token).await {
        Ok(session) => Ok(Some(session)),
        Err(error) if matches!(error.code(), SessionExpired | SessionUnknown) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The bearer that a form asks about; `None` for one that cannot be a session.
async fn token(request: Request) -> Result<Option<SessionToken>, ApiError> {
    if content_type(request.headers()).as_deref() != Some("application/x-www-form-urlencoded") {
        return Err(ApiError::new(ContentTypeUnsupported).with_detail("It is sent as a form."));
    }
    let form: Bytes = read_body(request).await?;
    let invalid =
        |what: &str| ApiError::new(FieldInvalid).of_field("token").with_detail(format!("field token: {what}"));
    let mut token = None;
    for (name, value) in form_urlencoded::parse(&form) {
        match &*name {
            "token" if token.is_some() => return Err(invalid("stands only once")),
            "token" => token = Some(SessionToken::parse(value.into_owned()).ok()),
            "token_type_hint" => {}
            _ => {
                let name: String = name.chars().take(64).collect();
                return Err(ApiError::new(FieldUnknown).of_field(&name).with_detail(format!("unknown field {name}")));
            }
        }
    }
    token.ok_or_else(|| invalid("is required: the bearer that the page sent"))
}

impl App {
    /// What a back-end is told of a living session.
    async fn tell(&self, backend: &Backend, session: &Session) -> Result<Response, ApiError> {
        let claims = backend.claims;
        let phone = match claims.phone && session.stored.owner.has_phone {
            true => self.phone_number(session.subject()).await?,
            false => None,
        };
        let told = Introspection {
            active: true,
            living: Some(Living {
                token_type: "Bearer",
                sub: session.subject(),
                subject: session.subject(),
                previous_subjects: session.previous_subjects(),
                app: session.app_id(),
                scope: session.scope(),
                exp: session.expires_at().as_seconds(),
                member: claims.member.then(|| session.member().map(Member::from)),
                phone: claims.phone.then(|| {
                    phone.as_ref().map(|phone| Phone {
                        phone_number: phone.local().into(),
                        country_code: phone.country_code().map(str::to_owned),
                        confirmed: phone.is_confirmed(),
                    })
                }),
                ids: claims.ids.then(|| PlatformIds(session.platform_ids())),
            }),
        };
        // Beside the mark of the user, which the request's span has.
        if claims.names().next().is_some() {
            tracing::info!(backend = backend.name.as_str(), claims = %claims, "a back-end was told of a user");
        }
        let mut answer = Json(told).into_response();
        let kept = self.introspection_max_age.min(session.expires_in()).as_secs();
        if kept > 0
            && let Ok(value) = HeaderValue::from_str(&format!("private, max-age={kept}"))
        {
            answer.headers_mut().insert(CACHE_CONTROL, value);
        }
        Ok(answer)
    }
}
