//! Many writes share one transaction, and each gets its own outcome.

use crate::store::{
    StoreError,
    sqlite::{Database, open::open},
};
use rusqlite::Connection;
use std::{
    ops::Range,
    sync::{Arc, mpsc},
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

async fn a_database() -> (TempDir, Arc<Database>) {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("miniauth.db")).await.unwrap();
    database.write(|connection| connection.execute_batch("CREATE TABLE written (number)")).await.unwrap();
    (folder, Arc::new(database))
}

fn write(connection: &Connection, number: u32) -> rusqlite::Result<usize> {
    connection.execute("INSERT INTO written VALUES (?1)", [number])
}

async fn written(database: &Database) -> Vec<u32> {
    let read = |connection: &Connection| {
        let mut select = connection.prepare("SELECT number FROM written ORDER BY number")?;
        select.query_map((), |row| row.get(0))?.collect()
    };
    database.read(read).await.unwrap()
}

/// Counts the transactions in the journal: the last page of each has the size of the file. (The header has 32 bytes,
/// and each page of 4,096 has one of 24, in which that is bytes 4 to 8: SQLite's "WAL File Format".)
fn transactions(folder: &TempDir) -> usize {
    let journal = std::fs::read(folder.path().join("miniauth.db-wal")).unwrap();
    journal[32..].chunks(24 + 4_096).filter(|frame| frame[4..8] != [0; 4]).count()
}

type Writing = JoinHandle<Result<usize, StoreError>>;

/// Blocks the writer in a transaction that writes nothing, until the sender is dropped.
async fn hold_up(database: &Arc<Database>) -> mpsc::Sender<()> {
    let (go_on, waits) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let database = Arc::clone(database);
    let work = move |_: &Connection| {
        begun.send(()).unwrap();
        let _ = waits.recv();
        Ok(())
    };
    tokio::spawn(async move { database.write(work).await });
    has_begun.await.unwrap();
    go_on
}

/// Orders one write after another.
async fn order(
    database: &Arc<Database>,
    numbers: Range<u32>,
    work: fn(&Connection, u32) -> rusqlite::Result<usize>,
) -> Vec<Writing> {
    let mut tasks = Vec::new();
    for number in numbers {
        let database = Arc::clone(database);
        tasks.push(tokio::spawn(async move { database.write(move |connection| work(connection, number)).await }));
        tokio::task::yield_now().await;
    }
    tasks
}

/// Returns the results of writes that were queued while the writer was busy.
async fn written_together(
    database: &Arc<Database>,
    numbers: Range<u32>,
    work: fn(&Connection, u32) -> rusqlite::Result<usize>,
) -> Vec<Result<usize, StoreError>> {
    let go_on = hold_up(database).await;
    let tasks = order(database, numbers, work).await;
    drop(go_on);
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test]
async fn concurrent_writes_share_a_transaction() {
    let (folder, database) = a_database().await;
    let before = transactions(&folder);
    let results = written_together(&database, 0..10, write).await;
    assert!(results.iter().all(|result| matches!(result, Ok(1))), "{results:?}");
    assert_eq!(written(&database).await, (0..10).collect::<Vec<_>>());
    assert_eq!(transactions(&folder) - before, 1);
}

#[tokio::test]
async fn the_writes_in_a_transaction_are_bounded() {
    let (folder, database) = a_database().await;
    let before = transactions(&folder);
    written_together(&database, 0..193, write).await;
    assert_eq!(written(&database).await.len(), 193);
    assert_eq!(transactions(&folder) - before, 4, "193 are three times 64 and one");
}

#[tokio::test]
async fn a_failed_write_is_rolled_back_alone() {
    let (folder, database) = a_database().await;
    let before = transactions(&folder);
    let work = |connection: &Connection, number| {
        let written = write(connection, number)?;
        if number == 2 { connection.execute("INSERT INTO no_such_table VALUES (1)", ()) } else { Ok(written) }
    };
    let results = written_together(&database, 1..4, work).await;
    let [Ok(1), Err(error), Ok(1)] = &results[..] else { panic!("{results:?}") };
    assert!(error.to_string().contains("no_such_table"), "{error}");
    assert_eq!(written(&database).await, [1, 3]);
    assert_eq!(transactions(&folder) - before, 1);
}

#[tokio::test]
async fn a_panic_fails_only_its_own_write() {
    let (_folder, database) = a_database().await;
    let work = |connection: &Connection, number| {
        let written = write(connection, number);
        assert_ne!(number, 2, "a panic");
        written
    };
    let results = written_together(&database, 1..4, work).await;
    let [Ok(1), Err(error), Ok(1)] = &results[..] else { panic!("{results:?}") };
    assert!(error.to_string().contains("panicked") && !error.is_transient(), "{error}");
    assert_eq!(written(&database).await, [1, 3]);
}

#[tokio::test]
async fn a_failed_commit_is_reported_to_all_and_the_next_one_succeeds() {
    let (_folder, database) = a_database().await;
    let work = |connection: &Connection, number| {
        if number == 2 {
            // Detected at the commit: the outcome of an unclaimed code.
            connection.execute_batch(
                "PRAGMA defer_foreign_keys = ON;
                 INSERT INTO code_outcomes VALUES ('2021', x'01', x'02', NULL, 0)",
            )?;
        }
        write(connection, number)
    };
    let results = written_together(&database, 1..4, work).await;
    let is_told =
        |result: &Result<_, StoreError>| matches!(result, Err(error) if error.to_string().contains("FOREIGN KEY"));
    assert!(results.iter().all(is_told), "{results:?}");
    assert_eq!(written(&database).await, [0; 0]);
    database.write(|connection| write(connection, 4)).await.unwrap();
    assert_eq!(written(&database).await, [4]);
}

#[tokio::test]
async fn a_cancelled_write_is_skipped() {
    let (_folder, database) = a_database().await;
    let go_on = hold_up(&database).await;
    let tasks = order(&database, 1..4, write).await;
    tasks[1].abort();
    tokio::task::yield_now().await;
    drop(go_on);
    for (task, gave_up) in tasks.into_iter().zip([false, true, false]) {
        assert_eq!(task.await.is_err_and(|ended| ended.is_cancelled()), gave_up);
    }
    assert_eq!(written(&database).await, [1, 3]);
}

/// SQLite's own size limit stands in for a full disk: the error is the same.
#[tokio::test]
async fn a_full_disk_fails_writes_atomically_and_later_writes_succeed() {
    let (_folder, database) = a_database().await;
    let fill = |connection: &Connection, number| {
        if number == 2 {
            let pages: u32 = connection.query_row("PRAGMA page_count", (), |row| row.get(0))?;
            connection.query_row(&format!("PRAGMA max_page_count = {}", pages + 2), (), |_| Ok(()))?;
            return connection.execute("INSERT INTO written SELECT randomblob(100000)", ());
        }
        write(connection, number)
    };
    let results = written_together(&database, 1..4, fill).await;
    let is_full = |result: &Result<_, StoreError>| matches!(result, Err(error) if error.to_string().contains("full"));
    assert!(is_full(&results[1]), "{results:?}");
    let told_written: Vec<u32> =
        (1..4).zip(&results).filter(|(_, result)| result.is_ok()).map(|(number, _)| number).collect();
    assert_eq!(written(&database).await, told_written, "exactly the confirmed writes are there");
    let restore = |connection: &Connection| connection.query_row("PRAGMA max_page_count = 1000000", (), |_| Ok(()));
    database.write(restore).await.unwrap();
    database.write(|connection| write(connection, 4)).await.unwrap();
    assert_eq!(written(&database).await.last(), Some(&4));
}
