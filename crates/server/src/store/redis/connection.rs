//! The one connection for the commands of all requests. It is replaced as soon as it seems dead.

use super::super::{OpenError, SessionStoreUrl, StoreError};
use parking_lot::Mutex;
use redis::{
    Client, IntoConnectionInfo as _, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};
use std::{sync::Arc, time::Duration};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an answer may take; Redis works in microseconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// How often connecting is attempted before waiting commands fail; the next command tries again.
const MAX_ATTEMPTS: usize = 1;

/// Commands in progress; further ones wait.
const MAX_COMMANDS: usize = 4_096;

/// TCP keep-alive of an idle connection: the first probe after this time, then at this interval.
const KEEPALIVE_TIME: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);

/// How long sent data may stay unacknowledged (TCP_USER_TIMEOUT).
#[cfg(target_os = "linux")]
const ACK_TIMEOUT: Duration = Duration::from_secs(5);

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
            .set_number_of_retries(MAX_ATTEMPTS)
            .set_max_delay(Duration::from_millis(200))
            .set_concurrency_limit(MAX_COMMANDS);
        let address = url.0.expose().into_connection_info().map_err(failed)?.set_tcp_settings(tcp_settings());
        let client = Client::open(address).map_err(failed)?;
        let first = ConnectionManager::new_with_config(client.clone(), config.clone()).await.map_err(failed)?;
        Ok(Self { client, config, current: Mutex::new(Arc::new(first)) })
    }

    /// Runs a command. If the connection has ended, because Redis was restarted, retries it once: every command can be
    /// repeated.
    pub(super) async fn run<T, F>(&self, command: impl Fn(ConnectionManager) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        match self.attempt(&command).await {
            Err(error) if error.is_connection_dropped() && !error.is_connection_refusal() => {
                Ok(self.attempt(&command).await?)
            }
            done => Ok(done?),
        }
    }

    async fn attempt<T, F>(&self, command: impl Fn(ConnectionManager) -> F) -> RedisResult<T>
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

    /// Replaces the connection. The manager reconnects only when its connection reports that it has ended: not when
    /// answers fail to arrive, and not when writes are refused because the URL now leads to another server.
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
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_TIME).with_interval(KEEPALIVE_INTERVAL);
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(ACK_TIMEOUT);
    settings
}
