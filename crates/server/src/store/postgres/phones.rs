//! Phone numbers.

use super::{Database, audit, bounded, members::save_consent, raced, subjects};
use crate::store::{
    Actor, AuditAction, StoreError,
    audit::AuditEntry,
    phones::{FIND, HELD, KeptPhone, NewPhone, PhoneStore, RESEAL, SAVE, SCOPE, SEALED_BY, SealedNumber, UNCONFIRMED},
    to_stored,
};
use async_trait::async_trait;
use miniauth_core::wire::SubjectId;
use sqlx::{Connection as _, PgConnection, Row as _, postgres::PgRow};
use std::sync::Arc;

#[async_trait]
impl PhoneStore for Database {
    async fn save_phone(&self, phone: Arc<NewPhone>) -> Result<Option<bool>, StoreError> {
        let phone = &*phone;
        raced(move || save(self, phone)).await
    }

    async fn phone(&self, subject: SubjectId) -> Result<Option<KeptPhone>, StoreError> {
        let find = sqlx::query(FIND).bind(subject.stored());
        bounded(async { self.pool.fetch_optional(find).await?.as_ref().map(kept).transpose() }).await
    }

    async fn phones_sealed_by(&self, key_id: &str, after: i64, limit: u32) -> Result<Vec<KeptPhone>, StoreError> {
        let select = sqlx::query(SEALED_BY).bind(key_id).bind(after).bind(i64::from(limit));
        let rows = bounded(async { self.pool.fetch_all(select).await }).await?;
        Ok(rows.iter().map(kept).collect::<sqlx::Result<_>>()?)
    }

    async fn reseal_phone(&self, old: &KeptPhone, number: SealedNumber) -> Result<(), StoreError> {
        let reseal = sqlx::query(RESEAL)
            .bind(number.key_id)
            .bind(number.bytes)
            .bind(number.hash)
            .bind(old.subject.stored())
            .bind(&old.bytes);
        self.execute(reseal).await.map(drop)
    }
}

pub(super) async fn find(connection: &mut PgConnection, subject: SubjectId) -> sqlx::Result<Option<KeptPhone>> {
    sqlx::query(FIND).bind(subject.stored()).fetch_optional(connection).await?.as_ref().map(kept).transpose()
}

async fn save(database: &Database, phone: &NewPhone) -> sqlx::Result<Option<bool>> {
    let NewPhone { app_id, number, older_hashes, now, .. } = phone;
    let mut connection = database.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    // Waits for a running merge, so that the row then leads to the right subject.
    let resolved: Option<i64> =
        sqlx::query_scalar("SELECT coalesce(retired_into, id) FROM subjects WHERE id = $1 FOR UPDATE")
            .bind(phone.subject.stored())
            .fetch_optional(&mut *transaction)
            .await?;
    let Some(subject) = resolved else { return Ok(None) };
    // If two users post the same number at once, one gets it confirmed.
    let lock = number.hash.first_chunk().copied().map_or(0, i64::from_be_bytes);
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(lock).execute(&mut *transaction).await?;
    let mut held = 0;
    for hash in [&number.hash].into_iter().chain(older_hashes) {
        let holders = sqlx::query_scalar::<_, i64>(HELD).bind(app_id).bind(hash).bind(subject);
        held += holders.fetch_one(&mut *transaction).await?;
    }
    let confirmed = held == 0;
    if !confirmed {
        let known = sqlx::query_scalar::<_, i64>(UNCONFIRMED).bind(subject).bind(&number.hash);
        if known.fetch_one(&mut *transaction).await? == 0 {
            let entry = AuditEntry::new(&Actor::User, AuditAction::PhoneUnconfirmed, *now);
            audit::note(&mut transaction, &entry.about(SubjectId::from_stored(subject))).await?;
        }
    }
    sqlx::query(SAVE)
        .bind(subject)
        .bind(&number.key_id)
        .bind(&number.bytes)
        .bind(&number.hash)
        .bind(i16::from(phone.signed))
        .bind(i16::from(confirmed))
        .bind(to_stored(phone.consented_at))
        .bind(to_stored(*now))
        .execute(&mut *transaction)
        .await?;
    if let Some(report) = &phone.consent {
        save_consent(&mut transaction, SubjectId::from_stored(subject), SCOPE, report, *now).await?;
    }
    transaction.commit().await?;
    Ok(Some(confirmed))
}

fn kept(row: &PgRow) -> sqlx::Result<KeptPhone> {
    let is = |column| Ok::<_, sqlx::Error>(row.try_get::<i16, _>(column)? == 1);
    Ok(KeptPhone {
        subject: SubjectId::from_stored(row.try_get("id")?),
        app_id: row.try_get("app_id")?,
        ids: subjects::ids(row)?,
        key_id: row.try_get("key_id")?,
        bytes: row.try_get("number")?,
        signed: is("signed")?,
        confirmed: is("confirmed")?,
    })
}
