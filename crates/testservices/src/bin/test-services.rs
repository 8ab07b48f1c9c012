//! Starts the named services (`postgres`, `redis`), prints their addresses as one line of JSON, and stops them when its standard input
//! ends. For tests and benchmarks that are not written in Rust.
//!
//! ```text
//! {"postgres":{"url":"postgres://…","process":4711,"psql":"/usr/lib/postgresql/15/bin/psql"},"redis":{…}}
//! ```

use std::io::{Read as _, stdin};
use std::{env, process};

use anyhow::{Result, bail};
use miniauth_testservices::{Postgres, Redis};
use serde_json::{Map, Value, json};

fn main() {
    if let Err(fault) = run() {
        eprintln!("test-services: {fault:#}");
        process::exit(1);
    }
}

fn run() -> Result<()> {
    let (mut postgres, mut redis) = (None, None);
    let mut places = Map::new();
    for name in env::args().skip(1) {
        let place: Value = match name.as_str() {
            "postgres" => {
                let server = postgres.insert(Postgres::start()?);
                json!({ "url": server.url(), "process": server.process_id(), "psql": server.psql() })
            }
            "redis" => {
                let server = redis.insert(Redis::start()?);
                json!({ "url": server.url(), "process": server.process_id() })
            }
            _ => bail!("there is no service {name:?}: name postgres, redis or both"),
        };
        places.insert(name, place);
    }
    println!("{}", Value::from(places));
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
