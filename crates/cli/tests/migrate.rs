//! `miniauth migrate` as it is typed, from a file to a real PostgreSQL and back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use miniauth_server::{DatabaseUrl, store::Stores};
use miniauth_testservices::Postgres;
use std::{
    path::Path,
    process::{Command, Output},
};

fn migrate(from: &str, to: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_miniauth"));
    command.args(["migrate", "--from", from, "--to", to]).args(more).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn file(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(name).display())
}

/// An empty database of miniauth.
async fn make(url: &str) {
    Stores::open(&DatabaseUrl::parse(url).unwrap(), None).await.unwrap().close().await;
}

#[tokio::test]
async fn it_moves_to_postgres_and_back_and_tells_the_counts() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::start_without_fsync().unwrap();
    let (from, to) = (file(folder.path(), "miniauth.db"), postgres.new_database("target").unwrap());
    make(&from).await;
    for (from, to) in [(&from, &to), (&to, &file(folder.path(), "back.db"))] {
        let done = migrate(from, to, &[]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        let told = text(&done.stdout);
        assert!(told.starts_with("moved, and counted on both sides:"), "{told}");
        for table in ["members", "grants", "sessions", "consents", "code_claims", "code_outcomes"] {
            assert!(told.contains(table), "{told}");
        }
    }
    assert!(migrate(&from, &to, &["--resume"]).status.success());
}

#[tokio::test]
async fn what_is_wrong_is_said_without_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (file(folder.path(), "miniauth.db"), "postgres://user:s3cret@127.0.0.1:1/shop");
    let missing = migrate(&from, to, &[]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("there is no database file"), "{}", text(&missing.stderr));

    make(&from).await;
    let away = migrate(&from, to, &[]);
    let told = text(&away.stderr);
    assert_eq!(away.status.code(), Some(1));
    assert!(told.contains("cannot open the database postgres://127.0.0.1:1/shop"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");

    let wrong = migrate("mysql://host/shop", to, &[]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("not a database address"), "{}", text(&wrong.stderr));
}
