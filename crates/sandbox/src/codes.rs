//! Auth codes and tokens: their user, app, scope and expiry.

use crate::{profiles::Ids, world::hexadecimal};
use miniauth_core::{random::Random, scope::Scope, time::Timestamp};
use std::collections::{HashMap, VecDeque};

/// The default lifetime of an auth code in seconds: the shortest on the platform.
pub(crate) const CODE_LIFETIME: u64 = 180;

/// The longest lifetime of an auth code on the platform, in seconds.
pub(crate) const MAXIMUM_CODE_LIFETIME: u64 = 86_400;

/// The lifetime of an access token in seconds, as in genuine answers.
pub(crate) const TOKEN_LIFETIME: u64 = 1_296_000;

/// The lifetime of a refresh token in seconds, as in genuine answers.
pub(crate) const REFRESH_LIFETIME: u64 = 2_592_000;

const MAXIMUM_CODES: usize = 10_000;
const MAXIMUM_TOKENS: usize = 10_000;

/// What a code or a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorisation {
    pub(crate) app_id: &'static str,
    /// The id of the test user.
    pub(crate) user: String,
    pub(crate) scope: Scope,
    /// The ids in its answers, if chosen with the code.
    pub(crate) ids: Option<Ids>,
}

/// Why a code cannot be exchanged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CodeError {
    /// It is unknown, used or expired.
    Invalid,
    /// It was issued to another app.
    OtherApp,
}

/// The tokens that a code is exchanged for.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    /// The remaining lifetime of the refresh token in seconds.
    pub(crate) re_expires_in: u64,
    /// The number of earlier tokens of this user for this app.
    pub(crate) turn: usize,
}

/// The lifetime of the refresh token that a refresh issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// Its lifetime starts again.
    Renewed,
    /// It expires when the first one would have.
    Fixed,
}

/// Why a token is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    Unknown,
    Expired,
    /// A refresh token that was already used.
    Used,
}

#[derive(Debug)]
struct Ticket {
    authorisation: Authorisation,
    expires_at: Timestamp,
    /// Set for a used code, and for a token whose consent was withdrawn.
    void: bool,
    /// Set for a used refresh token.
    used: bool,
    /// A refresh token's access token.
    access_token: Option<String>,
    /// The number of earlier tokens of this user.
    turn: usize,
}

impl Ticket {
    fn new(authorisation: Authorisation, expires_at: Timestamp) -> Self {
        Self { authorisation, expires_at, void: false, used: false, access_token: None, turn: 0 }
    }
}

/// All issued codes and tokens.
#[derive(Debug)]
pub(crate) struct Codes {
    codes: BoundedMap<Ticket>,
    tokens: BoundedMap<Ticket>,
    refresh_tokens: BoundedMap<Ticket>,
    /// The number of tokens issued to each user for each app.
    turns: HashMap<(&'static str, String), usize>,
}

impl Codes {
    pub(crate) fn new() -> Self {
        Self {
            codes: BoundedMap::new(MAXIMUM_CODES),
            tokens: BoundedMap::new(MAXIMUM_TOKENS),
            refresh_tokens: BoundedMap::new(MAXIMUM_TOKENS),
            turns: HashMap::new(),
        }
    }

    pub(crate) fn issue(&mut self, authorisation: Authorisation, expires_at: Timestamp, random: &dyn Random) -> String {
        let code = hexadecimal(random, 16);
        self.codes.insert(code.clone(), Ticket::new(authorisation, expires_at));
        code
    }

    /// Exchanges a code, which is used up even if that fails.
    pub(crate) fn exchange(
        &mut self,
        code: &str,
        app_id: &str,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<(Authorisation, Tokens), CodeError> {
        let ticket = self.codes.get_mut(code).ok_or(CodeError::Invalid)?;
        if std::mem::replace(&mut ticket.void, true) || ticket.expires_at <= now {
            return Err(CodeError::Invalid);
        }
        if ticket.authorisation.app_id != app_id {
            return Err(CodeError::OtherApp);
        }
        let authorisation = ticket.authorisation.clone();
        let tokens = self.give_out(&authorisation, now, now.plus_seconds(REFRESH_LIFETIME), random);
        Ok((authorisation, tokens))
    }

    /// Exchanges a refresh token for new tokens of the same user. The old access token expires at once.
    pub(crate) fn refresh(
        &mut self,
        refresh_token: &str,
        refresh: Refresh,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<(Authorisation, Tokens), TokenError> {
        let ticket = self.refresh_tokens.get_mut(refresh_token).ok_or(TokenError::Unknown)?;
        if ticket.void {
            return Err(TokenError::Unknown);
        }
        if ticket.expires_at <= now {
            return Err(TokenError::Expired);
        }
        if std::mem::replace(&mut ticket.used, true) {
            return Err(TokenError::Used);
        }
        let authorisation = ticket.authorisation.clone();
        let (old, old_end) = (ticket.access_token.take(), ticket.expires_at);
        if let Some(old) = old.and_then(|old| self.tokens.get_mut(&old)) {
            old.void = true;
        }
        let end = match refresh {
            Refresh::Renewed => now.plus_seconds(REFRESH_LIFETIME),
            Refresh::Fixed => old_end,
        };
        let tokens = self.give_out(&authorisation, now, end, random);
        Ok((authorisation, tokens))
    }

    fn give_out(
        &mut self,
        authorisation: &Authorisation,
        now: Timestamp,
        refresh_end: Timestamp,
        random: &dyn Random,
    ) -> Tokens {
        let turns = self.turns.entry((authorisation.app_id, authorisation.user.clone())).or_default();
        // The prefix makes a token easy to recognise where it must not appear.
        let tokens = Tokens {
            access_token: format!("sandboxB{}", hexadecimal(random, 16)),
            refresh_token: format!("sandboxR{}", hexadecimal(random, 16)),
            re_expires_in: refresh_end.as_millis().saturating_sub(now.as_millis()) / 1_000,
            turn: *turns,
        };
        *turns += 1;
        let access = Ticket::new(authorisation.clone(), now.plus_seconds(TOKEN_LIFETIME));
        self.tokens.insert(tokens.access_token.clone(), Ticket { turn: tokens.turn, ..access });
        let access_token = Some(tokens.access_token.clone());
        let refresh = Ticket { access_token, ..Ticket::new(authorisation.clone(), refresh_end) };
        self.refresh_tokens.insert(tokens.refresh_token.clone(), refresh);
        tokens
    }

    /// Returns what an access token allows, and the number of the user's earlier tokens.
    pub(crate) fn token(&self, access_token: &str, now: Timestamp) -> Result<(&Authorisation, usize), TokenError> {
        match self.tokens.get(access_token) {
            None => Err(TokenError::Unknown),
            Some(ticket) if ticket.void => Err(TokenError::Unknown),
            Some(ticket) if ticket.expires_at <= now => Err(TokenError::Expired),
            Some(ticket) => Ok((&ticket.authorisation, ticket.turn)),
        }
    }

    /// Returns the number of tokens issued to the user for the app.
    pub(crate) fn turns(&self, app_id: &'static str, user: &str) -> usize {
        self.turns.get(&(app_id, user.to_owned())).copied().unwrap_or_default()
    }

    /// Revokes the codes and tokens of a user who has withdrawn consent.
    pub(crate) fn revoke(&mut self, user: &str) {
        let tokens = self.tokens.values_mut().chain(self.refresh_tokens.values_mut());
        for ticket in self.codes.values_mut().chain(tokens) {
            ticket.void |= ticket.authorisation.user == user && ticket.authorisation.scope.shows_panel();
        }
    }
}

/// A map with at most `maximum` entries, which drops the oldest. A key is inserted only once.
#[derive(Debug)]
struct BoundedMap<V> {
    entries: HashMap<String, V>,
    order: VecDeque<String>,
    maximum: usize,
}

impl<V> BoundedMap<V> {
    pub(crate) fn new(maximum: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), maximum }
    }

    pub(crate) fn insert(&mut self, key: String, value: V) {
        if self.order.len() == self.maximum
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniauth_openplatform::system::SystemRandom;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn issue(codes: &mut Codes, scope: Scope) -> String {
        let authorisation = Authorisation { app_id: "app", user: "li-na".to_owned(), scope, ids: None };
        codes.issue(authorisation, NOW.plus_seconds(CODE_LIFETIME), &SystemRandom)
    }

    #[test]
    fn a_code_is_valid_once_and_until_it_expires() {
        let mut codes = Codes::new();
        let code = issue(&mut codes, Scope::AuthUser);
        let mut exchange = |code: &str, app, now| codes.exchange(code, app, now, &SystemRandom).err();
        assert_eq!((exchange(&code, "app", NOW), exchange(&code, "app", NOW)), (None, Some(CodeError::Invalid)));
        for (app, now, expected) in
            [("app", NOW.plus_seconds(CODE_LIFETIME), CodeError::Invalid), ("other", NOW, CodeError::OtherApp)]
        {
            let code = issue(&mut codes, Scope::AuthUser);
            assert_eq!(codes.exchange(&code, app, now, &SystemRandom).err(), Some(expected));
            let again = codes.exchange(&code, "app", NOW, &SystemRandom).err();
            assert_eq!(again, Some(CodeError::Invalid), "an attempt spends a code, even a failed one");
        }
    }

    #[test]
    fn a_token_ends_by_time_and_by_the_user() {
        let mut codes = Codes::new();
        let code = issue(&mut codes, Scope::AuthUser);
        let (_, tokens) = codes.exchange(&code, "app", NOW, &SystemRandom).unwrap();
        assert!(codes.token(&tokens.access_token, NOW).is_ok());
        let end = NOW.plus_seconds(TOKEN_LIFETIME);
        assert_eq!(codes.token(&tokens.access_token, end), Err(TokenError::Expired));
        codes.revoke("li-na");
        assert_eq!(codes.token(&tokens.access_token, NOW), Err(TokenError::Unknown));
    }

    #[test]
    fn a_refresh_token_is_valid_once_and_until_it_expires() {
        let mut codes = Codes::new();
        let mut refresh = |token: &str, now| codes.refresh(token, Refresh::Renewed, now, &SystemRandom);
        assert!(matches!(refresh("never-issued", NOW), Err(TokenError::Unknown)));

        let code = issue(&mut codes, Scope::AuthUser);
        let (authorisation, first) = codes.exchange(&code, "app", NOW, &SystemRandom).unwrap();
        let mut refresh = |token: &str, now| codes.refresh(token, Refresh::Renewed, now, &SystemRandom);
        let (same, second) = refresh(&first.refresh_token, NOW).unwrap();
        assert_eq!(same, authorisation);
        assert!(matches!(refresh(&first.refresh_token, NOW), Err(TokenError::Used)));
        assert!(matches!(refresh(&second.access_token, NOW), Err(TokenError::Unknown)));
        let end = NOW.plus_seconds(REFRESH_LIFETIME);
        assert!(matches!(refresh(&second.refresh_token, end), Err(TokenError::Expired)));
        codes.revoke("li-na");
        let revoked = codes.refresh(&second.refresh_token, Refresh::Renewed, NOW, &SystemRandom);
        assert!(matches!(revoked, Err(TokenError::Unknown)));
    }

    #[test]
    fn a_refresh_ends_the_old_token_and_extends_the_lifetime_as_configured() {
        let half = NOW.plus_seconds(REFRESH_LIFETIME / 2);
        for (way, re_expires_in) in [(Refresh::Renewed, REFRESH_LIFETIME), (Refresh::Fixed, REFRESH_LIFETIME / 2)] {
            let mut codes = Codes::new();
            let code = issue(&mut codes, Scope::AuthUser);
            let (_, first) = codes.exchange(&code, "app", NOW, &SystemRandom).unwrap();
            let (_, second) = codes.refresh(&first.refresh_token, way, half, &SystemRandom).unwrap();
            assert_eq!((second.re_expires_in, second.turn), (re_expires_in, 1), "{way:?}");
            assert_eq!(codes.token(&first.access_token, NOW), Err(TokenError::Unknown), "{way:?}");
            assert!(codes.token(&second.access_token, half).is_ok(), "{way:?}");
        }
    }

    #[test]
    fn the_oldest_goes_first() {
        let mut map = BoundedMap::new(2);
        for key in ["a", "b", "c"] {
            map.insert(key.to_owned(), key);
        }
        assert_eq!((map.get("a"), map.get("b"), map.get("c")), (None, Some(&"b"), Some(&"c")));
    }
}
