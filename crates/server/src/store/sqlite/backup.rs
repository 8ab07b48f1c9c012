//! Copies of the file, beside a server that runs, and back.

use super::{audit, connection::reading, transfer::is_in_use};
use crate::store::audit::AuditEntry;
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// The rows of the database of before that the copy has not.
const TAKE_OVER: &str = "
    INSERT OR IGNORE INTO audit (done_at, id, actor, action, subject, detail)
    SELECT done_at, id, actor, action, subject, detail FROM before.audit";

/// How long a server may keep the file to itself.
const BUSY_FOR: Duration = Duration::from_secs(5);

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// It has a tool of its own.
    #[error(
        "the database is PostgreSQL, which has tools of its own: pg_dump, or base backups with the archived log (docs/production.md)"
    )]
    NotSqlite,
    /// The name is no text.
    #[error("{0} cannot be a copy's name: SQLite takes names in UTF-8")]
    Name(PathBuf),
    /// Nothing is written over.
    #[error("{0} exists: name a file that does not")]
    Exists(PathBuf),
    /// A server runs.
    #[error("{0} is open in another process: stop the server first, and whatever else uses the file")]
    InUse(PathBuf),
    /// It is no database of ours, or not whole.
    #[error("{file} is no whole database of miniauth: {what}")]
    NotWhole {
        /// The copy.
        file: PathBuf,
        /// What SQLite says of it.
        what: String,
    },
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite failed.
    #[error("the database: {0}")]
    Database(Box<dyn std::error::Error + Send + Sync>),
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

fn failed(file: &Path) -> impl Fn(io::Error) -> BackupError {
    let file = file.to_owned();
    move |source| BackupError::File { file: file.clone(), source }
}

/// What a backup did.
#[derive(Debug)]
pub struct BackedUp {
    /// The copy's size.
    pub bytes: u64,
    /// Why the copy could not be noted in the audit: a disk that is full, of which there is to be a copy all the same.
    pub not_noted: Option<String>,
}

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// Where the database of before is now, if there was one.
    pub before: Option<PathBuf>,
    /// What the audit lacks, if it lacks something: rows of the database of before, which may be damaged, or all of it in the copy of an
    /// older version.
    pub not_noted: Option<String>,
}

/// Copies the database as it stands at one moment, while a server writes, and reads the copy through. Without
/// what was deleted: the copy is written anew, page by page.
pub(in crate::store) fn back_up(database: &Path, copy: &Path, entry: &AuditEntry) -> Result<BackedUp, BackupError> {
    let name = copy.to_str().ok_or_else(|| BackupError::Name(copy.to_owned()))?;
    // SQLite takes an empty file, whose rights are ours to choose.
    let file = new_private(copy)?;
    let not_noted = note_in(database, entry).err();
    let copied = reading(database)?.execute("VACUUM INTO ?1", [name]).map_err(BackupError::from);
    let checked = copied.and_then(|_| check(copy)).and_then(|()| sync(&file, copy));
    if checked.is_err() {
        // Half a copy is worse than none.
        let _ = fs::remove_file(copy);
    }
    checked?;
    let bytes = file.metadata().map_err(failed(copy))?.len();
    Ok(BackedUp { bytes, not_noted })
}

/// Puts a copy in the place of the database, which no process may have open. It takes over the audit of the database of before: what was
/// done since the copy was made is known still.
pub(in crate::store) fn restore(copy: &Path, database: &Path, entry: &AuditEntry) -> Result<Restored, BackupError> {
    check(copy)?;
    let before = with_ending(database, ".before-restore");
    if before.exists() {
        return Err(BackupError::Exists(before));
    }
    let is_there = database.exists();
    if is_there && is_in_use(database) {
        return Err(BackupError::InUse(database.to_owned()));
    }
    // Whole beside its place first, so that a crash leaves either the old one or the new one.
    let fresh = with_ending(database, ".restoring");
    let file = new_private(&fresh)?;
    let mut not_noted = None;
    let placed = fs::File::open(copy)
        .and_then(|mut from| io::copy(&mut from, &mut &file))
        .map_err(failed(&fresh))
        .and_then(|_| {
            not_noted = take_over_audit(&fresh, is_there.then_some(database), entry)?;
            sync(&file, &fresh)
        })
        .and_then(|()| if is_there { fs::rename(database, &before).map_err(failed(database)) } else { Ok(()) })
        // The journal belongs to the database of before; whoever closed that last has emptied it.
        .and_then(|()| ["-wal", "-shm"].iter().try_for_each(|ending| set_aside(database, &before, ending)))
        .and_then(|()| fs::rename(&fresh, database).map_err(failed(database)))
        .and_then(|()| sync(&file, database));
    if placed.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    placed.map(|()| Restored { before: is_there.then_some(before), not_noted })
}

/// Notes what is about to be done with a database, if that is of a version that keeps an audit.
fn note_in(database: &Path, entry: &AuditEntry) -> Result<(), String> {
    let note = || {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(BUSY_FOR)?;
        if connection.table_exists(None, "audit")? { audit::note(&connection, entry) } else { Ok(()) }
    };
    note().map_err(|error: rusqlite::Error| error.to_string())
}

/// Brings the rows of the database of before into the copy, and notes the restore there; gives what could not be done.
fn take_over_audit(fresh: &Path, before: Option<&Path>, entry: &AuditEntry) -> Result<Option<String>, rusqlite::Error> {
    let connection = Connection::open_with_flags(fresh, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if !connection.table_exists(None, "audit")? {
        return Ok(Some("the copy is of a version that kept no audit".to_owned()));
    }
    let take_over = |before: &Path| {
        connection.execute("ATTACH ?1 AS before", [before.to_string_lossy()])?;
        if connection.table_exists(Some("before"), "audit")? {
            connection.execute(TAKE_OVER, ())?;
        }
        connection.execute("DETACH before", ())
    };
    let lacking = before.and_then(|before| take_over(before).err());
    audit::note(&connection, entry)?;
    Ok(lacking.map(|error| format!("what was done since the copy was made cannot be read: {error}")))
}

/// Whether a file is a database of ours, and whole.
fn check(file: &Path) -> Result<(), BackupError> {
    let not_whole = |what: String| BackupError::NotWhole { file: file.to_owned(), what };
    if !file.is_file() {
        return Err(not_whole("there is no such file".to_owned()));
    }
    let ask = || {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let told: String = connection.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
        Ok((told, connection.table_exists(None, "code_claims")?))
    };
    match ask().map_err(|error: rusqlite::Error| not_whole(error.to_string()))? {
        (told, _) if told != "ok" => Err(not_whole(told)),
        (_, false) => Err(not_whole("its tables are not there".to_owned())),
        _ => Ok(()),
    }
}

fn new_private(file: &Path) -> Result<File, BackupError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(file.to_owned()),
        _ => failed(file)(error),
    })
}

/// The file and its entry in the folder, on the disk.
fn sync(file: &File, path: &Path) -> Result<(), BackupError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    file.sync_all().and_then(|()| File::open(folder)?.sync_all()).map_err(failed(path))
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn set_aside(database: &Path, before: &Path, ending: &str) -> Result<(), BackupError> {
    match fs::rename(with_ending(database, ending), with_ending(before, ending)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(database)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
