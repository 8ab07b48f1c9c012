//! `miniauth audit`: who did what to which user, and when.

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
    after_help = "Servers and commands write it down: in the transaction of what they do or, where that is none of the database's, before. So a \
                  row may tell of what failed then; nothing that is listed in docs/stores.md is done without its row. A user is named by the \
                  subject alone, and the rows outlive the user's erasure, for audit_days. Who ran a command is what they said of themselves \
                  (--by), or the system's user: whoever has the database's password can say anything."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    stores: OpenStores,
    /// Only of this user: the subject, 16 hexadecimal digits.
    #[arg(long, value_name = "SUBJECT", value_parser = subject)]
    subject: Option<SubjectId>,
    /// Only this: member_erased, say. A wrong word is told the right ones.
    #[arg(long)]
    action: Option<AuditAction>,
    /// Not older than this: a day of UTC (2026-11-27) or a moment (2026-11-27T20:00:00+08:00).
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Timestamp>,
    /// The newest so many.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
}

fn subject(text: &str) -> Result<SubjectId, String> {
    let number = Some(text).filter(|text| text.len() == 16).and_then(|text| i64::from_str_radix(text, 16).ok());
    number.map(SubjectId::from_stored).ok_or_else(|| {
        "a subject has 16 hexadecimal digits; `miniauth members find` tells that of another id".to_owned()
    })
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let day = if text.contains('T') { "" } else { "T00:00:00Z" };
    from_rfc3339(&format!("{text}{day}"))
        .ok_or_else(|| "not a day like 2026-11-27, nor a moment like 2026-11-27T20:00:00+08:00".to_owned())
}

/// Lists, the oldest first.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let Arguments { stores, subject, action, since, limit } = arguments;
    let newest = AuditFilter::newest(*limit);
    let filter = AuditFilter { subject: *subject, action: *action, since: since.unwrap_or(newest.since), ..newest };
    let rows = stores.with(async |stores: &Stores| stores.audit(filter).await)?;
    if stores.json {
        return command::json(&rows);
    }
    rows.iter().try_for_each(|row| command::line(&told(row)))
}

fn told(row: &AuditRow) -> String {
    let AuditRow { at, actor, action, subject, detail } = row;
    let subject = subject.map_or_else(|| "-".to_owned(), |subject| subject.to_string());
    let told = format!("{}  {actor}  {action}  {subject}", rfc3339(*at));
    detail.as_ref().map_or(told.clone(), |detail| format!("{told}  {detail}"))
}
