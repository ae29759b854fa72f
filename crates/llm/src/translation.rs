//! What goes on in another dialect than the client's: requests there, answers and streams back. Pure.

mod bookkeeping;
mod withheld;

use crate::request::Asked;
use ::signatures::Recall;
use base::{Code, Error, Result, random};
use bytes::{Bytes, BytesMut};
use conversation::stream::Gather;
use conversation::{Written, signatures};
use dialects::embeddings::Embedding;
use dialects::frame::{Frame, Frames, Framing};
use dialects::{Fault, Losses, Names, Reply, StreamReader, StreamWriter, WireEvent};
use inspection::dialect::{Dialect, Endpoint};
use inspection::eventstream::{self, Message};
use mcp::raw;
use std::sync::Arc;
use withheld::Withheld;

/// A request as a provider is asked it, in a dialect that the client does not speak.
#[derive(Debug)]
pub(crate) struct Translation {
    /// The client's dialect.
    client: Dialect,
    /// The provider's.
    provider: Dialect,
    /// What an answer is made with.
    reply: Reply,
    /// What could not be said to the provider.
    pub(crate) losses: Losses,
    /// Whether the client would rather have no answer than one without a part.
    pub(crate) strict: bool,
    /// Whether nothing of the conversation could be said.
    emptied: bool,
    /// What is asked for, where it is vectors and not an answer.
    embedding: Option<Embedding>,
    /// What keeps what the client has no place for.
    recall: Option<Recall>,
    /// What the provider calls tools whose own names it does not take.
    names: Names,
}

impl Translation {
    /// What is `asked` as `model` is asked it at `endpoint`, and what its answers are translated with. `thinks` says whether it
    /// reasons, where that is known.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when the request is not what its dialect says.
    pub(crate) async fn of(
        asked: &Asked,
        endpoint: Endpoint,
        (model, thinks): (&str, Option<bool>),
        recall: Option<Recall>,
    ) -> Result<(Self, Bytes)> {
        let (client, provider) = (asked.endpoint.dialect(), endpoint.dialect());
        let id = random::bytes::<12>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let created = base::clock::wall().as_secs();
        if !asked.endpoint.generates() {
            let embedding = asked.embedding()?;
            let Written { body, losses } = embedding.write(model);
            let reply = Reply { id, created, request: Arc::default() };
            let (embedding, recall) = (Some(embedding), None);
            let (strict, emptied, names) = (false, false, Names::default());
            let own = Self { client, provider, reply, losses, strict, emptied, embedding, recall, names };
            return Ok((own, body.into()));
        }
        let said = asked.said()?;
        let mut request = (*said).clone();
        request.model = model.to_owned();
        // Not every client asks for the usage of a stream, and most dialects tell it anyway.
        request.stream_usage = request.stream;
        let mut losses = match &recall {
            Some(recall) => recall.put_back(&mut request).await,
            None => Losses::new(),
        };
        let (unfit, names) = dialects::fit(provider, &mut request, thinks);
        let written = dialects::write_request(provider, &request);
        losses.extend(&unfit);
        losses.extend(&written.losses);
        let reply = Reply { id, created, request: said };
        let emptied = !request.turns.is_empty() && is_empty(provider, &written.body);
        let own = Self { client, provider, reply, losses, strict: false, emptied, embedding: None, recall, names };
        Ok((own, written.body.into()))
    }

    /// Whether everything could be said.
    ///
    /// # Errors
    /// [`Code::ModelLoss`] where something could not.
    pub(crate) fn check(&self, deployment: &str) -> Result<()> {
        if self.losses.is_empty() {
            return Ok(());
        }
        let (from, to) = (self.client.title(), self.provider.title());
        let message = format!("{deployment} speaks {to}, which has no place for parts of this {from}: {}", self.losses);
        let next = "leave these out, ask a model of a provider that speaks the dialect, or leave `x-tutti-strict` out";
        Err(Error::new(Code::ModelLoss, message, next).of_upstream(deployment))
    }

    /// Whether all of an answer could be said, where the client wants no other.
    ///
    /// # Errors
    /// [`Code::ModelLoss`] where something could not.
    pub(crate) fn check_answer(&self, deployment: &str, lost: &Losses) -> Result<()> {
        if !self.strict || (!lost.has_more() && lost.paths().all(bookkeeping::is_silent)) {
            return Ok(());
        }
        let (from, to) = (self.provider.title(), self.client.title());
        let message = format!(
            "{deployment} has answered in {from}, and {to} has no place for parts of the answer: {lost}. It is paid for"
        );
        let next = "ask in the dialect of the provider, ask a model of a provider that speaks yours, or leave `x-tutti-strict` out";
        Err(Error::new(Code::ModelLoss, message, next).of_upstream(deployment))
    }

    /// Whether the conversation goes on as a whole. What stands for turns that the provider does not have is more than a detail:
    /// without them the model would answer something else.
    ///
    /// # Errors
    /// [`Code::ModelLoss`] where the request means more than it says.
    pub(crate) fn check_context(&self, deployment: &str) -> Result<()> {
        let message = match self.losses.of_context() {
            Some(path) => format!(
                "{deployment} cannot be told what `{path}` stands for, and the conversation is not whole without it"
            ),
            None if self.emptied && self.losses.is_empty() => {
                let to = self.provider.title();
                format!(
                    "{deployment} speaks {to}, which wants a message that is to be answered, and here only a system speaks"
                )
            }
            None if self.emptied => {
                format!("{deployment} has no place for anything of this conversation: {}", self.losses)
            }
            None => return Ok(()),
        };
        let next = "send the whole conversation, or ask a model of a provider that speaks the dialect";
        Err(Error::new(Code::ModelLoss, message, next).of_upstream(deployment))
    }

    /// A whole answer of the provider, for the client, and what of it could not be said.
    ///
    /// # Errors
    /// It is not what the provider's dialect says.
    pub(crate) fn answer(&self, text: &str) -> Result<(Bytes, Losses), Fault> {
        if let Some(embedding) = &self.embedding {
            let written = embedding.answer(text)?;
            return Ok((written.body.into(), written.losses));
        }
        let mut answer = dialects::read_answer(self.provider, text)?;
        answer.items.iter_mut().for_each(|item| self.names.put_back(item));
        let Some(recall) = &self.recall else {
            let Written { body, losses } = dialects::write_answer(self.client, &answer, &self.reply);
            return Ok((body.into(), losses));
        };
        let signed = (!recall.is_told()).then(|| answer.items.clone());
        let withheld = signed.is_some() && signatures::strip(&mut answer.items);
        let Written { body, mut losses } = dialects::write_answer(self.client, &answer, &self.reply);
        losses.add_if(withheld, withheld::PATH);
        recall.keep(signed.as_ref().unwrap_or(&answer.items), &self.reply, &mut losses);
        Ok((body.into(), losses))
    }

    /// An answer of the provider that is an error, for the client.
    pub(crate) fn failure(&self, status: u16, text: &str) -> Bytes {
        dialects::write_failure(self.client, &dialects::read_failure(self.provider, status, text)).into()
    }

    /// A stream of the provider, for the client. It has at most `limit` bytes: in some dialects the last event says all again,
    /// and for some events must wait for one another.
    pub(crate) fn stream(self, limit: usize) -> Translator {
        let withheld = self.recall.as_ref().filter(|recall| !recall.is_told()).map(|_| Withheld::default());
        Translator {
            client: self.client,
            provider: self.provider,
            left: limit,
            fault: None,
            frames: Frames::new(self.provider.framing(), limit),
            reader: StreamReader::new(self.provider),
            keeper: self.recall.map(|recall| Box::new((Gather::new(), recall, self.reply.clone()))),
            writer: StreamWriter::new(self.client, self.reply),
            withheld,
            losses: None,
            names: self.names,
        }
    }

    /// The type of the content of a stream, for the client.
    pub(crate) fn stream_type(&self) -> &'static str {
        match self.client.framing() {
            Framing::Sse => "text/event-stream",
            Framing::Lines => "application/x-ndjson",
        }
    }
}

/// Whether there are no messages in a body.
fn is_empty(dialect: Dialect, body: &str) -> bool {
    let name = match dialect {
        Dialect::Gemini => "contents",
        Dialect::OpenAiResponses => "input",
        Dialect::OpenAiChat | Dialect::Anthropic | Dialect::Ollama | Dialect::Bedrock => "messages",
    };
    raw::get(body, name) == Some("[]")
}

/// Why a stream cannot be translated to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is too large.
    TooLarge,
    /// It is not what its dialect says.
    Fault(Fault),
}

/// A stream on its way from one dialect into another.
#[derive(Debug)]
pub(crate) struct Translator {
    client: Dialect,
    provider: Dialect,
    /// How many more bytes there may be.
    left: usize,
    /// What is wrong behind what the client was given.
    fault: Option<Fault>,
    frames: Frames,
    reader: StreamReader,
    writer: StreamWriter,
    /// What puts the answer together, to keep what is signed of it; nothing where nothing can be.
    keeper: Option<Box<(Gather, Recall, Reply)>>,
    /// What keeps signatures from a client that would send them to others than those who made them.
    withheld: Option<Withheld>,
    /// What the client was not told, once that is known.
    losses: Option<Losses>,
    /// What the provider calls tools whose own names it does not take.
    names: Names,
}

impl Translator {
    /// The dialect that comes out.
    pub(crate) fn client(&self) -> Dialect {
        self.client
    }

    /// What the client gets for a piece of the stream.
    ///
    /// # Errors
    /// The stream is not what its dialect says.
    pub(crate) fn feed(&mut self, piece: &[u8]) -> Result<Bytes, Stop> {
        self.left = self.left.checked_sub(piece.len()).ok_or(Stop::TooLarge)?;
        if self.provider == Dialect::Bedrock {
            return self.go_on(|own, out| own.take_messages(piece, out));
        }
        self.go_on(|own, out| own.frames.feed(piece)?.iter().try_for_each(|frame| own.take(frame, out)))
    }

    /// What the client gets at the end of the stream.
    ///
    /// # Errors
    /// The stream is over before the answer was.
    pub(crate) fn finish(&mut self) -> Result<Bytes, Stop> {
        self.go_on(|own, out| {
            if let Some(frame) = own.frames.finish()? {
                own.take(&frame, out)?;
            }
            own.reader.finish()?.into_iter().for_each(|event| own.write(event, out));
            Ok(())
        })
    }

    /// What the client was not told.
    pub(crate) fn losses(&self) -> &Losses {
        self.losses.as_ref().unwrap_or_else(|| self.writer.losses())
    }

    /// Takes more. What stands before a fault goes on first, and the fault comes with the next call.
    fn go_on(&mut self, more: impl FnOnce(&mut Self, &mut BytesMut) -> Result<(), Fault>) -> Result<Bytes, Stop> {
        if let Some(fault) = self.fault.take() {
            return Err(Stop::Fault(fault));
        }
        let mut out = BytesMut::new();
        match more(self, &mut out) {
            Err(fault) if out.is_empty() => return Err(Stop::Fault(fault)),
            outcome => self.fault = outcome.err(),
        }
        Ok(out.freeze())
    }

    /// Whether what was given last is followed by a fault.
    pub(crate) fn is_faulty(&self) -> bool {
        self.fault.is_some()
    }

    fn take(&mut self, frame: &Frame, out: &mut BytesMut) -> Result<(), Fault> {
        self.read(frame.name.as_deref(), &frame.data, out)
    }

    /// Takes whole messages: the watch, which comes before, gives no others.
    fn take_messages(&mut self, mut piece: &[u8], out: &mut BytesMut) -> Result<(), Fault> {
        let broken = |_: eventstream::Fault| Fault::new("has a message that cannot be read");
        while let Some(length) = eventstream::length(piece, usize::MAX).map_err(broken)? {
            let (message, rest) = piece.split_at_checked(length).ok_or_else(|| Fault::new("ends in a message"))?;
            piece = rest;
            let message = Message::read(message).map_err(broken)?;
            self.read(Some(message.name), &message.data, out)?;
        }
        Ok(())
    }

    fn read(&mut self, name: Option<&str>, data: &str, out: &mut BytesMut) -> Result<(), Fault> {
        for event in self.reader.feed(name, data)? {
            self.write(event, out);
        }
        Ok(())
    }

    fn write(&mut self, mut event: dialects::Event, out: &mut BytesMut) {
        if let dialects::Event::ItemStart { item, .. } = &mut event {
            self.names.put_back(item);
        }
        // It is kept before the client knows that the answer is over, for then it may ask again.
        let ends = matches!(event, dialects::Event::End);
        if let Some((gather, ..)) = self.keeper.as_deref_mut().filter(|_| !ends) {
            gather.push(event.clone());
        }
        let keeper = if ends { self.keeper.take() } else { None };
        if let Some((gather, recall, reply)) = keeper.map(|keeper| *keeper) {
            let mut lost = self.writer.losses().clone();
            lost.add_if(self.withheld.as_ref().is_some_and(Withheld::has_any), withheld::PATH);
            recall.keep(&gather.answer().items, &reply, &mut lost);
            self.losses = Some(lost);
        }
        let event = match &mut self.withheld {
            Some(withheld) => withheld.pass(event),
            None => Some(event),
        };
        let lines = self.client.framing() == Framing::Lines;
        let text = |event: &WireEvent| if lines { event.to_line() } else { event.to_sse() };
        let written = event.map(|event| self.writer.push(event)).unwrap_or_default();
        written.iter().for_each(|event| out.extend_from_slice(text(event).as_bytes()));
    }
}

#[cfg(test)]
mod tests;
