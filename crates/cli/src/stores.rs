//! Commands that work on the server's database, beside servers that run.

use crate::{
    command::{self, CliError},
    serve::config,
    settings::{Reader, SettingsError, Values},
};
use miniauth_core::time::Timestamp;
use miniauth_server::store::{StoreError, Stores};
use std::{
    path::PathBuf,
    time::{Duration, UNIX_EPOCH},
};

/// Where the database is, and how the outcome is told.
#[derive(clap::Args)]
pub(crate) struct OpenStores {
    /// The configuration file (TOML) of `miniauth serve`; without it, only environment variables count.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONFIG")]
    config: Option<PathBuf>,
    /// Tells the outcome as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl OpenStores {
    /// Where the server writes erasures down, if it does.
    pub(crate) fn erasure_journal(&self) -> Result<Option<PathBuf>, CliError> {
        let mut error = SettingsError::default();
        let values = Values::read(self.config.as_deref(), |name| std::env::var_os(name), &mut error);
        if error.is_empty() { Ok(config::erasure_journal(&values)) } else { Err(CliError::Settings(error)) }
    }

    /// Opens the database, does the work and lets go of it.
    pub(crate) fn with<T>(&self, work: impl AsyncFnOnce(&Stores) -> Result<T, StoreError>) -> Result<T, CliError> {
        let mut error = SettingsError::default();
        let values = Values::read(self.config.as_deref(), |name| std::env::var_os(name), &mut error);
        let mut reader = Reader { values: &values, error };
        let database = config::database(&mut reader).filter(|_| reader.error.is_empty());
        let Some(database) = database else { return Err(CliError::Settings(reader.error)) };
        // A file that is not there would be made.
        if let Some(file) = database.file().filter(|file| !file.exists()) {
            let place = file.display();
            return Err(CliError::Arguments(format!("there is no database {place}: check the setting database")));
        }
        command::run(async {
            let stores = Stores::open(&database, None).await.map_err(CliError::running)?;
            let done = work(&stores).await.map_err(CliError::running);
            stores.close().await;
            done
        })
    }
}

/// A moment as people read it.
pub(crate) fn moment(at: Timestamp) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(at.as_millis()))
}
