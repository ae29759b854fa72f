//! Writing to a pipe or socket from many tasks without a task between.
//!
//! A message is written at once by whoever sends it, as long as the pipe takes it; only what does not fit waits for the
//! task that drains the rest. A reader that stops reading blocks nobody: the backlog has a limit.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::unix::{OwnedWriteHalf, pipe};
use tokio::sync::Notify;

/// The most bytes that wait for a reader.
pub(super) const BACKLOG_LIMIT: usize = 64 << 20;

/// The sending end of a stream of bytes.
pub(super) enum Sender {
    /// Of a pipe.
    Pipe(pipe::Sender),
    /// Of a socket.
    Socket(OwnedWriteHalf),
}

impl Sender {
    fn try_write(&self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Sender::Pipe(pipe) => pipe.try_write(bytes),
            Sender::Socket(socket) => socket.try_write(bytes),
        }
    }

    async fn writable(&self) -> std::io::Result<()> {
        match self {
            Sender::Pipe(pipe) => pipe.writable().await,
            Sender::Socket(socket) => socket.writable().await,
        }
    }
}

/// Sends one message a line.
pub(super) struct Outbox {
    state: Mutex<State>,
    wake: Notify,
}

struct State {
    pipe: Option<Arc<Sender>>,
    backlog: VecDeque<u8>,
    /// Whether the other end closed the pipe, and not this one.
    broken: bool,
}

/// Where messages go out.
pub(super) trait Outlet: Send + Sync {
    /// Sends a message, without waiting.
    fn send(&self, message: &str) -> Result<(), Refused>;

    /// Ends the sending. The other end sees that nothing more comes.
    fn close(&self);
}

/// Why nothing can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The other end is gone.
    Closed,
    /// The other end does not read.
    Full,
}

impl Outlet for Outbox {
    /// Sends `message` and a line feed.
    fn send(&self, message: &str) -> Result<(), Refused> {
        let mut line = Vec::with_capacity(message.len() + 1);
        line.extend_from_slice(message.as_bytes());
        // A line end within a message would make two of it, and the second one anything that a client likes. In JSON it is
        // white space, as a line end within a string is always written as an escape.
        for byte in &mut line {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        line.push(b'\n');
        let mut state = self.lock();
        let pipe = state.pipe.clone().ok_or(Refused::Closed)?;
        if state.backlog.len() + line.len() > BACKLOG_LIMIT {
            return Err(Refused::Full);
        }
        let written = if state.backlog.is_empty() { write(&pipe, &line) } else { Ok(0) };
        match written {
            Ok(count) if count == line.len() => Ok(()),
            Ok(count) => {
                state.backlog.extend(&line[count..]);
                drop(state);
                self.wake.notify_one();
                Ok(())
            }
            Err(Refused::Closed) => {
                drop(state);
                self.break_off();
                Err(Refused::Closed)
            }
            Err(Refused::Full) => Err(Refused::Full),
        }
    }

    /// Closes the pipe. A reader sees the end of its input.
    fn close(&self) {
        self.lock().pipe = None;
        self.wake.notify_one();
    }
}

impl Outbox {
    pub(super) fn new(pipe: Sender) -> Self {
        let state = State { pipe: Some(Arc::new(pipe)), backlog: VecDeque::new(), broken: false };
        Self { state: Mutex::new(state), wake: Notify::new() }
    }

    /// Writes the backlog whenever there is one, until the pipe is closed. Says whether the other end closed it: then
    /// what was sent last may have reached nobody.
    pub(super) async fn drain(&self) -> bool {
        loop {
            self.wake.notified().await;
            while let Some(pipe) = self.waiting() {
                if pipe.writable().await.is_err() || self.write_backlog(&pipe).is_err() {
                    self.break_off();
                }
            }
            let state = self.lock();
            if state.pipe.is_none() {
                return state.broken;
            }
        }
    }

    /// Takes note that the other end closed the pipe, and wakes the task that drains.
    fn break_off(&self) {
        {
            let mut state = self.lock();
            state.broken |= state.pipe.take().is_some();
        }
        self.wake.notify_one();
    }

    fn waiting(&self) -> Option<Arc<Sender>> {
        let state = self.lock();
        if state.backlog.is_empty() { None } else { state.pipe.clone() }
    }

    fn write_backlog(&self, pipe: &Sender) -> Result<(), Refused> {
        let mut state = self.lock();
        let (front, _) = state.backlog.as_slices();
        let count = write(pipe, front)?;
        state.backlog.drain(..count);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what the pipe takes now.
fn write(pipe: &Sender, bytes: &[u8]) -> Result<usize, Refused> {
    let mut count = 0;
    while count < bytes.len() {
        match pipe.try_write(&bytes[count..]) {
            Ok(written) => count += written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(Refused::Closed),
        }
    }
    Ok(count)
}
