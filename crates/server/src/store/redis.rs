//! Redis: only sessions, beside a database that has the rest.
//!
//! ```text
//! miniauth:session:<hash>   subject, created, expires: 24 bytes; deleted a day after its expiry
//! miniauth:grant:<subject>  sorted set of the subject's session hashes by creation; deleted with the last of them
//! ```
//!
//! A session keeps the subject that it was created with, which may have been retired since: the database resolves it.
//! The key is still called grant because it contained the grant's id before there were subjects, and that became the
//! subject's id.
//!
//! It contains no personal data. Each check reads the session's owner from the database, so an erased user is logged
//! out at once, even if a crash of Redis brings sessions back. Whatever affects several keys is a script, and so atomic.
//! Scripts compute keys from values, which works with one Redis (with or without replicas) but not with a cluster. The
//! commands of all requests are pipelined over one connection; concurrent session checks are one command.

mod connection;

use self::connection::Connection;
use super::{
    OpenError, SessionStoreUrl, StoreError,
    batches::Batches,
    logins::Login,
    members::{MemberStore, Owner, SavedLogin},
    sessions::{ListedSession, SessionId, SessionRecord, SessionStore},
    subjects::Judged,
    withdrawals::WithdrawnSessions,
};
use crate::crypto::SessionHash;
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use redis::{AsyncCommands as _, FromRedisValue, Script, ScriptInvocation, aio::ConnectionManager};
use std::{cmp::Reverse, sync::Arc};

/// Connects to Redis.
pub(super) async fn open(url: &SessionStoreUrl, members: Arc<dyn MemberStore>) -> Result<RedisSessions, OpenError> {
    let connection = Arc::new(Connection::open(url).await?);
    Ok(RedisSessions { records: read(Arc::clone(&connection)), connection, scripts: Scripts::default(), members })
}

pub(super) struct RedisSessions {
    connection: Arc<Connection>,
    /// Batches session checks.
    records: Batches<SessionHash, Record>,
    scripts: Scripts,
    /// Resolves the owner of a session.
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
        let Some(found) = self.records.ask(session.clone()).await? else { return Ok(None) };
        let Record { subject, created_at, expires_at } = found;
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

    /// Does nothing: the keys expire by themselves.
    async fn forget_sessions(&self, _: Timestamp, _: u32) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.command(redis::cmd("PING")).await
    }

    /// Sends a write that changes nothing, because the key never exists. Redis refuses it for the same reasons as a
    /// session: without memory or disk, as a replica, or with too few replicas.
    async fn probe_write(&self) -> Result<(), StoreError> {
        self.command(redis::cmd("SET").arg(PROBE_KEY).arg("").arg("XX").take()).await
    }
}

/// Reads all concurrently checked sessions with one command.
fn read(connection: Arc<Connection>) -> Batches<SessionHash, Record> {
    Batches::new(move |hashes: Vec<SessionHash>| {
        let connection = Arc::clone(&connection);
        async move {
            let keys = &hashes.iter().map(session_key).collect::<Vec<_>>();
            let get = |mut connection: ConnectionManager| async move { connection.mget(keys).await };
            let found: Vec<Option<Vec<u8>>> = connection.run(get).await?;
            Ok(found.into_iter().map(|record| record.as_deref().map(Record::read).transpose()).collect())
        }
    })
}

impl RedisSessions {
    /// Ends a subject's sessions whose hash has this prefix and that were created by this time.
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
        self.connection.run(|mut connection| async move { script.invoke_async(&mut connection).await }).await
    }

    async fn command(&self, command: redis::Cmd) -> Result<(), StoreError> {
        let command = &command;
        self.connection.run(|mut connection| async move { command.query_async(&mut connection).await }).await
    }
}

/// The scripts. Each is sent once, and then called by its hash.
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
const PROBE_KEY: &str = "miniauth:probe";

/// How long an expired session is kept, as in the databases: a day, in milliseconds.
const REMEMBERED_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Subject, creation and expiry: three big-endian 64-bit numbers.
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

/// Returns when Redis deletes a session, in milliseconds.
fn forgotten_at(expires_at: Timestamp) -> u64 {
    expires_at.as_millis().saturating_add(REMEMBERED_MILLIS)
}

fn session_key(hash: &SessionHash) -> Vec<u8> {
    [SESSION_PREFIX, hash.as_bytes()].concat()
}

fn subject_key(subject: SubjectId) -> Vec<u8> {
    [SUBJECT_PREFIX, &subject.stored().to_be_bytes()].concat()
}
