//! `miniauth audit`: lists who did what to which user, and when.

use crate::{
    command::{self, CliError},
    stores::OpenStores,
};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_server::store::{
    AuditAction, AuditFilter, AuditRow, Stores,
    records::{from_rfc3339, rfc3339},
};

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "Servers and commands write a row for each action listed in docs/stores.md: in the same transaction or, for an action outside \
                  the database, before it. So a row may stand for an action that then failed, but no action is without a row. Rows name a user \
                  by the subject only, and are kept for audit_days, even after the user is erased. The operator's name is unverified: it is \
                  what --by said, otherwise the system's user name, and anyone with the database's password can write anything."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    stores: OpenStores,
    /// Lists only this user's rows: the subject, 16 hexadecimal digits.
    #[arg(long, value_name = "SUBJECT", value_parser = subject)]
    subject: Option<SubjectId>,
    /// Lists only this action, such as member_erased. An unknown action gets a list of the known ones.
    #[arg(long)]
    action: Option<AuditAction>,
    /// Lists only rows since then: a day in UTC (2026-11-27) or a time (2026-11-27T20:00:00+08:00).
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Timestamp>,
    /// Lists at most this many rows, the newest.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
}

fn subject(text: &str) -> Result<SubjectId, String> {
    let number = Some(text).filter(|text| text.len() == 16).and_then(|text| i64::from_str_radix(text, 16).ok());
    number
        .map(SubjectId::from_stored)
        .ok_or_else(|| "a subject has 16 hexadecimal digits; `miniauth members find` finds it by another id".to_owned())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let day = if text.contains('T') { "" } else { "T00:00:00Z" };
    from_rfc3339(&format!("{text}{day}"))
        .ok_or_else(|| "neither a day like 2026-11-27 nor a time like 2026-11-27T20:00:00+08:00".to_owned())
}

/// Lists the rows, the oldest first.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let Arguments { stores, subject, action, since, limit } = arguments;
    let newest = AuditFilter::newest(*limit);
    let filter = AuditFilter { subject: *subject, action: *action, since: since.unwrap_or(newest.since), ..newest };
    let rows = stores.with(async |stores: &Stores| stores.audit(filter).await)?;
    if stores.json {
        return command::json(&rows);
    }
    rows.iter().try_for_each(|row| command::line(&described(row)))
}

fn described(row: &AuditRow) -> String {
    let AuditRow { at, actor, action, subject, detail } = row;
    let subject = subject.map_or_else(|| "-".to_owned(), |subject| subject.to_string());
    let text = format!("{}  {actor}  {action}  {subject}", rfc3339(*at));
    detail.as_ref().map_or(text.clone(), |detail| format!("{text}  {detail}"))
}
