//! An answer that many clients read while it comes: what came is kept from the beginning, and whoever reads drives it on.
//!
//! No task stands behind it. Each reader asks the source for more when it has read all that is there, so that it goes on as
//! long as anybody reads, whoever leaves, and ends with the last one.

use crate::failure;
use base::{Code, Error};
use bytes::{Bytes, BytesMut};
use inspection::dialect::Dialect;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// How far a reader may be behind once the beginning is forgotten, in bytes.
const BEHIND: usize = 1 << 20;

/// The most bytes that a reader gets at once.
const GATHERED: usize = 64 << 10;

/// Where an answer comes from, in whole events.
pub(crate) trait Source: Send {
    /// The next piece, nothing at the end.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>>;

    /// Whether it has ended, and well.
    fn is_whole(&self) -> bool;
}

/// What is told of an answer when it is over: all of it, if it ended well and nothing of it was forgotten.
pub(crate) type Done = Box<dyn FnOnce(Option<Bytes>) + Send>;

/// The room for answers that are under way, of all together.
#[derive(Debug)]
pub(crate) struct Room {
    used: AtomicUsize,
    limit: usize,
}

impl Room {
    /// So many bytes.
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), limit })
    }
}

/// An answer that is under way.
pub(crate) struct Recording {
    inner: Mutex<Inner>,
    wakers: Arc<Wakers>,
    dialect: Dialect,
}

struct Inner {
    /// Nothing once the answer is over.
    source: Option<Box<dyn Source>>,
    pieces: VecDeque<Bytes>,
    /// How many pieces are forgotten.
    forgotten: usize,
    /// The size of the pieces.
    bytes: usize,
    /// The largest answer that is remembered whole.
    largest: usize,
    room: Arc<Room>,
    /// Whether all of it is remembered; otherwise what all have read is forgotten.
    entire: bool,
    /// How many pieces each reader has read.
    readers: HashMap<u64, usize>,
    next: u64,
    done: Option<Done>,
}

/// Who waits for more: all of them, for only one of them was there when the source was asked, and may be gone.
#[derive(Default)]
struct Wakers(Mutex<HashMap<u64, Waker>>);

impl Wakers {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_all(&self) {
        let all = std::mem::take(&mut *self.lock());
        all.into_values().for_each(Waker::wake);
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}

/// What a reader gets.
enum Read {
    Piece(Bytes),
    /// It was so slow that what it had to read next is forgotten.
    Lost,
    End,
}

impl Recording {
    /// An answer in this dialect, of which nothing has come. At most `largest` bytes are remembered, as far as there is
    /// `room`.
    pub(crate) fn new(
        source: Box<dyn Source>,
        dialect: Dialect,
        largest: usize,
        room: Arc<Room>,
        done: Done,
    ) -> Arc<Self> {
        let inner = Inner {
            source: Some(source),
            pieces: VecDeque::new(),
            forgotten: 0,
            bytes: 0,
            largest,
            room,
            entire: true,
            readers: HashMap::new(),
            next: 0,
            done: Some(done),
        };
        Arc::new(Self { inner: Mutex::new(inner), wakers: Arc::default(), dialect })
    }

    /// One more reader, from the beginning; nothing where that is forgotten.
    pub(crate) fn join(self: &Arc<Self>) -> Option<Replay> {
        let mut inner = self.lock();
        if !inner.entire {
            return None;
        }
        let number = inner.next;
        inner.next += 1;
        inner.readers.insert(number, 0);
        drop(inner);
        Some(Replay(State::Live(Reader { recording: Arc::clone(self), number })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self, number: u64, context: &mut Context<'_>) -> Poll<Read> {
        let mut inner = self.lock();
        loop {
            if let Some(read) = inner.read(number) {
                return Poll::Ready(read);
            }
            // Before the source is asked, so that no call of it is missed.
            self.wakers.lock().insert(number, context.waker().clone());
            let waker = Waker::from(Arc::clone(&self.wakers));
            let Some(source) = &mut inner.source else { return Poll::Ready(Read::End) };
            match source.poll_next(&mut Context::from_waker(&waker)) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(piece)) => inner.take(piece),
                Poll::Ready(None) => inner.end(),
            }
            self.wakers.lock().remove(&number);
            self.wakers.wake_all();
        }
    }

    /// Whether a reader has got all of an answer that is over.
    fn is_over_for(&self, number: u64) -> bool {
        let inner = self.lock();
        let all = inner.forgotten + inner.pieces.len();
        inner.source.is_none() && inner.readers.get(&number).is_none_or(|read| *read >= all)
    }

    fn leave(&self, number: u64) {
        let mut inner = self.lock();
        inner.readers.remove(&number);
        inner.forget();
        drop(inner);
        self.wakers.lock().remove(&number);
    }
}

impl Inner {
    /// What there is for a reader, if anything.
    fn read(&mut self, number: u64) -> Option<Read> {
        let read = self.readers.get_mut(&number)?;
        let Some(from) = read.checked_sub(self.forgotten) else { return Some(Read::Lost) };
        let mut ready = self.pieces.iter().skip(from);
        let Some(first) = ready.next() else { return self.source.is_none().then_some(Read::End) };
        let mut size = first.len();
        let more = ready.take_while(|more| {
            size += more.len();
            size <= GATHERED
        });
        let more = more.count();
        *read += 1 + more;
        let piece = if more == 0 {
            first.clone()
        } else {
            let gathered = self.pieces.iter().skip(from).take(1 + more);
            gathered.flat_map(|piece| piece.iter().copied()).collect::<BytesMut>().freeze()
        };
        self.forget();
        Some(Read::Piece(piece))
    }

    fn take(&mut self, piece: Bytes) {
        self.bytes += piece.len();
        let used = self.room.used.fetch_add(piece.len(), Ordering::Relaxed) + piece.len();
        self.pieces.push_back(piece);
        self.entire &= self.bytes <= self.largest && used <= self.room.limit;
        while !self.entire && self.bytes > BEHIND && self.pieces.len() > 1 {
            self.drop_first();
        }
    }

    /// Forgets what all have read, where the whole is not remembered anyway.
    fn forget(&mut self) {
        if !self.entire {
            let least = self.readers.values().copied().min().unwrap_or(usize::MAX);
            while self.forgotten < least && !self.pieces.is_empty() {
                self.drop_first();
            }
        }
    }

    fn drop_first(&mut self) {
        if let Some(piece) = self.pieces.pop_front() {
            self.forgotten += 1;
            self.bytes -= piece.len();
            self.room.used.fetch_sub(piece.len(), Ordering::Relaxed);
        }
    }

    fn end(&mut self) {
        let source = self.source.take();
        let whole = self.entire && source.is_some_and(|source| source.is_whole());
        let all = whole.then(|| {
            let mut all = BytesMut::with_capacity(self.bytes);
            self.pieces.iter().for_each(|piece| all.extend_from_slice(piece));
            all.freeze()
        });
        if let Some(done) = self.done.take() {
            done(all);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.room.used.fetch_sub(self.bytes, Ordering::Relaxed);
        if let Some(done) = self.done.take() {
            done(None);
        }
    }
}

/// A stream that is told again: one that is kept, or one that came for another client and still comes.
pub struct Replay(State);

enum State {
    Live(Reader),
    /// What is left to say.
    Rest(Option<Bytes>, Dialect),
}

struct Reader {
    recording: Arc<Recording>,
    number: u64,
}

impl Replay {
    /// A stream that is kept.
    pub(crate) fn of_kept(all: Bytes, dialect: Dialect) -> Self {
        Self(State::Rest(Some(all), dialect))
    }

    /// The next piece, nothing at the end. What goes wrong is told in the client's dialect, as the last piece.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let reader = match &mut self.0 {
            State::Live(reader) => reader,
            State::Rest(rest, _) => return Poll::Ready(rest.take()),
        };
        match reader.recording.poll(reader.number, context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Read::Piece(piece)) => Poll::Ready(Some(piece)),
            Poll::Ready(Read::End) => Poll::Ready(None),
            Poll::Ready(Read::Lost) => {
                let message = "the answer was read so slowly that what came meanwhile could not be kept";
                self.break_off(&Error::new(Code::ModelAnswerTooLarge, message, "ask again, and read faster"));
                self.poll_next(context)
            }
        }
    }

    /// Ends the stream by `error` for this reader; for all others it goes on.
    pub fn break_off(&mut self, error: &Error) {
        let dialect = match &self.0 {
            // What is over is over.
            State::Live(reader) if reader.recording.is_over_for(reader.number) => return,
            State::Rest(None, _) => return,
            State::Live(reader) => reader.recording.dialect,
            State::Rest(_, dialect) => *dialect,
        };
        self.0 = State::Rest(Some(failure::event(dialect, error, false)), dialect);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.recording.leave(self.number);
    }
}

#[cfg(test)]
mod tests;
