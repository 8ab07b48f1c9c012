//! Finds, locks, updates and merges subjects.

use super::withdrawals;
use crate::store::{
    subjects::{DELETE_WORSE_GRANT, LATER_END, MERGE, SecondIdError, Subject, Verdict, judge},
    to_stored,
    withdrawals::WithdrawnSessions,
};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_openplatform::UserIds;
use sqlx::{PgConnection, Row as _, postgres::PgRow};

/// Returns the subject that an answer with `ids` is about; creates `new` if no subject has any of these ids. Locks it
/// until the transaction ends, so that logins of one user are serialized.
pub(super) async fn settle(
    connection: &mut PgConnection,
    app_id: &str,
    ids: &UserIds,
    new: SubjectId,
    now: Timestamp,
) -> sqlx::Result<Result<Subject, SecondIdError>> {
    loop {
        match judge(ids, find(connection, app_id, ids).await?) {
            Err(error) => return Ok(Err(error)),
            Ok(Verdict::New) => {
                if let Some(created) = create(connection, app_id, ids, new, now).await? {
                    return Ok(Ok(created));
                }
                // Another transaction took one of the ids; its subject is found now.
            }
            Ok(Verdict::Known { mut subject, learns, retired }) => {
                if learns {
                    subject.ended = apply_withdrawal(connection, app_id, &subject, &retired, now).await?;
                }
                apply(connection, &subject, learns, &retired, now).await?;
                return Ok(Ok(subject));
            }
        }
    }
}

/// Does the same for an answer about a known subject; `None` if it was erased in the meantime.
pub(super) async fn settle_known(
    connection: &mut PgConnection,
    known: SubjectId,
    ids: &UserIds,
    now: Timestamp,
) -> sqlx::Result<Result<Option<Subject>, SecondIdError>> {
    let app_id: Option<String> = sqlx::query_scalar("SELECT app_id FROM subjects WHERE id = $1")
        .bind(known.stored())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(app_id) = app_id else { return Ok(Ok(None)) };
    let found = find(connection, &app_id, ids).await?;
    // Now that the rows are locked, the result is final.
    match resolve(connection, known).await? {
        None => Ok(Ok(None)),
        Some(leads_to) if found.iter().any(|subject| subject.id == leads_to) => {
            settle(connection, &app_id, ids, known, now).await.map(|settled| settled.map(Some))
        }
        Some(_) => Ok(Err(SecondIdError)),
    }
}

/// Returns the subject that an id leads to: itself, or the one that it was merged into.
pub(super) async fn resolve(connection: &mut PgConnection, subject: SubjectId) -> sqlx::Result<Option<SubjectId>> {
    let resolved = sqlx::query_scalar("SELECT coalesce(retired_into, id) FROM subjects WHERE id = $1")
        .bind(subject.stored())
        .fetch_optional(connection)
        .await?;
    Ok(resolved.map(SubjectId::from_stored))
}

/// The retired ids that lead to `subjects.id`.
macro_rules! previous {
    () => {
        "ARRAY(SELECT retired.id FROM subjects AS retired WHERE retired.retired_into = subjects.id) AS previous"
    };
}
pub(super) use previous;

/// Reads `previous!`.
pub(super) fn previous_of(row: &PgRow) -> sqlx::Result<Vec<SubjectId>> {
    let previous: Vec<i64> = row.try_get("previous")?;
    Ok(previous.into_iter().map(SubjectId::from_stored).collect())
}

/// Reads the ids of a subject.
pub(super) fn ids(row: &PgRow) -> sqlx::Result<UserIds> {
    UserIds::from_ids(row.try_get("open_id")?, row.try_get("user_id")?, row.try_get("union_id")?)
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// Locks in the order of ids, so that two merges of the same subjects cannot deadlock.
pub(super) async fn find(connection: &mut PgConnection, app_id: &str, named: &UserIds) -> sqlx::Result<Vec<Subject>> {
    let found = sqlx::query(concat!(
        "SELECT id, created_at, ",
        previous!(),
        ", open_id, user_id, union_id FROM subjects
         WHERE app_id = $1 AND (open_id = $2 OR user_id = $3 OR union_id = $4) ORDER BY id FOR UPDATE"
    ))
    .bind(app_id)
    .bind(named.open_id())
    .bind(named.user_id())
    .bind(named.union_id())
    .fetch_all(connection)
    .await?;
    let subject = |row: &PgRow| {
        Ok(Subject {
            id: SubjectId::from_stored(row.try_get("id")?),
            created_at: row.try_get("created_at")?,
            previous: previous_of(row)?,
            ids: ids(row)?,
            ended: None,
        })
    };
    found.iter().map(subject).collect()
}

/// Returns `None` if another subject has one of the ids.
async fn create(
    connection: &mut PgConnection,
    app_id: &str,
    ids: &UserIds,
    id: SubjectId,
    now: Timestamp,
) -> sqlx::Result<Option<Subject>> {
    let created_at = to_stored(now);
    let inserted = sqlx::query(
        "INSERT INTO subjects (id, app_id, open_id, user_id, union_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING",
    )
    .bind(id.stored())
    .bind(app_id)
    .bind(ids.open_id())
    .bind(ids.user_id())
    .bind(ids.union_id())
    .bind(created_at)
    .execute(connection)
    .await?;
    let created = Subject { id, ids: ids.clone(), created_at, previous: Vec::new(), ended: None };
    Ok((inserted.rows_affected() == 1).then_some(created))
}

/// Ends what was consented to before a withdrawal that this answer links to a user. Returns the affected sessions. Must
/// come before a merge, which keeps the better of two grants, and that may be the withdrawn one.
async fn apply_withdrawal(
    connection: &mut PgConnection,
    app_id: &str,
    subject: &Subject,
    retired: &[SubjectId],
    now: Timestamp,
) -> sqlx::Result<Option<WithdrawnSessions>> {
    let Some(noted) = withdrawals::noted(connection, app_id, &subject.ids).await? else { return Ok(None) };
    let concerned: Vec<SubjectId> = [subject.id].iter().chain(retired).copied().collect();
    withdrawals::apply(connection, noted, &concerned, subject.every_id().collect(), now).await.map(Some)
}

/// Applies a verdict.
async fn apply(
    connection: &mut PgConnection,
    subject: &Subject,
    learns: bool,
    retired: &[SubjectId],
    now: Timestamp,
) -> sqlx::Result<()> {
    for retired in retired {
        let both = |statement: &'static str| sqlx::query(statement).bind(subject.id.stored()).bind(retired.stored());
        both(LATER_END).execute(&mut *connection).await?;
        both(DELETE_WORSE_GRANT).bind(to_stored(now)).execute(&mut *connection).await?;
        for statement in MERGE {
            both(statement).execute(&mut *connection).await?;
        }
    }
    if learns {
        let ids = &subject.ids;
        sqlx::query("UPDATE subjects SET open_id = $1, user_id = $2, union_id = $3 WHERE id = $4")
            .bind(ids.open_id())
            .bind(ids.user_id())
            .bind(ids.union_id())
            .bind(subject.id.stored())
            .execute(connection)
            .await?;
    }
    Ok(())
}
