//! Opening, serving and closing.

use crate::{
    app::{App, Rates},
    config::Config,
    connections::Connections,
    crypto::Sealers,
    http,
    login::{Logins, Turns},
    metrics::Metrics,
    session::{CleanUp, Sessions},
    store::{OpenFault, Stores},
    tls::Tls,
};
use axum::Router;
use std::{future::Future, io, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::task::TaskTracker;

/// How long connections may take to finish after the server was told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// A server with its stores open.
pub struct Server {
    app: App,
    tls: Option<Tls>,
}

impl Server {
    /// Opens the stores, making them and bringing their tables up to date where necessary.
    ///
    /// # Errors
    /// [`OpenFault`] when a store cannot be used.
    pub async fn open(config: Config) -> Result<Self, OpenFault> {
        let stores = Stores::open(&config.database, config.session_store.as_ref()).await?;
        let (clock, rules, running) = (config.clock, config.sessions, TaskTracker::new());
        let (metrics, marks) = (Arc::<Metrics>::default(), config.key.user_marks());
        let logins = Logins {
            stores: stores.clone(),
            gateway: config.gateway,
            sealers: Sealers::new(&config.key, &config.old_keys),
            deriver: config.key.session_deriver(),
            session_rules: rules.clone(),
            clock: Arc::clone(&clock),
            random: Arc::clone(&config.random),
            metrics: Arc::clone(&metrics),
            marks: marks.clone(),
            turns: Turns::default(),
            refreshes: Turns::default(),
        };
        let clean_up = CleanUp::start(stores.clone(), Arc::clone(&clock), rules.clean_up_every);
        let sessions = Sessions::new(stores.clone(), Arc::clone(&clock), rules, marks, running.clone());
        Ok(Self {
            tls: config.tls,
            app: App {
                logins: Arc::new(logins),
                sessions,
                running,
                clean_up: Arc::new(clean_up),
                metrics,
                places: Arc::new(Semaphore::new(config.limits.requests)),
                proxies: Arc::new(config.proxies),
                rates: Arc::new(Rates::new(&config.limits)),
                limits: config.limits,
                stores,
                clock,
                random: config.random,
            },
        })
    }

    /// The state from which the handlers of your own get their [`Session`](crate::Session).
    pub fn sessions(&self) -> Sessions {
        self.app.sessions.clone()
    }

    /// The server's endpoints.
    pub fn router(&self) -> Router {
        http::router(self.app.clone())
    }

    /// Serves until `stop` is ready; then takes no more connections, finishes what it accepted (for at most 30 seconds)
    /// and closes the database.
    ///
    /// # Errors
    /// What the listener says.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let connections = Connections::new(self.router(), self.app.limits.clone(), self.tls.clone());
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
        self.app.running.close();
        self.app.running.wait().await;
        self.app.stores.close().await;
    }
}

/// The endpoints alone, to be merged or nested into an axum app of your own. To check sessions in handlers of your own too,
/// open a [`Server`] and take [`Server::router`] and [`Server::sessions`].
///
/// # Errors
/// [`OpenFault`] when a store cannot be used.
pub async fn router(config: Config) -> Result<Router, OpenFault> {
    Ok(Server::open(config).await?.router())
}
