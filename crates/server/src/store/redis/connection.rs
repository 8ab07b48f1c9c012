//! Connecting, and connecting again.

use super::{scripts::Scripts, store::RedisSessions};
use crate::store::{OpenFault, SessionsUrl, members::MemberStore};
use redis::{
    Client, ErrorKind, RedisError, ServerErrorKind,
    aio::{ConnectionManager, ConnectionManagerConfig},
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

/// Reaches for Redis.
pub(in crate::store) async fn open(
    url: &SessionsUrl,
    members: Arc<dyn MemberStore>,
) -> Result<RedisSessions, OpenFault> {
    let failed = |source| OpenFault::Redis { place: url.to_string(), source };
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(ANSWER_TIMEOUT))
        .set_number_of_retries(TRIES)
        .set_max_delay(Duration::from_millis(200))
        .set_concurrency_limit(COMMANDS);
    let client = Client::open(url.0.expose()).map_err(failed)?;
    let connection = ConnectionManager::new_with_config(client, config).await.map_err(failed)?;
    Ok(RedisSessions { connection, scripts: Scripts::default(), members })
}

/// Whether Redis is away, is starting, or takes no writes at the moment (a failover, no memory, no disk).
pub(in crate::store) fn is_passing(fault: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};
    fault.is_io_error()
        || fault.is_timeout()
        || fault.is_connection_dropped()
        || matches!(fault.kind(), ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain))
        || matches!(fault.code(), Some("OOM" | "MISCONF" | "BUSY"))
}
