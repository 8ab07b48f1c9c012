//! Claims of auth codes: one code, one exchange. The first POST of a code claims it by inserting a row. A claim is
//! never changed or revoked; it is deleted long after the platform itself has forgotten the code.

use super::StoreError;
use crate::crypto::{CodeHash, LoginIdHash, Salt, SessionHash};
use async_trait::async_trait;
use miniauth_core::{error_code::ErrorCode, time::Timestamp};

/// The first POST of a code.
#[derive(Clone)]
pub(crate) struct Claim {
    pub(crate) login_id: Option<LoginIdHash>,
    pub(crate) salt: Salt,
    pub(crate) claimed_at: Timestamp,
}

/// The outcome of the exchange of a claimed code.
pub(crate) enum Outcome {
    Session(SessionHash),
    Failed(ErrorCode),
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl Outcome {
    /// Returns the columns `session_hash` and `error_code`.
    pub(super) fn to_columns(&self) -> (Option<&[u8]>, Option<&'static str>) {
        match self {
            Self::Session(hash) => (Some(hash.as_bytes()), None),
            Self::Failed(code) => (None, Some(code.as_str())),
        }
    }

    /// Reads these columns; `None` for a claim without an outcome. An unknown error code, of another version of this
    /// server, is still a failure.
    pub(super) fn of_columns(session: Option<Vec<u8>>, error: Option<String>) -> Option<Self> {
        let named = |name: String| ErrorCode::ALL.iter().copied().find(|code| code.as_str() == name);
        match (session, error) {
            (Some(hash), _) => Some(Self::Session(SessionHash::from_stored(hash))),
            (None, Some(name)) => Some(Self::Failed(named(name).unwrap_or(ErrorCode::CodeUsed))),
            (None, None) => None,
        }
    }
}

/// Stores the claims of auth codes, separately for each app.
#[async_trait]
pub(crate) trait CodeStore: Send + Sync {
    /// Claims a code; `false` if it was claimed before, by any instance. The claim is saved when this returns.
    async fn claim(&self, app_id: &str, code: &CodeHash, claim: &Claim) -> Result<bool, StoreError>;

    /// Returns a code's claim, and its outcome if known.
    async fn find(&self, app_id: &str, code: &CodeHash) -> Result<Option<(Claim, Option<Outcome>)>, StoreError>;

    /// Records that a claim failed. ([`SessionStore::finish_login`](super::sessions::SessionStore::finish_login)
    /// records success.)
    async fn fail(&self, app_id: &str, code: &CodeHash, error: ErrorCode, now: Timestamp) -> Result<(), StoreError>;

    /// Deletes up to `limit` claims that were made before a given time. Returns their number.
    async fn forget_claims(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Deletes up to `limit` claims of codes that the platform refused ([`ErrorCode::CodeInvalid`]) before a given
    /// time. Returns their number.
    async fn forget_refused(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

#[cfg(all(test, any(feature = "postgres", feature = "sqlite")))]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_read_back_from_its_columns() {
        for code in [ErrorCode::CodeInvalid, ErrorCode::ProductNotInForce] {
            let failed = Outcome::Failed(code);
            let (session, error) = failed.to_columns();
            let again = Outcome::of_columns(session.map(<[u8]>::to_vec), error.map(str::to_owned));
            assert!(matches!(again, Some(Outcome::Failed(found)) if found == code), "{code:?}");
        }
        let of_another_version = Outcome::of_columns(None, Some("code_of_the_future".to_owned()));
        assert!(matches!(of_another_version, Some(Outcome::Failed(ErrorCode::CodeUsed))));
        let session = Outcome::of_columns(Some(vec![7; 32]), None);
        assert!(matches!(session, Some(Outcome::Session(hash)) if hash.as_bytes() == [7; 32]));
        assert!(Outcome::of_columns(None, None).is_none());
    }
}
