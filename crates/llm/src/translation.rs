//! What goes on in another dialect than the client's: requests there, answers and streams back. Pure.

use crate::dialect::{Dialect, Endpoint};
use crate::request::Asked;
use base::{Code, Error, Result, random};
use bytes::{Bytes, BytesMut};
use dialects::frame::{Frame, Frames, Framing};
use dialects::{Fault, Losses, Reply, StreamReader, StreamWriter, WireEvent};

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
}

impl Translation {
    /// What is `asked` as `model` is asked it at `endpoint`, and what its answers are translated with.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when the request is not what its dialect says.
    pub(crate) fn of(asked: &Asked, endpoint: Endpoint, model: &str) -> Result<(Self, Bytes)> {
        let (client, provider) = (asked.endpoint.dialect(), endpoint.dialect());
        let said = asked.said()?;
        let mut request = (*said).clone();
        request.model = model.to_owned();
        // Not every client asks for the usage of a stream, and most dialects tell it anyway.
        request.stream_usage = request.stream;
        let written = dialects::write_request(provider, &request);
        let id = random::bytes::<12>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let reply = Reply { id, created: base::clock::wall().as_secs(), request: said };
        Ok((Self { client, provider, reply, losses: written.losses }, written.body.into()))
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

    /// A whole answer of the provider, for the client, and what of it could not be said.
    ///
    /// # Errors
    /// It is not what the provider's dialect says.
    pub(crate) fn answer(&self, text: &str) -> Result<(Bytes, Losses), Fault> {
        let answer = dialects::read_answer(self.provider, text)?;
        let written = dialects::write_answer(self.client, &answer, &self.reply);
        Ok((written.body.into(), written.losses))
    }

    /// An answer of the provider that is an error, for the client.
    pub(crate) fn failure(&self, status: u16, text: &str) -> Bytes {
        dialects::write_failure(self.client, &dialects::read_failure(self.provider, status, text)).into()
    }

    /// A stream of the provider, for the client. Its events have at most `limit` bytes.
    pub(crate) fn stream(self, limit: usize) -> Translator {
        Translator {
            client: self.client,
            frames: Frames::new(self.provider.framing(), limit),
            reader: StreamReader::new(self.provider),
            writer: StreamWriter::new(self.client, self.reply),
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

/// A stream on its way from one dialect into another.
#[derive(Debug)]
pub(crate) struct Translator {
    client: Dialect,
    frames: Frames,
    reader: StreamReader,
    writer: StreamWriter,
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
    pub(crate) fn feed(&mut self, piece: &[u8]) -> Result<Bytes, Fault> {
        let frames = self.frames.feed(piece)?;
        let mut out = BytesMut::new();
        for frame in frames {
            self.take(&frame, &mut out)?;
        }
        Ok(out.freeze())
    }

    /// What the client gets at the end of the stream.
    ///
    /// # Errors
    /// The stream is over before the answer was.
    pub(crate) fn finish(&mut self) -> Result<Bytes, Fault> {
        let mut out = BytesMut::new();
        if let Some(frame) = self.frames.finish()? {
            self.take(&frame, &mut out)?;
        }
        for event in self.reader.finish()? {
            self.write(event, &mut out);
        }
        Ok(out.freeze())
    }

    fn take(&mut self, frame: &Frame, out: &mut BytesMut) -> Result<(), Fault> {
        for event in self.reader.feed(frame.name.as_deref(), &frame.data)? {
            self.write(event, out);
        }
        Ok(())
    }

    fn write(&mut self, event: dialects::Event, out: &mut BytesMut) {
        let lines = self.client.framing() == Framing::Lines;
        let text = |event: &WireEvent| if lines { event.to_line() } else { event.to_sse() };
        self.writer.push(event).iter().for_each(|event| out.extend_from_slice(text(event).as_bytes()));
    }
}

#[cfg(test)]
mod tests;
