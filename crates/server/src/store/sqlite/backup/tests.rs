//! Copies are complete and private, and never overwrite anything.

use super::{BackupError, back_up, restore};
use crate::store::{Actor, AuditAction, audit::AuditEntry, sqlite::open::open};
use miniauth_core::time::Timestamp;
use rusqlite::Connection;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Creates a closed database with a row, in a folder.
async fn a_database() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("miniauth.db");
    let database = open(&path).await.unwrap();
    let row = "INSERT INTO code_claims (app_id, code_hash, salt, claimed_at) VALUES ('2021', x'01', x'02', 3)";
    database.write(move |connection| connection.execute(row, ())).await.unwrap();
    database.close().await;
    (folder, path)
}

fn copied() -> AuditEntry {
    AuditEntry::new(&Actor::User, AuditAction::DatabaseCopied, Timestamp::from_millis(5))
}

fn restored() -> AuditEntry {
    AuditEntry::new(&Actor::User, AuditAction::DatabaseRestored, Timestamp::from_millis(9))
}

fn claims(file: &Path) -> i64 {
    Connection::open(file).unwrap().query_row("SELECT count(*) FROM code_claims", (), |row| row.get(0)).unwrap()
}

fn what_is_wrong(file: &Path, database: &Path) -> String {
    match restore(file, database, &restored()).unwrap_err() {
        BackupError::NotWhole { what, .. } => what,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_copy_is_complete_and_private_and_can_be_restored() {
    let (folder, path) = a_database().await;
    let copy = folder.path().join("copy.db");
    let size = back_up(&path, &copy, &copied()).unwrap().bytes;
    let metadata = copy.metadata().unwrap();
    assert_eq!((size, metadata.permissions().mode() & 0o777), (metadata.len(), 0o600));
    assert_eq!(claims(&copy), 1);

    Connection::open(&path).unwrap().execute("DELETE FROM code_claims", ()).unwrap();
    let before = folder.path().join("miniauth.db.before-restore");
    assert_eq!(restore(&copy, &path, &restored()).unwrap().before, Some(before.clone()));
    assert_eq!((claims(&path), claims(&before)), (1, 0));

    let elsewhere = folder.path().join("elsewhere.db");
    assert_eq!(restore(&copy, &elsewhere, &restored()).unwrap().before, None);
    assert_eq!(claims(&elsewhere), 1);
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let (folder, path) = a_database().await;
    let [copy, before] = ["copy.db", "miniauth.db.before-restore"].map(|name| folder.path().join(name));
    back_up(&path, &copy, &copied()).unwrap();
    assert!(matches!(back_up(&path, &copy, &copied()), Err(BackupError::Exists(file)) if file == copy));
    fs::write(&before, "of an earlier restore").unwrap();
    assert!(matches!(restore(&copy, &path, &restored()), Err(BackupError::Exists(file)) if file == before));
    assert_eq!(fs::read_to_string(&before).unwrap(), "of an earlier restore");
    let nowhere = folder.path().join("no-folder/copy.db");
    assert!(matches!(back_up(&path, &nowhere, &copied()), Err(BackupError::File { .. })));
}

#[tokio::test]
async fn an_open_database_is_not_replaced() {
    let (folder, path) = a_database().await;
    let copy = folder.path().join("copy.db");
    back_up(&path, &copy, &copied()).unwrap();
    let database = open(&path).await.unwrap();
    assert!(matches!(restore(&copy, &path, &restored()), Err(BackupError::InUse(_))));
    assert!(path.exists() && !folder.path().join("miniauth.db.restoring").exists());
    database.close().await;
}

#[tokio::test]
async fn only_a_complete_database_is_restored() {
    let (folder, path) = a_database().await;
    let file = |name: &str| folder.path().join(name);
    assert_eq!(what_is_wrong(&file("none.db"), &path), "there is no such file");
    fs::write(file("text.db"), "no database, however long it is read").unwrap();
    assert!(what_is_wrong(&file("text.db"), &path).contains("not a database"));
    Connection::open(file("other.db")).unwrap().execute("CREATE TABLE other (one)", ()).unwrap();
    assert_eq!(what_is_wrong(&file("other.db"), &path), "its tables are missing");
    let damaged = Connection::open(file("damaged.db")).unwrap();
    damaged
        .execute_batch(
            "CREATE TABLE code_claims (one); INSERT INTO code_claims VALUES (NULL);
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = 'CREATE TABLE code_claims (one NOT NULL)';",
        )
        .unwrap();
    drop(damaged);
    assert!(what_is_wrong(&file("damaged.db"), &path).contains("NULL value"));
    assert_eq!(claims(&path), 1);
}

/// A journal that was left behind must not be applied to another file.
#[tokio::test]
async fn the_previous_journal_moves_with_its_file() {
    let (folder, path) = a_database().await;
    let file = |name: &str| folder.path().join(name);
    let copy = file("copy.db");
    back_up(&path, &copy, &copied()).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(file("miniauth.db-wal"), "of before").unwrap();
    assert_eq!(restore(&copy, &path, &restored()).unwrap().before, None);
    assert_eq!(fs::read_to_string(file("miniauth.db.before-restore-wal")).unwrap(), "of before");
    assert!(!file("miniauth.db-wal").exists());

    // It cannot be moved there.
    fs::remove_file(&path).unwrap();
    fs::write(file("miniauth.db-wal"), "of before").unwrap();
    fs::remove_file(file("miniauth.db.before-restore-wal")).unwrap();
    fs::create_dir(file("miniauth.db.before-restore-wal")).unwrap();
    assert!(matches!(restore(&copy, &path, &restored()), Err(BackupError::File { .. })));
    assert!(!path.exists() && !file("miniauth.db.restoring").exists());
}

/// Returns the audit's actions in the order of their times.
fn audit(file: &Path) -> Vec<String> {
    let connection = Connection::open(file).unwrap();
    let mut select = connection.prepare("SELECT action FROM audit ORDER BY done_at").unwrap();
    select.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn the_audit_continues_in_the_restored_copy() {
    let (folder, path) = a_database().await;
    let copy = folder.path().join("copy.db");
    assert_eq!(back_up(&path, &copy, &copied()).unwrap().not_noted, None);
    assert_eq!((audit(&path), audit(&copy)), (vec!["database_copied".to_owned()], vec!["database_copied".to_owned()]));
    let later = "INSERT INTO audit (done_at, actor, action, subject) VALUES (7, 'user', 'member_erased', 3)";
    Connection::open(&path).unwrap().execute(later, ()).unwrap();
    assert_eq!(restore(&copy, &path, &restored()).unwrap().not_noted, None);
    assert_eq!(audit(&path), ["database_copied", "member_erased", "database_restored"]);
    assert_eq!(audit(&copy), ["database_copied"], "the copy itself is only read");
}

#[tokio::test]
async fn a_damaged_database_and_a_copy_without_audit_are_reported_but_do_not_prevent_a_restore() {
    let (folder, path) = a_database().await;
    let copy = folder.path().join("copy.db");
    back_up(&path, &copy, &copied()).unwrap();
    fs::write(&path, "no database ".repeat(1_000)).unwrap();
    let told = restore(&copy, &path, &restored()).unwrap().not_noted.unwrap();
    assert!(told.starts_with("cannot read what happened after the backup"), "{told}");
    assert_eq!((audit(&path), claims(&path)), (vec!["database_copied".to_owned(), "database_restored".to_owned()], 1));

    Connection::open(&copy).unwrap().execute("DROP TABLE audit", ()).unwrap();
    let elsewhere = folder.path().join("elsewhere.db");
    let told = restore(&copy, &elsewhere, &restored()).unwrap().not_noted.unwrap();
    assert_eq!(told, "the copy is of a version that kept no audit");
    assert_eq!(claims(&elsewhere), 1);
}

#[tokio::test]
async fn a_full_disk_can_be_copied_without_an_audit_row() {
    let (folder, path) = a_database().await;
    let full = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(FAIL, 'disk full'); END";
    Connection::open(&path).unwrap().execute(full, ()).unwrap();
    let copy = folder.path().join("copy.db");
    assert_eq!(back_up(&path, &copy, &copied()).unwrap().not_noted.as_deref(), Some("disk full"));
    assert_eq!((audit(&copy).len(), claims(&copy)), (0, 1));
}
