//! `/control/users`.

use super::body::{ControlError, Fields};
use crate::{
    shared::Shared,
    users::{Profile, UserView, avatar_of},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Deserializer, Serialize};
use std::sync::Arc;

/// Longest text of a profile, in bytes.
const MAXIMUM_TEXT: usize = 2_048;

#[derive(Serialize)]
struct UserList<'a> {
    users: Vec<UserView<'a>>,
}

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    let world = shared.world();
    Json(UserList { users: world.users.all().iter().map(|user| user.view()).collect() }).into_response()
}

/// What a fresh user is to be like. A nickname or avatar of `null` is none; one that is not named is made up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FreshUser {
    #[serde(default, deserialize_with = "named")]
    nick_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    avatar: Option<Option<String>>,
    gender: Option<String>,
    province: Option<String>,
    city: Option<String>,
    mobile: Option<String>,
    person_birthday: Option<String>,
}

/// Tells a field that is `null` from one that is not there.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

impl FreshUser {
    fn check(&self) -> Result<(), ControlError> {
        let texts = [self.nick_name.as_ref().and_then(Option::as_ref), self.avatar.as_ref().and_then(Option::as_ref)];
        let about = [&self.gender, &self.province, &self.city, &self.mobile, &self.person_birthday].map(Option::as_ref);
        if texts.into_iter().chain(about).flatten().any(|text| text.len() > MAXIMUM_TEXT) {
            let sentence = format!("a field of the user is longer than {MAXIMUM_TEXT} bytes");
            return Err(ControlError::new(StatusCode::UNPROCESSABLE_ENTITY, sentence));
        }
        Ok(())
    }

    fn into_profile(self, id: &str) -> Profile {
        Profile {
            nick_name: self.nick_name.unwrap_or_else(|| Some(id.replace("user-", "新用户 "))),
            avatar: self.avatar.unwrap_or_else(|| Some(avatar_of(id))),
            gender: self.gender,
            province: self.province,
            city: self.city,
            mobile: self.mobile,
            person_birthday: self.person_birthday,
        }
    }
}

pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Fields(fresh): Fields<FreshUser>,
) -> Result<Response, ControlError> {
    fresh.check()?;
    let mut world = shared.world();
    let user = world.users.add(&*shared.random, |id| fresh.into_profile(id)).ok_or_else(|| {
        ControlError::new(StatusCode::CONFLICT, "there are too many users: POST /control/reset starts afresh")
    })?;
    Ok((StatusCode::CREATED, Json(user.view())).into_response())
}
