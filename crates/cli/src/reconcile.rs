//! `miniauth reconcile`: what the platform's messages of withdrawal would have told, had they arrived.

use crate::{
    command::{self, CliError},
    serve::{config, gateway},
    settings::{Reader, SettingsError, Values},
    stores::{self, By},
};
use miniauth_core::{
    scope::Scope,
    time::{Clock as _, Timestamp},
};
use miniauth_openplatform::{Gateway, GatewayError, Revocation, UserIds, protocol::beijing_date, system::SystemClock};
use miniauth_server::{
    AfterWithdrawal, DatabaseUrl, SessionStoreUrl, Withdrawn,
    store::{Actor, AuditAction, StoreError, Stores},
};
use serde::Serialize;
use std::path::PathBuf;

/// How many days the platform tells of, today's included.
const DAYS: u64 = 7;

const SECONDS_PER_DAY: u64 = 86_400;

/// A day with more pages than this is no day, but an answer that never ends.
const MOST_PAGES: u32 = 20_000;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "Run it after an outage, and by a timer once a day: when a user takes the consent back, the platform tells the \
                  server (platform_messages), and gives up after 25 hours without an answer. For each configured app it asks \
                  for the revocations of the last seven days, all pages, and applies each to the database and the sessions as \
                  its message would have been. What was agreed to after the platform entered a revocation stays. It can run beside the server, and \
                  as often as you like: what was applied before is not applied again.\n\n\
                  With --user-id or --open-id it asks about these users alone, whether their consent to auth_user holds at \
                  present, however long ago it was taken back.\n\n\
                  Exits with 0 when everything was asked and applied, with 1 when something failed (it is told; run it again), \
                  and with 2 for wrong settings. What it does is told on standard error, the outcome on standard output."
)]
pub(crate) struct Arguments {
    /// The configuration file (TOML) of `miniauth serve`; without it, only environment variables count.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONFIG")]
    config: Option<PathBuf>,
    /// Only this app of the configuration.
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// A user to ask about, by user id. May be given several times.
    #[arg(long, value_name = "ID")]
    user_id: Vec<String>,
    /// A user to ask about, by the open id for this app. May be given several times.
    #[arg(long, value_name = "ID")]
    open_id: Vec<String>,
    #[command(flatten)]
    by: By,
    /// Asks the platform, and changes nothing here.
    #[arg(long)]
    dry_run: bool,
    /// Tells the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// What the settings say of it.
struct Settings {
    gateways: Vec<Gateway>,
    database: DatabaseUrl,
    session_store: Option<SessionStoreUrl>,
    after: AfterWithdrawal,
    erasure_journal: Option<PathBuf>,
}

impl Settings {
    fn read(arguments: &Arguments) -> Result<Self, CliError> {
        let mut error = SettingsError::default();
        let values = Values::read(arguments.config.as_deref(), |name| std::env::var_os(name), &mut error);
        let mut reader = Reader { values: &values, error };
        let (database, session_store) = (config::database(&mut reader), config::session_store(&mut reader));
        let after = config::after_withdrawal(&mut reader);
        let erasure_journal = config::erasure_journal(&values);
        let gateways = gateway::clients(&mut reader);
        for warning in &values.warnings {
            eprintln!("{warning}");
        }
        match (database, session_store, after, gateways) {
            (Some(database), Some(session_store), Some(after), Some(gateways)) if reader.error.is_empty() => {
                Ok(Self { gateways, database, session_store, after, erasure_journal })
            }
            _ => Err(CliError::Settings(reader.error)),
        }
    }
}

/// Asks and applies, and tells the outcome.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let users = users(arguments)?;
    let mut settings = Settings::read(arguments)?;
    if let Some(app_id) = &arguments.app_id {
        settings.gateways.retain(|gateway| gateway.app_id().as_str() == app_id);
        if settings.gateways.is_empty() {
            return Err(CliError::Arguments(format!("the configuration has no app {app_id}: check --app-id")));
        }
    }
    if !users.is_empty() && settings.gateways.len() > 1 {
        let sentence = "several apps are configured: say with --app-id of which the users are";
        return Err(CliError::Arguments(sentence.to_owned()));
    }
    settings.database = stores::existing(settings.database)?;
    let outcomes = command::run(reconcile(&settings, &users, &arguments.by.actor(), arguments.dry_run))?;
    if arguments.json {
        command::json(&Report { dry_run: arguments.dry_run, apps: &outcomes })?;
    } else {
        outcomes.iter().try_for_each(|outcome| command::line(&outcome.told(arguments.dry_run)))?;
    }
    match outcomes.iter().map(|outcome| outcome.problems.len()).sum::<usize>() {
        0 => Ok(()),
        _ => Err(CliError::Running("reconcile: not everything was asked and applied; run it again".to_owned())),
    }
}

fn users(arguments: &Arguments) -> Result<Vec<UserIds>, CliError> {
    let of = |open_id, user_id| {
        UserIds::from_ids(open_id, user_id, None).map_err(|error| CliError::Arguments(error.to_string()))
    };
    let by_user_id = arguments.user_id.iter().map(|id| of(None, Some(id.clone())));
    by_user_id.chain(arguments.open_id.iter().map(|id| of(Some(id.clone()), None))).collect()
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Report<'a> {
    dry_run: bool,
    apps: &'a [Outcome],
}

/// What was found and done for one app.
#[derive(Default, Serialize)]
struct Outcome {
    app_id: String,
    /// How many users were asked about; in place of a list of revocations.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<usize>,
    /// How many took the consent back.
    revocations: usize,
    /// For how many of them something ended that they had consented to before.
    ended: usize,
    /// How many have nothing older than their revocation: applied before, or back since.
    nothing_older: usize,
    /// How many the server does not know. Each is kept for 30 days, and holds for who turns out to be meant.
    unknown: usize,
    /// What failed.
    problems: Vec<String>,
}

impl Outcome {
    fn new(app_id: &str) -> Self {
        Self { app_id: app_id.to_owned(), ..Self::default() }
    }

    fn count(&mut self, withdrawn: Option<Withdrawn>) {
        match withdrawn {
            Some(Withdrawn::Ended) => self.ended += 1,
            Some(Withdrawn::NothingOlder) => self.nothing_older += 1,
            Some(Withdrawn::Unknown) => self.unknown += 1,
            None => {}
        }
    }

    /// Keeps what failed, and tells it at once.
    fn failed(&mut self, problem: String) {
        eprintln!("app {}: {problem}", self.app_id);
        self.problems.push(problem);
    }

    fn told(&self, dry_run: bool) -> String {
        let Self { app_id, asked, revocations, ended, nothing_older, unknown, .. } = self;
        let found = match asked {
            Some(asked) => format!("{revocations} of {asked} users have not consented"),
            None => format!("{revocations} revocations in {DAYS} days"),
        };
        if dry_run {
            return format!("app {app_id}: {found}; nothing was changed (--dry-run)");
        }
        format!("app {app_id}: {found}: {ended} ended something, {nothing_older} nothing older, {unknown} unknown here")
    }
}

/// Where revocations are applied, unless nothing is to change.
struct Target<'a> {
    stores: Option<Stores>,
    after: AfterWithdrawal,
    by: &'a Actor,
    gateway: &'a Gateway,
}

impl Target<'_> {
    async fn apply(&self, ids: &UserIds, at: Timestamp) -> Result<Option<Withdrawn>, StoreError> {
        let Some(stores) = &self.stores else { return Ok(None) };
        let app_id = self.gateway.app_id().as_str();
        stores.withdraw(app_id, ids, at, self.after, self.by, SystemClock.now()).await.map(Some)
    }
}

async fn reconcile(
    settings: &Settings,
    users: &[UserIds],
    by: &Actor,
    dry_run: bool,
) -> Result<Vec<Outcome>, CliError> {
    let stores = match dry_run {
        true => None,
        false => {
            let Settings { database, session_store, erasure_journal, .. } = settings;
            let opened = stores::open(database, session_store.as_ref(), erasure_journal.as_deref()).await;
            let stores = opened.map_err(CliError::running)?;
            let asked = match users.len() {
                0 => format!("the last {DAYS} days"),
                users => format!("{users} users"),
            };
            let noted = stores.note(by, AuditAction::Reconciled, None, Some(asked), SystemClock.now()).await;
            noted.map_err(CliError::running)?;
            Some(stores)
        }
    };
    let mut outcomes = Vec::new();
    for gateway in &settings.gateways {
        let target = Target { stores: stores.clone(), after: settings.after, by, gateway };
        let mut outcome = Outcome::new(gateway.app_id().as_str());
        let applied = if users.is_empty() {
            last_days(&target, &mut outcome).await
        } else {
            each_user(&target, users, &mut outcome).await
        };
        // The other apps are in the same stores.
        if let Err(error) = applied {
            outcome.failed(error.to_string());
            outcomes.push(outcome);
            break;
        }
        outcomes.push(outcome);
    }
    if let Some(stores) = stores {
        stores.close().await;
    }
    Ok(outcomes)
}

/// All revocations of the last days, the oldest day first.
async fn last_days(target: &Target<'_>, outcome: &mut Outcome) -> Result<(), StoreError> {
    let now = SystemClock.now();
    for days_ago in (0..DAYS).rev() {
        let day = Timestamp::from_seconds(now.as_seconds().saturating_sub(days_ago * SECONDS_PER_DAY));
        let before = outcome.revocations;
        match one_day(target, day, outcome).await? {
            Ok(()) => {
                let found = outcome.revocations - before;
                eprintln!("app {}, {}: {found} revocations", outcome.app_id, beijing_date(day));
            }
            Err(error) => outcome.failed(format!("the revocations of {}: {error}", beijing_date(day))),
        }
    }
    Ok(())
}

/// The pages of a day: what cannot be asked for is told apart from what cannot be written down.
async fn one_day(
    target: &Target<'_>,
    day: Timestamp,
    outcome: &mut Outcome,
) -> Result<Result<(), GatewayError>, StoreError> {
    for number in 1..=MOST_PAGES {
        let page = match target.gateway.revocations(day, number).await {
            Ok(page) => page,
            Err(error) => return Ok(Err(error)),
        };
        if page.is_beyond_the_last() {
            return Ok(Ok(()));
        }
        if page.unreadable > 0 {
            let date = beijing_date(day);
            outcome.failed(format!("{} revocations of {date} name no user or no time", page.unreadable));
        }
        for Revocation { ids, at, .. } in &page.revocations {
            outcome.revocations += 1;
            let withdrawn = target.apply(ids, *at).await?;
            outcome.count(withdrawn);
        }
    }
    outcome.failed(format!("the revocations of {} do not end", beijing_date(day)));
    Ok(Ok(()))
}

/// Ends what is kept of those whose consent does not hold at present.
async fn each_user(target: &Target<'_>, users: &[UserIds], outcome: &mut Outcome) -> Result<(), StoreError> {
    const SCOPE: &str = Scope::AuthUser.as_str();
    outcome.asked = Some(users.len());
    for (number, ids) in (1..).zip(users) {
        // What is agreed to after the question was asked is none of the answer.
        let asked_at = SystemClock.now();
        let granted = match target.gateway.consents(ids, &[SCOPE]).await {
            Ok(granted) => granted.get(SCOPE).copied(),
            Err(error) => {
                outcome.failed(format!("user {number}: {error}"));
                continue;
            }
        };
        match granted {
            Some(true) => eprintln!("app {}, user {number}: has consented", outcome.app_id),
            Some(false) => {
                eprintln!("app {}, user {number}: has not consented", outcome.app_id);
                outcome.revocations += 1;
                let withdrawn = target.apply(ids, asked_at).await?;
                outcome.count(withdrawn);
            }
            None => outcome.failed(format!("user {number}: the platform does not tell whether {SCOPE} is granted")),
        }
    }
    Ok(())
}
