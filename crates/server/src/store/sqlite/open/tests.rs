//! What is opened, and files of earlier and later versions.

use super::migrations;
use crate::{
    crypto::{CodeHash, SessionHash},
    store::{DatabaseUrl, Stores, codes::Outcome},
};
use miniauth_core::wire::{AuthCode, SessionToken};
use rusqlite::{Connection, params};
use std::path::Path;

fn url(path: &Path) -> DatabaseUrl {
    DatabaseUrl::parse(&format!("sqlite://{}", path.display())).unwrap()
}

#[tokio::test]
async fn the_file_is_private_and_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/miniauth.db");
    for _ in 0..2 {
        Stores::open(&url(&path), None).await.unwrap().close().await;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to be looked at as if it were one".repeat(20)).unwrap();
    let fault = Stores::open(&url(&path), None).await.err().unwrap().to_string();
    assert!(fault.contains("notes.txt"), "{fault}");
}

/// The tables of the first release, as its own migrations made them.
fn file_of_the_first_release(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "foreign_keys", "ON").unwrap();
    for migration in &migrations::ALL[..2] {
        connection.execute_batch(migration).unwrap();
    }
    connection
        .execute_batch(
            "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, success BOOLEAN NOT NULL);
             INSERT INTO _sqlx_migrations VALUES (1, TRUE), (2, TRUE)",
        )
        .unwrap();
    connection
}

#[tokio::test]
async fn a_file_of_the_first_release_keeps_all_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miniauth.db");
    let old = file_of_the_first_release(&path);
    let token = SessionToken::parse("s".repeat(43)).unwrap();
    let (session, code) = (SessionHash::of(&token), CodeHash::of(&AuthCode::parse("c0de").unwrap()));
    old.execute_batch(
        "INSERT INTO members VALUES ('2021', 'open-1', 'open-1', NULL, '张伟', NULL, NULL, NULL, NULL, 7);
         INSERT INTO grants VALUES (1, '2021', 'open-1', 'auth_user', 'key', x'01', x'02', 5, NULL, 3);
         INSERT INTO grants VALUES (2, '2021', 'open-2', 'auth_base', 'key', x'01', NULL, 5, NULL, 3)",
    )
    .unwrap();
    old.execute("INSERT INTO sessions VALUES (?, 1, 10, 20)", [session.as_bytes()]).unwrap();
    old.execute("INSERT INTO code_claims VALUES (?, NULL, x'00', 3)", [code.as_bytes()]).unwrap();
    old.execute("INSERT INTO code_outcomes VALUES (?, ?, NULL, 4)", params![code.as_bytes(), session.as_bytes()])
        .unwrap();
    drop(old);

    let stores = Stores::open(&url(&path), None).await.unwrap();
    let found = stores.sessions.find(&session).await.unwrap().unwrap();
    assert_eq!((found.owner.app_id.as_str(), found.owner.subject.as_str()), ("2021", "open-1"));
    assert_eq!(found.owner.member.as_ref().unwrap().view().nick_name.as_deref(), Some("张伟"));
    let (_, outcome) = stores.codes.find("2021", &code).await.unwrap().unwrap();
    assert!(matches!(outcome, Some(Outcome::Session(hash)) if hash == session));
    stores.close().await;

    let new = Connection::open(&path).unwrap();
    let mut select = new.prepare("SELECT over_at FROM grants ORDER BY id").unwrap();
    let ends: Vec<i64> = select.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(ends, [i64::MAX, 3 + 31_622_400_000], "a refresh token of unknown life lives on");
}

#[tokio::test]
async fn a_file_of_a_later_version_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miniauth.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1_000).unwrap();
    let fault = Stores::open(&url(&path), None).await.err().unwrap().to_string();
    assert!(fault.contains("version 1000") && fault.contains("newer version"), "{fault}");
    assert!(!Connection::open(&path).unwrap().table_exists(None, "members").unwrap());
}
