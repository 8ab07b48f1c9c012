//! `miniauth migrate` on the command line, from SQLite to a real PostgreSQL and back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use miniauth_server::{DatabaseUrl, store::Stores};
use miniauth_testservices::{Postgres, output};
use std::{path::Path, process::Command};

/// Returns its standard output, or its exit code and error text.
fn migrate(from: &str, to: &str, more: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_miniauth"));
    command.args(["migrate", "--from", from, "--to", to]).args(more);
    output(&mut command).map_err(|error| error.to_string())
}

fn file(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(name).display())
}

/// Creates an empty database.
async fn make(url: &str) {
    Stores::open(&DatabaseUrl::parse(url).unwrap(), None).await.unwrap().close().await;
}

#[tokio::test]
async fn it_moves_to_postgres_and_back_and_prints_the_counts() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::start_without_fsync().unwrap();
    let (from, to) = (file(folder.path(), "miniauth.db"), postgres.new_database("target").unwrap());
    make(&from).await;
    let back = file(folder.path(), "back.db");
    // Resuming a finished move changes only the audit.
    for (from, to, more) in [(&from, &to, &[][..]), (&from, &to, &["--resume"]), (&to, &back, &[])] {
        let told = migrate(from, to, more).unwrap();
        assert!(told.starts_with("moved, and compared on both sides:"), "{told}");
        for table in ["subjects", "grants", "sessions", "consents", "code_claims", "code_outcomes"] {
            assert!(told.contains(table), "{told}");
        }
    }
}

#[tokio::test]
async fn errors_do_not_show_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (file(folder.path(), "miniauth.db"), "postgres://user:s3cret@127.0.0.1:1/shop");
    let told = migrate(&from, to, &[]).unwrap_err();
    assert!(told.contains("(exit status: 1)") && told.contains("there is no database file"), "{told}");

    make(&from).await;
    let told = migrate(&from, to, &[]).unwrap_err();
    assert!(
        told.contains("(exit status: 1)") && told.contains("cannot open the database postgres://127.0.0.1:1/shop"),
        "{told}"
    );
    assert!(!told.contains("s3cret"), "{told}");

    let told = migrate("mysql://host/shop", to, &[]).unwrap_err();
    assert!(told.contains("(exit status: 2)") && told.contains("not a database address"), "{told}");
}
