//! The end of a login, in one transaction: each statement sees what the one before it did.

use super::{claims, consents, grants, members, sessions};
use crate::store::{
    codes::Outcome,
    members::{Login, SavedLogin},
    sessions::NewSession,
};
use rusqlite::Connection;

/// Member, grant, consent, outcome of the claim, and the session where sessions are kept here.
pub(super) fn finish_login(
    connection: &Connection,
    login: &Login<'_>,
    session: Option<&NewSession<'_>>,
) -> rusqlite::Result<SavedLogin> {
    let (app_id, subject, now) = (login.grant.app_id, login.grant.subject, login.now);
    let grant = grants::save(connection, &login.grant, login.new_grant, login.session.longest)?;
    let member = match login.member {
        Some(verified) => Some(members::save(connection, app_id, verified, now)?),
        None => members::find(connection, app_id, subject)?,
    };
    if let Some(report) = login.consent {
        consents::save(connection, app_id, subject, login.grant.scope, report, now)?;
    }
    let outcome = Outcome::Session(login.session.hash.clone());
    claims::answer(connection, app_id, login.code, &outcome, now)?;
    if let Some(session) = session {
        sessions::begin(connection, grant, session, now)?;
    }
    Ok(SavedLogin { grant, member })
}

#[cfg(test)]
mod tests;
