//! Connections that can break off: what an HTTP framework rightly prevents, and a fault needs.

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
use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use thiserror::Error;
use tokio::{net::TcpStream, sync::watch};

/// How long a client may take to send its headers, and may rest before it does. Servers commonly give a minute: a call that is
/// sent at the very moment in which its connection is closed is lost.
const HEADER_TIME: Duration = Duration::from_secs(60);

/// In the extensions of a response: do not send it, break the connection off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the connection is broken off")]
pub(crate) enum BreakOffError {
    /// Close it in good order.
    Close,
    /// Reset it.
    Reset,
}

/// Serves one connection until it ends, or until its present request is answered once `closing` is true.
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
        // A client that went away in the meantime is no concern of a server that is leaving too.
        let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    }
    let stream = connection.into_parts().io.into_inner();
    if reset.load(Ordering::Relaxed) {
        // With nothing to linger for, dropping the stream resets the connection.
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
