//! `miniauth members`: shows, exports and erases what is stored about a user.

use crate::{
    command::{self, CliError},
    stores::{By, OpenStores, User},
};
use clap::Subcommand;
use miniauth_core::{time::Clock as _, wire::SubjectId};
use miniauth_openplatform::{PhoneNumber, system::SystemClock};
use miniauth_server::store::{
    AuditAction, Stores,
    records::{UserRecord, rfc3339},
};
use serde::Serialize;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "Name a user by the subject (16 hexadecimal digits) or by an id of the platform (user_id, open_id, union_id). The output is \
                  personal data."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lists the users with this id, in every app, and summarises the data about each.
    Find {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        user: User,
        #[command(flatten)]
        by: By,
    },
    /// Shows the data about a user, with the phone number masked.
    Show {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        user: User,
        #[command(flatten)]
        by: By,
    },
    /// Exports all data about a user as JSON, with the source and time of each value: for a person who asks for their data.
    Export {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        user: User,
        #[command(flatten)]
        by: By,
        /// A new file that only its owner can read. Default: standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Erases all data about a user for good, and ends all sessions.
    Erase {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        user: User,
        #[command(flatten)]
        by: By,
        /// Shows what would be erased, and changes nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// What an erasure did.
#[derive(Serialize)]
struct Erased {
    subject: SubjectId,
    dry_run: bool,
    erased: bool,
}

/// Finds, shows, exports or erases a user.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    match &arguments.action {
        Action::Find { stores, user, by } => {
            let found = stores.with_all(async |stores: &Stores, keys| {
                let mut found = Vec::new();
                for subject in stores.users_named(&user.id, user.app_id.as_deref()).await? {
                    by.note(stores, AuditAction::MemberFound, subject).await?;
                    found.extend(stores.user_record(subject, keys, SystemClock.now()).await?);
                }
                Ok(found)
            })?;
            if stores.json {
                let found: Vec<_> = found.iter().map(Found::of).collect();
                return command::json(&found);
            }
            if found.is_empty() {
                return Err(user.unknown());
            }
            found.iter().try_for_each(|record| command::line(&Found::of(record).described()))
        }
        Action::Show { stores, user, by } => {
            let mut record = user.record(stores, Some((by, AuditAction::MemberShown)))?;
            if let Some(phone) = &mut record.phone {
                let masked = |number: String| PhoneNumber::from_kept(number.into(), phone.signed).masked();
                phone.number = phone.number.take().map(masked);
            }
            command::json(&record)
        }
        Action::Export { stores, user, by, output } => {
            let record = user.record(stores, Some((by, AuditAction::MemberExported)))?;
            if record.phone.as_ref().is_some_and(|phone| phone.number.is_none()) {
                return Err(CliError::Running(
                    "the phone number cannot be decrypted, and the export would be incomplete without it: name the key that sealed it \
                     in key_file or old_key_files"
                        .to_owned(),
                ));
            }
            match output {
                None => command::json(&record),
                Some(file) => write(file, &record),
            }
        }
        Action::Erase { stores, user, by, dry_run } => {
            let record = user.record(stores, dry_run.then_some((by, AuditAction::MemberFound)))?;
            let subject = record.subject;
            let erase = async |stores: &Stores, _: &_| stores.erase_user(subject, &by.actor(), SystemClock.now()).await;
            let erased = !dry_run && stores.with_all(erase)?;
            if stores.json {
                return command::json(&Erased { subject, dry_run: *dry_run, erased });
            }
            let what = Found::of(&record).described();
            command::line(&if *dry_run { format!("would erase {what}") } else { format!("erased {what}") })
        }
    }
}

/// A summary of a user.
#[derive(Serialize)]
struct Found<'a> {
    subject: SubjectId,
    app_id: &'a str,
    known_since: String,
    member: bool,
    phone: bool,
    consents: usize,
    sessions: usize,
}

impl<'a> Found<'a> {
    fn of(record: &'a UserRecord) -> Self {
        Self {
            subject: record.subject,
            app_id: &record.app_id,
            known_since: rfc3339(record.known_since),
            member: record.member.is_some(),
            phone: record.phone.is_some(),
            consents: record.consents.len(),
            sessions: record.sessions.len(),
        }
    }

    fn described(&self) -> String {
        let Self { subject, app_id, known_since, consents, sessions, .. } = self;
        let member = if self.member { "member" } else { "no member" };
        let phone = if self.phone { ", phone number" } else { "" };
        format!(
            "{subject}  app {app_id}, since {known_since}: {member}{phone}, {consents} reported consents, {sessions} active sessions"
        )
    }
}

/// Writes the record into a new file; never overwrites one.
fn write(file: &Path, record: &UserRecord) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(record).map_err(CliError::running)?;
    let written =
        command::new_private(file).and_then(|mut file| writeln!(file, "{text}").and_then(|()| file.sync_all()));
    written.map_err(|error| CliError::Running(format!("cannot write {}: {error}", file.display())))
}
