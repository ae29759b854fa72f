//! The answer of a run as a stream: signs of life until it is there, then all of it.

use base::{Error, Result};
use bytes::{Bytes, BytesMut};
use conversation::Event;
use conversation::answer::{Answer, Reply};
use conversation::frame::Framing;
use conversation::stream::replay;
use dialects::{Dialect, StreamWriter};
use llm::failure;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior};

/// How long a client hears nothing, before it is told that the connection lives.
const SILENCE: Duration = Duration::from_secs(15);

/// A comment, which readers of events pass over (HTML, section 9.2.6).
const COMMENT: &[u8] = b": the run goes on\n\n";

/// A stream that waits for the end of a run. It is carried on by whoever reads it; the run goes on without.
pub struct Waiting {
    dialect: Dialect,
    reply: Reply,
    /// What waits; nothing once that is over.
    work: Option<Pin<Box<dyn Future<Output = Result<Answer>> + Send>>>,
    pulse: Option<Interval>,
    /// What is told last, where it was broken off.
    last: Option<Bytes>,
}

impl Waiting {
    pub(super) fn new(
        dialect: Dialect,
        reply: Reply,
        work: impl Future<Output = Result<Answer>> + Send + 'static,
    ) -> Self {
        Self { dialect, reply, work: Some(Box::pin(work)), pulse: None, last: None }
    }

    /// The next piece, nothing at the end. What goes wrong is told in the client's dialect, as the last piece.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(work) = &mut self.work else { return Poll::Ready(self.last.take()) };
        if let Poll::Ready(outcome) = work.as_mut().poll(context) {
            self.work = None;
            return Poll::Ready(Some(match outcome {
                Ok(answer) => self.written(&answer),
                Err(error) => failure::event(self.dialect, &error, false),
            }));
        }
        if self.dialect.framing() == Framing::Lines {
            return Poll::Pending;
        }
        let pulse = self.pulse.get_or_insert_with(|| {
            let mut pulse = tokio::time::interval_at(tokio::time::Instant::now() + SILENCE, SILENCE);
            pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pulse
        });
        pulse.poll_tick(context).map(|_| Some(Bytes::from_static(COMMENT)))
    }

    /// Ends the stream by `error`. The run goes on.
    pub fn break_off(&mut self, error: &Error) {
        if self.work.take().is_some() {
            self.last = Some(failure::event(self.dialect, error, false));
        }
    }

    fn written(&self, answer: &Answer) -> Bytes {
        let mut writer = StreamWriter::new(self.dialect, self.reply.clone());
        let lines = self.dialect.framing() == Framing::Lines;
        let mut out = BytesMut::new();
        let events: Vec<Event> = replay(answer);
        for event in events.into_iter().flat_map(|event| writer.push(event)) {
            let text = if lines { event.to_line() } else { event.to_sse() };
            out.extend_from_slice(text.as_bytes());
        }
        out.freeze()
    }
}
