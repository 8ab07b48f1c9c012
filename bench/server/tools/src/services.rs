//! Starts a PostgreSQL and a Redis, prints their addresses and processes as JSON, and ends them when its input ends.

use std::io::{Read as _, stdin};

use anyhow::Result;
use miniauth_testservices::{Postgres, Redis};
use serde_json::json;

fn main() -> Result<()> {
    let postgres = Postgres::start()?;
    let redis = Redis::start()?;
    let members = json!({ "url": postgres.new_database("members")?, "process": postgres.process_id() });
    println!("{}", json!({ "postgres": members, "redis": { "url": redis.url(), "process": redis.process_id() } }));
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
