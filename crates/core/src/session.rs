//! The life of the client's session.
//!
//! Every session has a generation, and every request remembers the one that it carried: a 401 that belongs to an older
//! session must not end the present one.

use crate::{
    time::Timestamp,
    wire::{AuthAnswer, MemberView, SessionToken},
};

/// Counts a client's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(u32);

/// A login under way. A logout in the meantime makes it void; attempts that began between the same logouts are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[must_use = "a login ends with `complete`"]
pub struct Attempt {
    logouts: u32,
}

/// A session as a request carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token.
    pub token: SessionToken,
    /// The session's generation.
    pub generation: Generation,
}

/// What a 401 means for the request that got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unauthorized {
    /// A newer session is there: replay with it.
    Replay(Bearer),
    /// There is none: log in, then replay.
    LogIn,
}

/// The login ended after a logout: this session is to be ended on the server too.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("logout() was called while the login was under way")]
pub struct LoggedOutMeanwhile {
    /// The session that the server gave.
    pub token: SessionToken,
}

/// A client's session, if it has one.
#[derive(Debug, Default)]
pub struct Session {
    live: Option<Live>,
    generations: u32,
    logouts: u32,
}

#[derive(Debug)]
struct Live {
    bearer: Bearer,
    expires_at: Timestamp,
    member: Option<MemberView>,
}

impl Session {
    /// The session for a request that is sent now, if one lives.
    pub fn bearer(&self, now: Timestamp) -> Option<&Bearer> {
        self.live.as_ref().filter(|live| now < live.expires_at).map(|live| &live.bearer)
    }

    /// The member that came with the session.
    pub fn member(&self) -> Option<&MemberView> {
        self.live.as_ref().and_then(|live| live.member.as_ref())
    }

    /// Starts a login.
    pub const fn begin(&self) -> Attempt {
        Attempt { logouts: self.logouts }
    }

    /// Ends a login with the server's answer, received at `now`.
    ///
    /// # Errors
    /// [`LoggedOutMeanwhile`] when there was a logout since [`begin`](Self::begin): a logout stays a logout.
    pub fn complete(&mut self, attempt: Attempt, answer: AuthAnswer, now: Timestamp) -> Result<(), LoggedOutMeanwhile> {
        if attempt.logouts != self.logouts {
            return Err(LoggedOutMeanwhile { token: answer.session });
        }
        self.generations += 1;
        let bearer = Bearer { token: answer.session, generation: Generation(self.generations) };
        self.live = Some(Live { bearer, expires_at: now.plus_seconds(answer.expires_in), member: answer.member });
        Ok(())
    }

    /// The server answered 401 to a request that carried the session of `used`.
    pub fn unauthorized(&mut self, used: Generation, now: Timestamp) -> Unauthorized {
        match self.bearer(now) {
            Some(bearer) if bearer.generation != used => Unauthorized::Replay(bearer.clone()),
            _ => {
                self.live = None;
                Unauthorized::LogIn
            }
        }
    }

    /// Ends the session here, and returns the token to be ended on the server.
    pub fn log_out(&mut self) -> Option<SessionToken> {
        self.logouts += 1;
        self.live.take().map(|live| live.bearer.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn answer(letter: &str) -> AuthAnswer {
        let session = SessionToken::parse(letter.repeat(43)).unwrap();
        AuthAnswer { session, expires_in: 60, member: None }
    }

    fn logged_in(letter: &str) -> (Session, Generation) {
        let mut session = Session::default();
        let attempt = session.begin();
        session.complete(attempt, answer(letter), NOW).unwrap();
        let generation = session.bearer(NOW).unwrap().generation;
        (session, generation)
    }

    #[test]
    fn a_session_lives_as_long_as_the_server_said() {
        let (session, _) = logged_in("a");
        assert!(session.bearer(NOW.plus_seconds(59)).is_some());
        assert!(session.bearer(NOW.plus_seconds(60)).is_none());
    }

    #[test]
    fn a_late_401_of_an_older_session_does_not_end_the_new_one() {
        let (mut session, old) = logged_in("a");
        assert_eq!(session.unauthorized(old, NOW), Unauthorized::LogIn);
        let attempt = session.begin();
        session.complete(attempt, answer("b"), NOW).unwrap();
        let Unauthorized::Replay(bearer) = session.unauthorized(old, NOW) else { panic!("a login too many") };
        assert_eq!(bearer.token.expose(), "b".repeat(43));
        assert_eq!(session.unauthorized(bearer.generation, NOW), Unauthorized::LogIn);
    }

    #[test]
    fn a_logout_during_a_login_stays_a_logout() {
        let (mut session, _) = logged_in("a");
        let attempt = session.begin();
        assert_eq!(session.log_out().unwrap().expose(), "a".repeat(43));
        let late = session.complete(attempt, answer("b"), NOW).unwrap_err();
        assert_eq!(late.token.expose(), "b".repeat(43));
        assert!(session.bearer(NOW).is_none());
    }
}
