//! Stores and applies withdrawals.

use super::{audit, subjects, sweep::Sweep};
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
use rusqlite::{Connection, OptionalExtension as _, params, types::Value};

/// Stores a withdrawal, and ends what it applies to.
pub(super) fn withdraw(connection: &Connection, withdrawal: &Withdrawal) -> rusqlite::Result<WithdrawalResult> {
    let Withdrawal { app_id, ids, .. } = withdrawal;
    let (at, heard_at) = (to_stored(withdrawal.at), to_stored(withdrawal.heard_at));
    for hash in id_hashes(app_id, ids) {
        connection.prepare_cached(NOTE)?.execute(params![app_id, hash, at, withdrawal.member(), heard_at])?;
    }
    let subjects = subjects::find(connection, app_id, ids)?;
    let (mut ended, mut without_grant) = (false, Vec::new());
    for subject in &subjects {
        let mut here = end_older(connection, subject.id, at, withdrawal.keeps_member())?;
        without_grant.extend(ids_without_grant(connection, subject.id)?);
        if withdrawal.erases(subject) {
            here |= connection.prepare_cached(ERASE_USER)?.execute([subject.id.stored()])? > 0;
        }
        if here {
            subject.every_id().try_for_each(|id| audit::note(connection, &withdrawal.entry.about(id)))?;
            ended = true;
        }
    }
    Ok(WithdrawalResult::new(withdrawal.at, &subjects, ended, without_grant))
}

/// Repeats a withdrawal after a restore. Returns whether there was anything to end.
pub(super) fn end_again(
    connection: &Connection,
    subject: SubjectId,
    at: Timestamp,
    after: AfterWithdrawal,
    entry: &AuditEntry,
) -> rusqlite::Result<bool> {
    let Some(subject) = subjects::resolve(connection, subject)? else { return Ok(false) };
    let mut ended = end_older(connection, subject, to_stored(at), after == AfterWithdrawal::KeepMember)?;
    if after == AfterWithdrawal::EraseUser {
        ended |= connection.prepare_cached(ERASE_USER)?.execute([subject.stored()])? > 0;
    }
    if ended {
        audit::note(connection, &entry.about(subject))?;
    }
    Ok(ended)
}

/// Ends what a user consented to by a given time. Returns whether there was anything.
fn end_older(connection: &Connection, subject: SubjectId, at: i64, keeps_member: bool) -> rusqlite::Result<bool> {
    let subject = subject.stored();
    let mut gone = connection.prepare_cached(END_GRANT)?.execute((subject, at))?;
    gone += connection.prepare_cached(END_SESSIONS)?.execute((subject, at))?;
    if !keeps_member {
        gone += connection.prepare_cached(ERASE_MEMBER)?.execute((subject, at))?;
        gone += connection.prepare_cached(ERASE_PHONE)?.execute((subject, at))?;
    }
    Ok(gone > 0)
}

/// Applies a stored withdrawal to `subjects`. Returns the sessions that end; `users` are all ids of these subjects.
pub(super) fn apply(
    connection: &Connection,
    noted: Noted,
    subjects: &[SubjectId],
    users: Vec<SubjectId>,
    now: Timestamp,
) -> rusqlite::Result<WithdrawnSessions> {
    let mut without_grant = Vec::new();
    for &subject in subjects {
        if end_older(connection, subject, noted.at, noted.keeps_member)? {
            audit::note(connection, &noted.entry(now).about(subject))?;
        }
        without_grant.extend(ids_without_grant(connection, subject)?);
    }
    Ok(WithdrawnSessions { at: from_stored(noted.at), users, without_grant })
}

/// Returns all ids of a user who has no grant any more.
fn ids_without_grant(connection: &Connection, subject: SubjectId) -> rusqlite::Result<Vec<SubjectId>> {
    let mut select = connection.prepare_cached(WITHOUT_GRANT)?;
    let ids = select.query_map([subject.stored()], |row| row.get(0).map(SubjectId::from_stored))?;
    ids.collect()
}

/// Returns the latest stored withdrawal of one of a user's ids.
pub(super) fn noted(connection: &Connection, app_id: &str, ids: &UserIds) -> rusqlite::Result<Option<Noted>> {
    let hashes = id_hashes(app_id, ids);
    connection
        .prepare_cached(
            "SELECT withdrawn_at, heard_at, member FROM withdrawals WHERE app_id = ?1 AND id_hash IN (?2, ?3, ?4)
             ORDER BY withdrawn_at DESC LIMIT 1",
        )?
        .query_row(params![app_id, hashes.first(), hashes.get(1), hashes.get(2)], |row| {
            Ok(Noted::new(row.get(0)?, row.get(1)?, row.get_ref(2)?.as_str()?))
        })
        .optional()
}

pub(super) fn old() -> Sweep {
    Sweep::new(
        "SELECT heard_at < ?1, app_id, id_hash FROM withdrawals WHERE (app_id, id_hash) > (?2, ?3)
         ORDER BY app_id, id_hash",
        "DELETE FROM withdrawals WHERE app_id = ?2 AND id_hash = ?3 AND heard_at < ?1",
        vec![Value::Text(String::new()), Value::Blob(Vec::new())],
    )
}
