//! Starts, serves and stops. A fault can break a connection off, which an HTTP framework rightly prevents.

use crate::{
    APP_ID, OTHER_APP_ID, control, gateway,
    keys::{KeyStoreError, Keys},
    known_app,
    messages::{self, MessageAddress},
    profiles::Profiles,
    world::Shared,
};
use axum::{Router, extract::Request, response::Response};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use miniauth_core::{random::Random, time::Clock};
use std::{
    collections::HashMap,
    error::Error as StdError,
    future::poll_fn,
    io,
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use thiserror::Error;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{self, JoinSet},
    time::{sleep, timeout},
};

/// How long open connections may take to end at shutdown.
const ENDING_TIME: Duration = Duration::from_secs(5);

/// The most connections at once.
const MAXIMUM_CONNECTIONS: usize = 1_000;

/// The sandbox's configuration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SandboxConfig {
    /// A loopback address; port 0 takes a free port.
    pub listen: SocketAddr,
    /// The folder for the keys; created if missing.
    pub state_dir: PathBuf,
    /// The gateway profiles at the start and after every reset.
    pub profiles: Profiles,
    /// The apps' addresses for the platform's messages, by app id.
    pub message_addresses: HashMap<String, MessageAddress>,
}

impl SandboxConfig {
    /// Makes a configuration with the default profiles and no addresses for messages.
    pub fn new(listen: SocketAddr, state_dir: impl Into<PathBuf>) -> Self {
        let (profiles, message_addresses) = (Profiles::default(), HashMap::new());
        Self { listen, state_dir: state_dir.into(), profiles, message_addresses }
    }
}

/// Why the sandbox cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address is not a loopback address.
    #[error(
        "the sandbox listens on loopback only, and {0} is not loopback: anyone who reaches it can log in as anyone. Use 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// An address for messages belongs to an unknown app.
    #[error("there is no app {0} to send messages to: the sandbox knows {APP_ID} and {OTHER_APP_ID}")]
    UnknownApp(String),
    /// Messages cannot be sent.
    #[error("the sandbox cannot send messages")]
    Client(#[source] Box<dyn StdError + Send + Sync>),
    /// The keys cannot be loaded or created.
    #[error(transparent)]
    Keys(#[from] KeyStoreError),
    /// The address cannot be listened on.
    #[error("the sandbox cannot listen on {address}: is the port taken? Choose another, or 0 for a free one")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The task that loads the keys was cancelled.
    #[error("the sandbox was stopped while it was starting")]
    Ended,
}

/// A sandbox that listens; [`run`](Self::run) serves.
pub struct Sandbox {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    shared: Arc<Shared>,
    client: reqwest::Client,
}

/// Loads the keys and listens. The first start creates the keys, which takes a second.
///
/// # Errors
/// [`StartError`] if the address is not a loopback address or is taken, or the keys cannot be read or created.
pub async fn start(
    config: SandboxConfig,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Sandbox, StartError> {
    if !config.listen.ip().is_loopback() {
        return Err(StartError::NotLoopback(config.listen));
    }
    let addresses = config.message_addresses.into_iter();
    let addresses =
        addresses.map(|(app_id, address)| Ok((known_app(&app_id).ok_or(StartError::UnknownApp(app_id))?, address)));
    let addresses = addresses.collect::<Result<HashMap<_, _>, StartError>>()?;
    let client = messages::client().map_err(|fault| StartError::Client(fault.into()))?;
    let listen_fault = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listen_fault)?;
    let address = listener.local_addr().map_err(listen_fault)?;
    let state_dir = config.state_dir;
    let of_keys = Arc::clone(&random);
    let keys = task::spawn_blocking(move || Keys::load_or_make(&state_dir, &*of_keys));
    let keys = keys.await.map_err(|_| StartError::Ended)??;
    let shared = Arc::new(Shared::new(keys, config.profiles, addresses, clock, random));
    let router = gateway::router(Arc::clone(&shared)).nest("/control", control::router(Arc::clone(&shared)));
    Ok(Sandbox { listener, address, router, shared, client })
}

impl Sandbox {
    /// Returns the address on which it listens, with the actual port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` ends, then finishes the requests under way, for at most 5 seconds.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (close, closing) = watch::channel(false);
        // The task ends when this function returns.
        let mut sender = JoinSet::new();
        sender.spawn(messages::send_all(self.shared, self.client));
        let mut connections = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => {}
                accepted = self.listener.accept(), if connections.len() < MAXIMUM_CONNECTIONS => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, self.router.clone(), closing.clone()));
                    }
                    // Out of file descriptors, most likely: give connections time to end.
                    Err(_) => sleep(Duration::from_millis(100)).await,
                },
            }
        }
        drop(self.listener);
        close.send_replace(true);
        let ended = async { while connections.join_next().await.is_some() {} };
        // Dropping the set cuts off the rest.
        let _ = timeout(ENDING_TIME, ended).await;
    }
}

/// How long a client may take to send its headers, and may idle before that. Servers commonly allow a minute: a call that is sent just as
/// its connection closes is lost.
const HEADER_TIME: Duration = Duration::from_secs(60);

/// Marks a response, in its extensions, that is not sent: the connection is broken off instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the connection is broken off")]
pub(crate) enum BreakOffError {
    /// Close the connection properly.
    Close,
    /// Reset the connection.
    Reset,
}

/// Serves one connection until it ends, or, once `closing` is true, until the present request is answered.
pub(crate) async fn serve(stream: TcpStream, router: Router, mut closing: watch::Receiver<bool>) {
    let reset = Arc::new(AtomicBool::new(false));
    let remember_reset = Arc::clone(&reset);
    let service = service_fn(move |request| Box::pin(answer(router.clone(), request, Arc::clone(&remember_reset))));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service);
    let has_ended = tokio::select! {
        _ = poll_fn(|context| connection.poll_without_shutdown(context)) => true,
        () = async { drop(closing.wait_for(|closing| *closing).await) } => false,
    };
    if !has_ended {
        Pin::new(&mut connection).graceful_shutdown();
        // At shutdown it does not matter if the client is gone.
        let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    }
    let stream = connection.into_parts().io.into_inner();
    if reset.load(Ordering::Relaxed) {
        // With zero linger, dropping the stream resets the connection.
        let _ = stream.set_zero_linger();
    }
}

async fn answer(router: Router, request: Request<Incoming>, reset: Arc<AtomicBool>) -> Result<Response, BreakOffError> {
    let response = match TowerToHyperService::new(router).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    match response.extensions().get::<BreakOffError>() {
        Some(&break_off) => {
            reset.store(break_off == BreakOffError::Reset, Ordering::Relaxed);
            Err(break_off)
        }
        None => Ok(response),
    }
}
