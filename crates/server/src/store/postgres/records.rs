//! Reads all data of a user.

use super::{Database, bounded, phones, subjects};
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
use sqlx::{Connection as _, PgConnection, Row as _, postgres::PgRow};

#[async_trait]
impl RecordStore for Database {
    async fn users_named(&self, id: &str, app_id: Option<&str>) -> Result<Vec<SubjectId>, StoreError> {
        let select = sqlx::query_scalar::<_, i64>(NAMED).bind(id).bind(app_id);
        let found = bounded(async { select.fetch_all(&mut *self.pool.acquire().await?).await }).await?;
        Ok(found.into_iter().map(SubjectId::from_stored).collect())
    }

    async fn user(&self, subject: SubjectId) -> Result<Option<StoredUser>, StoreError> {
        bounded(async {
            let mut connection = self.pool.acquire().await?;
            // Read everything at one moment.
            let mut transaction = connection.begin().await?;
            sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                .execute(&mut *transaction)
                .await?;
            let user = read(&mut transaction, subject).await?;
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }
}

async fn read(connection: &mut PgConnection, subject: SubjectId) -> sqlx::Result<Option<StoredUser>> {
    let phone = phones::find(connection, subject).await?;
    let row = sqlx::query(USER).bind(subject.stored()).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(None) };
    let ids = subjects::ids(&row)?;
    let number: i64 = row.try_get(0)?;
    let phone_record = match &phone {
        Some(kept) => Some(PhoneRecord::new(kept, moment(&row, 18)?, moment(&row, 19)?)),
        None => None,
    };
    let previous = sqlx::query_scalar::<_, i64>(PREVIOUS).bind(number).fetch_all(&mut *connection).await?;
    let reports = sqlx::query(CONSENTS).bind(number).fetch_all(&mut *connection).await?;
    let consents = reports.iter().map(|row| {
        let report = ReportedConsent {
            scope: row.try_get(0)?,
            purpose: row.try_get(1)?,
            reported_at: moment(row, 2)?,
            received_at: moment(row, 3)?,
        };
        Ok(report.into())
    });
    let record = UserRecord {
        subject: SubjectId::from_stored(number),
        previous_subjects: previous.into_iter().map(SubjectId::from_stored).collect(),
        app_id: row.try_get(1)?,
        known_since: moment(&row, 5)?,
        ids: IdRecord::new(&ids),
        member: member(&row)?,
        phone: phone_record,
        grant: grant(&row)?,
        consents: consents.collect::<sqlx::Result<_>>()?,
        sessions: Vec::new(),
    };
    Ok(Some(StoredUser { record, ids, phone }))
}

fn member(row: &PgRow) -> sqlx::Result<Option<MemberRecord>> {
    let Some(stored_at) = row.try_get::<Option<i64>, _>(11)? else { return Ok(None) };
    Ok(Some(MemberRecord {
        nick_name: row.try_get(6)?,
        avatar: row.try_get(7)?,
        gender: row.try_get(8)?,
        province: row.try_get(9)?,
        city: row.try_get(10)?,
        source: MemberRecord::SOURCE,
        consented_at: moment(row, 12)?,
        stored_at: from_stored(stored_at),
    }))
}

fn grant(row: &PgRow) -> sqlx::Result<Option<GrantRecord>> {
    let Some(scope) = row.try_get(13)? else { return Ok(None) };
    let end = |column: usize| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(from_stored));
    Ok(Some(GrantRecord {
        scope,
        source: GrantRecord::SOURCE,
        consented_at: moment(row, 15)?,
        granted_at: moment(row, 14)?,
        access_expires_at: end(16)?,
        refresh_expires_at: end(17)?,
    }))
}

fn moment(row: &PgRow, column: usize) -> sqlx::Result<Timestamp> {
    row.try_get(column).map(from_stored)
}
