//! The erasure journal: a record of erasures outside of the database. Restoring a backup brings erased users back, and
//! so may a failover to a replica that lagged behind; the journal erases them again.
//!
//! It is a folder of one instance, with a file per month. Each line is about one id of a user who was erased or
//! withdrew consent: when, in which app, and the id, which is random and identifies nobody outside of the database.

use super::{
    Actor, AfterWithdrawal, AuditAction, StoreError, Stores,
    audit::AuditEntry,
    members::{Erasure, Owner},
};
use crate::session::Session;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_openplatform::protocol::beijing_date;
use std::{
    fmt,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// How long a line is kept, at least: a year. A file is deleted when its last line is that old and a new file begins.
const KEPT_SECONDS: u64 = 366 * 24 * 60 * 60;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureEntry {
    at: Timestamp,
    app_id: String,
    subject: SubjectId,
    /// When the consent was withdrawn, by the platform's clock, and what happened to the user's data; `None`: the user
    /// was erased.
    withdrawal: Option<(Timestamp, AfterWithdrawal)>,
}

impl ErasureEntry {
    /// Returns whether it is a withdrawal, which ends what was consented to before; otherwise the user was erased.
    pub fn is_withdrawal(&self) -> bool {
        self.withdrawal.is_some()
    }

    /// Returns all entries in a folder, and the number of unreadable lines. A full disk or a crash cuts a line short;
    /// its request was never answered.
    ///
    /// # Errors
    /// If the folder or a file cannot be read.
    pub fn read_all(folder: &Path) -> io::Result<(Vec<Self>, usize)> {
        let (mut entries, mut unreadable) = (Vec::new(), 0);
        for file in files(folder)? {
            for line in String::from_utf8_lossy(&fs::read(file)?).lines().filter(|line| !line.is_empty()) {
                match Self::parse(line) {
                    Some(entry) => entries.push(entry),
                    None => unreadable += 1,
                }
            }
        }
        Ok((entries, unreadable))
    }

    fn parse(line: &str) -> Option<Self> {
        let words: Vec<_> = line.split(' ').collect();
        let (&[at, app_id, subject], what) = words.split_first_chunk()?;
        let moment = |text: &str| text.parse().map(Timestamp::from_millis).ok();
        let withdrawal = match what {
            ["erased"] => None,
            ["withdrawn", at, after] => Some((moment(at)?, after.parse().ok()?)),
            _ => return None,
        };
        let subject = SubjectId::from_stored(i64::from_str_radix(subject, 16).ok()?);
        Some(Self { at: moment(at)?, app_id: app_id.to_owned(), subject, withdrawal })
    }
}

impl fmt::Display for ErasureEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {} ", self.at.as_millis(), self.app_id, self.subject)?;
        match self.withdrawal {
            None => formatter.write_str("erased"),
            Some((at, after)) => write!(formatter, "withdrawn {} {}", at.as_millis(), after.as_str()),
        }
    }
}

/// The folder in which entries are written.
pub(super) struct ErasureJournal {
    folder: PathBuf,
}

impl ErasureJournal {
    /// Creates the folder, and checks that it can be written.
    pub(super) fn open(folder: &Path, now: Timestamp) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let journal = Self { folder: folder.to_owned() };
        journal.append("", now)?;
        Ok(journal)
    }

    /// Appends the entries. They are on the disk when this returns.
    async fn write(self: &Arc<Self>, entries: Vec<ErasureEntry>, now: Timestamp) -> Result<(), StoreError> {
        // Each line begins with the newline, so that a line that a full disk cut short does not spoil the next one.
        let lines: String = entries.iter().map(|entry| format!("\n{entry}")).collect();
        let journal = Arc::clone(self);
        let written = tokio::task::spawn_blocking(move || journal.append(&lines, now)).await;
        let written = written.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
        written.map_err(|error| StoreError::of("the erasure journal", error, true))
    }

    fn append(&self, lines: &str, now: Timestamp) -> io::Result<()> {
        let path = self.folder.join(file_of(now));
        let is_new = !path.exists();
        let mut file = File::options().append(true).create(true).open(path)?;
        file.write_all(lines.as_bytes())?;
        file.sync_data()?;
        if is_new {
            File::open(&self.folder)?.sync_all()?;
            let oldest = file_of(Timestamp::from_seconds(now.as_seconds().saturating_sub(KEPT_SECONDS)));
            for file in files(&self.folder)?.filter(|file| file.file_name().is_some_and(|name| *name < *oldest)) {
                fs::remove_file(file)?;
            }
        }
        Ok(())
    }
}

/// Returns the name of a month's file, by Beijing's calendar.
fn file_of(moment: Timestamp) -> String {
    let month: String = beijing_date(moment).chars().take(6).collect();
    format!("erasures-{month}.txt")
}

fn files(folder: &Path) -> io::Result<impl Iterator<Item = PathBuf>> {
    let mut files = fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("erasures-")));
    files.sort();
    Ok(files.into_iter())
}

impl Stores {
    /// Erases the user of a session, at once and for good. Writes the journal first: every answered erasure is in it,
    /// and if the database fails afterwards, applying the journal completes the erasure.
    pub(crate) async fn erase(&self, session: &Session, now: Timestamp) -> Result<Erasure, StoreError> {
        self.note_erasure(&session.stored.owner, now).await?;
        self.members.erase(session.subject(), AuditEntry::new(&Actor::User, AuditAction::MemberErased, now)).await
    }

    /// Records in the journal that a user is about to be erased.
    pub(super) async fn note_erasure(&self, owner: &Owner, now: Timestamp) -> Result<(), StoreError> {
        let Some(journal) = &self.erasure_journal else { return Ok(()) };
        let entry = |subject| ErasureEntry { at: now, app_id: owner.app_id.clone(), subject, withdrawal: None };
        journal.write(owner.every_subject().map(entry).collect(), now).await
    }

    /// Records in the journal a withdrawal that was applied to these users.
    pub(super) async fn note_withdrawal(
        &self,
        app_id: &str,
        users: &[SubjectId],
        withdrawal: (Timestamp, AfterWithdrawal),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(journal) = &self.erasure_journal else { return Ok(()) };
        let entry =
            |&subject| ErasureEntry { at: now, app_id: app_id.to_owned(), subject, withdrawal: Some(withdrawal) };
        journal.write(users.iter().map(entry).collect(), now).await
    }

    /// Repeats an entry in a restored database. Returns whether there was anything to erase. Does not affect later
    /// users or consents.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn erase_again(&self, entry: &ErasureEntry, by: &Actor, now: Timestamp) -> Result<bool, StoreError> {
        let note = |action| AuditEntry::new(by, action, now).saying("again, from the journal");
        match entry.withdrawal {
            None => {
                let erasure = self.members.erase(entry.subject, note(AuditAction::MemberErased)).await?;
                Ok(!erasure.subjects.is_empty())
            }
            Some((at, after)) => {
                let note = note(AuditAction::ConsentWithdrawn);
                self.members.withdraw_again(entry.subject, at, after, note).await
            }
        }
    }

    /// Returns whether the database has the user of an entry.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub async fn knows(&self, entry: &ErasureEntry) -> Result<bool, StoreError> {
        self.members.knows(entry.subject).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: Timestamp, withdrawal: Option<(Timestamp, AfterWithdrawal)>) -> ErasureEntry {
        ErasureEntry { at, app_id: "2021000000000001".to_owned(), subject: SubjectId::from_stored(0xab), withdrawal }
    }

    #[tokio::test]
    async fn written_entries_are_read_back_and_a_truncated_line_affects_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_seconds(1_790_000_000);
        let journal = Arc::new(ErasureJournal::open(folder.path(), now).unwrap());
        let afters = [AfterWithdrawal::KeepMember, AfterWithdrawal::EraseMember, AfterWithdrawal::EraseUser];
        let mut all = vec![entry(now, None)];
        all.extend(afters.map(|after| entry(now, Some((Timestamp::from_millis(7), after)))));
        journal.write(all.clone(), now).await.unwrap();
        assert_eq!(ErasureEntry::read_all(folder.path()).unwrap(), (all.clone(), 0));

        let whole = format!("\n{}", entry(now, Some((now, AfterWithdrawal::EraseUser))));
        for length in 2..whole.len() {
            journal.append(&whole[..length], now).unwrap();
        }
        journal.write(vec![entry(now, None)], now).await.unwrap();
        all.push(entry(now, None));
        assert_eq!(ErasureEntry::read_all(folder.path()).unwrap(), (all, whole.len() - 2));
    }

    #[tokio::test]
    async fn only_files_older_than_a_year_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let days = |days: u64| Timestamp::from_seconds(1_790_000_000 + days * 24 * 60 * 60);
        let journal = Arc::new(ErasureJournal::open(folder.path(), days(0)).unwrap());
        fs::write(folder.path().join("notes.txt"), "ours").unwrap();
        let mut written = Vec::new();
        for month in 0..30 {
            let now = days(30 * month);
            journal.write(vec![entry(now, None)], now).await.unwrap();
            written.push(now);
            let kept: Vec<_> = ErasureEntry::read_all(folder.path()).unwrap().0.iter().map(|entry| entry.at).collect();
            assert!(kept.len() <= 15, "{}", kept.len());
            for at in written.iter().filter(|at| now.millis_since(**at) <= KEPT_SECONDS * 1_000) {
                assert!(kept.contains(at), "{at:?} at {now:?}");
            }
        }
        assert!(folder.path().join("notes.txt").exists());
        assert_eq!(file_of(days(0)), "erasures-202609.txt");
    }
}
