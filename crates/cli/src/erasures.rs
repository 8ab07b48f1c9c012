//! `miniauth erasures`: repeats erasures in a restored database.

use crate::{
    command::{self, CliError},
    settings,
    stores::{By, OpenStores},
};
use clap::Subcommand;
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemClock;
use miniauth_server::store::{Actor, AuditAction, ErasureEntry, StoreError, Stores};
use serde::Serialize;
use std::path::PathBuf;

/// The command line.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Repeats the erasures and withdrawals in the journal.
    #[command(
        after_help = "Run it after you restored a backup, or a lagging replica took over, and before the servers start. It erases the users who \
                      were erased since, with all ids. Users who withdrew consent lose what is older than that, as on the server. It does \
                      not touch later users or later consents, and can be run as often as you like."
    )]
    Apply {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        by: By,
        /// The folders of all instances' journals; by default the one in the setting erasure_journal.
        #[arg(value_name = "FOLDER")]
        folders: Vec<PathBuf>,
        /// Reports how many erased users are back, and changes nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// What was found and done, counted by user id.
#[derive(Default, Serialize)]
struct Outcome {
    dry_run: bool,
    /// Lines about an erased user.
    erasures: usize,
    /// Those whose user was found, and erased unless this is a dry run.
    erased: usize,
    /// Lines about a withdrawn consent.
    withdrawals: usize,
    /// Those that ended something; a dry run does not find out.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<usize>,
    /// Lines that could not be read.
    unreadable: usize,
}

impl Outcome {
    async fn apply(&mut self, stores: &Stores, entries: &[ErasureEntry], by: &Actor) -> Result<(), StoreError> {
        if !self.dry_run {
            let lines = Some(format!("{} lines", entries.len()));
            stores.note(by, AuditAction::ErasuresApplied, None, lines, SystemClock.now()).await?;
        }
        for entry in entries {
            let is_withdrawal = entry.is_withdrawal();
            *(if is_withdrawal { &mut self.withdrawals } else { &mut self.erasures }) += 1;
            let found = match self.dry_run {
                true => stores.knows(entry).await?,
                false => stores.erase_again(entry, by, SystemClock.now()).await?,
            };
            match &mut self.ended {
                Some(ended) if is_withdrawal => *ended += usize::from(found),
                _ if is_withdrawal => {}
                _ => self.erased += usize::from(found),
            }
        }
        Ok(())
    }

    fn described(&self) -> String {
        let Self { dry_run, erasures, erased, withdrawals, ended, unreadable } = self;
        let mut text = match ended {
            Some(ended) => {
                format!("repeated {erased} of {erasures} erasures and {ended} of {withdrawals} withdrawals")
            }
            None => format!("{erased} of {erasures} erased users are back; {withdrawals} withdrawals"),
        };
        if *unreadable > 0 {
            text.push_str(&format!("; ignored {unreadable} incomplete lines, whose requests were never answered"));
        }
        if *dry_run {
            text.push_str("; nothing was changed (--dry-run)");
        }
        text
    }
}

/// Applies the journals and prints the outcome.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let Action::Apply { stores, by, folders, dry_run } = &arguments.action;
    let mut folders = folders.clone();
    if folders.is_empty() {
        folders.extend(stores.erasure_journal()?);
    }
    if folders.is_empty() {
        let setting = settings::ERASURE_JOURNAL.key;
        return Err(CliError::Arguments(format!("no journal is configured: name its folder, or set {setting}")));
    }
    let mut outcome = Outcome { dry_run: *dry_run, ended: (!dry_run).then_some(0), ..Outcome::default() };
    let mut entries = Vec::new();
    for folder in &folders {
        let read = ErasureEntry::read_all(folder);
        let (found, unreadable) =
            read.map_err(|error| CliError::Arguments(format!("{} cannot be read: {error}", folder.display())))?;
        entries.extend(found);
        outcome.unreadable += unreadable;
    }
    stores.with(async |stores: &Stores| outcome.apply(stores, &entries, &by.actor()).await)?;
    if stores.json { command::json(&outcome) } else { command::line(&outcome.described()) }
}
