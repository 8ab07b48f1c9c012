//! Opening, serving and closing.

use crate::{
    app::{App, Parts, Rates},
    config::Config,
    connections::Connections,
    crypto::Sealers,
    http,
    limits::Limits,
    login::{Logins, Turns},
    metrics::Metrics,
    session::{CleanUp, Sessions},
    store::{OpenError, Stores},
    tls::Tls,
};
use axum::Router;
use std::{future::Future, io, iter, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::task::TaskTracker;

/// How long connections may take to finish after the server was told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// A server with its stores open.
pub struct Server {
    /// At least one.
    apps: Vec<App>,
    sessions: Sessions,
    tls: Option<Tls>,
    limits: Limits,
    stores: Stores,
    running: TaskTracker,
    clean_up: Arc<CleanUp>,
}

impl Server {
    /// Opens the stores, making them and bringing their tables up to date where necessary.
    ///
    /// # Errors
    /// [`OpenError`] when a store cannot be used.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let gateways: Vec<_> = iter::once(config.gateway).chain(config.further_apps).collect();
        for (index, gateway) in gateways.iter().enumerate() {
            if gateways[..index].iter().any(|other| other.app_id() == gateway.app_id()) {
                return Err(OpenError::AppTwice { app_id: gateway.app_id().as_str().to_owned() });
            }
        }
        let (clock, rules, running) = (config.clock, config.sessions, TaskTracker::new());
        let stores = Stores::open(&config.database, config.session_store.as_ref()).await?;
        let stores = stores.remembering_sessions(rules.staleness);
        let (metrics, marks) = (Arc::<Metrics>::default(), config.key.user_marks());
        let clean_up = Arc::new(CleanUp::start(stores.clone(), Arc::clone(&clock), rules.clean_up_every));
        let sessions = Sessions::new(stores.clone(), Arc::clone(&clock), rules.clone(), marks.clone(), running.clone());
        let (places, rates) = (Arc::new(Semaphore::new(config.limits.requests)), Arc::new(Rates::new(&config.limits)));
        let proxies = Arc::new(config.proxies);
        let apps = gateways.into_iter().map(|gateway| {
            App::new(Parts {
                sessions: sessions.of_app(gateway.app_id().as_str()),
                logins: Arc::new(Logins {
                    stores: stores.clone(),
                    gateway,
                    sealers: Sealers::new(&config.key, &config.old_keys),
                    deriver: config.key.session_deriver(),
                    session_rules: rules.clone(),
                    clock: Arc::clone(&clock),
                    random: Arc::clone(&config.random),
                    metrics: Arc::clone(&metrics),
                    marks: marks.clone(),
                    turns: Turns::default(),
                    refreshes: Turns::default(),
                }),
                running: running.clone(),
                clean_up: Arc::clone(&clean_up),
                metrics: Arc::clone(&metrics),
                places: Arc::clone(&places),
                proxies: Arc::clone(&proxies),
                rates: Arc::clone(&rates),
                limits: config.limits.clone(),
                stores: stores.clone(),
                clock: Arc::clone(&clock),
                random: Arc::clone(&config.random),
            })
        });
        Ok(Self { apps: apps.collect(), sessions, tls: config.tls, limits: config.limits, stores, running, clean_up })
    }

    /// The state from which the handlers of your own get their [`Session`](crate::Session): of every app of this server
    /// ([`Session::app_id`](crate::Session::app_id) says which), or of one with [`Sessions::of_app`].
    pub fn sessions(&self) -> Sessions {
        self.sessions.clone()
    }

    /// The server's endpoints.
    pub fn router(&self) -> Router {
        http::router(&self.apps)
    }

    /// Serves until `stop` is ready; then takes no more connections, finishes what it accepted (for at most 30 seconds)
    /// and closes the database.
    ///
    /// # Errors
    /// What the listener says.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let connections = Connections::new(self.router(), self.limits.clone(), self.tls.clone());
        connections.take(&listener, stop).await;
        drop(listener);
        if tokio::time::timeout(GRACE, connections.finish()).await.is_err() {
            tracing::warn!(seconds = GRACE.as_secs(), "connections that did not end in time are cut");
        }
        self.close().await;
        Ok(())
    }

    /// Waits for the logins under way, whose clients may have hung up, and closes the database. For those who serve the
    /// router themselves: call it after the last request.
    pub async fn close(self) {
        self.running.close();
        self.running.wait().await;
        self.clean_up.end();
        self.stores.close().await;
    }
}

/// The endpoints alone, to be merged or nested into an axum app of your own. To check sessions in handlers of your own too,
/// open a [`Server`] and take [`Server::router`] and [`Server::sessions`].
///
/// # Errors
/// [`OpenError`] when a store cannot be used.
pub async fn router(config: Config) -> Result<Router, OpenError> {
    Ok(Server::open(config).await?.router())
}
