//! Opening files, including those of earlier and later versions.

use super::migrations;
use crate::{
    crypto::{CodeHash, SessionHash},
    store::{
        DatabaseUrl, Stores,
        codes::Outcome,
        subjects::tests::{OLD_ROWS, assert_taken_over},
    },
};
use miniauth_core::{
    error_code::ErrorCode,
    wire::{AuthCode, SessionToken},
};
use rusqlite::{Connection, params};
use rusqlite_migration::Migrations;
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
    let error = Stores::open(&url(&path), None).await.err().unwrap().to_string();
    assert!(error.contains("notes.txt"), "{error}");
}

/// Creates the tables of the first release, with its own migrations.
fn file_of_the_first_release(path: &Path) -> Connection {
    let mut connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "foreign_keys", "ON").unwrap();
    Migrations::from_slice(&migrations()[..2]).to_latest(&mut connection).unwrap();
    connection.pragma_update(None, "user_version", 0).unwrap();
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
    assert_eq!((found.owner.app_id.as_str(), found.owner.ids.open_id()), ("2021", Some("open-1")));
    assert_eq!(found.owner.member.as_ref().unwrap().view().nick_name.as_deref(), Some("张伟"));
    let (_, outcome) = stores.codes.find("2021", &code).await.unwrap().unwrap();
    assert!(matches!(outcome, Some(Outcome::Session(hash)) if hash == session));
    stores.close().await;

    let new = Connection::open(&path).unwrap();
    let mut select = new.prepare("SELECT over_at FROM grants ORDER BY subject").unwrap();
    let ends: Vec<i64> = select.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(ends, [i64::MAX, 3 + 31_622_400_000], "a refresh token of unknown lifetime stays valid");
}

/// A file of the version before migrations came from a library: a member with consent, a silent login, and a code that
/// failed.
#[tokio::test]
async fn a_file_of_version_0_keeps_all_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miniauth.db");
    std::fs::write(&path, include_bytes!("../../../../tests/files/version-0.db")).unwrap();
    let stores = Stores::open(&url(&path), None).await.unwrap();
    let app = "2021000000000001";
    let session = |token: &str| SessionHash::of(&SessionToken::parse(token).unwrap());

    let member = session("4qGOCQYxmkKFwNFy6QNOKGaV7jPLcksJrS3fsE8j5cE");
    let found = stores.sessions.find(&member).await.unwrap().unwrap();
    assert_eq!((found.owner.app_id.as_str(), found.owner.scope.as_str()), (app, "auth_user"));
    let view = found.owner.member.as_ref().unwrap().view();
    assert_eq!((view.nick_name.as_deref(), view.open_id.as_deref()), (Some("张伟"), Some("open-zhang-wei")));
    let consents = stores.members.consents(found.owner.subject).await.unwrap();
    assert_eq!(consents.iter().map(|consent| consent.purpose.as_str()).collect::<Vec<_>>(), ["用于显示会员等级"]);
    assert!(stores.members.tokens(found.owner.subject).await.unwrap().unwrap().refresh_token.is_some());

    let silent = stores.sessions.find(&session("CYoaW18eGmEeoEkcDCnyWAd9skbPvri1gNIYA5AJCd0")).await.unwrap().unwrap();
    assert!(silent.owner.scope.as_str() == "auth_base" && silent.owner.member.is_none());
    let code = |code: &str| CodeHash::of(&AuthCode::parse(code).unwrap());
    let (_, outcome) = stores.codes.find(app, &code("a95a97b5397d82166fb667cef29ace8a")).await.unwrap().unwrap();
    assert!(matches!(outcome, Some(Outcome::Session(hash)) if hash == member));
    let (_, outcome) = stores.codes.find(app, &code("never-was")).await.unwrap().unwrap();
    assert!(matches!(outcome, Some(Outcome::Failed(ErrorCode::CodeInvalid))));
    stores.close().await;
}

#[tokio::test]
async fn users_are_migrated_and_those_proven_to_be_the_same_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miniauth.db");
    let mut old = Connection::open(&path).unwrap();
    Migrations::from_slice(&migrations()[..6]).to_latest(&mut old).unwrap();
    old.execute_batch(&OLD_ROWS.replace("'\\x", "x'")).unwrap();
    drop(old);
    let stores = Stores::open(&url(&path), None).await.unwrap();
    assert_taken_over(&stores).await;
    stores.close().await;
    let new = Connection::open(&path).unwrap();
    for table in ["old_users", "old_pairs", "old_worth", "shared_ids", "old_members", "old_grants", "old_sessions"] {
        assert!(!new.table_exists(None, table).unwrap(), "{table}");
    }
    let otherwise = "SELECT count(*) FROM grants LEFT JOIN members USING (subject)
                     WHERE grants.consented_at <> granted_at - 300000
                        OR members.consented_at <> min(granted_at, stored_at) - 300000";
    assert_eq!(new.query_row(otherwise, (), |row| row.get::<_, i64>(0)).unwrap(), 0);
    let dangling: i64 = new.query_row("SELECT count(*) FROM pragma_foreign_key_check", (), |row| row.get(0)).unwrap();
    assert_eq!(dangling, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_that_start_together_bring_the_tables_up_to_date_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miniauth.db");
    drop(file_of_the_first_release(&path));
    let url = url(&path);
    let open = |url: DatabaseUrl| async move { Stores::open(&url, None).await.map(drop) };
    let starts: Vec<_> = (0..8).map(|_| tokio::spawn(open(url.clone()))).collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_file_of_a_later_version_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miniauth.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1_000).unwrap();
    let error = Stores::open(&url(&path), None).await.err().unwrap().to_string();
    assert!(error.contains("miniauth.db") && error.contains("newer version"), "{error}");
    assert!(!Connection::open(&path).unwrap().table_exists(None, "members").unwrap());
}
