//! The stores of a test's server, as in the test program's name.

use miniauth_server::{DatabaseUrl, SessionStoreUrl};
use miniauth_testservices::{Postgres, Proxy, Redis};
use rusqlite::Connection;
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};
use url::Url;

/// One database server for all tests of a program, each with its own database.
static POSTGRES: OnceLock<Postgres> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Data {
    folder: PathBuf,
    /// The URL of a PostgreSQL database.
    postgres: Option<String>,
    /// The PostgreSQL server, if it is the test's own.
    pub(crate) own_postgres: Option<Postgres>,
    pub(crate) redis: Option<Redis>,
    /// The proxies between the server and its stores, if there are any.
    pub(crate) network: Option<Network>,
}

/// Proxies between a server and its stores, which fail as a test says. The test itself uses the stores directly.
pub(crate) struct Network {
    pub(crate) postgres: Proxy,
    pub(crate) redis: Option<Proxy>,
}

impl Data {
    /// Creates the stores in the test program's name (such as `on_postgres_and_redis`); SQLite if it names none.
    pub(crate) fn of_this_program(folder: &Path) -> Self {
        let program = env!("CARGO_CRATE_NAME");
        let postgres = program.contains("postgres").then(|| {
            let server = POSTGRES.get_or_init(|| Postgres::start_without_fsync().unwrap());
            server.new_database(&format!("test{}", DATABASES.fetch_add(1, Ordering::Relaxed))).unwrap()
        });
        let redis = program.contains("redis").then(|| Redis::start().unwrap());
        Self { folder: folder.to_owned(), postgres, own_postgres: None, redis, network: None }
    }

    /// Creates a PostgreSQL and optionally a Redis, which the test may stop and kill.
    pub(crate) fn own(folder: &Path, redis: bool) -> Self {
        let server = Postgres::start().unwrap();
        let postgres = Some(server.new_database("own").unwrap());
        let redis = redis.then(|| Redis::start().unwrap());
        Self { folder: folder.to_owned(), postgres, own_postgres: Some(server), redis, network: None }
    }

    /// Creates the same behind proxies.
    pub(crate) fn behind_proxies(folder: &Path, redis: bool) -> Self {
        let data = Self::own(folder, redis);
        let postgres = Proxy::start(port(&data.own_postgres.as_ref().unwrap().url())).unwrap();
        let redis = data.redis.as_ref().map(|redis| Proxy::start(port(&redis.url())).unwrap());
        Self { network: Some(Network { postgres, redis }), ..data }
    }

    /// Makes the server use these stores from its next start on.
    pub(crate) fn move_to_postgres(&mut self, url: String) {
        self.postgres = Some(url);
    }

    pub(crate) fn database_url(&self) -> DatabaseUrl {
        let url = match &self.postgres {
            Some(url) => through(url, self.network.as_ref().map(|network| &network.postgres)),
            None => format!("sqlite://{}", self.file().display()),
        };
        DatabaseUrl::parse(&url).unwrap()
    }

    pub(crate) fn session_store_url(&self) -> Option<SessionStoreUrl> {
        let proxy = self.network.as_ref().and_then(|network| network.redis.as_ref());
        self.redis.as_ref().map(|redis| SessionStoreUrl::parse(&through(&redis.url(), proxy)).unwrap())
    }

    pub(crate) fn is_file(&self) -> bool {
        self.postgres.is_none()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("miniauth.db")
    }

    pub(crate) fn sqlite(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }

    pub(crate) async fn postgres(&self) -> PgPool {
        PgPool::connect(self.postgres.as_ref().unwrap()).await.unwrap()
    }

    /// Copies the database, which must be closed: a file, or by PostgreSQL's copy of a whole database.
    pub(crate) async fn back_up(&self) -> String {
        let Some(url) = &self.postgres else {
            let copy = self.folder.join("backup.db");
            fs::copy(self.file(), &copy).unwrap();
            return copy.to_str().unwrap().to_owned();
        };
        let (mut copy, pool) = (Url::parse(url).unwrap(), self.postgres().await);
        let name = copy.path().trim_start_matches('/').to_owned();
        let sql = AssertSqlSafe(format!("CREATE DATABASE {name}backup TEMPLATE {name}"));
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        pool.close().await;
        copy.set_path(&format!("{name}backup"));
        copy.into()
    }

    /// Replaces the database by the copy.
    pub(crate) async fn restore(&mut self, copy: String) {
        match &mut self.postgres {
            Some(url) => *url = copy,
            None => {
                for journal in ["miniauth.db-wal", "miniauth.db-shm"] {
                    let _ = fs::remove_file(self.folder.join(journal));
                }
                fs::copy(copy, self.file()).map(drop).unwrap();
            }
        }
    }

    /// Counts rows of a table. `rows` must be the test's own text.
    pub(crate) async fn count(&self, table: &'static str) -> i64 {
        if table == "sessions"
            && let Some(redis) = &self.redis
        {
            return keys(redis, "miniauth:session:*").await;
        }
        let sql = format!("SELECT count(*) FROM {table}");
        if self.is_file() {
            self.sqlite().query_row(&sql, (), |row| row.get(0)).unwrap()
        } else {
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.postgres().await).await.unwrap()
        }
    }

    /// Executes a statement of the test's own.
    pub(crate) async fn execute(&self, sql: &'static str) {
        if self.is_file() {
            self.sqlite().execute_batch(sql).unwrap();
        } else {
            sqlx::raw_sql(sql).execute(&self.postgres().await).await.unwrap();
        }
    }

    /// Returns everything stored: the bytes of the file and its journal, or all rows of all tables as text.
    pub(crate) async fn stored_bytes(&self) -> Vec<u8> {
        if self.is_file() {
            let mut bytes = fs::read(self.file()).unwrap();
            bytes.extend(fs::read(self.folder.join("miniauth.db-wal")).unwrap_or_default());
            return bytes;
        }
        let (pool, mut text) = (self.postgres().await, String::new());
        let mut connection = pool.acquire().await.unwrap();
        // Raw bytes, because an unsealed token would be readable in them.
        sqlx::raw_sql("SET bytea_output = 'escape'").execute(&mut *connection).await.unwrap();
        for table in [
            "code_claims",
            "code_outcomes",
            "subjects",
            "grants",
            "sessions",
            "consents",
            "phones",
            "withdrawals",
            "token_keys",
            "backends",
            "audit",
        ] {
            let sql = AssertSqlSafe(format!("SELECT {table}::text FROM {table}"));
            for row in sqlx::query(sql).fetch_all(&mut *connection).await.unwrap() {
                text.push_str(row.get(0));
            }
        }
        text.into_bytes()
    }
}

async fn keys(redis: &Redis, pattern: &str) -> i64 {
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<Vec<u8>> = redis::cmd("KEYS").arg(pattern).query_async(&mut connection).await.unwrap();
    i64::try_from(keys.len()).unwrap()
}

fn port(url: &str) -> u16 {
    Url::parse(url).unwrap().port().unwrap()
}

/// Returns the URL of a store through a proxy.
fn through(url: &str, proxy: Option<&Proxy>) -> String {
    let mut url = Url::parse(url).unwrap();
    if let Some(proxy) = proxy {
        url.set_port(Some(proxy.port())).unwrap();
    }
    url.into()
}
