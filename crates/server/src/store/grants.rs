//! Grants: the platform's tokens, sealed, one grant per user of an app.

use miniauth_core::{scope::Scope, time::Timestamp};

/// The platform's sealed tokens for a user. A user of an app has one grant, which all of the user's sessions depend on.
pub(crate) struct SealedGrant {
    pub(crate) scope: Scope,
    pub(crate) key_id: String,
    pub(crate) access_token: Vec<u8>,
    pub(crate) refresh_token: Option<Vec<u8>>,
    pub(crate) access_expires_at: Option<Timestamp>,
    pub(crate) refresh_expires_at: Option<Timestamp>,
    pub(crate) granted_at: Timestamp,
    /// When the user consented, as far as known; renewing the tokens does not change it.
    pub(crate) consented_at: Timestamp,
}

/// The sealed tokens of a grant.
pub(crate) struct SealedTokens {
    pub(crate) key_id: String,
    pub(crate) access_token: SealedToken,
    /// Absent if the platform gave none.
    pub(crate) refresh_token: Option<SealedToken>,
}

/// One sealed token.
pub(crate) struct SealedToken {
    pub(crate) bytes: Vec<u8>,
    /// Absent if the platform did not say.
    pub(super) expires_at: Option<Timestamp>,
}

impl SealedToken {
    /// Returns whether the token has expired, according to the platform's answer.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl SealedGrant {
    /// Returns when both tokens have expired; `None` if the platform did not say.
    fn tokens_end(&self) -> Option<Timestamp> {
        match self.refresh_token {
            Some(_) => Some(self.access_expires_at?.max(self.refresh_expires_at?)),
            None => self.access_expires_at,
        }
    }

    /// Returns the end of the day, in milliseconds, after which the grant is useless if its sessions are valid until
    /// `sessions_end`.
    pub(super) fn over_at(&self, sessions_end: Timestamp) -> i64 {
        self.tokens_end().map_or(i64::MAX, |end| end_of_day(end.max(sessions_end)))
    }
}

/// Returns the end of the day (UTC). With such ends, the logins of one day do not change the index over them.
pub(super) fn end_of_day(moment: Timestamp) -> i64 {
    const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;
    let end = moment.as_millis().checked_next_multiple_of(DAY_MILLIS);
    end.and_then(|end| i64::try_from(end).ok()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_expires_at_the_end_of_the_day() {
        const DAY: u64 = 86_400_000;
        let over = |millis| end_of_day(Timestamp::from_millis(millis));
        assert_eq!([over(1), over(DAY), over(DAY + 1)].map(i64::cast_unsigned), [DAY, DAY, 2 * DAY]);
        assert_eq!((over(u64::MAX), over(i64::MAX as u64)), (i64::MAX, i64::MAX));
    }

    #[test]
    fn a_token_has_expired_at_its_end() {
        let token = SealedToken { bytes: Vec::new(), expires_at: Some(Timestamp::from_millis(1_000)) };
        let [before, at] = [999, 1_000].map(Timestamp::from_millis);
        assert!(!token.has_expired(before) && token.has_expired(at));
        assert!(!SealedToken { expires_at: None, ..token }.has_expired(at), "no expiry given");
    }
}
