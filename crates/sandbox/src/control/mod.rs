//! `/control/...`: stands in for the phone and the console, and sets faults. For the simulator and tests, on loopback.

mod consent;
mod messages;
mod phone;

use crate::{
    profiles::{Ids, ProfileError, Profiles},
    users::{Field, Product, UserView, avatar_of},
    world::{Call, Shared},
};
use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Request, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{HOST, ORIGIN},
        request::Parts,
        uri::Authority,
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
};

/// The largest accepted request in bytes.
const MAXIMUM_REQUEST: usize = 64 * 1024;

/// Makes the routes of the control interface.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/users", get(list_users).post(create_user))
        .route("/consent", get(consent::show).post(consent::decide).delete(consent::withdraw))
        .route("/settings", get(consent::settings))
        .route("/auth-codes", post(consent::issue_code))
        .route("/display-info", get(consent::display_info))
        .route("/phone-number", get(phone::number))
        .route("/product", put(set_product))
        .route("/fields", put(set_fields))
        .route("/ids", put(set_ids))
        .route("/profiles", get(profiles).put(set_profiles))
        .route("/message-address", get(messages::addresses).put(messages::set_address))
        .route("/messages", get(messages::list))
        .route("/messages/check", post(messages::check))
        .route("/messages/advance", post(messages::advance))
        .route("/fault", put(crate::faults::set))
        .route("/faults", put(crate::faults::set_all))
        .route("/calls", get(calls))
        .route("/reset", post(reset))
        .fallback(|| async { ControlError::new(StatusCode::NOT_FOUND, "the control interface has no such address") })
        .method_not_allowed_fallback(|| async {
            ControlError::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take that method: see Allow")
        })
        .layer(DefaultBodyLimit::max(MAXIMUM_REQUEST))
        .layer(middleware::from_fn(loopback_only))
        .with_state(shared)
}

/// Whether a product is in force; 获取会员信息 by default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedProduct {
    #[serde(default)]
    product: Product,
    in_force: bool,
}

async fn set_product(State(shared): State<Arc<Shared>>, Fields(wanted): Fields<WantedProduct>) -> StatusCode {
    shared.world().products.set(wanted.product, wanted.in_force);
    StatusCode::NO_CONTENT
}

/// The fields that the platform approved for the app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApprovedFields {
    fields: BTreeSet<Field>,
}

async fn set_fields(State(shared): State<Arc<Shared>>, Fields(approved): Fields<ApprovedFields>) -> StatusCode {
    shared.world().fields = approved.fields;
    StatusCode::NO_CONTENT
}

/// The ids in answers about one user from now on; without `ids`, the profile decides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdsOfUser {
    user: String,
    ids: Option<Ids>,
}

async fn set_ids(
    State(shared): State<Arc<Shared>>,
    Fields(chosen): Fields<IdsOfUser>,
) -> Result<StatusCode, ControlError> {
    let mut world = shared.world();
    world.users.get(&chosen.user).ok_or_else(ControlError::unknown_user)?;
    match chosen.ids {
        Some(ids) => world.ids.insert(chosen.user, ids),
        None => world.ids.remove(&chosen.user),
    };
    Ok(StatusCode::NO_CONTENT)
}

/// The profiles that differ from their defaults, and the values of all.
#[derive(Serialize)]
struct ProfilesView {
    profile: String,
    profiles: BTreeMap<&'static str, &'static str>,
}

async fn profiles(State(shared): State<Arc<Shared>>) -> Json<ProfilesView> {
    let profiles = shared.world().profiles.clone();
    Json(ProfilesView { profile: profiles.to_string(), profiles: profiles.all().collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedProfiles {
    profile: String,
}

async fn set_profiles(
    State(shared): State<Arc<Shared>>,
    Fields(wanted): Fields<WantedProfiles>,
) -> Result<StatusCode, ControlError> {
    let profiles: Profiles = wanted
        .profile
        .parse()
        .map_err(|error: ProfileError| ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    shared.world().profiles = profiles;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    #[serde(default)]
    pub(super) after: u64,
}

#[derive(Serialize)]
struct Calls {
    calls: Vec<Call>,
}

async fn calls(State(shared): State<Arc<Shared>>, Query(after): Query<After>) -> Json<Calls> {
    Json(Calls { calls: shared.world().calls.after(after.after) })
}

async fn reset(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.reset();
    StatusCode::NO_CONTENT
}

/// A JSON body.
pub(super) struct Fields<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = ControlError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ControlError> {
        let Json(fields) = Json::from_request(request, state)
            .await
            .map_err(|rejection: JsonRejection| ControlError::new(rejection.status(), rejection.body_text()))?;
        Ok(Self(fields))
    }
}

/// The parameters of a query.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        let axum::extract::Query(fields) = query.map_err(|rejection: QueryRejection| {
            ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, rejection.body_text())
        })?;
        Ok(Self(fields))
    }
}

/// `{"error": "sentence"}` with a status.
#[derive(Debug)]
pub(super) struct ControlError {
    status: StatusCode,
    sentence: String,
}

impl ControlError {
    pub(super) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    pub(super) fn unknown_user() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such user: GET /control/users lists them")
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
        }
        (self.status, Json(Body { error: self.sentence })).into_response()
    }
}

/// Refuses requests with another host than this machine, and requests by other sites' pages.
///
/// A site can point its own domain at 127.0.0.1, and its page in a browser on this machine can then call us as its own server; the
/// `Host` header gives it away. A page can also post without a body to any server; the browser's headers say where it comes from.
pub(super) async fn loopback_only(request: Request, next: Next) -> Response {
    match foreign(request.headers()) {
        None => next.run(request).await,
        Some(error) => error.into_response(),
    }
}

fn foreign(headers: &HeaderMap) -> Option<ControlError> {
    let header = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(host) = header(HOST).filter(|host| is_loopback(host)) else {
        let sentence =
            "the control interface answers to 127.0.0.1, [::1] and localhost only: use one of them as the host";
        return Some(ControlError::new(StatusCode::MISDIRECTED_REQUEST, sentence));
    };
    let is_own = header(ORIGIN).is_none_or(|origin| origin.strip_prefix("http://") == Some(host));
    let is_same_site = header(SEC_FETCH_SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
    let sentence = "the control interface does not answer to pages of other sites";
    (!is_own || !is_same_site).then(|| ControlError::new(StatusCode::FORBIDDEN, sentence))
}

/// The header in which browsers say where a request's page comes from.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the host of an address is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.parse::<Authority>().is_ok_and(|authority| {
        let name = authority.host();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// The longest field of a user in bytes.
const MAXIMUM_TEXT: usize = 2_048;

#[derive(Serialize)]
struct UserList<'a> {
    users: Vec<UserView<'a>>,
}

async fn list_users(State(shared): State<Arc<Shared>>) -> Response {
    let world = shared.world();
    Json(UserList { users: world.users.all().iter().map(|user| user.view()).collect() }).into_response()
}

/// The fields of a new user. A nickname or avatar of `null` is left out; a missing one is made up.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct FreshUser(BTreeMap<Field, Option<String>>);

impl FreshUser {
    fn check(&self) -> Result<(), ControlError> {
        if self.0.values().flatten().any(|text| text.len() > MAXIMUM_TEXT) {
            let sentence = format!("a field of the user is longer than {MAXIMUM_TEXT} bytes");
            return Err(ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, sentence));
        }
        Ok(())
    }

    fn into_fields(self, id: &str) -> BTreeMap<Field, String> {
        let made_up = [("nick_name", id.replace("user-", "新用户 ")), ("avatar", avatar_of(id))];
        let made_up = made_up.into_iter().filter_map(|(name, value)| Some((Field::find(name)?, Some(value))));
        let mut all: BTreeMap<_, _> = made_up.collect();
        all.extend(self.0);
        all.into_iter().filter_map(|(field, value)| Some((field, value?))).collect()
    }
}

async fn create_user(
    State(shared): State<Arc<Shared>>,
    Fields(fresh): Fields<FreshUser>,
) -> Result<Response, ControlError> {
    fresh.check()?;
    let mut world = shared.world();
    let user = world.users.add(&*shared.random, |id| fresh.into_fields(id)).ok_or_else(|| {
        ControlError::new(StatusCode::CONFLICT, "there are too many users: POST /control/reset starts afresh")
    })?;
    Ok((StatusCode::CREATED, Json(user.view())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        for host in ["127.0.0.1:8702", "localhost:8702", "[::1]:8702", "localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["shop.example:8702", "localhost.shop.example", "10.0.0.1:8702", "", "127.0.0.1.shop.example"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
