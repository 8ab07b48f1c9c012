//! Withdrawals of consent by day (`alipay.user.deloauth.detail.query`), and whether a user's consent holds
//! (`alipay.open.auth.userauth.relationship.query`).

use super::{
    Answer, Done, RefusalNode,
    method::{IdNode, refuse},
};
use crate::{
    known_app,
    users::ConsentKind,
    world::{Shared, World},
};
use miniauth_core::scope::Scope;
use miniauth_openplatform::protocol::{
    CODE_SUCCESS, CONSENT_QUERY, Parameters, REVOCATIONS_QUERY, beijing_date, beijing_time,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Returns a parameter of the method: in v2 from `biz_content`, in v3 from the top level.
fn parameter(parameters: &Parameters, name: &str) -> Option<String> {
    let Some(content) = parameters.get("biz_content") else { return parameters.get(name).map(str::to_owned) };
    match serde_json::from_str::<Map<String, Value>>(content).ok()?.remove(name)? {
        Value::String(text) => Some(text).filter(|text| !text.is_empty()),
        value => Some(value.to_string()),
    }
}

#[derive(Serialize)]
struct RevocationNode<'a> {
    del_auth_time: String,
    #[serde(flatten)]
    ids: IdNode<'a>,
}

#[derive(Serialize)]
struct ListNode<'a> {
    /// Missing for a day without revocations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<RevocationNode<'a>>,
}

#[derive(Serialize)]
struct PageNode<'a> {
    code: &'static str,
    msg: &'static str,
    response: ListNode<'a>,
}

/// Answers with a page of a day. The first page is 1.
pub(super) fn list(shared: &Shared, parameters: &Parameters) -> Done {
    let world = shared.world();
    let number = |name| parameter(parameters, name)?.parse::<usize>().ok().filter(|number| *number > 0);
    let date = parameter(parameters, "date").filter(|date| date.len() == 8 && date.parse::<u32>().is_ok());
    let (Some(date), Some(limit), Some(page)) = (date, number("limit"), number("offset")) else {
        return refuse(&world, Some(REVOCATIONS_QUERY), &RefusalNode::of("isv.invalid-parameter"));
    };
    let Some(app_id) = parameters.get("app_id").and_then(known_app) else {
        return refuse(&world, Some(REVOCATIONS_QUERY), &RefusalNode::of("isv.invalid-app-id"));
    };
    let of_day = world.revocations.of(app_id, shared.clock.now()).filter(|each| beijing_date(each.at) == date);
    let page = of_day.skip((page - 1).saturating_mul(limit)).take(limit);
    let details = page.filter_map(|each| {
        let user = world.users.get(&each.user)?;
        Some(RevocationNode { del_auth_time: beijing_time(each.at), ids: IdNode::of_today(&world, app_id, user) })
    });
    let response = ListNode { details: details.collect() };
    let node = PageNode { code: CODE_SUCCESS, msg: "Success", response };
    Done { user: None, ..Done::went_well(Answer::own(REVOCATIONS_QUERY, &node), String::new()) }
}

#[derive(Serialize)]
struct ConsentNode {
    code: &'static str,
    msg: &'static str,
    /// A JSON object as a string.
    query_detail: String,
}

/// Answers with whether each scope is granted.
pub(super) fn consents(shared: &Shared, parameters: &Parameters) -> Done {
    let world = shared.world();
    let refused = |sub_code| refuse(&world, Some(CONSENT_QUERY), &RefusalNode::of(sub_code));
    let Some(app_id) = parameters.get("app_id").and_then(known_app) else {
        return refused("isv.invalid-app-id");
    };
    let user = match (parameter(parameters, "open_id"), parameter(parameters, "user_id")) {
        (Some(open_id), _) => world.users.all().iter().find(|user| user.open_id_for(app_id) == open_id),
        (None, Some(user_id)) => world.users.all().iter().find(|user| user.user_id == user_id),
        (None, None) => return refused("isv.invalid-parameter"),
    };
    let Some(user) = user else { return refused("isv.app-openid-not-match") };
    let scopes = parameter(parameters, "scopes").unwrap_or_default();
    match granted(&world, app_id, &user.id, &scopes) {
        Some(granted) => {
            let query_detail = serde_json::to_string(&granted).unwrap_or_default();
            let node = ConsentNode { code: CODE_SUCCESS, msg: "Success", query_detail };
            Done::went_well(Answer::own(CONSENT_QUERY, &node), user.id.clone())
        }
        None => refused("isv.invalid-parameter").for_user(user.id.clone()),
    }
}

/// Returns whether each scope is granted; `None` for no scope, an unknown one, or one twice.
fn granted<'a>(world: &World, app_id: &'static str, user: &str, scopes: &'a str) -> Option<BTreeMap<&'a str, bool>> {
    let mut granted = BTreeMap::new();
    for scope in scopes.split(',') {
        let is_granted = match scope.parse().ok()? {
            Scope::AuthUser => world.consents.is_granted(user, ConsentKind::AuthUser),
            // Never asked for: it holds for every user who has logged in.
            Scope::AuthBase => world.codes.turns(app_id, user) > 0,
        };
        if granted.insert(scope, is_granted).is_some() {
            return None;
        }
    }
    Some(granted)
}
