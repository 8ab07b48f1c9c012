//! Redis: sessions alone, beside a database that has the rest.
//!
//! ```text
//! miniauth:session:<hash>   subject, created, expires: 24 bytes; gone a day after its end
//! miniauth:grant:<subject>  sorted set of the subject's session hashes by creation; gone with the last of them
//! ```
//!
//! A session keeps the subject that it was made with, which may be retired since: the database knows where that leads. The
//! key is still called grant, since until there were subjects it was the grant's id, which became the subject's.
//!
//! There is no personal data in it. Whose a session is stands in the database and is asked for at each check, so that who
//! is erased there is out at once, also from sessions that a crash of Redis brought back. What touches more than one key is
//! a script and so one step; scripts make keys from values, which one Redis (with replicas or not) takes and a cluster does
//! not. Commands of all requests go over one connection, one after another without waiting (pipelined).

use super::{
    OpenError, SessionStoreUrl, StoreError,
    logins::Login,
    members::{MemberStore, Owner, SavedLogin},
    sessions::{ListedSession, SessionId, SessionRecord, SessionStore},
    subjects::Judged,
    withdrawals::WithdrawnSessions,
};
use crate::crypto::SessionHash;
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use redis::{
    AsyncCommands as _, Client, ErrorKind, FromRedisValue, RedisError, Script, ScriptInvocation, ServerErrorKind,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use std::{cmp::Reverse, sync::Arc, time::Duration};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an answer may take; Redis works in microseconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a connection is tried before those who wait for it are told that there is none; the next command tries anew.
const TRIES: usize = 1;

/// Commands under way at once; further ones wait for their turn.
const COMMANDS: usize = 4_096;

/// Reaches for Redis.
pub(super) async fn open(url: &SessionStoreUrl, members: Arc<dyn MemberStore>) -> Result<RedisSessions, OpenError> {
    let failed = |source: RedisError| OpenError::Unusable {
        store: url.to_string(),
        source: source.into(),
        advice: "is it running, and are user and password right?",
    };
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(ANSWER_TIMEOUT))
        .set_number_of_retries(TRIES)
        .set_max_delay(Duration::from_millis(200))
        .set_concurrency_limit(COMMANDS);
    let client = Client::open(url.0.expose()).map_err(failed)?;
    let connection = ConnectionManager::new_with_config(client, config).await.map_err(failed)?;
    Ok(RedisSessions { connection, scripts: Scripts::default(), members })
}

fn failed(error: RedisError) -> StoreError {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};
    // It is away, is starting, or takes no writes at the moment (a failover, no memory, no disk).
    let is_transient = error.is_io_error()
        || error.is_timeout()
        || error.is_connection_dropped()
        || matches!(error.kind(), ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain))
        || matches!(error.code(), Some("OOM" | "MISCONF" | "BUSY"));
    StoreError::of("Redis", error, is_transient)
}

pub(super) struct RedisSessions {
    connection: ConnectionManager,
    scripts: Scripts,
    /// Knows whose a session is.
    members: Arc<dyn MemberStore>,
}

#[async_trait]
impl SessionStore for RedisSessions {
    async fn finish_login(&self, login: Arc<Login>) -> Judged<SavedLogin> {
        let saved = match self.members.save_login(Arc::clone(&login)).await? {
            Ok(saved) => saved,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(ended) = &saved.ended {
            self.end_withdrawn(ended).await?;
        }
        let session = &login.session;
        let record = Record { subject: saved.subject, created_at: login.now, expires_at: session.expires_at };
        let mut begin = self.scripts.begin.key(session_key(&session.hash));
        begin
            .key(subject_key(saved.subject))
            .key(saved.previous.iter().copied().map(subject_key).collect::<Vec<_>>())
            .arg(SESSION_PREFIX)
            .arg(session.hash.as_bytes())
            .arg(&record.to_bytes()[..])
            .arg(login.now.as_millis())
            .arg(forgotten_at(session.expires_at))
            .arg(session.per_user.get())
            .arg(session.replaces.as_ref().map(SessionHash::as_bytes).unwrap_or_default());
        self.run::<()>(&begin).await?;
        Ok(Ok(saved))
    }

    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError> {
        let found: Option<Vec<u8>> = self.connection.clone().get(session_key(session)).await.map_err(failed)?;
        let Some(found) = found else { return Ok(None) };
        let Record { subject, created_at, expires_at } = Record::read(&found)?;
        let owner = self.members.owner(subject).await?;
        Ok(owner.map(|owner| Arc::new(SessionRecord { created_at, expires_at, owner })))
    }

    async fn list(&self, owner: &Owner, now: Timestamp) -> Result<Vec<ListedSession>, StoreError> {
        let mut sessions = Vec::new();
        for subject in owner.every_subject() {
            let listed: Vec<(Vec<u8>, Vec<u8>)> =
                self.run(self.scripts.list.key(subject_key(subject)).arg(SESSION_PREFIX)).await?;
            for (hash, record) in listed {
                let Record { created_at, expires_at, .. } = Record::read(&record)?;
                if expires_at > now {
                    let id = SessionId::of(&SessionHash::from_stored(hash));
                    sessions.push(ListedSession { id, created_at, expires_at });
                }
            }
        }
        sessions.sort_by_key(|session| Reverse(session.created_at));
        Ok(sessions)
    }

    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreError> {
        let mut prolong = self.scripts.prolong.key(session_key(session));
        prolong.arg(SUBJECT_PREFIX).arg(&end.as_millis().to_be_bytes()[..]).arg(forgotten_at(end));
        self.run(&prolong).await
    }

    async fn end(&self, session: &SessionHash) -> Result<(), StoreError> {
        self.run(self.scripts.end.key(session_key(session)).arg(SUBJECT_PREFIX).arg(session.as_bytes())).await
    }

    async fn revoke(&self, owner: &Owner, id: &SessionId) -> Result<(), StoreError> {
        for subject in owner.every_subject() {
            self.end_those_of(subject, id.as_bytes(), None).await?;
        }
        Ok(())
    }

    async fn end_all(&self, subjects: &[SubjectId]) -> Result<(), StoreError> {
        for subject in subjects {
            self.end_those_of(*subject, b"", None).await?;
        }
        Ok(())
    }

    async fn end_withdrawn(&self, sessions: &WithdrawnSessions) -> Result<(), StoreError> {
        for subject in &sessions.users {
            self.end_those_of(*subject, b"", Some(sessions.at)).await?;
        }
        self.end_all(&sessions.without_grant).await
    }

    /// They go by themselves: each key has its end.
    async fn forget_sessions(&self, _: Timestamp, _: u32) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn probe(&self) -> Result<(), StoreError> {
        redis::cmd("PING").query_async(&mut self.connection.clone()).await.map_err(failed)
    }
}

impl RedisSessions {
    /// Those whose hash begins so, and that were made until then.
    async fn end_those_of(
        &self,
        subject: SubjectId,
        beginning: &[u8],
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let until = until.map_or_else(|| "+inf".to_owned(), |until| until.as_millis().to_string());
        let mut end = self.scripts.end_all.key(subject_key(subject));
        self.run(end.arg(SESSION_PREFIX).arg(beginning).arg(until)).await
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        script.invoke_async(&mut self.connection.clone()).await.map_err(failed)
    }
}

/// Each is sent once, and named by its hash from then on.
struct Scripts {
    begin: Script,
    end: Script,
    end_all: Script,
    list: Script,
    prolong: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        Self {
            begin: Script::new(include_str!("redis/begin.lua")),
            end: Script::new(include_str!("redis/end.lua")),
            end_all: Script::new(include_str!("redis/end_all.lua")),
            list: Script::new(include_str!("redis/list.lua")),
            prolong: Script::new(include_str!("redis/prolong.lua")),
        }
    }
}

const SESSION_PREFIX: &[u8] = b"miniauth:session:";
const SUBJECT_PREFIX: &[u8] = b"miniauth:grant:";

/// How long a session that is over is still known as such: a day, in milliseconds, like in the databases.
const REMEMBERED_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Subject, creation and end: three big-endian numbers of 64 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    subject: SubjectId,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl Record {
    fn to_bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.subject.stored().to_be_bytes());
        bytes[8..16].copy_from_slice(&self.created_at.as_millis().to_be_bytes());
        bytes[16..].copy_from_slice(&self.expires_at.as_millis().to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let unreadable = StoreError::unreadable("Redis");
        let ([subject, created_at, expires_at], []) = bytes.as_chunks::<8>() else { return Err(unreadable) };
        Ok(Self {
            subject: SubjectId::from_stored(i64::from_be_bytes(*subject)),
            created_at: Timestamp::from_millis(u64::from_be_bytes(*created_at)),
            expires_at: Timestamp::from_millis(u64::from_be_bytes(*expires_at)),
        })
    }
}

/// When Redis forgets a session, in milliseconds.
fn forgotten_at(expires_at: Timestamp) -> u64 {
    expires_at.as_millis().saturating_add(REMEMBERED_MILLIS)
}

fn session_key(hash: &SessionHash) -> Vec<u8> {
    [SESSION_PREFIX, hash.as_bytes()].concat()
}

fn subject_key(subject: SubjectId) -> Vec<u8> {
    [SUBJECT_PREFIX, &subject.stored().to_be_bytes()].concat()
}
