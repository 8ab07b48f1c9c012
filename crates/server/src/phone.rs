//! Phone numbers in clear: sealed for the database, opened for the user's own page (masked) and for your handlers.

use crate::{
    api_error::ApiError,
    crypto::{Column, Sealer, Sealers, TokenOwner},
    session::{Session, Sessions},
    shared::Shared,
    store::{
        StoreError,
        phones::{KeptPhone, SealedNumber},
    },
};
use miniauth_core::wire::{PhoneAnswer, SubjectId};
use miniauth_openplatform::{PhoneNumber, UserIds};
use std::ops::Deref;

/// How many numbers per batch are sealed with the new key after the server's key was replaced.
const BATCH: u32 = 200;

/// A user's phone number from the platform. It does not print.
#[derive(Debug, Clone)]
pub struct KeptPhoneNumber {
    number: PhoneNumber,
    confirmed: bool,
}

impl KeptPhoneNumber {
    pub(crate) fn new(number: PhoneNumber, confirmed: bool) -> Self {
        Self { number, confirmed }
    }

    /// Whether no other user of the app had the number when it was posted. The platform's answer does not name the
    /// user, so even a confirmed number does not prove who the user is.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Returns the masked number for the page.
    pub(crate) fn masked_answer(&self) -> PhoneAnswer {
        PhoneAnswer {
            phone_number: self.number.masked(),
            country_code: self.number.country_code().map(str::to_owned),
            confirmed: self.confirmed,
        }
    }
}

impl Deref for KeptPhoneNumber {
    type Target = PhoneNumber;

    fn deref(&self) -> &PhoneNumber {
        &self.number
    }
}

impl Sessions {
    /// Returns the full phone number of a session's user, if the user gave one. It is personal data: keep it out of
    /// logs, and pass it only to those who need it for the purpose that the user was told.
    ///
    /// # Errors
    /// [`ApiError`], which you can return as it is, if the database cannot be read.
    pub async fn phone_number(&self, session: &Session) -> Result<Option<KeptPhoneNumber>, ApiError> {
        Ok(self.shared().phone_number(session.subject()).await?)
    }
}

impl Sealers {
    /// Returns the number in clear; `None` if none of the keys sealed it.
    pub(crate) fn open_phone(&self, kept: &KeptPhone) -> Option<PhoneNumber> {
        let sealer = self.of(&kept.key_id)?;
        // Tries each of the user's ids, because any may have been the key when the number was sealed.
        let open = |user| sealer.open(&kept.bytes, TokenOwner { app_id: &kept.app_id, user }, Column::PhoneNumber);
        kept.ids.each().find_map(open).map(|number| PhoneNumber::from_kept(number, kept.signed))
    }
}

impl Shared {
    /// Returns a user's phone number; `None` also if its key is not configured any more.
    pub(crate) async fn phone_number(&self, subject: SubjectId) -> Result<Option<KeptPhoneNumber>, StoreError> {
        let Some(kept) = self.stores.phones.phone(subject).await? else { return Ok(None) };
        let number = self.sealers.open_phone(&kept);
        if number.is_none() {
            tracing::warn!("cannot decrypt a phone number: the key that sealed it is not in key_file or old_key_files");
        }
        Ok(number.map(|number| KeptPhoneNumber::new(number, kept.confirmed)))
    }

    /// Seals a user's number with the current key.
    pub(crate) fn seal_phone(&self, app_id: &str, ids: &UserIds, number: &PhoneNumber) -> SealedNumber {
        let sealer = self.sealers.current();
        let owner = TokenOwner { app_id, user: ids.key() };
        SealedNumber {
            key_id: sealer.key_id().to_owned(),
            bytes: sealer.seal(&number.expose().into(), owner, Column::PhoneNumber, &*self.random),
            hash: hash(sealer, app_id, number),
        }
    }

    /// Returns a number's hashes under the old keys.
    pub(crate) fn older_phone_hashes(&self, app_id: &str, number: &PhoneNumber) -> Vec<Vec<u8>> {
        self.sealers.each().skip(1).map(|sealer| hash(sealer, app_id, number)).collect()
    }

    /// Seals with the current key what old ones sealed, so that these can be removed some day. Continues at the next
    /// start if the server stops.
    pub(crate) async fn reseal_phones(&self) {
        match self.reseal_each_phone().await {
            Ok(0) => {}
            Ok(resealed) => tracing::info!(resealed, "sealed phone numbers with the current key"),
            Err(error) => {
                tracing::warn!(%error, "could not seal phone numbers with the current key; the next start tries again")
            }
        }
    }

    async fn reseal_each_phone(&self) -> Result<u64, StoreError> {
        let mut resealed = 0;
        for key_id in self.sealers.old_key_ids() {
            let mut after = i64::MIN;
            loop {
                let kept = self.stores.phones.phones_sealed_by(key_id, after, BATCH).await?;
                let Some(last) = kept.last() else { break };
                after = last.subject.stored();
                for kept in &kept {
                    if self.running.is_closed() {
                        return Ok(resealed);
                    }
                    if let Some(number) = self.sealers.open_phone(kept) {
                        let sealed = self.seal_phone(&kept.app_id, &kept.ids, &number);
                        self.stores.phones.reseal_phone(kept, sealed).await?;
                        resealed += 1;
                    }
                }
            }
        }
        Ok(resealed)
    }
}

fn hash(sealer: &Sealer, app_id: &str, number: &PhoneNumber) -> Vec<u8> {
    sealer.phone_hash(app_id, number.country_code(), number.local())
}
