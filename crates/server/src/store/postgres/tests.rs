//! Ways to the server, lost races, and a database of the time before there were subjects.

use super::{TRIES, migrations, raced};
use crate::{
    crypto::SessionHash,
    store::{
        DatabaseUrl, Stores,
        subjects::tests::{OLD_ROWS, assert_taken_over},
    },
};
use miniauth_testservices::{Postgres, Proxy};
use sqlx::{
    Connection as _, PgConnection,
    error::{DatabaseError, ErrorKind},
    migrate::Migrator,
};
use std::{borrow::Cow, cell::Cell, error::Error, fmt, sync::Arc};
use tokio::task::JoinSet;
use url::Url;

/// What PostgreSQL says of a statement: a code, and the index that was in the way.
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

/// How often work is done that is refused so at first, and whether it works in the end.
async fn tried(refusal: Refusal, refused: u32) -> (u32, bool) {
    let tries = Cell::new(0);
    let done = raced(|| {
        tries.set(tries.get() + 1);
        let again = tries.get() <= refused;
        async move { if again { Err(sqlx::Error::Database(Box::new(refusal))) } else { Ok(()) } }
    });
    let worked = done.await.is_ok();
    (tries.get(), worked)
}

#[tokio::test]
async fn a_race_that_was_lost_is_run_again_and_again_but_not_for_ever() {
    for lost in [Refusal("40P01", ""), Refusal("23505", "subjects_by_user_id")] {
        assert_eq!(tried(lost, 1).await, (2, true), "{lost}");
        assert_eq!(tried(lost, TRIES - 1).await, (TRIES, true), "{lost}");
        assert_eq!(tried(lost, TRIES).await, (TRIES, false), "{lost}");
    }
}

#[tokio::test]
async fn what_is_no_race_is_refused_at_once() {
    for other in [Refusal("23505", "codes_pkey"), Refusal("23502", "subjects_by_user_id"), Refusal("53100", "")] {
        assert_eq!(tried(other, 1).await, (1, false), "{other}");
    }
}

#[tokio::test]
async fn users_are_taken_over_and_those_who_are_one_become_one() {
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

#[tokio::test]
async fn a_statement_is_one_way_to_the_server_and_back() {
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
    // One that this machine left idle for long is asked whether it lives.
    assert!((40..60).contains(&(network.questions() - before)), "{}", network.questions() - before);
    // More than there are connections: each waits for its turn, and has it.
    let all: JoinSet<_> = (0..200)
        .map(|_| {
            let sessions = Arc::clone(&stores.sessions);
            async move { sessions.find(&SessionHash::from_stored(vec![0; 32])).await }
        })
        .collect();
    assert!(all.join_all().await.into_iter().all(|found| found.unwrap().is_none()));
    stores.close().await;
    assert!(stores.sessions.find(&nobody).await.is_err());
}
