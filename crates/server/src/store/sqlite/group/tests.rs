//! One transaction for many, of which each knows how its own part ended.

use crate::store::{
    StoreFault,
    sqlite::{Database, open},
};
use rusqlite::Connection;
use std::{
    future::poll_fn,
    ops::Range,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    task::Poll,
};
use tempfile::TempDir;
use tokio::task::JoinError;

async fn a_database() -> (TempDir, Arc<Database>) {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("miniauth.db")).await.unwrap();
    database.write_with(|connection| connection.execute_batch("CREATE TABLE written (number)")).await.unwrap();
    (folder, Arc::new(database))
}

fn write(connection: &Connection, number: u32) -> rusqlite::Result<usize> {
    connection.execute("INSERT INTO written VALUES (?1)", [number])
}

async fn written(database: &Database) -> Vec<u32> {
    database
        .read_with(|connection| {
            let mut select = connection.prepare("SELECT number FROM written ORDER BY number")?;
            select.query_map((), |row| row.get(0))?.collect()
        })
        .await
        .unwrap()
}

/// Transactions in the journal: the last page of each says how long the file is then. (A header of 32 bytes, and one of 24
/// before each page of 4,096, in which that are the bytes from 4 to 8: SQLite's "WAL File Format".)
fn transactions(folder: &TempDir) -> usize {
    let journal = std::fs::read(folder.path().join("miniauth.db-wal")).unwrap();
    journal[32..].chunks(24 + 4_096).filter(|frame| frame[4..8] != [0; 4]).count()
}

/// What each of so many tasks got that wrote its number at the same moment, in the order in which they came.
async fn written_by_tasks(
    database: &Arc<Database>,
    numbers: Range<u32>,
    work: fn(&Connection, u32) -> rusqlite::Result<usize>,
) -> Vec<Result<Result<usize, StoreFault>, JoinError>> {
    let spawned = |number| {
        let database = Arc::clone(database);
        tokio::spawn(async move { database.write_with(|connection| work(connection, number)).await })
    };
    let tasks: Vec<_> = numbers.map(spawned).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await);
    }
    results
}

#[tokio::test]
async fn those_who_write_at_the_same_moment_write_in_one_transaction() {
    let (folder, database) = a_database().await;
    let before = transactions(&folder);
    let results = written_by_tasks(&database, 0..10, write).await;
    assert!(results.iter().all(|result| matches!(result, Ok(Ok(1)))), "{results:?}");
    assert_eq!(written(&database).await, (0..10).collect::<Vec<_>>());
    assert_eq!(transactions(&folder) - before, 1);
}

#[tokio::test]
async fn no_transaction_is_for_more_than_a_bounded_number() {
    let (folder, database) = a_database().await;
    let before = transactions(&folder);
    written_by_tasks(&database, 0..200, write).await;
    assert_eq!(written(&database).await.len(), 200);
    assert_eq!(transactions(&folder) - before, 4, "200 are three times 64 and a rest");
}

#[tokio::test]
async fn what_one_fails_at_is_undone_and_the_others_do_theirs_again() {
    static DONE: AtomicU32 = AtomicU32::new(0);
    let (folder, database) = a_database().await;
    let before = transactions(&folder);
    let work = |connection: &Connection, number| {
        DONE.fetch_add(1, Relaxed);
        let written = write(connection, number)?;
        if number == 2 { connection.execute("INSERT INTO no_such_table VALUES (1)", ()) } else { Ok(written) }
    };
    let results = written_by_tasks(&database, 1..4, work).await;
    let [Ok(Ok(1)), Ok(Err(StoreFault::Sqlite(fault))), Ok(Ok(1))] = &results[..] else { panic!("{results:?}") };
    assert!(fault.to_string().contains("no_such_table"), "{fault}");
    assert_eq!(written(&database).await, [1, 3]);
    assert_eq!(DONE.load(Relaxed), 4, "the first a second time, the last one for the first time");
    assert_eq!(transactions(&folder) - before, 1, "together again");
}

#[tokio::test]
async fn who_panics_takes_nobody_along() {
    let (_folder, database) = a_database().await;
    let work = |connection: &Connection, number| {
        let written = write(connection, number);
        assert_ne!(number, 2, "a panic");
        written
    };
    let results = written_by_tasks(&database, 1..4, work).await;
    assert!(matches!(&results[..], [Ok(Ok(1)), Err(_), Ok(Ok(1))]), "{results:?}");
    assert_eq!(written(&database).await, [1, 3]);
}

#[tokio::test]
async fn a_failed_commit_is_told_to_all_and_the_next_one_goes_well() {
    let (_folder, database) = a_database().await;
    let work = |connection: &Connection, number| {
        if number == 2 {
            // Found out when it is committed: the outcome of a code that nobody claimed.
            connection.execute_batch(
                "PRAGMA defer_foreign_keys = ON;
                 INSERT INTO code_outcomes VALUES ('2021', x'01', x'02', NULL, 0)",
            )?;
        }
        write(connection, number)
    };
    let results = written_by_tasks(&database, 1..4, work).await;
    let is_told = |result: &Result<_, _>| matches!(result, Ok(Err(StoreFault::Sqlite(fault))) if fault.to_string().contains("FOREIGN KEY"));
    assert!(results.iter().all(is_told), "{results:?}");
    assert_eq!(written(&database).await, [0; 0]);
    database.write_with(|connection| write(connection, 4)).await.unwrap();
    assert_eq!(written(&database).await, [4]);
}

#[tokio::test]
async fn who_gives_up_before_its_turn_writes_nothing_and_holds_nobody_up() {
    let (_folder, database) = a_database().await;
    let mut given_up = Box::pin(database.write_with(|connection| write(connection, 1)));
    let mut other = Box::pin(database.write_with(|connection| write(connection, 2)));
    assert!(is_pending(&mut given_up).await && is_pending(&mut other).await, "both have joined");
    drop(given_up);
    assert_eq!(other.await.unwrap(), 1);
    assert_eq!(written(&database).await, [2]);
}

#[tokio::test]
async fn what_was_written_by_one_who_gave_up_after_its_turn_is_committed_with_the_rest() {
    let (_folder, database) = a_database().await;
    let mut given_up = Box::pin(database.write_with(|connection| write(connection, 1)));
    let mut other = Box::pin(database.write_with(|connection| write(connection, 2)));
    assert!(is_pending(&mut given_up).await && is_pending(&mut other).await, "both have joined");
    assert!(is_pending(&mut given_up).await, "it has done its work and waits for the other");
    drop(given_up);
    assert_eq!(other.await.unwrap(), 1);
    assert_eq!(written(&database).await, [1, 2]);
}

async fn is_pending(writing: &mut Pin<Box<impl Future>>) -> bool {
    poll_fn(|context| Poll::Ready(writing.as_mut().poll(context).is_pending())).await
}
