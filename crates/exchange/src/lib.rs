//! One HTTP/1.1 connection to a provider, read by whoever waits for the answer.
//!
//! A model's answer comes in many small chunks. A general client hands each on as a frame of its own, through a channel,
//! which costs several times what the bytes cost; here whatever one read brings is taken apart in place.

pub mod body;
pub mod content;
pub mod head;
mod pool;

pub use pool::Pool;

use base::network::{Connector, Stream};
use body::Body;
use bytes::{Bytes, BytesMut};
use content::Content;
use head::{Framing, Head, Outgoing};
use std::fmt;
use std::future::poll_fn;
use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much is read at once.
const READ: usize = 16 << 10;
/// The most bytes that are made room for before they come.
const AT_ONCE: usize = 64 << 10;

/// Why there is no answer, or no more of one.
#[derive(Debug)]
pub enum Broken {
    /// The connection was closed or reset before anything of an answer came.
    Unanswered,
    /// The connection ended in the middle of an answer.
    Early,
    /// What came is no answer of HTTP/1.1.
    Invalid(&'static str),
    /// The connection failed.
    Failed(std::io::Error),
}

impl Broken {
    /// Why there is no answer where nothing of one has come.
    fn before_anything(error: std::io::Error) -> Self {
        match error.kind() {
            BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => Broken::Unanswered,
            _ => Broken::Failed(error),
        }
    }

    /// The same where something has come.
    fn behind_something(self) -> Self {
        if matches!(self, Broken::Unanswered) { Broken::Early } else { self }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Unanswered => formatter.write_str("it was closed before an answer came"),
            Broken::Early => formatter.write_str("it was closed before the end"),
            Broken::Invalid(why) => write!(formatter, "what came is no HTTP/1.1: {why}"),
            Broken::Failed(error) => error.fmt(formatter),
        }
    }
}

/// A connection that carries one exchange at a time.
pub struct Connection<S = Stream> {
    stream: S,
    /// What was read: the part in `start..end` was not looked at yet.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    body: Body,
    /// Whether another exchange may follow.
    keep: bool,
    idle_since: Instant,
}

impl Connection {
    /// Opens a connection.
    ///
    /// # Errors
    /// Nobody is there, or it cannot be trusted.
    pub async fn open(connector: &Connector) -> std::io::Result<Self> {
        Ok(Self::new(connector.connect().await?))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection that was opened.
    pub fn new(stream: S) -> Self {
        let body = Body::new(Framing::Length(0));
        Self { stream, buffer: Vec::new(), start: 0, end: 0, body, keep: true, idle_since: base::clock::now() }
    }

    /// Sends a request and waits for the head of the answer.
    ///
    /// # Errors
    /// The connection is of no more use.
    pub async fn send(&mut self, request: &Outgoing) -> Result<Head, Broken> {
        let mut sent = Sent { head: &request.head, body: &request.body, bytes: 0, seen: 0, error: None };
        // Until the answer is over there is no other exchange.
        self.keep = false;
        let mut passed = 0;
        loop {
            let answer = poll_fn(|context| self.poll_head(context, &mut sent)).await;
            // An answer that is none yet says that the request was taken.
            let answer = answer.map_err(|error| if passed > 0 { error.behind_something() } else { error })?;
            // Nobody asked to go on, but some say so unasked (RFC 9110, section 15.2).
            if answer.status.is_informational() {
                passed += 1;
                if answer.status.as_u16() == 101 || passed > 8 {
                    return Err(Broken::Invalid("too many answers that are none yet"));
                }
                continue;
            }
            // A server that answers before it has read everything takes the rest for another request.
            self.keep = answer.keep && sent.is_whole();
            self.body = Body::new(answer.framing);
            return Ok(answer);
        }
    }

    /// Gives what comes of the answer's body to `take`; `false` at its end.
    ///
    /// # Errors
    /// It broke off, or is not what its head says.
    pub fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
        take: &mut impl FnMut(&[u8]),
    ) -> Poll<Result<bool, Broken>> {
        loop {
            let input = self.buffer.get(self.start..self.end).unwrap_or_default();
            let mut some = false;
            let used = self.body.feed(input, &mut |piece| {
                some = true;
                take(piece);
            });
            self.start += used.map_err(Broken::Invalid)?;
            if some {
                return Poll::Ready(Ok(true));
            }
            if self.body.is_over() {
                return Poll::Ready(Ok(false));
            }
            match ready!(self.poll_fill(context)).map_err(Broken::Failed)? {
                0 if self.body.may_end() => {
                    self.keep = false;
                    return Poll::Ready(Ok(false));
                }
                0 => return Poll::Ready(Err(Broken::Early)),
                _ => {}
            }
        }
    }

    /// The rest of the answer's body; nothing if it has more than `limit` bytes.
    ///
    /// # Errors
    /// It broke off, or is not what its head says.
    pub async fn whole(&mut self, limit: usize) -> Result<Option<Bytes>, Broken> {
        let announced = self.body.length().and_then(|length| usize::try_from(length).ok());
        // What it says may be a lie, so that it gets no more than what comes in one piece anyway.
        let mut bytes = BytesMut::with_capacity(announced.unwrap_or_default().min(AT_ONCE));
        let mut fits = announced.is_none_or(|length| length <= limit);
        while fits {
            let mut take = |piece: &[u8]| {
                fits = fits && bytes.len() + piece.len() <= limit;
                if fits {
                    bytes.extend_from_slice(piece);
                }
            };
            if !poll_fn(|context| self.poll_piece(context, &mut take)).await? {
                return Ok(Some(bytes.freeze()));
            }
        }
        Ok(None)
    }

    /// Whether another request can go out now, without waiting for anything. One that was answered with more than its
    /// answer is not asked again: what came too much would be taken for the next answer.
    fn is_free(&mut self) -> bool {
        if !self.keep || !self.body.is_over() || self.start < self.end {
            return false;
        }
        self.poll_fill(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    /// Sends what is left of the request, and reads until the head of an answer is there.
    fn poll_head(&mut self, context: &mut Context<'_>, sent: &mut Sent<'_>) -> Poll<Result<Head, Broken>> {
        // A provider may answer before it has read everything, and will not read on then.
        sent.poll(&mut self.stream, context);
        loop {
            let input = self.buffer.get(self.start..self.end).unwrap_or_default();
            if let Some(length) = head::length(input, sent.seen).map_err(Broken::Invalid)? {
                let head = head::parse(input.get(..length).unwrap_or_default()).map_err(Broken::Invalid)?;
                self.start += length;
                sent.seen = 0;
                return Poll::Ready(Ok(head));
            }
            sent.seen = input.len();
            let empty = input.is_empty();
            match self.poll_fill(context) {
                Poll::Ready(Ok(0)) if empty => return Poll::Ready(Err(Broken::Unanswered)),
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(Broken::Early)),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) if empty => return Poll::Ready(Err(Broken::before_anything(error))),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(Broken::Failed(error))),
                Poll::Pending => {
                    let failed = sent.error.take_if(|_| empty).map(Broken::before_anything);
                    return failed.map_or(Poll::Pending, |error| Poll::Ready(Err(error)));
                }
            }
        }
    }

    /// Reads what is there; how much that is.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<usize>> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        // Only a head that is not whole, or a line of a body, is held, and both have limits.
        if self.end == self.buffer.len() {
            self.buffer.resize(self.end + READ, 0);
        }
        let mut room = ReadBuf::new(self.buffer.get_mut(self.end..).unwrap_or_default());
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut room))?;
        let read = room.filled().len();
        self.end += read;
        Poll::Ready(Ok(read))
    }
}

/// A request on its way.
struct Sent<'a> {
    head: &'a [u8],
    body: &'a Content,
    /// How much of both has gone out.
    bytes: usize,
    /// How much of the answer's head was looked at.
    seen: usize,
    error: Option<std::io::Error>,
}

impl Sent<'_> {
    fn is_whole(&self) -> bool {
        self.bytes == self.head.len() + self.body.len()
    }

    fn poll(&mut self, stream: &mut (impl AsyncWrite + Unpin), context: &mut Context<'_>) {
        while !self.is_whole() && self.error.is_none() {
            // Both at once, so that the provider is woken once.
            let pieces = self.body.left(self.head, self.bytes);
            let stream = Pin::new(&mut *stream);
            let written = match &pieces {
                [head, ..] if self.body.is_empty() => stream.poll_write(context, head),
                pieces => stream.poll_write_vectored(context, pieces),
            };
            match written {
                Poll::Ready(Ok(0)) => self.error = Some(std::io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(bytes)) => self.bytes += bytes,
                Poll::Ready(Err(error)) => self.error = Some(error),
                Poll::Pending => return,
            }
        }
        if let Poll::Ready(Err(error)) = Pin::new(stream).poll_flush(context) {
            self.error.get_or_insert(error);
        }
    }
}

#[cfg(test)]
mod tests;
