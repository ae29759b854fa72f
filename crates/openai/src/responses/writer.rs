//! Streams, written.

mod output;
mod thoughts;
mod wire;

use super::echo::{self, Head, State};
use super::{failure, finish};
use conversation::answer::{Finish, Reply, Usage};
use conversation::failure::Failure;
use conversation::loss::Losses;
use conversation::stream::{Event, WireEvent};
use output::Output;
use wire::Wire;

/// Writes a stream.
#[derive(Debug)]
pub struct Writer {
    reply: Reply,
    losses: Losses,
    wire: Wire,
    head: Head,
    started: bool,
    output: Output,
    usage: Option<Usage>,
    finish: Option<Finish>,
}

impl Writer {
    /// A stream that has not begun.
    pub fn new(reply: Reply) -> Self {
        Self {
            reply,
            losses: Losses::new(),
            wire: Wire::default(),
            head: Head::default(),
            started: false,
            output: Output::default(),
            usage: None,
            finish: None,
        }
    }

    /// Takes an event and gives what it is in the dialect.
    pub fn push(&mut self, event: &Event) -> Vec<WireEvent> {
        if let Event::Start { id, model, created, extra } = event {
            let (id, model, created, extra) = (id.clone(), model.clone(), created.clone(), extra.clone());
            self.head = Head { id, model, created, extra };
        }
        if !self.started && !matches!(event, Event::Error(_)) {
            self.start();
        }
        let Self { reply, losses, wire, .. } = self;
        match event {
            Event::Start { .. } => {}
            Event::ItemStart { index, item } => self.output.start(*index, item.clone(), reply, wire, losses),
            Event::Delta { index, delta } => self.output.add(*index, delta.clone(), wire),
            Event::ItemEnd { index } => self.output.end(*index, wire, losses),
            Event::Usage(usage) => self.usage.get_or_insert_default().update(usage.clone()),
            Event::Finish(finish) => self.finish = Some(finish.clone()),
            Event::Extra(extra) => self.head.extra.merge(extra.clone()),
            Event::Opaque(event) => self.output.pass(event, wire, losses),
            Event::Error(failure) => self.fail(failure),
            Event::End => self.end(),
        }
        std::mem::take(&mut self.wire.events)
    }

    /// What was left out so far.
    pub fn losses(&self) -> &Losses {
        &self.losses
    }

    fn start(&mut self) {
        self.started = true;
        // What cannot be said is taken note of at the end, which says it all again.
        let mut ignored = Losses::new();
        for name in ["response.created", "response.in_progress"] {
            let response = echo::write(&self.head, None, "[]", &self.reply, &mut ignored).finish();
            self.wire.tell(name, |out| {
                out.raw("response", &response);
            });
        }
    }

    fn end(&mut self) {
        self.output.end_all(&mut self.wire, &mut self.losses);
        let status = self.finish.as_ref().map(|ending| finish::words(ending, self.output.said(), &mut self.losses).0);
        let name = match status {
            Some("incomplete") => "response.incomplete",
            Some("failed") => "response.failed",
            Some("cancelled") => "response.cancelled",
            _ => "response.completed",
        };
        self.write_last(name, None);
    }

    /// The response that failed comes behind the error only where it has begun.
    fn fail(&mut self, failure: &Failure) {
        self.wire.tell("error", |out| {
            out.text_if("code", failure.code.as_deref()).raw("code", "null");
            out.text("message", &failure.message).raw("param", "null");
            out.object("error", failure::object(failure));
        });
        if self.started {
            self.write_last("response.failed", Some(failure));
        }
    }

    fn write_last(&mut self, name: &'static str, failure: Option<&Failure>) {
        let state =
            State { said: self.output.said(), finish: self.finish.as_ref(), usage: self.usage.as_ref(), failure };
        let output = self.output.whole();
        let response = echo::write(&self.head, Some(state), &output, &self.reply, &mut self.losses).finish();
        self.wire.tell(name, |out| {
            out.raw("response", &response);
        });
    }
}
