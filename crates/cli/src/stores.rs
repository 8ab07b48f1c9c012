//! What commands on the server's database share. They can run beside the server.

use crate::{
    command::{self, CliError},
    serve::config,
    settings::{Reader, SettingsError, Values},
};
use miniauth_core::{
    time::{Clock as _, Timestamp},
    wire::SubjectId,
};
use miniauth_openplatform::system::SystemClock;
use miniauth_server::{
    DatabaseUrl, OpenError, ServerKey, SessionStoreUrl,
    store::{Actor, AuditAction, OperatorName, StoreError, Stores, records::UserRecord},
};
use std::{
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

/// Where the database is, and how to print the outcome.
#[derive(clap::Args)]
pub(crate) struct OpenStores {
    /// The configuration file (TOML) of `miniauth serve`; without it, only environment variables count.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONFIG")]
    config: Option<PathBuf>,
    /// Prints the outcome as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl OpenStores {
    /// Returns the folder of the erasure journal, if one is set.
    pub(crate) fn erasure_journal(&self) -> Result<Option<PathBuf>, CliError> {
        self.read(|reader| Some(config::erasure_journal(reader.values)))
    }

    /// Returns the database's address without opening it.
    #[cfg(feature = "sqlite")]
    pub(crate) fn database(&self) -> Result<DatabaseUrl, CliError> {
        self.read(config::database)
    }

    /// Opens the database, does the work and closes it.
    pub(crate) fn with<T>(&self, work: impl AsyncFnOnce(&Stores) -> Result<T, StoreError>) -> Result<T, CliError> {
        let database = existing(self.read(config::database)?)?;
        command::run(async {
            let stores = Stores::open(&database, None).await.map_err(CliError::running)?;
            let done = work(&stores).await.map_err(CliError::running);
            stores.close().await;
            done
        })
    }

    /// Does the same with the session store, the erasure journal and the server's existing keys, the present one first.
    pub(crate) fn with_all<T>(
        &self,
        work: impl AsyncFnOnce(&Stores, &[ServerKey]) -> Result<T, StoreError>,
    ) -> Result<T, CliError> {
        let (database, sessions, journal, keys) = self.read(|reader| {
            let (database, sessions) = (config::database(reader), config::session_store(reader));
            let keys = config::present_keys(reader, database.as_ref());
            Some((database?, sessions?, config::erasure_journal(reader.values), keys?))
        })?;
        let database = existing(database)?;
        command::run(async {
            let stores = open(&database, sessions.as_ref(), journal.as_deref()).await.map_err(CliError::running)?;
            let done = work(&stores, &keys).await.map_err(CliError::running);
            stores.close().await;
            done
        })
    }

    fn read<T>(&self, read: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Result<T, CliError> {
        let mut error = SettingsError::default();
        let values = Values::read(self.config.as_deref(), |name| std::env::var_os(name), &mut error);
        let mut reader = Reader { values: &values, error };
        match read(&mut reader) {
            Some(settings) if reader.error.is_empty() => Ok(settings),
            _ => Err(CliError::Settings(reader.error)),
        }
    }
}

/// Refuses a database file that does not exist: opening it would create an empty one.
pub(crate) fn existing(database: DatabaseUrl) -> Result<DatabaseUrl, CliError> {
    match database.file().filter(|file| !file.exists()) {
        Some(file) => {
            let place = file.display();
            Err(CliError::Arguments(format!("there is no database {place}: check the setting database")))
        }
        None => Ok(database),
    }
}

/// Opens the stores as the server does, with the erasure journal.
pub(crate) async fn open(
    database: &DatabaseUrl,
    sessions: Option<&SessionStoreUrl>,
    journal: Option<&Path>,
) -> Result<Stores, OpenError> {
    let stores = Stores::open(database, sessions).await?;
    match journal {
        Some(folder) => stores.writing_erasures_to(folder, SystemClock.now()),
        None => Ok(stores),
    }
}

/// Who runs a command, for the audit.
#[derive(clap::Args)]
pub(crate) struct By {
    /// The operator's name for `miniauth audit`; default: the system's user. It is not verified.
    #[arg(long, value_name = "NAME")]
    by: Option<OperatorName>,
}

impl By {
    pub(crate) fn actor(&self) -> Actor {
        Actor::Operator(self.by.clone().unwrap_or_else(system_user))
    }

    /// Records in the audit what is about to be done to a user.
    pub(crate) async fn note(
        &self,
        stores: &Stores,
        action: AuditAction,
        subject: SubjectId,
    ) -> Result<(), StoreError> {
        stores.note(&self.actor(), action, Some(subject), None, SystemClock.now()).await
    }
}

/// Returns the name of the user who runs the program.
#[cfg(unix)]
fn system_user() -> OperatorName {
    let id = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.parse().ok())?
    });
    name.unwrap_or_else(|| format!("uid {id}").parse().expect("a number is a name"))
}

/// Returns the name of the user who runs the program.
#[cfg(not(unix))]
fn system_user() -> OperatorName {
    let name = std::env::var("USERNAME").ok().and_then(|name| name.parse().ok());
    name.unwrap_or_else(|| "unknown".parse().expect("a word is a name"))
}

/// The user that a command is about.
#[derive(clap::Args)]
pub(crate) struct User {
    /// The user: a subject, or an id of the platform.
    #[arg(value_name = "USER")]
    pub(crate) id: String,
    /// Looks only among this app's users.
    #[arg(long, value_name = "ID")]
    pub(crate) app_id: Option<String>,
}

impl User {
    /// Returns all data about the only user with this id, after writing `noted` to the audit.
    pub(crate) fn record(
        &self,
        stores: &OpenStores,
        noted: Option<(&By, AuditAction)>,
    ) -> Result<UserRecord, CliError> {
        let (found, record) = stores.with_all(async |stores: &Stores, keys| {
            let found = stores.users_named(&self.id, self.app_id.as_deref()).await?;
            let record = match found[..] {
                [only] => stores.user_record(only, keys, SystemClock.now()).await?,
                _ => None,
            };
            if let (Some(record), Some((by, action))) = (&record, noted) {
                by.note(stores, action, record.subject).await?;
            }
            Ok((found, record))
        })?;
        match record {
            Some(record) => Ok(record),
            None if found.len() < 2 => Err(self.unknown()),
            None => {
                let found = found.iter().map(SubjectId::to_string).collect::<Vec<_>>().join(", ");
                let sentence =
                    format!("several users have this id ({found}): give the subject, or the app with --app-id");
                Err(CliError::Running(sentence))
            }
        }
    }

    pub(crate) fn unknown(&self) -> CliError {
        // The id may be personal data, so it is not repeated.
        let place = if self.app_id.is_some() { "of this app " } else { "" };
        CliError::Running(format!(
            "there is no data about a user {place}with this id: a subject has 16 hexadecimal digits, a user_id begins with 2088, and an open_id \
             differs from app to app"
        ))
    }
}

/// Formats a time for people.
pub(crate) fn moment(at: Timestamp) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(at.as_millis()))
}
