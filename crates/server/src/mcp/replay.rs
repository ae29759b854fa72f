//! What was sent on a stream of events, and who reads it: so that a client whose connection broke can go on reading
//! (specification 2025-11-25, transports, resumability and redelivery).

use crate::body::{Encode, Events};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// The most events of one stream that are kept.
const EVENTS: usize = 256;

/// The same for a stream that nobody waits for the end of, of which every client has one.
const FEW: usize = 32;

/// The most bytes of one stream that are kept.
pub(crate) const BYTES: usize = 4 << 20;

/// The same for a stream that nobody waits for the end of.
const FEW_BYTES: usize = 256 << 10;

/// The most bytes that wait for a client that does not read.
const UNREAD: usize = 1 << 20;

/// How long a client may take nothing while more waits for it.
const STALL: Duration = Duration::from_secs(5);

/// The most bytes that are kept of all streams together.
const ALL_BYTES: usize = 64 << 20;

/// The most streams of one session that can be taken up again. The oldest makes room.
const STREAMS: usize = 64;

/// How many readers of one stream wait to be served.
const READERS: usize = 16;

/// How long a client is to wait before it takes up a stream again, in milliseconds.
const RETRY: u32 = 1000;

/// What is kept of one stream.
pub(crate) struct Log {
    /// Names the stream; its events are `name.number`.
    name: String,
    events: VecDeque<Event>,
    bytes: usize,
    /// The most events and bytes.
    most: (usize, usize),
    next: u64,
    /// The last of the events that are not kept though they say what no other one does.
    lacking: u64,
    /// The bytes of all streams.
    all: Arc<AtomicUsize>,
}

struct Event {
    number: u64,
    bytes: Bytes,
    /// Whether the stream is of use without it.
    passing: bool,
}

impl Log {
    pub(crate) fn new(name: String, all: Arc<AtomicUsize>) -> Self {
        Self { name, events: VecDeque::new(), bytes: 0, most: (EVENTS, BYTES), next: 1, lacking: 0, all }
    }

    /// The same for a stream that nobody waits for the end of.
    pub(crate) fn small(name: String, all: Arc<AtomicUsize>) -> Self {
        let mut log = Self::new(name, all);
        log.most = (FEW, FEW_BYTES);
        log
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The event that comes first of all: it has an id and no data, so that the stream can be taken up again from its
    /// beginning.
    pub(crate) fn priming(&self) -> Bytes {
        Bytes::from(format!("id: {}.0\nretry: {RETRY}\ndata: \n\n", self.name))
    }

    /// Makes an event of a message and keeps it, if there is room. A `passing` one, which the stream is of use without,
    /// makes room for others. Gives the event, and whether it is kept.
    pub(crate) fn push(&mut self, message: &str, passing: bool) -> (Bytes, bool) {
        let number = self.next;
        self.next += 1;
        let bytes = Bytes::from(format!("id: {}.{number}\n{}", self.name, mcp::sse::encode(message)));
        let kept = self.make_room(bytes.len());
        if kept {
            self.bytes += bytes.len();
            self.events.push_back(Event { number, bytes: bytes.clone(), passing });
        } else {
            self.lacking = number;
        }
        (bytes, kept)
    }

    /// Forgets earlier events with this message: a later one will say the same.
    pub(crate) fn forget(&mut self, message: &str) {
        let same = mcp::sse::encode(message);
        let before = self.bytes;
        self.events.retain(|event| {
            let stays = !event.bytes.ends_with(same.as_bytes());
            self.bytes -= if stays { 0 } else { event.bytes.len() };
            stays
        });
        self.all.fetch_sub(before - self.bytes, Ordering::Relaxed);
    }

    /// Whether there were events behind `number` that are kept no more.
    pub(crate) fn lacks(&self, number: u64) -> bool {
        self.lacking > number
    }

    /// The kept events behind `number`.
    pub(crate) fn after(&self, number: u64) -> impl Iterator<Item = &Bytes> {
        self.events.iter().filter(move |event| event.number > number).map(|event| &event.bytes)
    }

    fn make_room(&mut self, length: usize) -> bool {
        let (events, bytes) = self.most;
        if length > bytes {
            return false;
        }
        while self.events.len() >= events || self.bytes + length > bytes {
            let least = self.events.iter().position(|event| event.passing).unwrap_or(0);
            let Some(event) = self.events.remove(least) else { break };
            self.bytes -= event.bytes.len();
            self.lacking = self.lacking.max(event.number);
            self.all.fetch_sub(event.bytes.len(), Ordering::Relaxed);
        }
        let fits = self.all.fetch_add(length, Ordering::Relaxed) + length <= ALL_BYTES;
        if !fits {
            self.all.fetch_sub(length, Ordering::Relaxed);
        }
        fits
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The connection on which a stream goes out.
pub(crate) struct Reader {
    /// The last event that the client has.
    pub(crate) after: u64,
    messages: mpsc::Sender<Sent>,
    room: Arc<Semaphore>,
    stall: Duration,
    hangup: CancellationToken,
}

/// An event on its way.
pub(crate) struct Sent {
    bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

impl Encode for Sent {
    fn encode(self) -> Bytes {
        self.bytes
    }
}

impl Reader {
    /// A reader that has all up to the event `after`, and what goes into its answer. `hangup` closes its connection.
    pub(crate) fn new(after: u64, hangup: &CancellationToken) -> (Self, Events<Sent>) {
        let (messages, receiver) = mpsc::channel(EVENTS);
        let room = Arc::new(Semaphore::new(UNREAD));
        let reader = Self { after, messages, room, stall: STALL, hangup: hangup.clone() };
        (reader, Events::new(receiver))
    }

    /// Sends an event as soon as there is room; whether it was sent. A client that takes nothing for a while is hung up
    /// on: it can come back for the rest.
    pub(crate) async fn send(&self, bytes: Bytes) -> bool {
        let length = u32::try_from(bytes.len().min(UNREAD)).unwrap_or(u32::MAX);
        let sending = async {
            let room = Arc::clone(&self.room).acquire_many_owned(length).await.ok()?;
            self.messages.send(Sent { bytes, _room: room }).await.ok()
        };
        match tokio::time::timeout(self.stall, sending).await {
            Ok(sent) => sent.is_some(),
            Err(_) => {
                // A body that nobody takes cannot end by itself.
                self.hangup.cancel();
                false
            }
        }
    }

    /// Waits until nobody reads any more.
    pub(crate) async fn closed(&self) {
        self.messages.closed().await;
    }
}

/// The streams of one session that can be taken up again, oldest first.
#[derive(Default)]
pub(crate) struct Streams(Mutex<VecDeque<(String, mpsc::Sender<Reader>)>>);

impl Streams {
    /// Adds a stream of this name; gives where its readers arrive.
    pub(crate) fn add(&self, name: &str) -> mpsc::Receiver<Reader> {
        let (sender, readers) = mpsc::channel(READERS);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= STREAMS {
            all.pop_front();
        }
        all.push_back((name.to_owned(), sender));
        readers
    }

    /// Gives a stream another reader; gives it back when there is no such stream.
    pub(crate) fn give(&self, name: &str, reader: Reader) -> Result<(), Reader> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.iter().find(|(known, _)| known == name) {
            Some((_, sender)) => sender.try_send(reader).map_err(mpsc::error::TrySendError::into_inner),
            None => Err(reader),
        }
    }

    pub(crate) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| known != name);
    }

    /// Forgets all of them: their session is over.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests;
