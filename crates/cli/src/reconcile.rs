//! `miniauth reconcile`: applies withdrawals of consent whose messages did not arrive.

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

/// The number of days for which the platform lists revocations, with today.
const DAYS: u64 = 7;

const SECONDS_PER_DAY: u64 = 86_400;

/// The most pages a day may have; an answer with more never ends.
const MOST_PAGES: u32 = 20_000;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "Run it after an outage, and once a day by a timer. When a user withdraws consent, the platform sends the server a \
                  message (platform_messages), and gives up after 25 hours without an answer. For each configured app this command \
                  asks for the revocations of the last seven days, all pages, and applies each to the database and the sessions \
                  as its message would have been. Consents later than a revocation stay. It can run beside the server, as often as \
                  you like: no revocation is applied twice.\n\n\
                  With --user-id or --open-id it asks only about these users: whether their consent to auth_user holds now, \
                  however long ago they withdrew it.\n\n\
                  Exits with 0 when everything was asked and applied, with 1 when something failed (it says what; run it again), \
                  and with 2 for wrong settings. Progress goes to standard error, the outcome to standard output."
)]
pub(crate) struct Arguments {
    /// The configuration file (TOML) of `miniauth serve`; without it, only environment variables count.
    #[arg(long, value_name = "FILE", env = "MINIAUTH_CONFIG")]
    config: Option<PathBuf>,
    /// Asks only for this configured app.
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
    /// Prints the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// The settings that the command needs.
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

/// Asks the platform, applies the revocations, and prints the outcome.
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
        let sentence = "several apps are configured: name the users' app with --app-id";
        return Err(CliError::Arguments(sentence.to_owned()));
    }
    settings.database = stores::existing(settings.database)?;
    let outcomes = command::run(reconcile(&settings, &users, &arguments.by.actor(), arguments.dry_run))?;
    if arguments.json {
        command::json(&Report { dry_run: arguments.dry_run, apps: &outcomes })?;
    } else {
        outcomes.iter().try_for_each(|outcome| command::line(&outcome.described(arguments.dry_run)))?;
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

/// The outcome as JSON.
#[derive(Serialize)]
struct Report<'a> {
    dry_run: bool,
    apps: &'a [Outcome],
}

/// What was found and done for one app.
#[derive(Default, Serialize)]
struct Outcome {
    app_id: String,
    /// The number of users that were asked about; unset if revocations were listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<usize>,
    /// Users who withdrew consent.
    revocations: usize,
    /// Those for whom something older than the revocation ended.
    ended: usize,
    /// Those with nothing older than their revocation: applied before, or back since.
    nothing_older: usize,
    /// Those that the server does not know. Each is kept for 30 days, and applies if the user turns up.
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

    /// Keeps a problem, and prints it at once.
    fn failed(&mut self, problem: String) {
        eprintln!("app {}: {problem}", self.app_id);
        self.problems.push(problem);
    }

    fn described(&self, dry_run: bool) -> String {
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

/// Where revocations are applied; no stores in a dry run.
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
        // The other apps use the same stores.
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

/// Applies all revocations of the last days, the oldest day first.
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

/// Applies all pages of a day. The outer error is the store's, the inner one the gateway's.
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
            outcome.failed(format!("{} revocations of {date} have no user or no time", page.unreadable));
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

/// Applies a revocation to each user whose consent does not hold now.
async fn each_user(target: &Target<'_>, users: &[UserIds], outcome: &mut Outcome) -> Result<(), StoreError> {
    const SCOPE: &str = Scope::AuthUser.as_str();
    outcome.asked = Some(users.len());
    for (number, ids) in (1..).zip(users) {
        // The answer says nothing about consents after the question.
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
            None => outcome.failed(format!("user {number}: the platform does not say whether {SCOPE} is granted")),
        }
    }
    Ok(())
}
