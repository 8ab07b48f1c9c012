//! Stores that can be read and take nothing: full, or read-only. Nobody's code is spent for a login that could not be written down,
//! and readiness says what works.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use serde_json::json;
use sqlx::AssertSqlSafe;
use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};
use support::{Answer, World};

/// How long a store's memory of itself, and the server's of it, may outlast the trouble.
const RECOVERY: Duration = Duration::from_secs(10);

async fn ready(world: &World, path: &str) -> Answer {
    Answer::of(world.client.get(world.url(path))).await
}

/// Both endpoints, once they say what is expected.
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

/// What an instance says and does while nothing can be written, and that it costs no code.
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

/// A small file system for tests alone, where the machine lets this process mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = ["-t", "tmpfs", "-o", "size=32m,uid=65534,gid=65534,mode=700", "tmpfs"];
        let mounted = Command::new("mount").args(options).arg(folder.path()).output().ok()?.status.success();
        mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_postgres_whose_disk_is_full_is_not_ready_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not tried: this process may not mount a small disk");
        return;
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
    let session = world.log_in("zhang-wei", "auth_base").await["session"].as_str().unwrap().to_owned();
    assert_eq!(ready(&world, "/readyz").await.status, 200);

    let filler = disk.0.path().join("filler");
    let full = fs::write(&filler, vec![0; 64 * 1024 * 1024]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    await_ready(&world, 503).await;
    assert_eq!(ready(&world, "/readyz/reads").await.status, 200);
    assert_eq!(world.get("/session", &session).await.status, 200);
    fs::remove_file(&filler).unwrap();
    await_ready(&world, 200).await;
    world.log_in("li-na", "auth_base").await;
}
