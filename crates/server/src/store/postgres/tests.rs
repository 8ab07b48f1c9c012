//! A database of the time before there were subjects.

use super::migrations;
use crate::store::{
    DatabaseUrl, Stores,
    subjects::tests::{OLD_ROWS, assert_taken_over},
};
use miniauth_testservices::Postgres;
use sqlx::{Connection as _, PgConnection, migrate::Migrator};

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
