//! The client's session: login, logout, expiry, and its form in the phone's storage.
//!
//! Each session has a generation, and each request remembers the generation that it carried. So a late 401 for an old
//! session does not end the current one.
//!
//! ```
//! use miniauth_core::{session::{ClientSession, Unauthorized}, time::Timestamp, wire::{AuthAnswer, SessionToken}};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = Timestamp::from_seconds(1_800_000_000);
//! let mut session = ClientSession::<()>::default();
//! let login = session.begin();
//! // … the client posts an auth code, and the server answers …
//! let token = SessionToken::parse("s".repeat(43))?;
//! session.complete(login, AuthAnswer { session: token, expires_in: 60, subject: (), member: None }, now)?;
//!
//! let sent = session.bearer(now).expect("it is valid").generation;
//! assert!(session.bearer(now.plus_seconds(60)).is_none(), "it has expired");
//! assert_eq!(session.unauthorized(sent, now), Unauthorized::LogIn, "the server answered 401");
//! # Ok(())
//! # }
//! ```

use crate::{
    text::{joined, split_before},
    time::Timestamp,
    wire::{AuthAnswer, MemberView, SessionToken},
};

/// The number of a session among this client's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(u32);

/// A login in progress. A logout in the meantime cancels it. Attempts that began between the same two logouts are
/// equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[must_use = "a login ends with `complete`"]
pub struct Attempt {
    logouts: u32,
}

/// A session for use in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token.
    pub token: SessionToken,
    /// The session's generation.
    pub generation: Generation,
}

/// What to do after a 401.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unauthorized {
    /// There is a newer session: repeat the request with it.
    Replay(Bearer),
    /// There is no other: log in, then repeat the request.
    LogIn,
}

/// The login finished after a logout. End this session on the server too.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("logout() was called during the login")]
pub struct LoggedOutError {
    /// The new session.
    pub token: SessionToken,
}

/// A client's session, if it has one. `Member` is a parameter because the page's client keeps the member as a JavaScript value.
#[derive(Debug)]
pub struct ClientSession<Member = MemberView> {
    live: Option<Live<Member>>,
    generations: u32,
    logouts: u32,
}

#[derive(Debug)]
struct Live<Member> {
    bearer: Bearer,
    expires_at: Timestamp,
    profile: Profile<Member>,
}

/// What this client knows about the session's member.
#[derive(Debug)]
enum Profile<Member> {
    /// Nothing yet: the session was restored.
    Unknown,
    /// As the server said: a member, or none.
    Known(Option<Member>),
}

impl<Member> Default for ClientSession<Member> {
    fn default() -> Self {
        Self { live: None, generations: 0, logouts: 0 }
    }
}

impl<Member> ClientSession<Member> {
    /// Returns the session for a request that is sent now, if there is a valid one.
    pub fn bearer(&self, now: Timestamp) -> Option<&Bearer> {
        self.live.as_ref().filter(|live| now < live.expires_at).map(|live| &live.bearer)
    }

    /// Returns when the session expires, if there is one.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.live.as_ref().map(|live| live.expires_at)
    }

    /// Returns the session as a text for the platform's storage, as [`from_text`] reads it.
    pub fn to_text(&self) -> Option<String> {
        self.live.as_ref().map(|live| to_text(&live.bearer.token, live.expires_at))
    }

    /// Continues a stored session after a restart of the app. The member is not stored with it: no profile is kept on
    /// the phone.
    pub fn restore(&mut self, token: SessionToken, expires_at: Timestamp) {
        self.generations += 1;
        let bearer = Bearer { token, generation: Generation(self.generations) };
        self.live = Some(Live { bearer, expires_at, profile: Profile::Unknown });
    }

    /// Returns whether the session was restored and the server has not sent its member since.
    pub fn is_unconfirmed(&self) -> bool {
        self.live.as_ref().is_some_and(|live| matches!(live.profile, Profile::Unknown))
    }

    /// Sets the member that the server sent for the session `of`. Does nothing if that is not the current session.
    pub fn confirm(&mut self, of: Generation, member: Option<Member>) {
        if let Some(live) = self.live.as_mut().filter(|live| live.bearer.generation == of) {
            live.profile = Profile::Known(member);
        }
    }

    /// Returns the session's member, if known.
    pub fn member(&self) -> Option<&Member> {
        match &self.live.as_ref()?.profile {
            Profile::Known(member) => member.as_ref(),
            Profile::Unknown => None,
        }
    }

    /// Starts a login.
    pub const fn begin(&self) -> Attempt {
        Attempt { logouts: self.logouts }
    }

    /// Finishes a login with the server's answer, received at `now`.
    ///
    /// # Errors
    /// [`LoggedOutError`] if there was a logout since [`begin`](Self::begin): the user stays logged out.
    pub fn complete<Subject>(
        &mut self,
        attempt: Attempt,
        answer: AuthAnswer<Member, Subject>,
        now: Timestamp,
    ) -> Result<(), LoggedOutError> {
        if attempt.logouts != self.logouts {
            return Err(LoggedOutError { token: answer.session });
        }
        self.generations += 1;
        let bearer = Bearer { token: answer.session, generation: Generation(self.generations) };
        self.live = Some(Live {
            bearer,
            expires_at: now.plus_seconds(answer.expires_in),
            profile: Profile::Known(answer.member),
        });
        Ok(())
    }

    /// Handles a 401 of a request with the session `used`.
    pub fn unauthorized(&mut self, used: Generation, now: Timestamp) -> Unauthorized {
        match self.bearer(now) {
            Some(bearer) if bearer.generation != used => Unauthorized::Replay(bearer.clone()),
            _ => {
                self.live = None;
                Unauthorized::LogIn
            }
        }
    }

    /// Ends the session on this client, and returns its token so that it can be ended on the server.
    pub fn log_out(&mut self) -> Option<SessionToken> {
        self.logouts += 1;
        self.live.take().map(|live| live.bearer.token)
    }
}

/// The version of the stored form. The text begins with it.
const VERSION: &str = "1";

/// Writes a session as a text, for the platform's storage.
///
/// A phone can lose power while writing, so the text has a checksum that shows whether it is complete. It does not
/// protect against someone who can write to the storage.
///
/// ```
/// use miniauth_core::{session, time::Timestamp, wire::SessionToken};
/// let token = SessionToken::parse("s".repeat(43)).unwrap();
/// let text = session::to_text(&token, Timestamp::from_seconds(1_800_000_000));
/// assert_eq!(session::from_text(&text), Some((token, Timestamp::from_seconds(1_800_000_000))));
/// assert_eq!(session::from_text(&text[..text.len() - 1]), None);
/// ```
pub fn to_text(token: &SessionToken, expires_at: Timestamp) -> String {
    let content = joined(&[VERSION, " ", token.expose(), " ", &expires_at.as_millis().to_string()]);
    let sum = checksum(content.as_bytes()).to_string();
    joined(&[&content, " ", &sum])
}

/// Reads what [`to_text`] wrote, and nothing else.
pub fn from_text(text: &str) -> Option<(SessionToken, Timestamp)> {
    let (token, rest) = split_before(text.strip_prefix(VERSION)?.strip_prefix(' ')?, b" ");
    let (expires_at, _) = split_before(rest.get(1..)?, b" ");
    // If this is not a number, the comparison below fails.
    let millis = expires_at.bytes().fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit & 15)));
    let session = (SessionToken::parse(token).ok()?, Timestamp::from_millis(millis));
    (to_text(&session.0, session.1) == text).then_some(session)
}

/// FNV-1a, 32 bits: enough to detect an incomplete write.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn answer(letter: &str) -> AuthAnswer<MemberView, ()> {
        let session = SessionToken::parse(letter.repeat(43)).unwrap();
        AuthAnswer { session, expires_in: 60, subject: (), member: None }
    }

    fn plain(answer: AuthAnswer<MemberView, ()>) -> AuthAnswer<&'static str, ()> {
        AuthAnswer { session: answer.session, expires_in: answer.expires_in, subject: (), member: None }
    }

    fn logged_in(letter: &str) -> (ClientSession, Generation) {
        let mut session = ClientSession::default();
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
        assert_eq!(session.expires_at(), Some(NOW.plus_seconds(60)));
        assert_eq!(ClientSession::<MemberView>::default().expires_at(), None);
    }

    #[test]
    fn a_late_401_of_an_older_session_does_not_end_the_new_one() {
        let (mut session, old) = logged_in("a");
        assert_eq!(session.unauthorized(old, NOW), Unauthorized::LogIn);
        let attempt = session.begin();
        session.complete(attempt, answer("b"), NOW).unwrap();
        let Unauthorized::Replay(bearer) = session.unauthorized(old, NOW) else { panic!("an unnecessary login") };
        assert_eq!(bearer.token.expose(), "b".repeat(43));
        assert_eq!(session.unauthorized(bearer.generation, NOW), Unauthorized::LogIn);
    }

    #[test]
    fn a_restored_session_is_newer_than_earlier_ones() {
        let (mut session, old) = logged_in("a");
        session.restore(SessionToken::parse("r".repeat(43)).unwrap(), NOW.plus_seconds(60));
        assert!(matches!(session.unauthorized(old, NOW), Unauthorized::Replay(_)));
    }

    #[test]
    fn the_member_is_the_servers_answer_about_this_session() {
        let mut session = ClientSession::default();
        let attempt = session.begin();
        session.complete(attempt, AuthAnswer { member: Some("first"), ..plain(answer("a")) }, NOW).unwrap();
        let old = session.bearer(NOW).unwrap().generation;
        assert_eq!(session.member(), Some(&"first"));
        session.restore(SessionToken::parse("r".repeat(43)).unwrap(), NOW.plus_seconds(60));
        assert_eq!(session.member(), None, "not known yet");
        session.confirm(old, Some("of another session"));
        assert_eq!((session.member(), session.is_unconfirmed()), (None, true));
        let present = session.bearer(NOW).unwrap().generation;
        session.confirm(present, Some("second"));
        assert_eq!((session.member(), session.is_unconfirmed()), (Some(&"second"), false));
    }

    #[test]
    fn a_restored_session_works_like_any_other() {
        let mut session = ClientSession::<()>::default();
        session.restore(SessionToken::parse("r".repeat(43)).unwrap(), NOW.plus_seconds(60));
        let bearer = session.bearer(NOW).unwrap().clone();
        assert_eq!(from_text(&session.to_text().unwrap()), Some((bearer.token, NOW.plus_seconds(60))));
        assert!(session.bearer(NOW.plus_seconds(60)).is_none());
        assert!(session.is_unconfirmed());
        session.confirm(bearer.generation, None);
        assert!(!session.is_unconfirmed());
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

    proptest! {
        #[test]
        fn no_other_text_is_a_session(cut in 0_usize..70, at in 0_usize..70, byte in 32_u8..127) {
            let token = SessionToken::parse("a-Z_9".repeat(9)[..43].to_owned()).unwrap();
            let text = to_text(&token, Timestamp::from_millis(1_800_000_000_123));
            let cut = cut.min(text.len() - 1);
            prop_assert_eq!(from_text(&text[..cut]), None);
            let mut changed = text.clone().into_bytes();
            let at = at.min(changed.len() - 1);
            if changed[at] != byte {
                changed[at] = byte;
                prop_assert_eq!(from_text(std::str::from_utf8(&changed).unwrap()), None);
            }
        }
    }
}
