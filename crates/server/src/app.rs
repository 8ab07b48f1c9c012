//! What every request handler has at hand.

use crate::{
    login::Logins,
    session::{CleanUp, Sessions},
    store::Database,
};
use axum::extract::FromRef;
use miniauth_core::time::Clock;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) logins: Arc<Logins>,
    pub(crate) sessions: Sessions,
    /// Logins under way: they go on when their client hangs up, and the server waits for them when it stops.
    pub(crate) running: TaskTracker,
    pub(crate) clean_up: Arc<CleanUp>,
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

impl FromRef<App> for Sessions {
    fn from_ref(app: &App) -> Self {
        app.sessions.clone()
    }
}
