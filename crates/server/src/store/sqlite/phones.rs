//! Phone numbers.

use super::{Database, audit, members::save_consent, subjects};
use crate::store::{
    Actor, AuditAction, StoreError,
    audit::AuditEntry,
    phones::{FIND, HELD, KeptPhone, NewPhone, PhoneStore, RESEAL, SAVE, SCOPE, SEALED_BY, SealedNumber, UNCONFIRMED},
    to_stored,
};
use async_trait::async_trait;
use miniauth_core::wire::SubjectId;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::sync::Arc;

#[async_trait]
impl PhoneStore for Database {
    async fn save_phone(&self, phone: Arc<NewPhone>) -> Result<Option<bool>, StoreError> {
        self.write(move |connection| save(connection, &phone)).await
    }

    async fn phone(&self, subject: SubjectId) -> Result<Option<KeptPhone>, StoreError> {
        self.read(move |connection| find(connection, subject)).await
    }

    async fn phones_sealed_by(&self, key_id: &str, after: i64, limit: u32) -> Result<Vec<KeptPhone>, StoreError> {
        let key_id = key_id.to_owned();
        self.read(move |connection| {
            let mut select = connection.prepare(SEALED_BY)?;
            select.query_map(params![key_id, after, limit], kept)?.collect()
        })
        .await
    }

    async fn reseal_phone(&self, old: &KeptPhone, number: SealedNumber) -> Result<(), StoreError> {
        let (subject, old) = (old.subject.stored(), old.bytes.clone());
        self.write(move |connection| {
            let mut reseal = connection.prepare_cached(RESEAL)?;
            reseal.execute(params![number.key_id, number.bytes, number.hash, subject, old]).map(drop)
        })
        .await
    }
}

pub(super) fn find(connection: &Connection, subject: SubjectId) -> rusqlite::Result<Option<KeptPhone>> {
    connection.prepare_cached(FIND)?.query_row([subject.stored()], kept).optional()
}

fn save(connection: &Connection, phone: &NewPhone) -> rusqlite::Result<Option<bool>> {
    let NewPhone { app_id, number, older_hashes, now, .. } = phone;
    let Some(subject) = subjects::resolve(connection, phone.subject)? else { return Ok(None) };
    let mut held = 0;
    for hash in [&number.hash].into_iter().chain(older_hashes) {
        held += connection
            .prepare_cached(HELD)?
            .query_row(params![app_id, hash, subject.stored()], |row| row.get::<_, i64>(0))?;
    }
    let confirmed = held == 0;
    if !confirmed {
        let known: i64 = connection.query_row(UNCONFIRMED, params![subject.stored(), number.hash], |row| row.get(0))?;
        if known == 0 {
            let entry = AuditEntry::new(&Actor::User, AuditAction::PhoneUnconfirmed, *now);
            audit::note(connection, &entry.about(subject))?;
        }
    }
    connection.prepare_cached(SAVE)?.execute(params![
        subject.stored(),
        number.key_id,
        number.bytes,
        number.hash,
        phone.signed,
        confirmed,
        to_stored(phone.consented_at),
        to_stored(*now)
    ])?;
    if let Some(report) = &phone.consent {
        save_consent(connection, subject, SCOPE, report, *now)?;
    }
    Ok(Some(confirmed))
}

fn kept(row: &Row<'_>) -> rusqlite::Result<KeptPhone> {
    Ok(KeptPhone {
        subject: SubjectId::from_stored(row.get(0)?),
        app_id: row.get(1)?,
        ids: subjects::ids(row, 2)?,
        key_id: row.get(5)?,
        bytes: row.get(6)?,
        signed: row.get(7)?,
        confirmed: row.get(8)?,
    })
}
