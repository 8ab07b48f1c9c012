//! `/introspect`: tells back-ends in any language which user a session belongs to (RFC 7662).

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
// Only for the OpenAPI document; the handler reads the form's pairs.
#[derive(ToSchema)]
#[schema(as = IntrospectionRequest)]
#[expect(dead_code, reason = "only described")]
struct IntrospectionForm {
    /// The bearer that a page sent to the back-end.
    #[schema(example = "Zm9yIGV4YW1wbGUsIG5vdCBhIHJlYWwgc2Vzc2lvbiE")]
    token: String,
    /// Accepted and ignored.
    #[schema(nullable = false, example = "access_token")]
    token_type_hint: Option<String>,
}

/// What a back-end learns about a session. Only `active` if the session is invalid or belongs to another app than the
/// back-end.
#[derive(Serialize, ToSchema)]
struct Introspection<'a> {
    /// Whether the session is valid.
    active: bool,
    #[serde(flatten)]
    living: Option<Living<'a>>,
}

/// What a back-end learns about a valid session.
#[derive(Serialize, ToSchema)]
struct Living<'a> {
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The user: the same as `subject`, under its name in RFC 7662.
    #[schema(value_type = SubjectId)]
    sub: SubjectId,
    /// The user.
    subject: SubjectId,
    /// Earlier ids of the same user.
    #[schema(value_type = Vec<SubjectId>)]
    previous_subjects: &'a [SubjectId],
    /// The app that the user logged in to.
    app: &'a str,
    scope: Scope,
    /// When the session expires, in seconds since the Unix epoch.
    exp: u64,
    /// The member, if granted to the back-end: `null` if the user is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Option<Member<'a>>>,
    /// The phone number in full, if granted to the back-end: `null` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Option<Phone>>,
    /// The platform's ids of the user, if granted to the back-end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Ids>)]
    ids: Option<PlatformIds<'a>>,
}

/// A member without the platform's ids, which are granted separately.
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
    /// `false` if another user of the app has the same number: then it proves nothing.
    confirmed: bool,
}

/// Serializes the number in clear, for a back-end to which it is granted.
fn in_full<S: serde::Serializer>(number: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(number.expose_secret())
}

/// All ids that the platform has used for the user.
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

/// Tells a back-end whether a session that a page sent is valid, and which user it belongs to (RFC 7662).
///
/// The back-end authenticates with the name and the secret that `miniauth backends add` printed. Beside the subject,
/// the answer has what the back-end was granted: `member`, `phone`, `ids`. An answer about a valid session may be
/// cached for as long as `cache-control` says; during that time a logout goes unnoticed. Introspection counts as a use
/// of the session.
#[utoipa::path(
    post,
    path = "/introspect",
    operation_id = "introspect",
    security(("backend" = [])),
    request_body(content = IntrospectionForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (
            status = 200,
            description = "What is known about the session. Also for an invalid one.",
            body = inline(Introspection),
            content_type = "application/json",
            headers(("Cache-Control" = String, description = "for example `private, max-age=10`; `no-store` for an invalid session")),
        ),
        IntrospectErrors,
    ),
)]
async fn introspect(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|ConnectInfo(peer)| app.proxies.client(peer.ip(), request.headers()).address);
    let backend = app.backends.authenticate(request.headers(), address, &app.shared).await?;
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
        Some(session) => app.describe(&backend, &session).await,
        None => Ok(Json(Introspection { active: false, living: None }).into_response()),
    }
}

/// Returns the session of a bearer if it is valid.
async fn living(sessions: &Sessions, token: &SessionToken) -> Result<Option<Session>, ApiError> {
    match sessions.check(token).await {
        Ok(session) => Ok(Some(session)),
        Err(error) if matches!(error.code(), SessionExpired | SessionUnknown) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the bearer in a form; `None` for one that cannot be a session.
async fn token(request: Request) -> Result<Option<SessionToken>, ApiError> {
    if content_type(request.headers()).as_deref() != Some("application/x-www-form-urlencoded") {
        return Err(ApiError::new(ContentTypeUnsupported).with_detail("Send it as a form."));
    }
    let form: Bytes = read_body(request).await?;
    let invalid =
        |what: &str| ApiError::new(FieldInvalid).of_field("token").with_detail(format!("field token: {what}"));
    let mut token = None;
    for (name, value) in form_urlencoded::parse(&form) {
        match &*name {
            "token" if token.is_some() => return Err(invalid("must occur only once")),
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
    /// Answers about a valid session.
    async fn describe(&self, backend: &Backend, session: &Session) -> Result<Response, ApiError> {
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
        // The request's span has the user's mark.
        if claims.names().next().is_some() {
            tracing::info!(backend = backend.name.as_str(), claims = %claims, "a back-end received data about a user");
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
