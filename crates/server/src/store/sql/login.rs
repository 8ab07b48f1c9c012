//! The end of a login, in one transaction.

use super::{claims, consents, dialect::Connection, grants, members, sessions};
use crate::store::{
    codes::Outcome,
    members::{Login, SavedLogin},
};

/// Member, grant, consent and outcome of the claim.
pub(super) async fn save(connection: &mut Connection, login: &Login<'_>) -> sqlx::Result<SavedLogin> {
    let (app_id, subject, now) = (login.grant.app_id, login.grant.subject, login.now);
    let grant = grants::save(connection, &login.grant, login.new_grant, login.session.longest).await?;
    let member = match login.member {
        Some(verified) => Some(members::save(connection, app_id, verified, now).await?),
        None => members::find(connection, app_id, subject).await?,
    };
    if let Some(report) = login.consent {
        consents::insert(connection, app_id, subject, login.grant.scope, report, now).await?;
    }
    let outcome = Outcome::Session(login.session.hash.clone());
    claims::answer(connection, app_id, login.code, &outcome, now).await?;
    Ok(SavedLogin { grant, member })
}

/// The same, and the session.
pub(super) async fn save_with_session(connection: &mut Connection, login: &Login<'_>) -> sqlx::Result<SavedLogin> {
    let saved = save(connection, login).await?;
    sessions::begin(connection, saved.grant, &login.session, login.now).await?;
    Ok(saved)
}
