//! Finds, updates and merges subjects.

use super::withdrawals;
use crate::store::{
    subjects::{DELETE_WORSE_GRANT, LATER_END, MERGE, SecondIdError, Subject, Verdict, judge},
    to_stored,
    withdrawals::WithdrawnSessions,
};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_openplatform::UserIds;
use rusqlite::{
    Connection, OptionalExtension as _, Row, params,
    types::{Type, ValueRef},
};

/// Returns the subject that an answer with `ids` is about; creates `new` if no subject has any of these ids.
pub(super) fn settle(
    connection: &Connection,
    app_id: &str,
    ids: &UserIds,
    new: SubjectId,
    now: Timestamp,
) -> rusqlite::Result<Result<Subject, SecondIdError>> {
    match judge(ids, find(connection, app_id, ids)?) {
        Err(error) => Ok(Err(error)),
        Ok(Verdict::New) => create(connection, app_id, ids, new, now).map(Ok),
        Ok(Verdict::Known { mut subject, learns, retired }) => {
            if learns {
                subject.ended = apply_withdrawal(connection, app_id, &subject, &retired, now)?;
            }
            apply(connection, &subject, learns, &retired, now)?;
            Ok(Ok(subject))
        }
    }
}

/// Does the same for an answer about a known subject; `None` if it was erased in the meantime.
pub(super) fn settle_known(
    connection: &Connection,
    known: SubjectId,
    ids: &UserIds,
    now: Timestamp,
) -> rusqlite::Result<Result<Option<Subject>, SecondIdError>> {
    let app_id: Option<String> = connection
        .prepare_cached("SELECT app_id FROM subjects WHERE id = ?1")?
        .query_row([known.stored()], |row| row.get(0))
        .optional()?;
    let Some(app_id) = app_id else { return Ok(Ok(None)) };
    let found = find(connection, &app_id, ids)?;
    let leads_to = resolve(connection, known)?;
    if !found.iter().any(|subject| Some(subject.id) == leads_to) {
        return Ok(Err(SecondIdError));
    }
    settle(connection, &app_id, ids, known, now).map(|settled| settled.map(Some))
}

/// Returns the subject that an id leads to: itself, or the one that it was merged into.
pub(super) fn resolve(connection: &Connection, subject: SubjectId) -> rusqlite::Result<Option<SubjectId>> {
    connection
        .prepare_cached("SELECT coalesce(retired_into, id) FROM subjects WHERE id = ?1")?
        .query_row([subject.stored()], |row| row.get(0).map(SubjectId::from_stored))
        .optional()
}

/// A list of the retired ids that lead to `subjects.id`.
macro_rules! previous {
    () => {
        "(SELECT group_concat(retired.id) FROM subjects AS retired WHERE retired.retired_into = subjects.id)"
    };
}
pub(super) use previous;

/// Reads `previous!`.
pub(super) fn previous_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<SubjectId>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(Vec::new()),
        list => list
            .as_str()?
            .split(',')
            .map(|id| id.parse().map(SubjectId::from_stored))
            .collect::<Result<_, _>>()
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))),
    }
}

/// Reads `open_id, user_id, union_id` from the column `first` on.
pub(super) fn ids(row: &Row<'_>, first: usize) -> rusqlite::Result<UserIds> {
    UserIds::from_ids(row.get(first)?, row.get(first + 1)?, row.get(first + 2)?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(first, Type::Text, Box::new(error)))
}

pub(super) fn find(connection: &Connection, app_id: &str, named: &UserIds) -> rusqlite::Result<Vec<Subject>> {
    let mut select = connection.prepare_cached(concat!(
        "SELECT id, created_at, ",
        previous!(),
        ", open_id, user_id, union_id FROM subjects
         WHERE app_id = ?1 AND (open_id = ?2 OR user_id = ?3 OR union_id = ?4)"
    ))?;
    let found = select.query_map(params![app_id, named.open_id(), named.user_id(), named.union_id()], |row| {
        Ok(Subject {
            id: SubjectId::from_stored(row.get(0)?),
            created_at: row.get(1)?,
            previous: previous_of(row, 2)?,
            ids: ids(row, 3)?,
            ended: None,
        })
    })?;
    found.collect()
}

fn create(
    connection: &Connection,
    app_id: &str,
    ids: &UserIds,
    id: SubjectId,
    now: Timestamp,
) -> rusqlite::Result<Subject> {
    let created_at = to_stored(now);
    connection
        .prepare_cached(
            "INSERT INTO subjects (id, app_id, open_id, user_id, union_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![id.stored(), app_id, ids.open_id(), ids.user_id(), ids.union_id(), created_at])?;
    Ok(Subject { id, ids: ids.clone(), created_at, previous: Vec::new(), ended: None })
}

/// Ends what was consented to before a withdrawal that this answer links to a user. Returns the affected sessions. Must
/// come before a merge, which keeps the better of two grants, and that may be the withdrawn one.
fn apply_withdrawal(
    connection: &Connection,
    app_id: &str,
    subject: &Subject,
    retired: &[SubjectId],
    now: Timestamp,
) -> rusqlite::Result<Option<WithdrawnSessions>> {
    let Some(noted) = withdrawals::noted(connection, app_id, &subject.ids)? else { return Ok(None) };
    let concerned: Vec<SubjectId> = [subject.id].iter().chain(retired).copied().collect();
    withdrawals::apply(connection, noted, &concerned, subject.every_id().collect(), now).map(Some)
}

/// Applies a verdict.
fn apply(
    connection: &Connection,
    subject: &Subject,
    learns: bool,
    retired: &[SubjectId],
    now: Timestamp,
) -> rusqlite::Result<()> {
    for retired in retired {
        let both = (subject.id.stored(), retired.stored());
        connection.prepare_cached(LATER_END)?.execute(both)?;
        connection.prepare_cached(DELETE_WORSE_GRANT)?.execute((both.0, both.1, to_stored(now)))?;
        for statement in MERGE {
            connection.prepare_cached(statement)?.execute(both)?;
        }
    }
    if learns {
        let ids = &subject.ids;
        connection
            .prepare_cached("UPDATE subjects SET open_id = ?1, user_id = ?2, union_id = ?3 WHERE id = ?4")?
            .execute(params![ids.open_id(), ids.user_id(), ids.union_id(), subject.id.stored()])?;
    }
    Ok(())
}
