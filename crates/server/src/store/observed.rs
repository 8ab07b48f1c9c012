//! Measures the stores: each operation is timed, and is a span in the trace of its request.

use super::{
    AfterWithdrawal, StoreError, Stores,
    audit::{AuditEntry, AuditFilter, AuditRow, AuditStore},
    backends::{BackendName, BackendStore, StoredBackend},
    codes::{Claim, CodeStore, Outcome},
    grants::{SealedGrant, SealedTokens},
    logins::Login,
    members::{Erasure, Lending, MemberStore, Owner, ReportedConsent, SavedLogin, StoredMember},
    phones::{KeptPhone, NewPhone, PhoneStore, SealedNumber},
    sessions::{ListedSession, SessionId, SessionRecord, SessionStore},
    subjects::Judged,
    token_keys::{StoredTokenKey, TokenKeyStore},
    withdrawals::{Withdrawal, WithdrawalResult, WithdrawnSessions},
};
use crate::{
    crypto::{BackendSecretHash, CodeHash, SessionHash},
    observation::Metrics,
    traces,
};
use async_trait::async_trait;
use miniauth_core::{error_code::ErrorCode, time::Timestamp, wire::SubjectId};
use miniauth_openplatform::{UserIds, VerifiedMember};
use std::{sync::Arc, time::Instant};
use tracing::Instrument as _;

/// A store whose operations are measured.
struct Observed<S: ?Sized> {
    store: Arc<S>,
    metrics: Arc<Metrics>,
}

impl Stores {
    /// Measures all operations of the returned stores.
    pub(crate) fn observed(self, metrics: &Arc<Metrics>) -> Self {
        fn observed<S: ?Sized>(store: Arc<S>, metrics: &Arc<Metrics>) -> Arc<Observed<S>> {
            Arc::new(Observed { store, metrics: Arc::clone(metrics) })
        }
        Self {
            audit: observed(self.audit, metrics),
            backends: observed(self.backends, metrics),
            codes: observed(self.codes, metrics),
            members: observed(self.members, metrics),
            phones: observed(self.phones, metrics),
            sessions: observed(self.sessions, metrics),
            token_keys: observed(self.token_keys, metrics),
            ..self
        }
    }
}

impl<S: ?Sized> Observed<S> {
    async fn measured<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let started = Instant::now();
        let span = traces::of_store(operation);
        let done = work.instrument(span.clone()).await;
        if done.is_err() {
            traces::failed(&span, "store_failed");
        }
        self.metrics.store_operation(operation, done.is_ok(), started.elapsed());
        done
    }
}

/// Implements a trait: each method is an operation of the given name; the items after it are passed on unmeasured.
macro_rules! observed {
    ($($trait:ident { $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty = $operation:literal;)+ } $({ $($passed:item)* })?)+) => {
        $(#[async_trait]
        impl $trait for Observed<dyn $trait> {
            $(async fn $name(&self, $($argument: $type),*) -> $answer {
                self.measured($operation, self.store.$name($($argument),*)).await
            })+

            $($($passed)*)?
        })+
    };
}

observed! {
    AuditStore {
        note(entries: Vec<AuditEntry>) -> Result<(), StoreError> = "note_in_audit";
        audit(filter: AuditFilter) -> Result<Vec<AuditRow>, StoreError> = "read_audit";
        forget_audit(before: Timestamp, limit: u32) -> Result<u64, StoreError> = "forget_audit";
    }
    BackendStore {
        backends() -> Result<Vec<StoredBackend>, StoreError> = "read_backends";
        add_backend(backend: StoredBackend, entry: AuditEntry) -> Result<bool, StoreError> = "add_backend";
        change_secret(name: &BackendName, secret: BackendSecretHash, old_until: Timestamp, entry: AuditEntry)
            -> Result<bool, StoreError> = "change_backend_secret";
        remove_backend(name: &BackendName, entry: AuditEntry) -> Result<bool, StoreError> = "remove_backend";
    }
    CodeStore {
        claim(app_id: &str, code: &CodeHash, claim: &Claim) -> Result<bool, StoreError> = "claim_code";
        find(app_id: &str, code: &CodeHash) -> Result<Option<(Claim, Option<Outcome>)>, StoreError> = "find_code";
        fail(app_id: &str, code: &CodeHash, error: ErrorCode, now: Timestamp) -> Result<(), StoreError> = "fail_code";
        forget_claims(before: Timestamp, limit: u32) -> Result<u64, StoreError> = "forget_claims";
        forget_refused(before: Timestamp, limit: u32) -> Result<u64, StoreError> = "forget_refused_claims";
    }
    MemberStore {
        adopt_key(key_id: &str, old: &[&str]) -> Result<String, StoreError> = "adopt_key";
        save_login(login: Arc<Login>) -> Judged<SavedLogin> = "save_login";
        owner(subject: SubjectId) -> Result<Option<Owner>, StoreError> = "find_owner";
        tokens(subject: SubjectId) -> Result<Option<SealedTokens>, StoreError> = "read_tokens";
        renew_grant(subject: SubjectId, ids: UserIds, grant: SealedGrant) -> Judged<bool> = "renew_grant";
        end_tokens(subject: SubjectId, refresh_token: &[u8], now: Timestamp) -> Result<(), StoreError> = "end_tokens";
        refresh_member(subject: SubjectId, member: VerifiedMember, now: Timestamp)
            -> Judged<Option<StoredMember>> = "refresh_member";
        consents(subject: SubjectId) -> Result<Vec<ReportedConsent>, StoreError> = "read_consents";
        erase(subject: SubjectId, entry: AuditEntry) -> Result<Erasure, StoreError> = "erase_user";
        withdraw(withdrawal: Arc<Withdrawal>) -> Result<WithdrawalResult, StoreError> = "withdraw";
        withdraw_again(subject: SubjectId, at: Timestamp, after: AfterWithdrawal, entry: AuditEntry) -> Result<bool, StoreError> = "withdraw_again";
        knows(subject: SubjectId) -> Result<bool, StoreError> = "know_user";
        complete_erasures() -> Result<bool, StoreError> = "complete_erasures";
        forget_grants(before: Timestamp, limit: u32) -> Result<u64, StoreError> = "forget_grants";
        forget_withdrawals(before: Timestamp, limit: u32) -> Result<u64, StoreError> = "forget_withdrawals";
        probe() -> Result<(), StoreError> = "probe";
        probe_write() -> Result<(), StoreError> = "probe_write";
    } {
        async fn close(&self) {
            self.store.close().await;
        }

        fn connections(&self) -> Option<Lending> {
            self.store.connections()
        }
    }
    PhoneStore {
        save_phone(phone: Arc<NewPhone>) -> Result<Option<bool>, StoreError> = "save_phone";
        phone(subject: SubjectId) -> Result<Option<KeptPhone>, StoreError> = "read_phone";
        phones_sealed_by(key_id: &str, after: i64, limit: u32) -> Result<Vec<KeptPhone>, StoreError> = "read_sealed_phones";
        reseal_phone(old: &KeptPhone, number: SealedNumber) -> Result<(), StoreError> = "reseal_phone";
    }
    SessionStore {
        finish_login(login: Arc<Login>) -> Judged<SavedLogin> = "finish_login";
        find(session: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError> = "find_session";
        list(owner: &Owner, now: Timestamp) -> Result<Vec<ListedSession>, StoreError> = "list_sessions";
        prolong(session: &SessionHash, end: Timestamp) -> Result<(), StoreError> = "prolong_session";
        end(session: &SessionHash) -> Result<(), StoreError> = "end_session";
        revoke(owner: &Owner, id: &SessionId) -> Result<(), StoreError> = "revoke_session";
        end_all(subjects: &[SubjectId]) -> Result<(), StoreError> = "end_sessions";
        end_withdrawn(sessions: &WithdrawnSessions) -> Result<(), StoreError> = "end_withdrawn_sessions";
        forget_sessions(before: Timestamp, limit: u32) -> Result<u64, StoreError> = "forget_sessions";
        probe() -> Result<(), StoreError> = "probe_sessions";
        probe_write() -> Result<(), StoreError> = "probe_write_sessions";
    } {
        fn member_changed(&self, subject: SubjectId) {
            self.store.member_changed(subject);
        }
    }
    TokenKeyStore {
        token_keys() -> Result<Vec<StoredTokenKey>, StoreError> = "read_token_keys";
        add_token_key(key: StoredTokenKey) -> Result<(), StoreError> = "add_token_key";
        forget_token_key(id: &str) -> Result<(), StoreError> = "forget_token_key";
        rotate_token_keys(revoke: bool, entry: AuditEntry) -> Result<u64, StoreError> = "rotate_token_keys";
    }
}
