//! One HTTP/1.1 connection.

use super::connect::BoxError;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    rt::{Read, Write},
};
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// A request with its whole body.
pub(super) type Post = Request<Full<Bytes>>;

type Driver = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// A connection that is driven by whoever uses it: a task of its own for each would be woken, often on another core,
/// for every step of every call.
pub(super) struct Connection {
    requests: SendRequest<Full<Bytes>>,
    /// Moves the bytes; gone when the connection has ended.
    driver: Option<Driver>,
}

/// Why there is no answer.
pub(super) enum NoAnswer {
    /// The connection had ended before anything was sent: here is the request again.
    NotSent(Box<Post>),
    /// It ended, or what came is not HTTP, when at least a part of the request was sent.
    Interrupted(hyper::Error),
}

impl Connection {
    pub(super) async fn new(stream: impl Read + Write + Unpin + Send + 'static) -> Result<Self, BoxError> {
        let (requests, driver) = http1::handshake(stream).await?;
        Ok(Self { requests, driver: Some(Box::pin(driver)) })
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(&mut self, request: Post) -> Result<Response<Incoming>, NoAnswer> {
        if drive(&mut self.driver, self.requests.ready()).await.is_err() {
            return Err(NoAnswer::NotSent(Box::new(request)));
        }
        let answer = self.requests.try_send_request(request);
        drive(&mut self.driver, answer).await.map_err(|mut fault| match fault.take_message() {
            Some(request) => NoAnswer::NotSent(Box::new(request)),
            None => NoAnswer::Interrupted(fault.into_error()),
        })
    }

    /// The next piece of an answer's body; `None` at its end.
    pub(super) async fn piece(&mut self, body: &mut Incoming) -> Option<hyper::Result<Bytes>> {
        let frame = drive(&mut self.driver, body.frame()).await?;
        // Trailers have no data, and nothing in them is of use.
        Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
    }

    /// Whether another request may be sent, as far as is known; to be asked when an answer was read to its end, and
    /// before this is kept. From then on nobody is woken for this connection.
    pub(super) fn rest(&mut self) -> bool {
        let ended = self.driver.as_mut().is_none_or(|driver| {
            let mut nobody = Context::from_waker(Waker::noop());
            driver.as_mut().poll(&mut nobody).is_ready()
        });
        !ended && self.requests.is_ready()
    }
}

/// Waits for `work`, which waits for nothing but what the driver brings.
///
/// The two wake each other all the time. That is taken note of and made good at once: were the task itself woken by it,
/// a multi-threaded runtime would wake a further thread each time, to find nothing to do. Only the driver, at the end,
/// asks for the task to be woken, which is then done by the network.
async fn drive<T>(driver: &mut Option<Driver>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let note = Arc::new(Note(AtomicBool::new(false)));
    let noting = Waker::from(Arc::clone(&note));
    poll_fn(|context| {
        loop {
            let mut inside = Context::from_waker(&noting);
            poll_driver(driver, &mut inside);
            if let Poll::Ready(outcome) = work.as_mut().poll(&mut inside) {
                return Poll::Ready(outcome);
            }
            if !note.0.swap(false, Ordering::Relaxed) {
                poll_driver(driver, context);
                if !note.0.swap(false, Ordering::Relaxed) {
                    return Poll::Pending;
                }
            }
        }
    })
    .await
}

/// The work itself learns how the connection ended.
fn poll_driver(driver: &mut Option<Driver>, context: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| driver.as_mut().poll(context).is_ready()) {
        *driver = None;
    }
}

/// Whether anything was woken.
struct Note(AtomicBool);

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
