//! `miniauth erasures`: what was erased is erased again in a database that was restored.

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
    /// Does again what the journal of erasures says.
    #[command(
        after_help = "Run it after a backup was restored, or a replica that lagged behind took over, before the servers start. Users who \
                      were erased since are erased, with all ids; whoever took the consent back loses what is older than that, as the server \
                      did it. Nobody who came since is touched, and nothing that was agreed to since. It can be run as often as you like."
    )]
    Apply {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        by: By,
        /// The journals' folders, of all instances; without one, that of the setting erasure_journal.
        #[arg(value_name = "FOLDER")]
        folders: Vec<PathBuf>,
        /// Tells which of the erased users are there, and changes nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// What was found and done. Each id of a user counts.
#[derive(Default, Serialize)]
struct Outcome {
    dry_run: bool,
    /// How many lines tell of an erased user.
    erasures: usize,
    /// For how many of them somebody was there, and was erased, or would be.
    erased: usize,
    /// How many lines tell of a consent that was taken back.
    withdrawals: usize,
    /// For how many of them something ended; a dry run does not find out.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<usize>,
    /// How many lines are none.
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

    fn told(&self) -> String {
        let Self { dry_run, erasures, erased, withdrawals, ended, unreadable } = self;
        let mut text = match ended {
            Some(ended) => {
                format!("{erased} of {erasures} erasures were done again, and {ended} of {withdrawals} withdrawals")
            }
            None => format!("{erased} of {erasures} erased users are there; {withdrawals} withdrawals"),
        };
        if *unreadable > 0 {
            text.push_str(&format!("; {unreadable} lines were cut short, and never answered"));
        }
        if *dry_run {
            text.push_str("; nothing was changed (--dry-run)");
        }
        text
    }
}

/// Applies, and tells the outcome.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let Action::Apply { stores, by, folders, dry_run } = &arguments.action;
    let mut folders = folders.clone();
    if folders.is_empty() {
        folders.extend(stores.erasure_journal()?);
    }
    if folders.is_empty() {
        let setting = settings::ERASURE_JOURNAL.key;
        return Err(CliError::Arguments(format!("there is no journal: name its folder, or set {setting}")));
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
    if stores.json { command::json(&outcome) } else { command::line(&outcome.told()) }
}
