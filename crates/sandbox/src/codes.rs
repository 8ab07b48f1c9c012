//! Auth codes and access tokens: who they are for, what they allow, and until when.

use crate::{bounded::BoundedMap, random_text::hexadecimal};
use miniauth_core::{random::Random, scope::Scope, time::Timestamp};

/// How long an auth code lives when nothing else is asked for: the shortest life that the platform gives, in seconds.
pub(crate) const CODE_LIFETIME: u64 = 180;

/// The longest life of an auth code on the platform, in seconds.
pub(crate) const MAXIMUM_CODE_LIFETIME: u64 = 86_400;

/// Life of an access token in seconds, as in genuine answers.
pub(crate) const TOKEN_LIFETIME: u64 = 1_296_000;

/// Life of a refresh token in seconds, as in genuine answers.
pub(crate) const REFRESH_LIFETIME: u64 = 2_592_000;

const MAXIMUM_CODES: usize = 10_000;
const MAXIMUM_TOKENS: usize = 10_000;

/// What a code or a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorisation {
    /// The id of the test user.
    pub(crate) user: String,
    pub(crate) scope: Scope,
}

/// The tokens that a code buys.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

/// Why a token does not open anything.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenFault {
    Unknown,
    Expired,
}

#[derive(Debug)]
struct Ticket {
    authorisation: Authorisation,
    expires_at: Timestamp,
    /// A code that was exchanged, or a token whose consent was taken back.
    void: bool,
}

/// The codes and tokens that were given out.
#[derive(Debug)]
pub(crate) struct Codes {
    codes: BoundedMap<Ticket>,
    tokens: BoundedMap<Ticket>,
}

impl Codes {
    pub(crate) fn new() -> Self {
        Self { codes: BoundedMap::new(MAXIMUM_CODES), tokens: BoundedMap::new(MAXIMUM_TOKENS) }
    }

    pub(crate) fn issue(&mut self, authorisation: Authorisation, expires_at: Timestamp, random: &dyn Random) -> String {
        let code = hexadecimal(random, 16);
        self.codes.insert(code.clone(), Ticket { authorisation, expires_at, void: false });
        code
    }

    /// Spends a code; `None` when it is unknown, was spent before or is too old.
    pub(crate) fn exchange(
        &mut self,
        code: &str,
        now: Timestamp,
        random: &dyn Random,
    ) -> Option<(Authorisation, Tokens)> {
        let ticket = self.codes.get_mut(code)?;
        if std::mem::replace(&mut ticket.void, true) || ticket.expires_at <= now {
            return None;
        }
        let authorisation = ticket.authorisation.clone();
        // Marked as what they are, so that one that turns up where it must not is recognised at a glance.
        let tokens = Tokens {
            access_token: format!("sandboxB{}", hexadecimal(random, 16)),
            refresh_token: format!("sandboxR{}", hexadecimal(random, 16)),
        };
        let expires_at = now.plus_seconds(TOKEN_LIFETIME);
        let ticket = Ticket { authorisation: authorisation.clone(), expires_at, void: false };
        self.tokens.insert(tokens.access_token.clone(), ticket);
        Some((authorisation, tokens))
    }

    /// What an access token allows.
    pub(crate) fn token(&self, access_token: &str, now: Timestamp) -> Result<&Authorisation, TokenFault> {
        match self.tokens.get(access_token) {
            None => Err(TokenFault::Unknown),
            Some(ticket) if ticket.void => Err(TokenFault::Unknown),
            Some(ticket) if ticket.expires_at <= now => Err(TokenFault::Expired),
            Some(ticket) => Ok(&ticket.authorisation),
        }
    }

    /// Makes void what rests on a consent that the user has taken back.
    pub(crate) fn revoke(&mut self, user: &str) {
        for ticket in self.codes.values_mut().chain(self.tokens.values_mut()) {
            ticket.void |= ticket.authorisation.user == user && ticket.authorisation.scope.shows_panel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniauth_openplatform::system::SystemRandom;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn issue(codes: &mut Codes, scope: Scope) -> String {
        let authorisation = Authorisation { user: "li-na".to_owned(), scope };
        codes.issue(authorisation, NOW.plus_seconds(CODE_LIFETIME), &SystemRandom)
    }

    #[test]
    fn a_code_is_good_once_and_until_its_end() {
        let mut codes = Codes::new();
        let code = issue(&mut codes, Scope::AuthUser);
        assert!(codes.exchange(&code, NOW, &SystemRandom).is_some());
        assert!(codes.exchange(&code, NOW, &SystemRandom).is_none());
        let code = issue(&mut codes, Scope::AuthUser);
        assert!(codes.exchange(&code, NOW.plus_seconds(CODE_LIFETIME), &SystemRandom).is_none());
        assert!(codes.exchange(&code, NOW, &SystemRandom).is_none(), "an attempt spends a code, even a failed one");
    }

    #[test]
    fn a_token_ends_by_time_and_by_the_user() {
        let mut codes = Codes::new();
        let code = issue(&mut codes, Scope::AuthUser);
        let (_, tokens) = codes.exchange(&code, NOW, &SystemRandom).unwrap();
        assert!(codes.token(&tokens.access_token, NOW).is_ok());
        let end = NOW.plus_seconds(TOKEN_LIFETIME);
        assert_eq!(codes.token(&tokens.access_token, end), Err(TokenFault::Expired));
        codes.revoke("li-na");
        assert_eq!(codes.token(&tokens.access_token, NOW), Err(TokenFault::Unknown));
    }
}
