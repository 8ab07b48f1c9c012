//! Opening, serving and closing.

use crate::{
    app::App,
    backends::Backends,
    clean_up::CleanUp,
    clocks::SteadyClock,
    config::Config,
    connections::Connections,
    crypto::Sealers,
    http::{self, Listener},
    observation::Metrics,
    peers::Peers,
    rate::Rates,
    session::Sessions,
    shared::Shared,
    store::{OpenError, Stores},
    tls::Tls,
    tokens::Tokens,
};
use axum::Router;
use miniauth_core::time::Clock as _;
use std::{iter, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long connections may take to finish after the server is told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// A server with open stores. [`Server::serve`] runs it alone, [`Server::run`] runs it in your own app. Both close the stores at the end.
#[must_use = "a server does nothing until it is run"]
pub struct Server {
    /// At least one.
    apps: Vec<App>,
    shared: Arc<Shared>,
    tls: Option<Tls>,
}

impl Server {
    /// Opens the stores. Creates them and upgrades their tables if necessary.
    ///
    /// # Errors
    /// [`OpenError`] if a store cannot be used.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let gateways: Vec<_> = iter::once(config.gateway).chain(config.further_apps).collect();
        for (index, gateway) in gateways.iter().enumerate() {
            if gateways[..index].iter().any(|other| other.app_id() == gateway.app_id()) {
                return Err(OpenError::AppTwice { app_id: gateway.app_id().as_str().to_owned() });
            }
        }
        let clock = Arc::new(SteadyClock::new(config.clock));
        let stores = Stores::open(&config.database, config.session_store.as_ref()).await?;
        let stores = match &config.erasure_journal {
            Some(folder) => stores.writing_erasures_to(folder, clock.now())?,
            None => stores,
        };
        let sealers = Sealers::new(&config.key, &config.old_keys);
        let (own, old) = (sealers.current().key_id(), sealers.old_key_ids());
        let in_use = stores.members.adopt_key(own, &old).await?;
        if in_use != own {
            return Err(OpenError::OtherKey { in_use, own: own.to_owned() });
        }
        let metrics = Arc::<Metrics>::default();
        metrics.limits_in_force(&config.limits);
        let stores = stores.observed(&metrics).remembering_sessions(config.session_rules.staleness);
        let shared = Arc::new(Shared {
            clean_up: CleanUp::start(
                stores.clone(),
                clock.clone(),
                Arc::clone(&metrics),
                config.session_rules.clean_up_every,
                config.audit_retention,
            ),
            stores,
            sealers,
            deriver: config.key.session_deriver(),
            marks: config.key.user_marks(),
            session_rules: config.session_rules,
            tokens: Tokens::new(config.tokens),
            backends: Backends::default(),
            introspection_max_age: config.introspection_max_age,
            running: TaskTracker::new(),
            metrics,
            places: Semaphore::new(config.limits.requests),
            backend_places: Semaphore::new(config.limits.requests),
            rates: Rates::new(&config.limits),
            platform_messages: config.platform_messages,
            after_withdrawal: config.after_withdrawal,
            limits: config.limits,
            proxies: config.proxies,
            trace_context_from: config.trace_context_from.into(),
            clock,
            random: config.random,
        });
        if !shared.sealers.old_key_ids().is_empty() {
            let resealing = Arc::clone(&shared);
            shared.running.spawn(async move { resealing.reseal_phones().await });
        }
        let apps = gateways.into_iter().map(|gateway| App::new(gateway, Arc::clone(&shared))).collect();
        Ok(Self { apps, shared, tls: config.tls })
    }

    /// The state from which your handlers get their [`Session`](crate::Session): a session of any app of this server
    /// ([`Session::app_id`](crate::Session::app_id) says which), or of one app with [`Sessions::of_app`].
    pub fn sessions(&self) -> Sessions {
        Sessions::new(Arc::clone(&self.shared))
    }

    /// Serves until `stop` is ready. Then it accepts no more connections, finishes its open requests (for at most 30 seconds) and closes
    /// the stores.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let endpoints = http::router(&self.apps, Listener::Only);
        let connections = self.connections(endpoints, self.tls.clone());
        self.closing_in_the_end(async {
            connections.take(&listener, stop).await;
            drop(listener);
            finish(iter::once(connections)).await;
        })
        .await;
    }

    /// Like [`serve`](Self::serve), with metrics and readiness at a separate listener without TLS, for the operators' network. The first
    /// listener then does not serve these endpoints. The limits for connections apply to each listener separately.
    pub async fn serve_apart(self, listener: TcpListener, operators: TcpListener, stop: impl Future<Output = ()>) {
        let public = self.connections(http::router(&self.apps, Listener::Public), self.tls.clone());
        let private = self.connections(http::operators_router(&self.apps), None);
        self.closing_in_the_end(async {
            let stopping = CancellationToken::new();
            let stopped = async {
                stop.await;
                stopping.cancel();
            };
            tokio::join!(
                stopped,
                public.take(&listener, stopping.cancelled()),
                private.take(&operators, stopping.cancelled())
            );
            drop((listener, operators));
            finish([public, private]).await;
        })
        .await;
    }

    fn connections(&self, endpoints: Router, tls: Option<Tls>) -> Connections {
        let limits = self.shared.limits.clone();
        let peers = Peers::new(&limits, self.shared.proxies.clone(), Arc::clone(&self.shared.metrics));
        Connections::new(endpoints, limits, peers, tls)
    }

    /// Gives the endpoints to your own app, to be nested under any path. After your app has ended, waits for logins in
    /// progress, whose clients may have hung up, and closes the stores. So let your app end by itself, for example by
    /// axum's graceful shutdown: if this future is dropped, it waits for nothing.
    ///
    /// Serve with `into_make_service_with_connect_info::<SocketAddr>()`. The address of each client is needed for
    /// [`Limits::requests_per_minute_per_address`](crate::Limits::requests_per_minute_per_address); without it there is no such limit, and
    /// the log has a warning.
    pub async fn run<T>(self, app: impl AsyncFnOnce(Router) -> T) -> T {
        let endpoints = http::router(&self.apps, Listener::Only);
        self.closing_in_the_end(app(endpoints)).await
    }

    async fn closing_in_the_end<T>(self, serving: impl Future<Output = T>) -> T {
        let ended = serving.await;
        self.shared.running.close();
        self.shared.running.wait().await;
        self.shared.clean_up.end();
        self.shared.stores.close().await;
        ended
    }
}

/// Lets connections end cleanly, for at most 30 seconds.
async fn finish(connections: impl IntoIterator<Item = Connections>) {
    let connections: Vec<_> = connections.into_iter().collect();
    let all = async {
        for each in &connections {
            each.finish().await
        }
    };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!(seconds = GRACE.as_secs(), "closing connections that did not end in time");
    }
}
