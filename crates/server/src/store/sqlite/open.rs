//! Opening the file.

use super::{
    Database,
    connection::{Readers, writing},
    journal::{self, Journal},
    migrations,
    patience::LONGEST_WAIT,
    sweep::Sweep,
    writer::Writer,
};
use crate::store::OpenFault;
use std::{fs::OpenOptions, io, path::Path, sync::Arc, time::Duration};

/// Opens the file, makes it where it is missing (readable by its owner alone), and brings its tables up to date: a
/// connection that writes, several that read beside it (WAL), and the journal's.
pub(in crate::store) async fn open(path: &Path) -> Result<Database, OpenFault> {
    let path = path.to_owned();
    let place = path.display().to_string();
    let opened = tokio::task::spawn_blocking(move || open_here(&path)).await;
    opened.unwrap_or_else(|fault| Err(failed(&place, fault)))
}

fn open_here(path: &Path) -> Result<Database, OpenFault> {
    create_private(path).map_err(|source| OpenFault::File { path: path.to_owned(), source })?;
    let place = path.display().to_string();
    let mut writer = writing(path, LONGEST_WAIT).map_err(|fault| failed(&place, fault))?;
    migrations::run(&mut writer)
        .map_err(|source| OpenFault::Migration { place: place.clone(), source: source.into() })?;
    // From now on nobody waits on a thread.
    writer.busy_timeout(Duration::ZERO).map_err(|fault| failed(&place, fault))?;
    let writer = Writer::new(writer);
    let journal = writing(path, journal::WAIT).map_err(|fault| failed(&place, fault))?;
    let journal = Arc::new(Journal::new(journal, writer.clone()));
    Ok(Database {
        writer,
        readers: Arc::new(Readers::new(path)),
        journal,
        over_sessions: Arc::new(Sweep::of_sessions()),
        over_grants: Arc::new(Sweep::of_grants()),
        old_claims: Arc::new(Sweep::of_claims()),
    })
}

fn failed(place: &str, fault: impl std::error::Error + Send + Sync + 'static) -> OpenFault {
    OpenFault::Database { place: place.to_owned(), source: fault.into(), advice: "is it a SQLite file of miniauth?" }
}

/// SQLite gives its journals the permissions of the file, so that making the file private is enough.
fn create_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests;
