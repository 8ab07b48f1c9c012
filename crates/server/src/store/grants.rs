//! Grants: the platform's tokens, sealed, one for each user of an app.

use miniauth_core::{scope::Scope, time::Timestamp};

/// The platform's tokens for a user as they go into the database: sealed. A user of an app has one grant, which all of the
/// user's sessions rest on.
pub(crate) struct SealedGrant {
    pub(crate) scope: Scope,
    pub(crate) key_id: String,
    pub(crate) access_token: Vec<u8>,
    pub(crate) refresh_token: Option<Vec<u8>>,
    pub(crate) access_expires_at: Option<Timestamp>,
    pub(crate) refresh_expires_at: Option<Timestamp>,
    pub(crate) granted_at: Timestamp,
    /// When the user consented to it, as far as that is known; new tokens for the same consent change nothing about it.
    pub(crate) consented_at: Timestamp,
}

/// The tokens of a grant, as sealed.
pub(crate) struct SealedTokens {
    pub(crate) key_id: String,
    pub(crate) access_token: SealedToken,
    /// Absent when the platform gave none.
    pub(crate) refresh_token: Option<SealedToken>,
}

/// One of them.
pub(crate) struct SealedToken {
    pub(crate) bytes: Vec<u8>,
    /// Absent when the platform did not say.
    pub(super) expires_at: Option<Timestamp>,
}

impl SealedToken {
    /// Whether it has expired, as far as the platform said when it gave the token.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl SealedGrant {
    /// When neither of the tokens is of use any more; `None` when the platform did not say.
    fn tokens_end(&self) -> Option<Timestamp> {
        match self.refresh_token {
            Some(_) => Some(self.access_expires_at?.max(self.refresh_expires_at?)),
            None => self.access_expires_at,
        }
    }

    /// The end of the day, in milliseconds, after which the grant is of no use any more, if its sessions live until
    /// `sessions_end`.
    pub(super) fn over_at(&self, sessions_end: Timestamp) -> i64 {
        self.tokens_end().map_or(i64::MAX, |end| end_of_day(end.max(sessions_end)))
    }
}

/// Grants expire at the end of a day (UTC), so that the logins of one day leave the index that finds them as it is.
pub(super) fn end_of_day(moment: Timestamp) -> i64 {
    const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;
    let end = moment.as_millis().checked_next_multiple_of(DAY_MILLIS);
    end.and_then(|end| i64::try_from(end).ok()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_over_at_the_end_of_the_day() {
        const DAY: u64 = 86_400_000;
        let over = |millis| end_of_day(Timestamp::from_millis(millis));
        assert_eq!([over(1), over(DAY), over(DAY + 1)].map(i64::cast_unsigned), [DAY, DAY, 2 * DAY]);
        assert_eq!((over(u64::MAX), over(i64::MAX as u64)), (i64::MAX, i64::MAX));
    }

    #[test]
    fn a_token_has_expired_from_its_end_on() {
        let token = SealedToken { bytes: Vec::new(), expires_at: Some(Timestamp::from_millis(1_000)) };
        let [before, at] = [999, 1_000].map(Timestamp::from_millis);
        assert!(!token.has_expired(before) && token.has_expired(at));
        assert!(!SealedToken { expires_at: None, ..token }.has_expired(at), "nobody said when");
    }
}
