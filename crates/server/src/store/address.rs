//! The URLs of stores. Passwords in them are neither printed nor logged.

use secrecy::{ExposeSecret as _, SecretString};
use std::{
    fmt,
    path::{Path, PathBuf},
};
use url::Url;

/// The URL of the database: `sqlite://` and a path, or `postgres://` as for libpq.
#[derive(Clone)]
pub struct DatabaseUrl(pub(super) Place);

#[derive(Clone)]
pub(super) enum Place {
    Sqlite(PathBuf),
    Postgres(SecretUrl),
}

impl DatabaseUrl {
    /// Parses a URL like `sqlite://.miniauth/miniauth.db` (relative), `sqlite:///var/lib/miniauth.db` or
    /// `postgres://user:password@host:5432/database?sslmode=verify-full`.
    ///
    /// # Errors
    /// [`DatabaseUrlError`] for anything else, including `sqlite::memory:`, which would not be persistent.
    pub fn parse(url: &str) -> Result<Self, DatabaseUrlError> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            return match path {
                "" => Err(DatabaseUrlError),
                path if path.contains(['?', '#', '\0']) => Err(DatabaseUrlError),
                path => Ok(Self(Place::Sqlite(path.into()))),
            };
        }
        match Url::parse(url) {
            Ok(parsed) if matches!(parsed.scheme(), "postgres" | "postgresql") && parsed.path().len() > 1 => {
                Ok(Self(Place::Postgres(SecretUrl::new(&parsed))))
            }
            _ => Err(DatabaseUrlError),
        }
    }

    /// Returns whether both name the same database, as far as the URLs tell.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Place::Sqlite(one), Place::Sqlite(other)) => match (one.canonicalize(), other.canonicalize()) {
                (Ok(one), Ok(other)) => one == other,
                _ => one == other,
            },
            (Place::Postgres(one), Place::Postgres(other)) => one.shown == other.shown,
            _ => false,
        }
    }

    /// Returns the file of a SQLite database, which no other machine shares.
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(path) => Some(path),
            Place::Postgres(_) => None,
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite(path) => write!(formatter, "sqlite://{}", path.display()),
            Place::Postgres(url) => formatter.write_str(&url.shown),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseUrl({self})")
    }
}

/// The text is not the URL of a database that this server supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a database address: it must be sqlite:// and a path (sqlite://.miniauth/miniauth.db) or postgres:// with host and \
     database (postgres://user:password@host/database)"
)]
pub struct DatabaseUrlError;

/// The URL of a separate session store: `redis://`.
#[derive(Clone)]
pub struct SessionStoreUrl(pub(super) SecretUrl);

impl SessionStoreUrl {
    /// Parses a URL like `redis://:password@host:6379/0`.
    ///
    /// # Errors
    /// [`SessionStoreUrlError`] for anything else.
    pub fn parse(url: &str) -> Result<Self, SessionStoreUrlError> {
        match Url::parse(url) {
            Ok(parsed) if parsed.scheme() == "redis" && parsed.has_host() => Ok(Self(SecretUrl::new(&parsed))),
            _ => Err(SessionStoreUrlError),
        }
    }
}

impl fmt::Display for SessionStoreUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.shown)
    }
}

impl fmt::Debug for SessionStoreUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SessionStoreUrl({self})")
    }
}

/// The text is not the URL of a session store that this server supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address of a session store: it must be redis:// with a host (redis://:password@host:6379/0)")]
pub struct SessionStoreUrlError;

/// A URL with its printable part: without password and parameters, which may have a password too.
#[derive(Clone)]
pub(super) struct SecretUrl {
    whole: SecretString,
    pub(super) shown: String,
}

impl SecretUrl {
    fn new(url: &Url) -> Self {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path());
        Self { whole: url.as_str().into(), shown }
    }

    #[cfg(any(feature = "postgres", feature = "redis"))]
    pub(super) fn expose(&self) -> &str {
        self.whole.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_servers_are_addresses_and_nothing_else_is() {
        assert_eq!(DatabaseUrl::parse("sqlite://a/b.db").unwrap().file(), Some(Path::new("a/b.db")));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/b.db").unwrap().file(), Some(Path::new("/var/b.db")));
        for url in ["postgres://host/name", "postgresql://u:p@host:5432/name?sslmode=require"] {
            assert_eq!(DatabaseUrl::parse(url).unwrap().file(), None, "{url}");
        }
        let servers = ["postgres://h", "postgres://h/", "mysql://h/d"];
        for url in
            ["", "a.db", "sqlite:", "sqlite://", "sqlite::memory:", "sqlite://a?mode=ro"].into_iter().chain(servers)
        {
            assert!(DatabaseUrl::parse(url).is_err(), "{url}");
        }
        assert!(SessionStoreUrl::parse("redis://127.0.0.1:6379/1").is_ok());
        for url in ["", "redis:", "rediss://host", "postgres://h/d", "unix:///run/redis.sock"] {
            assert!(SessionStoreUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn passwords_do_not_print() {
        let database = DatabaseUrl::parse("postgres://user:s3cret@db.example:5433/shop?password=s3cret").unwrap();
        let sessions = SessionStoreUrl::parse("redis://user:s3cret@cache.example/2").unwrap();
        let (database_shown, sessions_shown) = ("postgres://db.example:5433/shop", "redis://cache.example/2");
        assert_eq!((database.to_string().as_str(), sessions.to_string().as_str()), (database_shown, sessions_shown));
        let printed = format!("{database:?} {sessions:?}");
        assert_eq!(printed, format!("DatabaseUrl({database_shown}) SessionStoreUrl({sessions_shown})"));
    }

    #[test]
    fn a_database_is_the_same_however_its_address_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display();
        std::fs::create_dir(folder.path().join("deeper")).unwrap();
        std::fs::write(folder.path().join("a.db"), "").unwrap();
        let url = |url: String| DatabaseUrl::parse(&url).unwrap();
        let [file, other_way, other_file] =
            ["a.db", "deeper/../a.db", "b.db"].map(|name| url(format!("sqlite://{here}/{name}")));
        assert!(file.is_same_as(&other_way) && !file.is_same_as(&other_file));
        assert!(other_file.is_same_as(&url(format!("sqlite://{here}/b.db"))), "neither exists yet");
        let [server, as_another_user, other_server] =
            ["a:1@host/x", "b:2@host/x", "a:1@host/y"].map(|rest| url(format!("postgres://{rest}")));
        assert!(server.is_same_as(&as_another_user) && !server.is_same_as(&other_server));
        assert!(!file.is_same_as(&server) && !server.is_same_as(&file));
    }
}
