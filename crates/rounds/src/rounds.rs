//! The streams of all rounds as one, carried out in the task of whoever reads it: a client that leaves ends everything.

use super::calls::{Means, answer_all, keep};
use super::merge::Merge;
use super::talk::{Next, Talk};
use base::{Code, Error};
use bytes::Bytes;
use conversation::answer::{Answer, Reply};
use conversation::frame::Framing;
use llm::Dialect;
use llm::answer::Body;
use llm::failure;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;

/// The most bytes of a round.
const LARGEST: usize = 64 << 20;

/// How many pieces may wait for the client.
const WAITING: usize = 4;

/// How long a client hears nothing while tools are called, before it is told that the connection lives.
const SILENCE: Duration = Duration::from_secs(15);

/// A comment, which readers of events pass over (HTML, section 9.2.6).
const COMMENT: &[u8] = b": tools are called\n\n";

/// The streams of all rounds as one.
pub struct Rounds {
    dialect: Dialect,
    /// What carries it out; nothing once that is over.
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    pieces: mpsc::Receiver<Bytes>,
    /// What is told last, where it was broken off.
    last: Option<Bytes>,
}

impl Rounds {
    /// Goes on with `first`, the stream of the first round.
    pub(super) fn new(means: Means, talk: Talk, reply: Reply, first: Body) -> Self {
        let (sender, pieces) = mpsc::channel(WAITING);
        let dialect = talk.dialect();
        let merge = Merge::new(dialect, reply, LARGEST);
        let work = Carrier { means, talk, merge, sender }.carry_out(first);
        Self { dialect, work: Some(Box::pin(work)), pieces, last: None }
    }

    /// The next piece, nothing at the end. What goes wrong is told in the client's dialect, as the last piece.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(work) = &mut self.work
            && work.as_mut().poll(context).is_ready()
        {
            self.work = None;
        }
        match self.pieces.poll_recv(context) {
            Poll::Ready(None) => Poll::Ready(self.last.take()),
            other => other,
        }
    }

    /// Ends the stream by `error`, whatever is under way.
    pub fn break_off(&mut self, error: &Error) {
        if self.work.take().is_some() {
            self.last = Some(failure::event(self.dialect, error, false));
        }
    }
}

/// What carries the rounds out.
struct Carrier {
    means: Means,
    talk: Talk,
    merge: Merge,
    sender: mpsc::Sender<Bytes>,
}

impl Carrier {
    async fn carry_out(mut self, first: Body) {
        let mut stream = first;
        loop {
            let answer = match self.read(stream).await {
                Ok(Some(answer)) => answer,
                Ok(None) => return,
                Err(error) => return self.tell(failure::event(self.talk.dialect(), &error, false)).await,
            };
            let calls = match self.talk.take(answer) {
                Next::Answer(answer) => {
                    keep(&self.means, &mut self.talk);
                    if let Some((told, last)) = self.merge.ids() {
                        self.means.client.past.rename(&self.means.client.caller.principal, told, last);
                    }
                    let end = self.merge.end(answer.finish, answer.usage);
                    return self.tell(end).await;
                }
                Next::Calls(calls) => calls,
            };
            self.merge.go_on();
            let lines = self.talk.dialect().framing() == Framing::Lines;
            let pulse = pulse(self.sender.clone(), lines);
            let (means, talk) = (&self.means, &mut self.talk);
            let next = async {
                answer_all(means, talk, calls).await;
                let asked = talk.asked()?;
                means.ask(&asked).await.0
            };
            let outcome = tokio::select! {
                outcome = next => outcome,
                () = pulse => return,
            };
            stream = match outcome {
                Ok(llm::Answer { status, body: Body::Whole(said), .. }) => {
                    let said = String::from_utf8_lossy(&said).into_owned();
                    let failed = dialects::read_failure(self.talk.dialect(), status.as_u16(), &said);
                    let end = self.merge.fail(failed);
                    return self.tell(end).await;
                }
                Ok(llm::Answer { body, .. }) => body,
                Err(error) => return self.tell(failure::event(self.talk.dialect(), &error, false)).await,
            };
        }
    }

    /// Reads a round to its end; nothing where the client was told that it failed.
    async fn read(&mut self, mut stream: Body) -> Result<Option<Answer>, Error> {
        let dialect = self.talk.dialect();
        let broken = |fault: conversation::Fault| {
            let message = format!("a stream cannot be read as {}: {fault}", dialect.title());
            Error::new(Code::ModelBroken, message, "ask again, or look at the `kind` and `url` of the provider")
        };
        while let Some(piece) = poll_fn(|context| stream.poll_next(context)).await {
            let out = self.merge.feed(&piece, self.talk.offer(), self.talk.spent()).map_err(broken)?;
            self.tell(out).await;
        }
        let (out, answer) = self.merge.end_round(self.talk.offer(), self.talk.spent()).map_err(broken)?;
        self.tell(out).await;
        Ok(answer)
    }

    /// The reader has the other end of the channel, and drops this with it.
    async fn tell(&self, piece: Bytes) {
        if !piece.is_empty() {
            let _ = self.sender.send(piece).await;
        }
    }
}

/// Tells the client now and then that the connection lives, where its dialect has a way. It ends when nobody listens.
async fn pulse(sender: mpsc::Sender<Bytes>, lines: bool) {
    loop {
        tokio::time::sleep(SILENCE).await;
        if !lines && sender.send(Bytes::from_static(COMMENT)).await.is_err() {
            return;
        }
    }
}
