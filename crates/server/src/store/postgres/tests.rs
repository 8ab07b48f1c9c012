//! Round trips, lost races, and a database from before there were subjects.

use super::{MAX_ATTEMPTS, migrations, raced};
use crate::{
    crypto::SessionHash,
    store::{
        DatabaseUrl, Stores,
        subjects::tests::{OLD_ROWS, assert_taken_over},
    },
};
use miniauth_core::wire::SubjectId;
use miniauth_testservices::{Postgres, Proxy};
use sqlx::{
    Connection as _, PgConnection,
    error::{DatabaseError, ErrorKind},
    migrate::Migrator,
};
use std::{borrow::Cow, cell::Cell, error::Error, fmt, sync::Arc};
use tokio::task::JoinSet;
use url::Url;

/// A refusal by PostgreSQL: a code, and the violated index.
#[derive(Debug, Clone, Copy)]
struct Refusal(&'static str, &'static str);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Error for Refusal {}

impl DatabaseError for Refusal {
    fn message(&self) -> &str {
        self.0
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.0.into())
    }

    fn constraint(&self) -> Option<&str> {
        Some(self.1)
    }

    fn kind(&self) -> ErrorKind {
        if self.0 == "23505" { ErrorKind::UniqueViolation } else { ErrorKind::Other }
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }
}

/// Returns how often a transaction is attempted that is refused at first, and whether it succeeds.
async fn tried(refusal: Refusal, refused: u32) -> (u32, bool) {
    let attempts = Cell::new(0);
    let done = raced(|| {
        attempts.set(attempts.get() + 1);
        let again = attempts.get() <= refused;
        async move { if again { Err(sqlx::Error::Database(Box::new(refusal))) } else { Ok(()) } }
    });
    let worked = done.await.is_ok();
    (attempts.get(), worked)
}

#[tokio::test]
async fn a_transaction_that_lost_a_race_is_retried_a_limited_number_of_times() {
    for lost in [Refusal("40P01", ""), Refusal("23505", "subjects_by_user_id")] {
        assert_eq!(tried(lost, 1).await, (2, true), "{lost}");
        assert_eq!(tried(lost, MAX_ATTEMPTS - 1).await, (MAX_ATTEMPTS, true), "{lost}");
        assert_eq!(tried(lost, MAX_ATTEMPTS).await, (MAX_ATTEMPTS, false), "{lost}");
    }
}

#[tokio::test]
async fn other_errors_are_not_retried() {
    for other in [Refusal("23505", "codes_pkey"), Refusal("23502", "subjects_by_user_id"), Refusal("53100", "")] {
        assert_eq!(tried(other, 1).await, (1, false), "{other}");
    }
}

#[tokio::test]
async fn users_are_migrated_and_those_proven_to_be_the_same_are_merged() {
    let server = Postgres::start_without_fsync().unwrap();
    let url = server.new_database("old").unwrap();
    let mut old = PgConnection::connect(&url).await.unwrap();
    let before = migrations().into_iter().take(2).collect();
    Migrator::with_migrations(before).run_direct(None, &mut old, false).await.unwrap();
    sqlx::raw_sql(OLD_ROWS).execute(&mut old).await.unwrap();
    let stores = Stores::open(&DatabaseUrl::parse(&url).unwrap(), None).await.unwrap();
    assert_taken_over(&stores).await;
    let otherwise = "SELECT count(*) FROM grants LEFT JOIN members USING (subject)
                     WHERE grants.consented_at <> granted_at - 300000
                        OR members.consented_at <> least(granted_at, stored_at) - 300000";
    assert_eq!(sqlx::query_scalar::<_, i64>(otherwise).fetch_one(&mut old).await.unwrap(), 0);
    for table in ["old_users", "old_pairs", "old_worth", "shared_ids", "old_members"] {
        let gone: bool =
            sqlx::query_scalar("SELECT to_regclass($1) IS NULL").bind(table).fetch_one(&mut old).await.unwrap();
        assert!(gone, "{table}");
    }
}

/// Users 1 to 20 with a session each, whose hash is their number repeated, and 21, who was merged into 1.
const USERS: &str = "
    INSERT INTO subjects (id, app_id, open_id, created_at) SELECT id, 'app', 'open-' || id, id FROM generate_series(1, 20) AS id;
    INSERT INTO subjects (id, app_id, retired_into, created_at) VALUES (21, 'app', 1, 21);
    INSERT INTO grants (subject, scope, key_id, access_token, granted_at, over_at, consented_at)
        SELECT id, 'auth_base', 'key', '', id, id, id FROM generate_series(1, 20) AS id;
    INSERT INTO sessions (session_hash, subject, created_at, expires_at, scope)
        SELECT decode(repeat(lpad(to_hex(id), 2, '0'), 32), 'hex'), id, id, 1000 + id, 'auth_base' FROM generate_series(1, 20) AS id";

#[tokio::test]
async fn concurrent_reads_get_their_own_answers() {
    let server = Postgres::start_without_fsync().unwrap();
    let url = server.new_database("together").unwrap();
    let stores = Stores::open(&DatabaseUrl::parse(&url).unwrap(), None).await.unwrap();
    sqlx::raw_sql(USERS).execute(&mut PgConnection::connect(&url).await.unwrap()).await.unwrap();
    let mut asked = JoinSet::new();
    // Each three times, and some that do not exist.
    for number in (0..25).cycle().take(75) {
        let stores = stores.clone();
        asked.spawn(async move {
            let session = stores.sessions.find(&SessionHash::from_stored(vec![number; 32])).await.unwrap();
            let owner = stores.members.owner(SubjectId::from_stored(number.into())).await.unwrap();
            (number, session, owner)
        });
    }
    while let Some(told) = asked.join_next().await {
        let (number, session, owner) = told.unwrap();
        let found = session.map(|session| (session.owner.subject, session.expires_at.as_millis()));
        let own = SubjectId::from_stored(number.into());
        assert_eq!(found, (1..=20).contains(&number).then(|| (own, 1_000 + u64::from(number))), "{number}");
        let lives_as = if number == 21 { SubjectId::from_stored(1) } else { own };
        assert_eq!(owner.map(|owner| owner.subject), (1..=21).contains(&number).then_some(lives_as), "{number}");
    }
}

#[tokio::test]
async fn a_statement_takes_one_round_trip() {
    let server = Postgres::start_without_fsync().unwrap();
    let mut url = Url::parse(&server.new_database("ways").unwrap()).unwrap();
    let network = Proxy::start(url.port().unwrap()).unwrap();
    url.set_port(Some(network.port())).unwrap();
    let stores = Stores::open(&DatabaseUrl::parse(url.as_str()).unwrap(), None).await.unwrap();
    let nobody = SessionHash::from_stored(vec![0; 32]);
    assert!(stores.sessions.find(&nobody).await.unwrap().is_none());
    let before = network.questions();
    for _ in 0..40 {
        assert!(stores.sessions.find(&nobody).await.unwrap().is_none());
        assert_eq!(stores.members.connections().unwrap().lent, 0);
    }
    // One that was idle for long because of this machine is pinged.
    assert!((40..60).contains(&(network.questions() - before)), "{}", network.questions() - before);
    // More concurrent queries than connections: they are batched.
    let before = network.questions();
    let all: JoinSet<_> = (0..200)
        .map(|number| {
            let sessions = Arc::clone(&stores.sessions);
            async move { sessions.find(&SessionHash::from_stored(vec![number; 32])).await }
        })
        .collect();
    assert!(all.join_all().await.into_iter().all(|found| found.unwrap().is_none()));
    let ways = network.questions() - before;
    assert!((1..20).contains(&ways), "{ways}");
    stores.close().await;
    assert!(stores.sessions.find(&nobody).await.is_err());
}
