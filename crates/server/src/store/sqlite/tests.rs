//! Atomicity, and a journal that does not grow forever.

use crate::{
    crypto::{CodeHash, Salt, SessionHash},
    store::{
        StoreError, Stores,
        codes::{Claim, CodeStore},
        grants::SealedGrant,
        logins::{Login, NewSession},
        members::MemberStore as _,
        sessions::SessionStore as _,
        sqlite::{Database, TEST_EVERY, connection, open::open},
    },
};
use miniauth_core::{
    consent::Purpose,
    scope::Scope,
    time::Timestamp,
    wire::{AuthCode, ConsentReport, SessionToken, SubjectId},
};
use miniauth_openplatform::UserIds;
use rusqlite::Connection;
use std::{
    future::Future as _,
    num::NonZeroU32,
    sync::{Arc, mpsc},
    task::{Context, Waker},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

const APP: &str = "2021";
const PER_USER: NonZeroU32 = NonZeroU32::new(1_000).unwrap();
const NOW: Timestamp = Timestamp::from_seconds(1_000);

async fn a_database() -> (TempDir, Arc<Database>) {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("miniauth.db")).await.unwrap();
    (folder, Arc::new(database))
}

#[tokio::test]
async fn closing_moves_the_journal_into_the_file_and_ends_readiness() {
    let (folder, database) = a_database().await;
    claim(&database, 1).await;
    let stores = Stores {
        audit: database.clone(),
        backends: database.clone(),
        codes: database.clone(),
        members: database.clone(),
        phones: database.clone(),
        records: database.clone(),
        sessions: database.clone(),
        token_keys: database,
        erasure_journal: None,
    };
    assert!(stores.probe().await.is_ok());
    assert!(folder.path().join("miniauth.db-wal").exists());
    stores.close().await;
    assert!(!folder.path().join("miniauth.db-wal").exists());
    assert!(stores.probe().await.is_err() && stores.probe_write().await.is_err());
}

#[tokio::test]
async fn writing_is_tested_at_most_once_per_interval() {
    let (_folder, database) = a_database().await;
    let refused = || Err(StoreError::closed());
    // The result stays current however long the test takes: its time is in the future.
    *database.tested.lock().await = Some((Instant::now() + Duration::from_secs(3_600), refused()));
    assert!(database.test_writing().await.is_err(), "it was tested again at once");
    *database.tested.lock().await = Some((Instant::now().checked_sub(TEST_EVERY).unwrap(), refused()));
    assert!(database.test_writing().await.is_ok(), "it accepts writes again");
    assert!(matches!(&*database.tested.lock().await, Some((_, Ok(())))));
}

#[test]
fn transient_errors_are_recognised() {
    use rusqlite::{Error, ffi};
    let failed = |code| connection::failed(Error::SqliteFailure(ffi::Error::new(code), None));
    for code in [ffi::SQLITE_BUSY, ffi::SQLITE_CANTOPEN, ffi::SQLITE_FULL, ffi::SQLITE_IOERR, ffi::SQLITE_READONLY] {
        assert!(failed(code).is_transient(), "{code}");
    }
    for code in [ffi::SQLITE_CONSTRAINT, ffi::SQLITE_CORRUPT, ffi::SQLITE_ERROR, ffi::SQLITE_NOTADB] {
        assert!(!failed(code).is_transient(), "{code}");
    }
    assert!(!connection::failed(Error::QueryReturnedNoRows).is_transient());
}

fn code(number: u32) -> CodeHash {
    CodeHash::of(&AuthCode::parse(format!("code-{number}")).unwrap())
}

async fn log_in(database: &Database, number: u32) -> Result<(), StoreError> {
    log_in_with(database, number, number).await
}

async fn log_in_with(database: &Database, number: u32, session: u32) -> Result<(), StoreError> {
    let session = SessionHash::of(&SessionToken::parse(format!("{session:043}")).unwrap());
    let longest = NOW.plus_seconds(60);
    let login = Login {
        app_id: APP.to_owned(),
        code: code(number),
        ids: UserIds::from_ids(Some("open-1".to_owned()), None, None).unwrap(),
        new_subject: SubjectId::from_stored(i64::from(number)),
        grant: SealedGrant {
            scope: Scope::AuthBase,
            key_id: "key".to_owned(),
            access_token: vec![1],
            refresh_token: None,
            access_expires_at: None,
            refresh_expires_at: None,
            granted_at: NOW,
            consented_at: NOW,
        },
        member: None,
        consent: Some(ConsentReport { purpose: Purpose::parse("用于测试").unwrap(), at: NOW }),
        session: NewSession { hash: session, expires_at: longest, longest, replaces: None, per_user: PER_USER },
        arrived_at: NOW,
        now: NOW,
    };
    database.finish_login(Arc::new(login)).await.map(drop)
}

async fn claim(database: &Database, number: u32) {
    let claim = Claim { login_id: None, salt: Salt::from_stored(vec![0; 32]), claimed_at: NOW };
    assert!(database.claim(APP, &code(number), &claim).await.unwrap());
}

async fn count(database: &Database, table: &str) -> i64 {
    let statement = format!("SELECT count(*) FROM {table}");
    database.read(move |connection| connection.query_row(&statement, (), |row| row.get(0))).await.unwrap()
}

#[tokio::test]
async fn a_login_that_fails_in_part_is_rolled_back_and_the_next_one_succeeds() {
    let (_folder, database) = a_database().await;
    // The outcome of an unclaimed code cannot be saved, and is saved after the grant.
    assert!(log_in(&database, 1).await.is_err());
    assert_eq!((count(&database, "grants").await, count(&database, "sessions").await), (0, 0));
    claim(&database, 1).await;
    log_in(&database, 1).await.unwrap();
    assert!(log_in_with(&database, 1, 2).await.is_err(), "the code has an outcome");
    assert_eq!((count(&database, "grants").await, count(&database, "sessions").await), (1, 1));
}

/// A caller that does not learn the outcome of a transaction repeats it.
#[tokio::test]
async fn a_login_that_is_saved_twice_is_saved_once() {
    let (_folder, database) = a_database().await;
    claim(&database, 1).await;
    log_in(&database, 1).await.unwrap();
    log_in(&database, 1).await.unwrap();
    for table in ["subjects", "grants", "sessions", "consents", "code_outcomes"] {
        assert_eq!(count(&database, table).await, 1, "{table}");
    }
}

#[tokio::test]
async fn a_closed_database_says_so_and_has_no_journal() {
    let (folder, database) = a_database().await;
    claim(&database, 1).await;
    database.close().await;
    assert!(log_in(&database, 1).await.unwrap_err().is_transient());
    assert!(CodeStore::find(&*database, APP, &code(1)).await.is_err_and(|error| error.is_transient()));
    assert!(database.complete_erasures().await.unwrap_err().to_string().contains("closed"));
    assert!(!folder.path().join("miniauth.db-wal").exists());
}

/// In a copy of the file alone.
#[tokio::test]
async fn the_journal_is_moved_into_the_file_after_a_quiet_second() {
    let (folder, database) = a_database().await;
    claim(&database, 1).await;
    let copy = folder.path().join("copy.db");
    let claims_in_a_copy = || {
        std::fs::copy(folder.path().join("miniauth.db"), &copy).unwrap();
        let copied = Connection::open(&copy).unwrap();
        // A copy taken during a write may be torn.
        copied.query_row("SELECT count(*) FROM code_claims", (), |row| row.get::<_, i64>(0)).unwrap_or(0)
    };
    assert_eq!(claims_in_a_copy(), 0);
    let begun = Instant::now();
    while claims_in_a_copy() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the journal was not moved into the file");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_cancelled_read_does_not_block_others() {
    let (_folder, database) = a_database().await;
    let one = |connection: &Connection| connection.query_row("SELECT 1", (), |row| row.get::<_, i64>(0));
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let mut given_up = Box::pin(database.read(move |_| {
        // Until the test ends.
        let _ = may_go_on.recv();
        Ok(())
    }));
    assert!(given_up.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let other = tokio::time::timeout(Duration::from_secs(10), async {
        let other = database.read(one);
        drop(given_up);
        other.await
    });
    assert_eq!(other.await.expect("somebody reads").unwrap(), 1);
    drop(go_on);
}

/// For example because it waits for the disk.
#[tokio::test]
async fn a_slow_read_does_not_block_others() {
    let (_folder, database) = a_database().await;
    let one = |connection: &Connection| connection.query_row("SELECT 1", (), |row| row.get::<_, i64>(0));
    let ((begin, begun), (go_on, may_go_on)) = (oneshot::channel(), mpsc::channel::<()>());
    let long = database.read(move |_| {
        begin.send(()).unwrap();
        may_go_on.recv().unwrap();
        Ok(())
    });
    let others = async {
        begun.await.unwrap();
        for _ in 0..8 {
            assert_eq!(database.read(one).await.unwrap(), 1);
        }
    };
    let others = async {
        let others = tokio::time::timeout(Duration::from_secs(10), others).await;
        go_on.send(()).unwrap();
        others.expect("other reads were not blocked");
    };
    let (read, ()) = tokio::join!(long, others);
    read.unwrap();
}

#[tokio::test]
async fn a_read_that_panics_fails_alone() {
    let (_folder, database) = a_database().await;
    let one = |connection: &Connection| connection.query_row("SELECT 1", (), |row| row.get::<_, i64>(0));
    for _ in 0..8 {
        let panics = database.read(|_| -> rusqlite::Result<()> { panic!("the test wants it") });
        let (failed, read) = tokio::join!(panics, database.read(one));
        assert!(failed.unwrap_err().to_string().contains("panicked"));
        assert_eq!(read.unwrap(), 1);
    }
}

/// With writers and readers that are never idle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_size_is_bounded() {
    let (folder, database) = a_database().await;
    let of_a_task = async |database: Arc<Database>, task: u32| {
        for number in task * 10_000..task * 10_000 + 1_000 {
            claim(&database, number).await;
            log_in(&database, number).await.unwrap();
        }
    };
    let select = |connection: &Connection| connection.query_row("SELECT count(*) FROM grants", (), |_| Ok(()));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let database = Arc::clone(&database);
            tokio::spawn(async move { while database.read(select).await.is_ok() {} })
        })
        .collect();
    let tasks: Vec<_> = (0..3).map(|task| tokio::spawn(of_a_task(Arc::clone(&database), task))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    readers.iter().for_each(JoinHandle::abort);
    assert_eq!(count(&database, "code_outcomes").await, 3_000);
    // 3,000 logins write some 25,000 pages of 4 KiB: 100 MB.
    let journal = folder.path().join("miniauth.db-wal").metadata().unwrap().len();
    assert!(journal < 20_000_000, "{journal} bytes");
}
