//! An answer while it comes: brought to the client in whole events, and watched for how it ends.

use crate::failure::{self, Failure};
use crate::mask::Mask;
use crate::translation::{Stop, Translator};
use base::alarm::Alarm;
use base::{Code, Error};
use bytes::Bytes;
use exchange::{Broken, Connection, Pool};
use inspection::meter::Meter;
use inspection::watch::{self, Watch};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Instant;

/// The most bytes that one poll gathers: what is there already goes on in one piece.
const GATHERED: usize = 64 << 10;

/// The most bytes that are held back before the model says something. What is above it is taken for a beginning, so that
/// a provider that talks about anything else does not fill the memory.
const HELD: usize = 4 << 20;

/// How a stream ended.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// As it should.
    Whole,
    /// By the provider's fault, after it had begun.
    Failed(Code),
    /// Because nobody wanted the rest.
    Left,
}

/// What is told when a stream is over: how, and what was metered of it.
pub(crate) type Ended = Box<dyn FnOnce(End, &Meter, Option<String>) + Send + Sync>;

/// A stream of events or lines from a provider.
pub struct Stream {
    /// The connection; nothing once the answer is over.
    source: Option<Connection>,
    pool: Arc<Pool>,
    watch: Watch,
    /// What makes it a stream of the client's dialect, where that is another.
    translator: Option<Translator>,
    /// How the answer ended, until the client was told.
    end: Option<Result<(), Error>>,
    /// How long the provider and its model may say nothing.
    patience: Patience,
    /// When the model has said something last.
    spoke: Instant,
    /// Rings where whole events have not come in time.
    alarm: Alarm,
    deployment: Arc<str>,
    /// What is told to nobody, also where the provider repeats it in an error.
    mask: Arc<Mask>,
    ended: Option<Ended>,
    /// What it could not say, once that is known.
    lost: Option<String>,
    /// Whether it ended as it should.
    whole: bool,
    /// Whether it is not all, and nothing in it says so.
    cut: bool,
}

/// How long is waited for more of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For a whole event, be it a sign of life: bytes that become none are nothing.
    pub(crate) event: Duration,
    /// For something that the model says, however many signs of life there are.
    pub(crate) token: Duration,
}

/// What came of reading.
enum Read {
    /// Whole events are there.
    More,
    /// The answer is over.
    End,
    /// The answer broke off.
    Broken(Error),
}

impl Stream {
    pub(crate) fn new(
        watch: Watch,
        (source, pool): (Connection, Arc<Pool>),
        deployment: Arc<str>,
        patience: Patience,
        mask: Arc<Mask>,
    ) -> Self {
        let now = Instant::now();
        Self {
            source: Some(source),
            pool,
            watch,
            translator: None,
            end: None,
            patience,
            spoke: now,
            alarm: Alarm::at(now + patience.event),
            deployment,
            mask,
            ended: None,
            lost: None,
            whole: false,
            cut: false,
        }
    }

    /// Whether it has ended, and as it should.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether it has ended before its end, and could not say so, for it is no stream of events.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Waits for the first thing that the model says: until then another deployment can be asked.
    pub(crate) async fn begin(&mut self) -> Result<(), Failure> {
        while self.end.is_none() && !self.watch.has_begun() && self.watch.ready() <= HELD {
            match poll_fn(|context| self.poll_read(context)).await {
                Read::More => {}
                Read::End => self.end = Some(self.judge(None)),
                Read::Broken(error) => self.end = Some(self.judge(Some(error))),
            }
        }
        if let Some(Err(error)) = &self.end {
            return Err(Failure::of_deployment(error.clone()));
        }
        if let Some(said) = self.watch.failure() {
            return Err(Failure::of_error(&self.deployment, said));
        }
        self.spoke = Instant::now();
        self.wait_on();
        Ok(())
    }

    /// Has it translated for the client.
    pub(crate) fn translate(&mut self, translator: Translator) {
        self.translator = Some(translator);
    }

    /// Has `ended` told once how the stream ended.
    pub(crate) fn on_end(&mut self, ended: Ended) {
        self.ended = Some(ended);
    }

    /// Ends the stream by `error`, whatever the provider still says.
    pub fn break_off(&mut self, error: Error) {
        if self.end.is_none() && self.source.take().is_some() {
            self.tell(End::Left);
            self.end = Some(Err(error));
        }
    }

    /// The next piece, nothing at the end. What goes wrong is told in the client's dialect, as the last piece.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let piece = ready!(self.poll_piece(context));
        let failed = self.watch.failure().is_some();
        Poll::Ready(piece.map(|piece| if failed { self.mask.hide_events(piece) } else { piece }))
    }

    /// The same, with all that the provider says.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if self.watch.ready() > 0 {
                let piece = self.watch.take();
                match self.translated(|translator| translator.feed(&piece)) {
                    None => return Poll::Ready(Some(piece)),
                    Some(Ok(piece)) if piece.is_empty() => {}
                    Some(Ok(piece)) if self.translator.as_ref().is_some_and(Translator::is_faulty) => {
                        // What is wrong behind it is told when the translation is ended.
                        self.source = None;
                        self.end = Some(Ok(()));
                        return Poll::Ready(Some(piece));
                    }
                    Some(Ok(piece)) => return Poll::Ready(Some(piece)),
                    Some(Err(error)) => return Poll::Ready(self.fail(&error)),
                }
                continue;
            }
            match self.end.take() {
                Some(Ok(())) => {
                    let rest = match self.translated(Translator::finish) {
                        None => None,
                        Some(Ok(rest)) => Some(rest).filter(|rest| !rest.is_empty()),
                        Some(Err(error)) => return Poll::Ready(self.fail(&error)),
                    };
                    self.tell_losses();
                    let well = self.watch.failure().is_none();
                    self.tell(if well { End::Whole } else { End::Failed(Code::ModelFailed) });
                    return Poll::Ready(rest);
                }
                Some(Err(error)) => return Poll::Ready(self.fail(&error)),
                None if self.source.is_none() => return Poll::Ready(None),
                None => {}
            }
            match self.poll_read(context) {
                Poll::Ready(Read::More) if self.wait_on() => {}
                Poll::Ready(Read::More) => self.give_up(),
                Poll::Ready(Read::End) => self.end = Some(self.judge(None)),
                Poll::Ready(Read::Broken(error)) => self.end = Some(self.judge(Some(error))),
                Poll::Pending => {
                    ready!(self.alarm.poll(context));
                    self.give_up();
                }
            }
        }
    }

    /// What the translation makes of something, if there is one.
    fn translated(
        &mut self,
        make: impl FnOnce(&mut Translator) -> Result<Bytes, Stop>,
    ) -> Option<Result<Bytes, Error>> {
        let made = make(self.translator.as_mut()?);
        Some(made.map_err(|stop| match stop {
            Stop::TooLarge => self.too_large("sent an answer above the limit"),
            Stop::Fault(fault) => {
                let what = format!("sent what cannot be read as {}: {fault}", self.watch.dialect().title());
                self.error(Code::ModelBroken, &what, "ask again, or look at the `kind` and `url` of the provider")
            }
        }))
    }

    /// Says in the log, and at the end in the trace, what a translated stream could not say: its head was sent before it was known.
    fn tell_losses(&mut self) {
        if let Some(translator) = self.translator.take().filter(|translator| !translator.losses().is_empty()) {
            let lost = translator.losses().to_string();
            tracing::info!(
                deployment = &*self.deployment,
                lost = &*lost,
                "parts of a stream have no place in the client's dialect"
            );
            self.lost = Some(lost);
        }
    }

    /// Ends the stream by `error`: the last piece, which tells the client. Nothing where no piece can.
    fn fail(&mut self, error: &Error) -> Option<Bytes> {
        self.source = None;
        self.end = None;
        self.tell(End::Failed(error.code()));
        if !self.watch.can_tell() {
            self.cut = true;
            return None;
        }
        // What is translated has whole events only.
        let (dialect, open) = match self.translator.take() {
            Some(translator) => (translator.client(), false),
            None => (self.watch.dialect(), self.watch.is_open()),
        };
        Some(failure::event(dialect, error, open))
    }

    /// Waits for more, now that whole events have come. Says whether there is any time left for that.
    fn wait_on(&mut self) -> bool {
        let now = Instant::now();
        if self.watch.heard() {
            self.spoke = now;
        }
        let until = (now + self.patience.event).min(self.spoke + self.patience.token);
        self.alarm.set(until);
        until > now
    }

    /// Waits no longer.
    fn give_up(&mut self) {
        self.source = None;
        self.end = Some(self.judge(Some(self.silent())));
    }

    /// Reads what is there, until it has brought whole events.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Read> {
        let before = self.watch.ready();
        loop {
            let Some(connection) = &mut self.source else { return Poll::Ready(Read::End) };
            let (watch, mut fed) = (&mut self.watch, Ok(()));
            let read = connection.poll_piece(context, &mut |piece| {
                if fed.is_ok() {
                    fed = watch.feed(piece);
                }
            });
            if let Err(fault) = fed {
                self.source = None;
                return Poll::Ready(Read::Broken(self.faulty(fault)));
            }
            match read {
                Poll::Ready(Ok(true)) => {
                    if self.watch.ready() >= before + GATHERED {
                        return Poll::Ready(Read::More);
                    }
                }
                Poll::Ready(Ok(false)) => {
                    self.watch.ended();
                    self.watch.finish();
                    if let Some(connection) = self.source.take() {
                        self.pool.put(connection);
                    }
                    return Poll::Ready(Read::End);
                }
                Poll::Ready(Err(error)) => {
                    self.watch.finish();
                    self.source = None;
                    return Poll::Ready(Read::Broken(self.broken(&error)));
                }
                Poll::Pending if self.watch.ready() > before => return Poll::Ready(Read::More),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Whether an answer that ended is whole. `error` is how it ended, if not by itself. What comes behind the last of
    /// what a model says is nothing that a client would miss; and what the provider has said of its failure, it knows.
    fn judge(&self, error: Option<Error>) -> Result<(), Error> {
        if self.watch.is_complete() || self.watch.failure().is_some() {
            return Ok(());
        }
        Err(error.unwrap_or_else(|| self.cut_off()))
    }

    fn tell(&mut self, end: End) {
        self.whole |= matches!(end, End::Whole);
        if let Some(ended) = self.ended.take() {
            ended(end, self.watch.meter(), self.lost.take());
        }
    }

    fn error(&self, code: Code, what: &str, next: &str) -> Error {
        Error::new(code, format!("{} {what}", self.deployment), next).of_upstream(&self.deployment)
    }

    fn cut_off(&self) -> Error {
        self.error(Code::ModelBroken, "ended its answer before it was complete", "ask again")
    }

    fn broken(&self, error: &Broken) -> Error {
        self.error(Code::ModelBroken, &format!("broke off in the middle of its answer: {error}"), "ask again")
    }

    fn silent(&self) -> Error {
        let Patience { event, token } = self.patience;
        if self.spoke + token <= Instant::now() {
            let next = "ask again, or raise `timeouts: { answer: … }` of the provider";
            let what = format!("gave signs of life, but its model said nothing for {token:?}");
            return self.error(Code::ModelTimeout, &what, next);
        }
        let next = "ask again, or raise `timeouts: { idle: … }` of the provider";
        self.error(Code::ModelTimeout, &format!("said nothing for {event:?}"), next)
    }

    fn too_large(&self, what: &str) -> Error {
        let next = "ask for less at once, or raise `answer_limit` of the provider";
        self.error(Code::ModelAnswerTooLarge, what, next)
    }

    fn faulty(&self, fault: watch::Fault) -> Error {
        match fault {
            watch::Fault::TooLong => self.too_large("sent an event above the limit"),
            watch::Fault::Damaged => {
                let what = "sent an event whose lengths or checksums are wrong";
                self.error(
                    Code::ModelBroken,
                    what,
                    "ask again, or look at what stands between the hub and the provider",
                )
            }
            watch::Fault::Unfinished => self.cut_off(),
            watch::Fault::Invalid => {
                let what = format!("sent an event that is none of {}", self.watch.dialect().title());
                self.error(Code::ModelBroken, &what, "ask again, or look at the `kind` and `url` of the provider")
            }
        }
    }
}

impl Drop for Stream {
    /// A client that goes away takes the connection with it, and the provider stops.
    fn drop(&mut self) {
        self.tell(End::Left);
    }
}
