//! Stores and applies withdrawals.

use super::{Database, audit, subjects};
use crate::store::{
    audit::AuditEntry,
    from_stored, to_stored,
    withdrawals::{
        AfterWithdrawal, END_GRANT, END_SESSIONS, ERASE_MEMBER, ERASE_PHONE, ERASE_USER, NOTE, Noted, WITHOUT_GRANT,
        Withdrawal, WithdrawalResult, WithdrawnSessions, id_hashes,
    },
};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_openplatform::UserIds;
use sqlx::{Connection as _, PgConnection, Row as _};

/// Stores a withdrawal, and ends what it applies to.
pub(super) async fn withdraw(database: &Database, withdrawal: &Withdrawal) -> sqlx::Result<WithdrawalResult> {
    let mut connection = database.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let connection = &mut *transaction;
    let Withdrawal { app_id, ids, .. } = withdrawal;
    let at = to_stored(withdrawal.at);
    // In a fixed order, so that two with the same ids cannot deadlock.
    let mut hashes = id_hashes(app_id, ids);
    hashes.sort_unstable();
    for hash in hashes {
        sqlx::query(NOTE)
            .bind(app_id)
            .bind(hash)
            .bind(at)
            .bind(withdrawal.member())
            .bind(to_stored(withdrawal.heard_at))
            .execute(&mut *connection)
            .await?;
    }
    // Waits for logins of these users. If one of them merges two subjects, only the second query finds the result.
    subjects::find(connection, app_id, ids).await?;
    let subjects = subjects::find(connection, app_id, ids).await?;
    let (mut ended, mut without_grant) = (false, Vec::new());
    for subject in &subjects {
        let mut here = end_older(connection, subject.id, at, withdrawal.keeps_member()).await?;
        without_grant.extend(ids_without_grant(connection, subject.id).await?);
        if withdrawal.erases(subject) {
            let erased = sqlx::query(ERASE_USER).bind(subject.id.stored()).execute(&mut *connection).await?;
            here |= erased.rows_affected() > 0;
        }
        if here {
            for id in subject.every_id() {
                audit::note(connection, &withdrawal.entry.about(id)).await?;
            }
            ended = true;
        }
    }
    transaction.commit().await?;
    Ok(WithdrawalResult::new(withdrawal.at, &subjects, ended, without_grant))
}

/// Repeats a withdrawal after a restore. Returns whether there was anything to end.
pub(super) async fn end_again(
    database: &Database,
    subject: SubjectId,
    at: Timestamp,
    after: AfterWithdrawal,
    entry: &AuditEntry,
) -> sqlx::Result<bool> {
    let mut connection = database.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let Some(subject) = subjects::resolve(&mut transaction, subject).await? else { return Ok(false) };
    let keeps_member = after == AfterWithdrawal::KeepMember;
    let mut ended = end_older(&mut transaction, subject, to_stored(at), keeps_member).await?;
    if after == AfterWithdrawal::EraseUser {
        let erased = sqlx::query(ERASE_USER).bind(subject.stored()).execute(&mut *transaction).await?;
        ended |= erased.rows_affected() > 0;
    }
    if ended {
        audit::note(&mut transaction, &entry.about(subject)).await?;
    }
    transaction.commit().await?;
    Ok(ended)
}

/// Ends what a user consented to by a given time. Returns whether there was anything.
async fn end_older(
    connection: &mut PgConnection,
    subject: SubjectId,
    at: i64,
    keeps_member: bool,
) -> sqlx::Result<bool> {
    let subject = subject.stored();
    let mut gone = sqlx::query(END_GRANT).bind(subject).bind(at).execute(&mut *connection).await?.rows_affected();
    gone += sqlx::query(END_SESSIONS).bind(subject).bind(at).execute(&mut *connection).await?.rows_affected();
    if !keeps_member {
        gone += sqlx::query(ERASE_MEMBER).bind(subject).bind(at).execute(&mut *connection).await?.rows_affected();
        gone += sqlx::query(ERASE_PHONE).bind(subject).bind(at).execute(connection).await?.rows_affected();
    }
    Ok(gone > 0)
}

/// Applies a stored withdrawal to `subjects`. Returns the sessions that end; `users` are all ids of these subjects.
pub(super) async fn apply(
    connection: &mut PgConnection,
    noted: Noted,
    subjects: &[SubjectId],
    users: Vec<SubjectId>,
    now: Timestamp,
) -> sqlx::Result<WithdrawnSessions> {
    let mut without_grant = Vec::new();
    for &subject in subjects {
        if end_older(&mut *connection, subject, noted.at, noted.keeps_member).await? {
            audit::note(&mut *connection, &noted.entry(now).about(subject)).await?;
        }
        without_grant.extend(ids_without_grant(&mut *connection, subject).await?);
    }
    Ok(WithdrawnSessions { at: from_stored(noted.at), users, without_grant })
}

/// Returns all ids of a user who has no grant any more.
async fn ids_without_grant(connection: &mut PgConnection, subject: SubjectId) -> sqlx::Result<Vec<SubjectId>> {
    let ids: Vec<i64> = sqlx::query_scalar(WITHOUT_GRANT).bind(subject.stored()).fetch_all(connection).await?;
    Ok(ids.into_iter().map(SubjectId::from_stored).collect())
}

/// Returns the latest stored withdrawal of one of a user's ids.
pub(super) async fn noted(connection: &mut PgConnection, app_id: &str, ids: &UserIds) -> sqlx::Result<Option<Noted>> {
    let row = sqlx::query(
        "SELECT withdrawn_at, heard_at, member FROM withdrawals WHERE app_id = $1 AND id_hash = ANY($2)
         ORDER BY withdrawn_at DESC LIMIT 1",
    )
    .bind(app_id)
    .bind(id_hashes(app_id, ids))
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(Noted::new(row.try_get("withdrawn_at")?, row.try_get("heard_at")?, row.try_get("member")?)))
        .transpose()
}
