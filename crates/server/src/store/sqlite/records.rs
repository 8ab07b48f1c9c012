//! Reads all data of a user.

use super::{Database, phones, subjects};
use crate::store::{
    StoreError, from_stored,
    members::ReportedConsent,
    records::{
        CONSENTS, GrantRecord, IdRecord, MemberRecord, NAMED, PREVIOUS, PhoneRecord, RecordStore, StoredUser, USER,
        UserRecord,
    },
};
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use rusqlite::{Connection, OptionalExtension as _, Row};

#[async_trait]
impl RecordStore for Database {
    async fn users_named(&self, id: &str, app_id: Option<&str>) -> Result<Vec<SubjectId>, StoreError> {
        let (id, app_id) = (id.to_owned(), app_id.map(str::to_owned));
        self.read(move |connection| {
            let mut select = connection.prepare(NAMED)?;
            select.query_map((id, app_id), |row| row.get(0).map(SubjectId::from_stored))?.collect()
        })
        .await
    }

    async fn user(&self, subject: SubjectId) -> Result<Option<StoredUser>, StoreError> {
        self.read(move |connection| {
            // Read everything at one moment.
            let transaction = connection.unchecked_transaction()?;
            read(&transaction, subject)
        })
        .await
    }
}

fn read(connection: &Connection, subject: SubjectId) -> rusqlite::Result<Option<StoredUser>> {
    let phone = phones::find(connection, subject)?;
    let user = connection.query_row(USER, [subject.stored()], |row| {
        let ids = subjects::ids(row, 2)?;
        let phone_record = match &phone {
            Some(kept) => Some(PhoneRecord::new(kept, moment(row, 18)?, moment(row, 19)?)),
            None => None,
        };
        let record = UserRecord {
            subject: SubjectId::from_stored(row.get(0)?),
            previous_subjects: Vec::new(),
            app_id: row.get(1)?,
            known_since: moment(row, 5)?,
            ids: IdRecord::new(&ids),
            member: member(row)?,
            phone: phone_record,
            grant: grant(row)?,
            consents: Vec::new(),
            sessions: Vec::new(),
        };
        Ok(StoredUser { record, ids, phone })
    });
    let Some(mut user) = user.optional()? else { return Ok(None) };
    let number = user.record.subject.stored();
    let mut previous = connection.prepare(PREVIOUS)?;
    let ids = previous.query_map([number], |row| row.get(0).map(SubjectId::from_stored))?;
    user.record.previous_subjects = ids.collect::<rusqlite::Result<_>>()?;
    let mut consents = connection.prepare(CONSENTS)?;
    let reports = consents.query_map([number], |row| {
        let report = ReportedConsent {
            scope: row.get(0)?,
            purpose: row.get(1)?,
            reported_at: moment(row, 2)?,
            received_at: moment(row, 3)?,
        };
        Ok(report.into())
    })?;
    user.record.consents = reports.collect::<rusqlite::Result<_>>()?;
    Ok(Some(user))
}

fn member(row: &Row<'_>) -> rusqlite::Result<Option<MemberRecord>> {
    let Some(stored_at) = row.get::<_, Option<i64>>(11)? else { return Ok(None) };
    Ok(Some(MemberRecord {
        nick_name: row.get(6)?,
        avatar: row.get(7)?,
        gender: row.get(8)?,
        province: row.get(9)?,
        city: row.get(10)?,
        source: MemberRecord::SOURCE,
        consented_at: moment(row, 12)?,
        stored_at: from_stored(stored_at),
    }))
}

fn grant(row: &Row<'_>) -> rusqlite::Result<Option<GrantRecord>> {
    let Some(scope) = row.get(13)? else { return Ok(None) };
    let end = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(from_stored));
    Ok(Some(GrantRecord {
        scope,
        source: GrantRecord::SOURCE,
        consented_at: moment(row, 15)?,
        granted_at: moment(row, 14)?,
        access_expires_at: end(16)?,
        refresh_expires_at: end(17)?,
    }))
}

fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(from_stored)
}
