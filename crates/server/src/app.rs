//! What every request handler has at hand.

use crate::{
    limits::Limits,
    login::Logins,
    metrics::Metrics,
    rate::{Rate, TrustedProxies},
    session::{CleanUp, Sessions},
    store::Stores,
};
use axum::extract::FromRef;
use miniauth_core::{random::Random, time::Clock};
use std::{ops::Deref, sync::Arc};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Cloned several times for each request, so that it is one pointer.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) logins: Arc<Logins>,
    pub(crate) sessions: Sessions,
    /// Logins under way: they go on when their client hangs up, and the server waits for them when it stops.
    pub(crate) running: TaskTracker,
    pub(crate) clean_up: Arc<CleanUp>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Limits,
    /// One for each request that may be under way.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) proxies: Arc<TrustedProxies>,
    pub(crate) rates: Arc<Rates>,
    pub(crate) stores: Stores,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// How often each client may ask.
pub(crate) struct Rates {
    pub(crate) address: Rate,
    pub(crate) session: Rate,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            address: Rate::per_minute(limits.requests_per_minute_per_address),
            session: Rate::per_minute(limits.requests_per_minute_per_session),
        }
    }
}

impl FromRef<App> for Sessions {
    fn from_ref(app: &App) -> Self {
        app.sessions.clone()
    }
}
