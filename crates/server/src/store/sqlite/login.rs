//! The end of a login, in one transaction: each statement sees what the one before it did.

use super::{claims, consents, grants, members, sessions, transaction::Transaction};
use crate::store::{
    codes::Outcome,
    members::{Login, SavedLogin},
    sessions::NewSession,
};
use rusqlite::Connection;

/// Member, grant, consent, outcome of the claim, and the session where sessions are kept here.
pub(super) fn finish_login(
    connection: &mut Connection,
    login: &Login<'_>,
    session: Option<&NewSession<'_>>,
) -> rusqlite::Result<SavedLogin> {
    let transaction = Transaction::begin(connection)?;
    let (app_id, subject, now) = (login.grant.app_id, login.grant.subject, login.now);
    let grant = grants::save(&transaction, &login.grant, login.new_grant, login.session.longest)?;
    let member = match login.member {
        Some(verified) => Some(members::save(&transaction, app_id, verified, now)?),
        None => members::find(&transaction, app_id, subject)?,
    };
    if let Some(report) = login.consent {
        consents::save(&transaction, app_id, subject, login.grant.scope, report, now)?;
    }
    let outcome = Outcome::Session(login.session.hash.clone());
    claims::answer(&transaction, app_id, login.code, &outcome, now)?;
    if let Some(session) = session {
        sessions::begin(&transaction, grant, session, now)?;
    }
    transaction.commit()?;
    Ok(SavedLogin { grant, member })
}

#[cfg(test)]
mod tests;
