//! One HTTP/1.1 connection, driven by whoever uses it.
//!
//! The usual way runs each connection as a task of its own, and every request then crosses to that task and back: two
//! wake-ups that cost more than the rest of a call. Here a connection and the request over it are polled together, in
//! the task that waits for the answer.

use base::network::{Connector, Stream};
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

type Connection = http1::Connection<TokioIo<Stream>, Full<Bytes>>;

/// A connection that carries one exchange at a time.
pub struct Wire {
    sender: http1::SendRequest<Full<Bytes>>,
    connection: Connection,
    ended: bool,
    /// The rest of the answer before, which must be read before the next request.
    leftover: Option<Incoming>,
    idle_since: Instant,
}

impl Wire {
    /// Opens a connection.
    pub async fn open(connector: &Connector) -> std::io::Result<Self> {
        let stream = connector.connect().await?;
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(256 << 10)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(std::io::Error::other)?;
        Ok(Self { sender, connection, ended: false, leftover: None, idle_since: base::clock::now() })
    }

    /// Sends a request and waits for the head of the answer.
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        let response = self.sender.send_request(request);
        drive(&mut self.connection, &mut self.ended, response).await
    }

    /// The next piece of `body`; nothing at its end.
    pub async fn piece(&mut self, body: &mut Incoming) -> hyper::Result<Option<Bytes>> {
        loop {
            let frame = drive(&mut self.connection, &mut self.ended, body.frame()).await;
            match frame.transpose()? {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// As [`Wire::piece`], for whoever is polled itself.
    pub fn poll_piece(&mut self, body: &mut Incoming, context: &mut Context<'_>) -> Poll<hyper::Result<Option<Bytes>>> {
        let mut driven = false;
        loop {
            match Pin::new(&mut *body).poll_frame(context) {
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Ok(Some(data)));
                    }
                    driven = false;
                }
                Poll::Pending if driven => return Poll::Pending,
                Poll::Pending => {
                    driven = true;
                    if !self.ended && Pin::new(&mut self.connection).poll(context).is_ready() {
                        self.ended = true;
                    }
                }
            }
        }
    }

    /// Whether another request can go out now, without waiting for anything.
    fn is_free(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        if !self.ended {
            self.ended = Pin::new(&mut self.connection).poll(&mut context).is_ready();
        }
        while let Some(body) = &mut self.leftover {
            match Pin::new(body).poll_frame(&mut context) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(None) => {
                    self.leftover = None;
                    if !self.ended {
                        self.ended = Pin::new(&mut self.connection).poll(&mut context).is_ready();
                    }
                }
                Poll::Ready(Some(Err(_))) => self.ended = true,
                Poll::Pending => return false,
            }
            if self.ended {
                return false;
            }
        }
        !self.ended && self.sender.is_ready()
    }
}

/// Polls `future`, and the connection that it needs, until `future` is done.
async fn drive<F: Future>(connection: &mut Connection, ended: &mut bool, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(output);
        }
        if !*ended && Pin::new(&mut *connection).poll(context).is_ready() {
            *ended = true;
        }
        future.as_mut().poll(context)
    })
    .await
}

/// Connections that wait for their next request.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<Vec<Wire>>,
}

/// The most connections that wait.
const IDLE_LIMIT: usize = 128;

/// How long a connection may wait. Node.js closes after five seconds by default; a request that crosses with that is
/// lost, and must not be repeated, for it may have had its effect.
const IDLE_TIME: Duration = Duration::from_secs(4);

impl Pool {
    /// A connection on which a request can go out now, if one waits.
    pub fn take(&self) -> Option<Wire> {
        let mut idle = self.lock();
        let now = base::clock::now();
        let mut at = idle.len();
        while at > 0 {
            at -= 1;
            let fresh = now.duration_since(idle[at].idle_since) < IDLE_TIME;
            if fresh && idle[at].is_free() {
                return Some(idle.swap_remove(at));
            }
            if !fresh || idle[at].ended {
                idle.swap_remove(at);
            }
        }
        None
    }

    /// Keeps a connection for the next request. `leftover` is what may still come of the answer.
    pub fn put(&self, mut wire: Wire, leftover: Option<Incoming>) {
        wire.leftover = leftover;
        wire.idle_since = base::clock::now();
        let mut idle = self.lock();
        if idle.len() < IDLE_LIMIT {
            idle.push(wire);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Wire>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
