//! Backs up the file beside a running server, and restores it.

use super::{audit, connection::reading, transfer::is_in_use};
use crate::store::audit::AuditEntry;
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Copies the audit rows of the previous database that the copy lacks.
const TAKE_OVER: &str = "
    INSERT OR IGNORE INTO audit (done_at, id, actor, action, subject, detail)
    SELECT done_at, id, actor, action, subject, detail FROM before.audit";

/// How long to wait while a server has the file locked.
const BUSY_FOR: Duration = Duration::from_secs(5);

/// Why a backup or restore failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// PostgreSQL has its own tools.
    #[error(
        "the database is PostgreSQL, which has tools of its own: pg_dump, or base backups with the archived log (docs/production.md)"
    )]
    NotSqlite,
    /// The name is not UTF-8.
    #[error("{0} cannot be a copy's name: SQLite requires UTF-8")]
    Name(PathBuf),
    /// The file exists, and is never overwritten.
    #[error("{0} exists: name a file that does not")]
    Exists(PathBuf),
    /// A server is running.
    #[error("{0} is open in another process: first stop the server and every other program that uses the file")]
    InUse(PathBuf),
    /// The file is not a complete database of miniauth.
    #[error("{file} is not a complete database of miniauth: {what}")]
    NotWhole {
        /// The copy.
        file: PathBuf,
        /// The reason.
        what: String,
    },
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: PathBuf,
        /// The reason.
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

/// The result of a backup.
#[derive(Debug)]
pub struct BackedUp {
    /// The copy's size.
    pub bytes: u64,
    /// Why the backup has no audit row: for example a full disk, from which a copy must be possible all the same.
    pub not_noted: Option<String>,
}

/// The result of a restore.
#[derive(Debug)]
pub struct Restored {
    /// Where the previous database is now, if there was one.
    pub before: Option<PathBuf>,
    /// What the audit lacks, if anything: rows of the previous database, which may be damaged, or everything if the
    /// copy is of an older version.
    pub not_noted: Option<String>,
}

/// Copies the database as it is at one moment, while a server writes, and verifies the copy. The copy contains no
/// deleted data, because it is rewritten page by page.
pub(in crate::store) fn back_up(database: &Path, copy: &Path, entry: &AuditEntry) -> Result<BackedUp, BackupError> {
    let name = copy.to_str().ok_or_else(|| BackupError::Name(copy.to_owned()))?;
    // SQLite accepts an empty file, which lets us set its permissions.
    let file = new_private(copy)?;
    let not_noted = note_in(database, entry).err();
    let copied = reading(database)?.execute("VACUUM INTO ?1", [name]).map_err(BackupError::from);
    let checked = copied.and_then(|_| check(copy)).and_then(|()| sync(&file, copy));
    if checked.is_err() {
        // An incomplete copy is worse than none.
        let _ = fs::remove_file(copy);
    }
    checked?;
    let bytes = file.metadata().map_err(failed(copy))?.len();
    Ok(BackedUp { bytes, not_noted })
}

/// Replaces the database, which no process may have open, by a copy. Adds the audit rows of the previous database, so
/// that what happened after the backup stays known.
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
    // Complete it beside its final place first, so that a crash leaves either the old or the new one.
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
        // The journal belongs to the previous database; whoever closed that last has emptied it.
        .and_then(|()| ["-wal", "-shm"].iter().try_for_each(|ending| set_aside(database, &before, ending)))
        .and_then(|()| fs::rename(&fresh, database).map_err(failed(database)))
        .and_then(|()| sync(&file, database));
    if placed.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    placed.map(|()| Restored { before: is_there.then_some(before), not_noted })
}

/// Writes an audit row before an action on a database, if that is of a version with an audit.
fn note_in(database: &Path, entry: &AuditEntry) -> Result<(), String> {
    let note = || {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(BUSY_FOR)?;
        if connection.table_exists(None, "audit")? { audit::note(&connection, entry) } else { Ok(()) }
    };
    note().map_err(|error: rusqlite::Error| error.to_string())
}

/// Copies the previous database's audit rows into the copy, and adds one for the restore. Returns what failed.
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
    Ok(lacking.map(|error| format!("cannot read what happened after the backup: {error}")))
}

/// Checks that a file is a complete database of miniauth.
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
        (_, false) => Err(not_whole("its tables are missing".to_owned())),
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

/// Syncs the file and its directory entry to the disk.
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
