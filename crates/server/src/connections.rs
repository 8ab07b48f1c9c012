//! Accepts connections, with three limits: how many in total, how many from one address, and how long each may be idle.

use crate::{config::Limits, peers::Peers, tls::Tls};
use axum::{Router, extract::connect_info::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use socket2::SockRef;
use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// The most headers of a request; mini-programs send fewer.
const MOST_HEADERS: usize = 64;

/// The size of the send buffer of a connection, in bytes, which the system doubles for its own use. By default a client
/// that does not read its answers could fill megabytes.
const UNREAD_BYTES: usize = 64 * 1024;

/// How long to wait after accepting failed, for example for lack of file descriptors.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Open connections that can be told to finish.
pub(crate) struct Connections {
    router: Router,
    limits: Limits,
    peers: Arc<Peers>,
    tls: Option<Tls>,
    open: TaskTracker,
    closing: CancellationToken,
}

impl Connections {
    pub(crate) fn new(router: Router, limits: Limits, peers: Arc<Peers>, tls: Option<Tls>) -> Self {
        Self { router, limits, peers, tls, open: TaskTracker::new(), closing: CancellationToken::new() }
    }

    /// Accepts connections until `stop` is ready.
    pub(crate) async fn take(&self, listener: &TcpListener, stop: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let mut stop = pin!(stop);
        loop {
            let next = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                next = next => next,
                () = &mut stop => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    // Otherwise the connection is dropped, which closes it.
                    if let Some(counted) = self.peers.count(peer.ip()) {
                        // The total's permit is released last, after the address's count.
                        self.open.spawn(self.serve(stream, peer, (counted, place)));
                    }
                }
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            }
        }
    }

    /// Lets each connection finish its request, and waits until all are closed.
    pub(crate) async fn finish(&self) {
        self.closing.cancel();
        self.open.close();
        self.open.wait().await;
    }

    /// Serves a connection until it ends, and holds `place` (its permits) until then.
    fn serve<P: Send>(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        place: P,
    ) -> impl Future<Output = ()> + Send + use<P> {
        // Answers are small and complete, so waiting to fill a packet only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        if let Err(error) = SockRef::from(&stream).set_send_buffer_size(UNREAD_BYTES) {
            tracing::debug!(%error, "SO_SNDBUF was refused");
        }
        // Below TLS, so that it covers the handshake and the closing alert too.
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(self.limits.write_time));
        let conversation = Conversation {
            router: self.router.clone(),
            peer,
            header_time: self.limits.header_time,
            header_bytes: self.limits.header_bytes.max(Limits::LEAST_HEADER_BYTES),
            closing: self.closing.clone(),
        };
        let (tls, handshake_time) = (self.tls.clone(), self.limits.handshake_time);
        async move {
            let _place = place;
            let stream = pin!(stream);
            match tls {
                None => conversation.over(stream).await,
                // Boxed, because the TLS state is several times as large as a plain connection, which would reserve
                // space for it.
                Some(tls) => Box::pin(conversation.encrypted(stream, tls, handshake_time)).await,
            }
        }
    }
}

/// The requests and answers of one connection.
struct Conversation {
    router: Router,
    peer: SocketAddr,
    header_time: Duration,
    header_bytes: usize,
    closing: CancellationToken,
}

impl Conversation {
    async fn encrypted(self, stream: Pin<&mut TimeoutWriter<TcpStream>>, tls: Tls, handshake_time: Duration) {
        let handshake = tokio::time::timeout(handshake_time, tls.acceptor().accept(stream));
        match self.closing.run_until_cancelled(handshake).await {
            Some(Ok(Ok(stream))) => self.over(stream).await,
            Some(Ok(Err(error))) => tracing::debug!(%error, "a TLS handshake failed"),
            Some(Err(_)) => tracing::debug!("a TLS handshake took too long"),
            None => {}
        }
    }

    async fn over(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send) {
        let peer = self.peer;
        let router = self.router.map_request(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_time)
            .max_headers(MOST_HEADERS)
            .max_buf_size(self.header_bytes)
            .max_header_size(self.header_bytes)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = self.closing.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }
}

/// Returns whether the client hung up before its connection was accepted.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::TrustedProxies;

    /// The memory of an idle connection, beside hyper's read buffer of 8 KiB.
    #[tokio::test]
    async fn a_connection_needs_little_memory() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stream, _) = tokio::join!(TcpStream::connect(address), listener.accept());
        let limits = Limits::default();
        let peers = Peers::new(&limits, TrustedProxies::default(), Arc::default());
        let connections = Connections::new(Router::new(), limits, peers, None);
        let bytes = size_of_val(&connections.serve(stream.unwrap(), address, ()));
        assert!(bytes < 2_048, "{bytes} bytes");
    }
}
