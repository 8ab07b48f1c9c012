//! The users who withdrew consent, as the platform lists them for a day, and whether a user's consent is valid now.
//!
//! The platform has no public documentation of the two methods. The fields are those of its official SDKs (Java and Python for v2, Node's
//! tests and .NET for v3). Reading is lenient: an answer without withdrawals has no list at all.

use crate::{
    answer::{Fields, NodeError},
    call::{Call, Retry},
    member::UserIds,
    message::moment,
    protocol::{CONSENT_QUERY, REVOCATIONS_QUERY, beijing_date},
};
use miniauth_core::time::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The maximum number of withdrawals in a page. The platform documents no limit.
pub const REVOCATIONS_PER_PAGE: usize = 50;

/// A user who withdrew consent. The ids do not print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The user.
    pub ids: UserIds,
    /// When the platform recorded it. That may be a little later than the user's action.
    pub at: Timestamp,
    /// The scope of the withdrawal, if the platform says so.
    pub scope: Option<String>,
}

/// A page of a day's withdrawals.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RevocationPage {
    /// The withdrawals that could be read.
    pub revocations: Vec<Revocation>,
    /// How many others lack a user or a time.
    pub unreadable: usize,
}

impl RevocationPage {
    /// Returns whether the page is empty, so that the day's list ended before it.
    pub fn is_beyond_the_last(&self) -> bool {
        self.revocations.is_empty() && self.unreadable == 0
    }

    pub(crate) fn from_verified(mut node: Fields) -> Result<Self, NodeError> {
        // v2 has the list inside `response`, v3 at the top level.
        let mut within = match node.value("response") {
            Some(Value::Object(within)) => within,
            _ => Map::new(),
        };
        let rows = match within.remove("details").or_else(|| node.value("details")) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(rows)) => rows,
            Some(_) => return Err(NodeError("the list of revocations is not a list")),
        };
        let count = rows.len();
        let revocations: Vec<_> = rows.into_iter().filter_map(revocation).collect();
        Ok(Self { unreadable: count - revocations.len(), revocations })
    }
}

fn revocation(row: Value) -> Option<Revocation> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Revocation {
        ids: UserIds::from_ids(text("open_id"), text("user_id"), text("union_id")).ok()?,
        at: row.get("del_auth_time").and_then(moment)?,
        scope: text("scope").filter(|scope| !scope.is_empty()),
    })
}

/// Returns the call for a page; the first one is 1.
pub(crate) fn revocations(day: Timestamp, page: u32) -> Call<'static> {
    let content = json!({ "date": beijing_date(day), "limit": REVOCATIONS_PER_PAGE, "offset": page });
    Call::new(REVOCATIONS_QUERY).biz_content(&content).retry(Retry::Read)
}

/// Returns the call for a user's present consents.
pub(crate) fn consents(ids: &UserIds, scopes: &[&str]) -> Call<'static> {
    let mut content = Map::from_iter([("scopes".to_owned(), Value::from(scopes.join(",")))]);
    for (name, id) in [("open_id", ids.open_id()), ("user_id", ids.user_id())] {
        content.extend(id.map(|id| (name.to_owned(), Value::from(id))));
    }
    Call::new(CONSENT_QUERY).biz_content(&Value::from(content)).get().retry(Retry::Read)
}

/// Returns whether each scope is granted: `query_detail`, an object that is written as text.
pub(crate) fn granted(mut node: Fields) -> Result<BTreeMap<String, bool>, NodeError> {
    const MALFORMED: NodeError = NodeError("the answer does not say which scopes are granted");
    let detail = match node.value("query_detail") {
        Some(Value::String(text)) => serde_json::from_str(&text).map_err(|_| MALFORMED)?,
        Some(value) => value,
        None => return Err(MALFORMED),
    };
    let Value::Object(scopes) = detail else { return Err(MALFORMED) };
    let read = |(scope, value): (String, Value)| match &value {
        Value::Bool(granted) => Ok((scope, *granted)),
        Value::String(text) => text.parse().map(|granted| (scope, granted)).map_err(|_| MALFORMED),
        _ => Err(MALFORMED),
    };
    scopes.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(node: &str) -> Result<RevocationPage, NodeError> {
        RevocationPage::from_verified(Fields::read(node).unwrap())
    }

    #[test]
    fn a_page_is_read_as_either_interface_has_it() {
        let rows = r#""details":[
            {"user_id":"2088000000000001","open_id":"o1","del_auth_time":"2026-11-21 00:00:00","scope":"auth_user"},
            {"user_id":"","open_id":"o2","del_auth_time":1795190400123}]"#;
        let v2 = page(&format!(r#"{{"code":"10000","msg":"Success","response":{{{rows}}}}}"#)).unwrap();
        assert_eq!(v2, page(&format!("{{{rows}}}")).unwrap());
        let told: Vec<_> = v2.revocations.iter().map(|row| (row.ids.key(), row.at.as_millis(), &row.scope)).collect();
        let scope = Some("auth_user".to_owned());
        assert_eq!(told, [("o1", 1_795_190_400_000, &scope), ("o2", 1_795_190_400_123, &None)]);
        assert_eq!((v2.is_beyond_the_last(), v2.unreadable), (false, 0));
    }

    #[test]
    fn a_day_without_withdrawals_may_have_no_list() {
        for node in ["{}", r#"{"code":"10000","response":{}}"#, r#"{"response":null}"#, r#"{"details":[]}"#] {
            assert!(page(node).unwrap().is_beyond_the_last(), "{node}");
        }
        assert!(page(r#"{"details":"none"}"#).is_err());
    }

    #[test]
    fn rows_without_user_or_time_are_counted() {
        let node = r#"{"details":[{"del_auth_time":"2026-11-21 00:00:00"},{"user_id":"2088"},{"user_id":"a b","del_auth_time":1},
            7,{"user_id":"2088","del_auth_time":"soon"}]}"#;
        assert_eq!(page(node).unwrap(), RevocationPage { revocations: Vec::new(), unreadable: 5 });
    }

    #[test]
    fn each_scope_is_granted_or_not() {
        let read = |node: &str| granted(Fields::read(node).unwrap());
        let expected = BTreeMap::from([("auth_base".to_owned(), true), ("auth_user".to_owned(), false)]);
        for node in [
            r#"{"query_detail":"{\"auth_user\":false,\"auth_base\":true}"}"#,
            r#"{"query_detail":"{\"auth_user\":\"false\",\"auth_base\":\"true\"}"}"#,
            r#"{"query_detail":{"auth_user":false,"auth_base":true}}"#,
        ] {
            assert_eq!(read(node).unwrap(), expected, "{node}");
        }
        for node in
            ["{}", r#"{"query_detail":"no"}"#, r#"{"query_detail":"[]"}"#, r#"{"query_detail":{"auth_user":1}}"#]
        {
            assert!(read(node).is_err(), "{node}");
        }
    }
}
