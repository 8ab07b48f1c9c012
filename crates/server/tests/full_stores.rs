//! Stores that can be read but not written: full, or read-only. No code is spent for a login that could not be saved,
//! and readiness says what works.

use crate::support::{Answer, World};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

/// How long stores and server may take to recover.
const RECOVERY: Duration = Duration::from_secs(10);

/// Much longer than a login is retried, but bounded.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(90);

async fn ready(world: &World, path: &str) -> Answer {
    Answer::of(world.client.get(world.url(path))).await
}

/// Longer than the server reuses a write test.
const PROBED_EVERY: Duration = Duration::from_millis(1_100);

/// Waits until both endpoints answer as expected.
async fn await_ready(world: &World, expected: u16) {
    let started = Instant::now();
    while ready(world, "/readyz").await.status.as_u16() != expected {
        assert!(started.elapsed() < RECOVERY, "/readyz is not {expected}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn redis_says(world: &World, command: &[&str]) {
    let client = redis::Client::open(world.data.redis.as_ref().unwrap().url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut sent = redis::cmd(command[0]);
    sent.arg(&command[1..]);
    let () = sent.query_async(&mut connection).await.unwrap();
}

/// Checks what an instance answers and does while nothing can be written, and that it costs no code.
async fn nothing_is_spent(world: &World, session: &str, trouble: &str) -> serde_json::Value {
    await_ready(world, 503).await;
    let not_ready = ready(world, "/readyz").await;
    not_ready.assert_problem(503, "overloaded");
    assert_eq!(not_ready.body["detail"], "Sessions can be checked, but nothing can be written.", "{trouble}");
    assert_eq!(ready(world, "/readyz/reads").await.status, 200, "{trouble}");
    assert_eq!(world.get("/session", session).await.status, 200, "{trouble}");

    let code = world.sandbox.auth_code("li-na", "auth_base").await;
    let put_off = json!({ "authcode": code, "login_id": "attempt-0123456789" });
    let calls = world.sandbox.calls().await.len();
    for _ in 0..2 {
        let refused = world.post_auth(&put_off).await;
        refused.assert_problem(503, "overloaded");
        assert_eq!(refused.header("retry-after"), Some("1"), "{trouble}");
    }
    assert_eq!(world.sandbox.calls().await.len(), calls, "{trouble}: the platform was asked for nothing");
    put_off
}

#[tokio::test]
async fn a_redis_that_takes_no_sessions_costs_nobody_a_code() {
    let world = World::start_with_own_stores(true).await;
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    for (trouble, begin, end) in [
        ("full", ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"]),
        (
            "too few replicas",
            ["CONFIG", "SET", "min-replicas-to-write", "1"],
            ["CONFIG", "SET", "min-replicas-to-write", "0"],
        ),
        ("a replica itself", ["REPLICAOF", "127.0.0.1", "1", ""], ["REPLICAOF", "NO", "ONE", ""]),
    ] {
        let command = |words: [&'static str; 4]| words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>();
        redis_says(&world, &command(begin)).await;
        let put_off = nothing_is_spent(&world, &session, trouble).await;
        redis_says(&world, &command(end)).await;
        await_ready(&world, 200).await;
        let answer = world.post_auth(&put_off).await;
        assert_eq!(answer.status, 200, "{trouble}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_postgres_that_is_read_only_costs_nobody_a_code() {
    let world = World::start_with_own_stores(false).await;
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    world.data.execute("ALTER SYSTEM SET default_transaction_read_only = on").await;
    world.data.execute("SELECT pg_reload_conf()").await;
    let put_off = nothing_is_spent(&world, &session, "read-only").await;
    world.data.execute("ALTER SYSTEM RESET default_transaction_read_only").await;
    world.data.execute("SELECT pg_reload_conf()").await;
    await_ready(&world, 200).await;
    let answer = world.post_auth(&put_off).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// A small file system for tests, if this process may mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = ["-t", "tmpfs", "-o", "size=32m,uid=65534,gid=65534,mode=700", "tmpfs"];
        let mounted = Command::new("mount").args(options).arg(folder.path()).output().ok()?.status.success();
        mounted.then_some(Self(folder))
    }

    /// Fills the file system; returns the file that does.
    fn fill(&self) -> PathBuf {
        let filler = self.0.path().join("filler");
        let full = fs::write(&filler, vec![0; 64 * 1024 * 1024]).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        filler
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// A page of PostgreSQL.
const PAGE: u64 = 8 * 1024;

/// More than fits in the existing pages.
const MOST_LOGINS: usize = 60;

/// Starts a world on its own small disk; `None` if this process may not mount one.
async fn world_on_a_small_disk() -> Option<(World, SmallDisk)> {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not tried: this process may not mount a small disk");
        return None;
    };
    let mut world = World::start_with_own_stores(false).await;
    world.stop_server().await;
    let pool = world.data.postgres().await;
    let location = disk.0.path().display();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE TABLESPACE small LOCATION '{location}'")))
        .execute(&pool)
        .await
        .unwrap();
    sqlx::raw_sql("CREATE DATABASE small TABLESPACE small").execute(&pool).await.unwrap();
    world.data.move_to_postgres(world.data.own_postgres.as_ref().unwrap().url().replace("/postgres", "/small"));
    world.start_server().await;
    Some((world, disk))
}

#[tokio::test]
async fn a_postgres_whose_disk_is_full_costs_nobody_a_code_and_recovers_by_itself() {
    let Some((world, disk)) = world_on_a_small_disk().await else { return };
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    assert_eq!(ready(&world, "/readyz").await.status, 200);

    let filler = disk.fill();
    let put_off = nothing_is_spent(&world, &session, "a full disk").await;
    fs::remove_file(filler).unwrap();
    await_ready(&world, 200).await;
    let answer = world.post_auth(&put_off).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// A claim may still find space when a login does not, or a login when the next one does not.
#[tokio::test]
async fn a_postgres_with_room_for_a_little_costs_nobody_a_code() {
    let Some((world, disk)) = world_on_a_small_disk().await else { return };
    world.log_in("zhang-wei", "auth_base").await;
    let file = fs::File::options().write(true).open(disk.fill()).unwrap();
    let mut went_well = 0;
    for room in [0, 1, 2, 4, 8, 16, 256] {
        file.set_len(file.metadata().unwrap().len() - room * PAGE).unwrap();
        // Nobody checks readiness, and the server's write test is old.
        tokio::time::sleep(PROBED_EVERY).await;
        let mut logins = 0;
        loop {
            let calls = world.sandbox.calls().await.len();
            let login = json!({ "authcode": world.sandbox.auth_code("emoji", "auth_base").await });
            let answer = world.post_auth(&login).await;
            if answer.status != 200 {
                answer.assert_problem(503, "overloaded");
                let spent = world.sandbox.calls().await.len() - calls;
                println!("{room} pages more: {logins} logins, then a refusal that costs {spent} codes");
                assert_eq!(spent, 0, "{room} pages more");
                break;
            }
            logins += 1;
            if logins == MOST_LOGINS {
                break;
            }
        }
        went_well = logins;
    }
    assert_eq!(went_well, MOST_LOGINS, "in the end there is room");
}

/// Starts a login whose code is at the platform, which is slow; then it must be saved.
async fn exchanging(world: &World, looking: &mut PgConnection, millis: u64) -> tokio::task::JoinHandle<Answer> {
    world.sandbox.fault(json!({ "kind": "delay", "delay_ms": millis, "times": 1 })).await;
    let login = json!({ "authcode": world.sandbox.auth_code("li-na", "auth_base").await });
    let claims = "SELECT count(*) FROM code_claims";
    let before: i64 = sqlx::query_scalar(claims).fetch_one(&mut *looking).await.unwrap();
    let posted = tokio::spawn(Answer::of(world.client.post(world.url("/auth")).json(&login)));
    while sqlx::query_scalar::<_, i64>(claims).fetch_one(&mut *looking).await.unwrap() == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    posted
}

#[tokio::test]
async fn a_lock_in_postgres_costs_nobody_a_code() {
    let world = World::start_with_own_stores(false).await;
    world.log_in("zhang-wei", "auth_base").await;
    let pool = world.data.postgres().await;
    let mut holder = pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE grants IN ACCESS EXCLUSIVE MODE").execute(&mut *holder).await.unwrap();
    let login = exchanging(&world, &mut holder, 0).await;
    // A statement waits for a lock for 3 s.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!login.is_finished(), "it is not given up");
    holder.rollback().await.unwrap();
    let answer = login.await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// A client does not wait forever: it is told to retry, and then that the outcome of its code is unknown.
#[tokio::test]
async fn a_lock_that_stays_is_given_up() {
    let world = World::start_with_own_stores(false).await;
    world.log_in("zhang-wei", "auth_base").await;
    let pool = world.data.postgres().await;
    let mut holder = pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE grants IN ACCESS EXCLUSIVE MODE").execute(&mut *holder).await.unwrap();
    let code = world.sandbox.auth_code("li-na", "auth_base").await;
    let login = json!({ "authcode": code, "login_id": "attempt-0123456789" });
    let answer = tokio::time::timeout(GIVEN_UP_WITHIN, world.post_auth(&login)).await.expect("it is given up");
    answer.assert_problem(503, "overloaded");
    holder.rollback().await.unwrap();
    world.post_auth(&login).await.assert_problem(409, "code_outcome_unknown");
}

/// Other clients hold all of PostgreSQL's connections, and the server has none.
#[tokio::test]
async fn a_postgres_without_a_free_connection_costs_nobody_a_code() {
    let world = World::start_with_own_stores(false).await;
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    let url = world.data.own_postgres.as_ref().unwrap().url();
    let mut looking = world.data.postgres().await.acquire().await.unwrap();
    let mut others = Vec::new();
    take_all_connections(&url, &mut others).await;
    let login = exchanging(&world, &mut looking, 5_000).await;
    let begun = Instant::now();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'miniauth'";
    sqlx::raw_sql(end).execute(&mut others[0]).await.unwrap();
    take_all_connections(&url, &mut others).await;
    let put_off = json!({ "authcode": world.sandbox.auth_code("emoji", "auth_base").await });
    let (check, refused) = tokio::join!(world.get("/session", &session), world.post_auth(&put_off));
    check.assert_problem(503, "overloaded");
    refused.assert_problem(503, "overloaded");
    // A request waits for a connection for 3 s, after the platform's 5.
    tokio::time::sleep(Duration::from_secs(10).saturating_sub(begun.elapsed())).await;
    assert!(!login.is_finished(), "it is not given up");
    for connection in others {
        connection.close().await.unwrap();
    }
    for answer in [login.await.unwrap(), world.post_auth(&put_off).await] {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

/// Waits until none was free for a while: a terminated connection is free only when its process has ended.
async fn take_all_connections(url: &str, taken: &mut Vec<PgConnection>) {
    let mut last = Instant::now();
    while last.elapsed() < Duration::from_millis(500) {
        match PgConnection::connect(url).await {
            Ok(connection) => {
                taken.push(connection);
                last = Instant::now();
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    println!("{} connections of others", taken.len());
}
