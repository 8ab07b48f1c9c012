//! Starting and ending.

use crate::{
    connection, control, gateway,
    keys::{KeyStoreError, Keys},
    profiles::Profiles,
    shared::Shared,
};
use axum::Router;
use miniauth_core::{random::Random, time::Clock};
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{self, JoinSet},
    time::{sleep, timeout},
};

/// How long open connections may take to end once the sandbox is asked to.
const ENDING_TIME: Duration = Duration::from_secs(5);

/// Most connections at once.
const MAXIMUM_CONNECTIONS: usize = 1_000;

/// Where to listen, where the keys are, and which platform to be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SandboxConfig {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder of the keys, made when it is missing.
    pub state_dir: PathBuf,
    /// The gateway profiles at the start and after every reset.
    pub profiles: Profiles,
}

impl SandboxConfig {
    /// A sandbox with the default profiles.
    pub fn new(listen: SocketAddr, state_dir: impl Into<PathBuf>) -> Self {
        Self { listen, state_dir: state_dir.into(), profiles: Profiles::default() }
    }
}

/// Why the sandbox cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address is not on this machine only.
    #[error(
        "the sandbox listens on loopback only, and {0} is not: whoever reaches it can log in as anyone. Use 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeyStoreError),
    /// The address cannot be listened on.
    #[error("the sandbox cannot listen on {address}: is the port taken? Choose another, or 0 for a free one")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The task that makes the keys was ended from outside.
    #[error("the sandbox was ended while it was starting")]
    Ended,
}

/// A sandbox that listens, and serves as soon as it is run.
pub struct Sandbox {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

/// Gets the keys, which takes a second at the first start, and listens.
///
/// # Errors
/// [`StartError`] when the address is not a loopback one or is taken, or the keys cannot be read or made.
pub async fn start(
    config: SandboxConfig,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Sandbox, StartError> {
    if !config.listen.ip().is_loopback() {
        return Err(StartError::NotLoopback(config.listen));
    }
    let listen_fault = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listen_fault)?;
    let address = listener.local_addr().map_err(listen_fault)?;
    let state_dir = config.state_dir;
    let keys = task::spawn_blocking(move || Keys::load_or_make(&state_dir)).await.map_err(|_| StartError::Ended)??;
    let shared = Arc::new(Shared::new(keys, config.profiles, clock, random));
    let router = gateway::router(Arc::clone(&shared)).nest("/control", control::router(shared));
    Ok(Sandbox { listener, address, router })
}

impl Sandbox {
    /// Where it listens, with the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` ends; then answers what is under way, for at most 5 seconds.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (close, closing) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => {}
                accepted = self.listener.accept(), if connections.len() < MAXIMUM_CONNECTIONS => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection::serve(stream, self.router.clone(), closing.clone()));
                    }
                    // Out of file descriptors, most likely: give connections time to end.
                    Err(_) => sleep(Duration::from_millis(100)).await,
                },
            }
        }
        drop(self.listener);
        close.send_replace(true);
        let ended = async { while connections.join_next().await.is_some() {} };
        // What is not done by then is cut off when the set is dropped.
        let _ = timeout(ENDING_TIME, ended).await;
    }
}
