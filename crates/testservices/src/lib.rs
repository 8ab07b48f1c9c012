//! Real database servers for tests and benchmarks: PostgreSQL and Redis from the system's packages, each in a temporary
//! folder, on a free port of the loopback interface.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! let mut postgres = miniauth_testservices::Postgres::start()?;
//! let url = postgres.new_database("members")?;
//! postgres.kill()?;
//! postgres.restart()?;
//! # Ok(())
//! # }
//! ```
//!
//! [`output`] runs a program to its end. A [`Proxy`] between such a server and its clients simulates a failing network.
//!
//! Dropping the value stops the server and deletes its folder. So does the end of the process that started it, however it ends, so a
//! server may live in a `static`.
//!
//! `MINIAUTH_POSTGRES_BIN` (a folder) and `MINIAUTH_REDIS_SERVER` (a file) name the programs to use. `cargo xtask test` sets them; by
//! default the programs are looked for where the system's packages put them.

mod postgres;
mod programs;
mod proxy;
mod redis;
mod service;

pub use postgres::Postgres;
pub use programs::{POSTGRES_BIN, REDIS_SERVER, postgres_bin, redis_server};
pub use proxy::{Proxy, Weather};
pub use redis::Redis;
pub use service::{Service, output};
