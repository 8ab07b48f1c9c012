//! The state that the apps of a server share.

use crate::{
    backends::Backends,
    clean_up::CleanUp,
    config::{Limits, SessionRules},
    crypto::{Sealers, SessionDeriver, UserMarks},
    http::MessagesPath,
    observation::Metrics,
    rate::{Rates, TrustedProxies},
    store::{AfterWithdrawal, Stores},
    tokens::Tokens,
};
use ipnet::IpNet;
use miniauth_core::{random::Random, time::Clock};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

pub(crate) struct Shared {
    pub(crate) stores: Stores,
    pub(crate) sealers: Sealers,
    pub(crate) deriver: SessionDeriver,
    pub(crate) marks: UserMarks,
    pub(crate) session_rules: SessionRules,
    pub(crate) tokens: Tokens,
    pub(crate) backends: Backends,
    pub(crate) introspection_max_age: Duration,
    /// Logins in progress. They continue if their client hangs up, and the server waits for them when it stops.
    pub(crate) running: TaskTracker,
    pub(crate) clean_up: CleanUp,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Limits,
    /// One permit for each request in progress.
    pub(crate) places: Semaphore,
    /// The same for requests of back-ends and proxies, so that clients cannot use them up.
    pub(crate) backend_places: Semaphore,
    pub(crate) proxies: TrustedProxies,
    /// The networks whose trace context is accepted.
    pub(crate) trace_context_from: Arc<[IpNet]>,
    pub(crate) rates: Rates,
    /// The path of the platform's messages, if they are accepted.
    pub(crate) platform_messages: Option<MessagesPath>,
    pub(crate) after_withdrawal: AfterWithdrawal,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}
