//! `miniauth sessions`: lists or ends the active sessions of a user.

use crate::{
    command::{self, CliError},
    stores::{By, OpenStores, User},
};
use clap::Subcommand;
use miniauth_core::{time::Clock as _, wire::SubjectId};
use miniauth_openplatform::system::SystemClock;
use miniauth_server::store::{AuditAction, Stores, records::rfc3339};
use serde::Serialize;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "Name a user by the subject (16 hexadecimal digits) or by an id of the platform (user_id, open_id, union_id). Servers that \
                  cache sessions (session_staleness_seconds) notice within that time."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lists a user's active sessions, the newest first.
    List {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        user: User,
        #[command(flatten)]
        by: By,
    },
    /// Ends a user's sessions: all, or one. The page's client logs in again by itself, without asking the user.
    End {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        user: User,
        #[command(flatten)]
        by: By,
        /// Ends only the session with this name, as `list` prints it.
        #[arg(long, value_name = "NAME")]
        session: Option<String>,
        /// Shows how many sessions would end, and changes nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// How many sessions ended, or would end.
#[derive(Serialize)]
struct Ended {
    subject: SubjectId,
    dry_run: bool,
    sessions: usize,
}

/// Lists or ends sessions.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    match &arguments.action {
        Action::List { stores, user, by } => {
            let record = user.record(stores, Some((by, AuditAction::SessionsListed)))?;
            if stores.json {
                return command::json(&record.sessions);
            }
            record.sessions.iter().try_for_each(|session| {
                let [created, expires] = [session.created_at, session.expires_at].map(rfc3339);
                command::line(&format!("{}  since {created}, expires {expires}", session.id))
            })
        }
        Action::End { stores, user, by, session, dry_run } => {
            let record = user.record(stores, dry_run.then_some((by, AuditAction::SessionsListed)))?;
            let subject = record.subject;
            let meant = |id: &str| session.as_deref().is_none_or(|session| session == id);
            let sessions = record.sessions.iter().filter(|session| meant(&session.id)).count();
            if let (Some(session), 0) = (session, sessions) {
                let sentence = format!("the user has no active session {session}: `miniauth sessions list` shows them");
                return Err(CliError::Running(sentence));
            }
            let sessions = if *dry_run {
                sessions
            } else {
                let end = async |stores: &Stores, _: &_| {
                    stores.end_sessions(subject, session.as_deref(), &by.actor(), SystemClock.now()).await
                };
                stores.with_all(end)?
            };
            if stores.json {
                return command::json(&Ended { subject, dry_run: *dry_run, sessions });
            }
            command::line(&format!("{} sessions: {sessions}", if *dry_run { "would end" } else { "ended" }))
        }
    }
}
