//! The one connection over which the commands of all requests go, which is replaced as soon as it seems to be dead.

use super::super::{OpenError, SessionStoreUrl, StoreError};
use parking_lot::Mutex;
use redis::{
    Client, IntoConnectionInfo as _, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};
use std::{sync::Arc, time::Duration};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an answer may take; Redis works in microseconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a connection is tried before those who wait for it are told that there is none; the next command tries anew.
const TRIES: usize = 1;

/// Commands under way at once; further ones wait for their turn.
const COMMANDS: usize = 4_096;

/// A connection that nobody uses is asked by the kernel whether it lives: after this time, and then so often.
const ASKED_AFTER: Duration = Duration::from_secs(10);
const ASKED_EVERY: Duration = Duration::from_secs(2);

/// How long what was sent may stay without the other kernel's receipt.
#[cfg(target_os = "linux")]
const RECEIPT_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct Connection {
    client: Client,
    config: ConnectionManagerConfig,
    current: Mutex<Arc<ConnectionManager>>,
}

impl Connection {
    pub(super) async fn open(url: &SessionStoreUrl) -> Result<Self, OpenError> {
        let failed = |source: RedisError| OpenError::Unusable {
            store: url.to_string(),
            source: source.into(),
            advice: "is it running, and are user and password right?",
        };
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT))
            .set_number_of_retries(TRIES)
            .set_max_delay(Duration::from_millis(200))
            .set_concurrency_limit(COMMANDS);
        let address = url.0.expose().into_connection_info().map_err(failed)?.set_tcp_settings(tcp_settings());
        let client = Client::open(address).map_err(failed)?;
        let first = ConnectionManager::new_with_config(client.clone(), config.clone()).await.map_err(failed)?;
        Ok(Self { client, config, current: Mutex::new(Arc::new(first)) })
    }

    /// Runs a command. One that meets a connection that has ended, since Redis was started anew, is tried once more: each
    /// command may be done twice.
    pub(super) async fn run<T, F>(&self, command: impl Fn(ConnectionManager) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        match self.try_once(&command).await {
            Err(error) if error.is_connection_dropped() && !error.is_connection_refusal() => {
                Ok(self.try_once(&command).await?)
            }
            done => Ok(done?),
        }
    }

    async fn try_once<T, F>(&self, command: impl Fn(ConnectionManager) -> F) -> RedisResult<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let connection = Arc::clone(&self.current.lock());
        let done = command((*connection).clone()).await;
        if done.as_ref().is_err_and(StoreError::is_passing) {
            self.replace(&connection);
        }
        done
    }

    /// The manager itself connects anew only when it is told that its connection has ended: not when answers no longer come, nor
    /// when the other end takes no writes any more while the address leads to another server by now.
    fn replace(&self, old: &Arc<ConnectionManager>) {
        let mut current = self.current.lock();
        if Arc::ptr_eq(&current, old)
            && let Ok(new) = ConnectionManager::new_lazy_with_config(self.client.clone(), self.config.clone())
        {
            *current = Arc::new(new);
        }
    }
}

fn tcp_settings() -> TcpSettings {
    let keepalive = TcpKeepalive::new().with_time(ASKED_AFTER).with_interval(ASKED_EVERY);
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(RECEIPT_TIMEOUT);
    settings
}
