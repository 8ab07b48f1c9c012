//! `/control/users`.

use super::body::{ControlError, Fields};
use crate::{
    fields::Field,
    shared::Shared,
    users::{UserView, avatar_of},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

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

pub(super) async fn create(
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
