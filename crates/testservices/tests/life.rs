//! Starts, stops and kills both servers, with clients that speak just enough of their protocols.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use miniauth_testservices::{Postgres, Redis, output, postgres_bin};
use serde_json::Value;

fn sql(url: &str, statement: &str) -> anyhow::Result<String> {
    let psql = postgres_bin().unwrap().join("psql");
    output(Command::new(psql).args(["--no-psqlrc", "-At", "-c", statement, url]))
}

fn redis(url: &str, command: &str) -> std::io::Result<String> {
    let address = url.strip_prefix("redis://").unwrap().strip_suffix("/0").unwrap();
    let mut connection = TcpStream::connect(address)?;
    connection.write_all(format!("{command}\r\nQUIT\r\n").as_bytes())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer.strip_suffix("+OK\r\n").unwrap().trim().to_owned())
}

fn is_alive(process: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z ")
}

#[test]
fn postgres_keeps_what_was_committed_over_stop_and_kill() {
    let mut postgres = Postgres::start().unwrap();
    let url = postgres.new_database("members").unwrap();
    assert_ne!(url, postgres.url());
    assert_eq!(sql(&url, "SHOW fsync").unwrap(), "on");
    sql(&url, "CREATE TABLE t (n int); INSERT INTO t VALUES (1)").unwrap();

    postgres.stop().unwrap();
    assert_eq!(postgres.process_id(), None);
    assert!(sql(&url, "SELECT 1").unwrap_err().to_string().contains("refused"));
    postgres.restart().unwrap();
    sql(&url, "INSERT INTO t VALUES (2)").unwrap();

    postgres.kill().unwrap();
    postgres.restart().unwrap();
    assert_eq!(sql(&url, "SELECT sum(n) FROM t").unwrap(), "3");

    let error = postgres.new_database("members").unwrap_err().to_string();
    assert!(error.contains("already exists"), "{error}");
}

#[test]
fn a_dropped_postgres_leaves_no_process() {
    let postgres = Postgres::start_without_fsync().unwrap();
    assert_eq!(sql(&postgres.url(), "SHOW fsync").unwrap(), "off");
    let process = postgres.process_id().unwrap();
    assert!(is_alive(process));
    drop(postgres);
    assert!(!is_alive(process));
}

#[test]
fn redis_keeps_what_it_wrote_over_stop_and_kill() {
    let mut server = Redis::start().unwrap();
    let url = server.url();
    assert_eq!(redis(&url, "SET a 1").unwrap(), "+OK");
    server.stop().unwrap();
    assert!(redis(&url, "PING").is_err());
    server.restart().unwrap();
    assert_eq!(redis(&url, "INCR a").unwrap(), ":2");
    server.kill().unwrap();
    server.restart().unwrap();
    assert_eq!(redis(&url, "GET a").unwrap(), "$1\r\n2");
    let process = server.process_id().unwrap();
    drop(server);
    assert!(!is_alive(process));
}

/// The test runs its own program again, which ends without dropping anything.
#[test]
fn a_server_ends_with_the_process_that_started_it() {
    if std::env::var_os("MINIAUTH_ABANDON").is_some() {
        let redis = Redis::start().unwrap();
        println!("process {}", redis.process_id().unwrap());
        std::process::abort();
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_server_ends_with_the_process_that_started_it", "--nocapture"])
        .env("MINIAUTH_ABANDON", "1")
        .env("TMPDIR", folder.path())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let process: u32 = output.lines().find_map(|line| line.split_once("process ")?.1.parse().ok()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while is_alive(process) || has_entries(folder.path()) {
        assert!(Instant::now() < deadline, "process {process} or its folder is still there");
        sleep(Duration::from_millis(50));
    }
}

fn has_entries(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_some()
}

#[test]
fn the_program_says_where_its_services_are_and_ends_them_with_its_input() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_test-services"))
        .args(["postgres", "redis"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let places: Value = serde_json::from_str(&line).unwrap();
    let text = |service: &str, what: &str| places[service][what].as_str().unwrap().to_owned();
    assert_eq!(sql(&text("postgres", "url"), "SELECT 1").unwrap(), "1");
    assert!(Path::new(&text("postgres", "psql")).is_file());
    assert_eq!(redis(&text("redis", "url"), "SET a 1").unwrap(), "+OK");
    let processes =
        ["postgres", "redis"].map(|service| u32::try_from(places[service]["process"].as_u64().unwrap()).unwrap());
    assert!(processes.iter().all(|process| is_alive(*process)));
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
    assert!(!processes.iter().any(|process| is_alive(*process)));
}

#[test]
fn the_program_knows_its_services() {
    let told = output(Command::new(env!("CARGO_BIN_EXE_test-services")).arg("mysql")).unwrap_err().to_string();
    assert!(told.contains("name postgres, redis or both"), "{told}");
}
