//! Which code reads and writes each dialect.

mod thoughts;

use crate::{anthropic, bedrock, gemini, ollama};
use conversation::answer::{Answer, Reply};
use conversation::dialect::Dialect;
use conversation::failure::Failure;
use conversation::fault::Fault;
use conversation::loss::{Losses, Written};
use conversation::request::Request;
use conversation::stream::order::Order;
use conversation::stream::{Event, WireEvent};
use openai::{chat, responses};

/// Reads a request. `in_path` is the model that the path names, and `streamed` whether the path says that the answer is
/// streamed; both count only where the dialect says so in the path.
///
/// # Errors
/// The body is not what the dialect says.
pub fn read_request(dialect: Dialect, body: &str, in_path: Option<&str>, streamed: bool) -> Result<Request, Fault> {
    let mut request = match dialect {
        Dialect::OpenAiChat => chat::read_request(body),
        Dialect::OpenAiResponses => responses::read_request(body),
        Dialect::Anthropic => anthropic::read_request(body),
        Dialect::Gemini => gemini::read_request(body),
        Dialect::Ollama => ollama::read_request(body),
        Dialect::Bedrock => bedrock::read_request(body),
    }?;
    if dialect.names_model_in_path() {
        request.model = in_path.map(str::to_owned).unwrap_or(request.model);
        request.stream = streamed;
    }
    Ok(request)
}

/// Writes a request.
pub fn write_request(dialect: Dialect, request: &Request) -> Written {
    match dialect {
        Dialect::OpenAiChat => chat::write_request(request),
        Dialect::OpenAiResponses => responses::write_request(request),
        Dialect::Anthropic => anthropic::write_request(request),
        Dialect::Gemini => gemini::write_request(request),
        Dialect::Ollama => ollama::write_request(request),
        Dialect::Bedrock => bedrock::write_request(request),
    }
}

/// Takes what models of other makers left in a conversation, and `request.model` would refuse, out of a request that was read
/// in `dialect` and goes on in it. `strict` is the provider whose dialect it is; servers that are like it take more. Says what is
/// lost by that; none where there is nothing of that kind.
pub fn mend(dialect: Dialect, request: &mut Request, strict: bool) -> Option<Losses> {
    match dialect {
        Dialect::OpenAiChat => chat::mend(request),
        Dialect::OpenAiResponses => responses::mend(request, strict),
        Dialect::Anthropic => anthropic::mend(request),
        Dialect::Gemini => gemini::mend(request),
        Dialect::Ollama | Dialect::Bedrock => None,
    }
}

/// Takes out of a conversation in the provider's own dialect what others have thought and signed, because the provider refuses
/// it, and does what it wants then. Gives what is lost by that; none where there is nothing of the kind.
pub fn strip(dialect: Dialect, request: &mut Request) -> Option<Losses> {
    let mut losses = conversation::signatures::strip_all(request);
    if losses.is_empty() {
        return None;
    }
    match dialect {
        Dialect::Anthropic => losses.extend(&anthropic::without_thoughts(request)),
        // Calls that nobody signed are marked for those models that want them signed.
        Dialect::Gemini if gemini::wants_signatures(&request.model) => drop(gemini::mend(request)),
        Dialect::Gemini | Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::Ollama | Dialect::Bedrock => {}
    }
    Some(losses)
}

/// Reads a whole answer. Values that are not known yet are kept; only a body of another form is refused.
///
/// # Errors
/// The body is not what the dialect says.
pub fn read_answer(dialect: Dialect, body: &str) -> Result<Answer, Fault> {
    match dialect {
        Dialect::OpenAiChat => chat::read_answer(body),
        Dialect::OpenAiResponses => responses::read_answer(body),
        Dialect::Anthropic => anthropic::read_answer(body),
        Dialect::Gemini => gemini::read_answer(body),
        Dialect::Ollama => ollama::read_answer(body),
        Dialect::Bedrock => bedrock::read_answer(body),
    }
}

/// Writes a whole answer.
pub fn write_answer(dialect: Dialect, answer: &Answer, reply: &Reply) -> Written {
    let answer = &*thoughts::joined(answer, dialect);
    match dialect {
        Dialect::OpenAiChat => chat::write_answer(answer, reply),
        Dialect::OpenAiResponses => responses::write_answer(answer, reply),
        Dialect::Anthropic => anthropic::write_answer(answer, reply),
        Dialect::Gemini => gemini::write_answer(answer, reply),
        Dialect::Ollama => ollama::write_answer(answer, reply),
        Dialect::Bedrock => bedrock::write_answer(answer, reply),
    }
}

/// Reads the body of an answer that is an error. `status` is its HTTP status; what cannot be read is told as it is.
pub fn read_failure(dialect: Dialect, status: u16, body: &str) -> Failure {
    match dialect {
        Dialect::OpenAiChat => chat::read_failure(status, body),
        Dialect::OpenAiResponses => responses::read_failure(status, body),
        Dialect::Anthropic => anthropic::read_failure(status, body),
        Dialect::Gemini => gemini::read_failure(status, body),
        Dialect::Ollama => ollama::read_failure(status, body),
        Dialect::Bedrock => bedrock::read_failure(status, body),
    }
}

/// Writes the body of an answer that is an error; [`conversation::FailureKind::status`] is its status.
pub fn write_failure(dialect: Dialect, failure: &Failure) -> String {
    match dialect {
        Dialect::OpenAiChat => chat::write_failure(failure),
        Dialect::OpenAiResponses => responses::write_failure(failure),
        Dialect::Anthropic => anthropic::write_failure(failure),
        Dialect::Gemini => gemini::write_failure(failure),
        Dialect::Ollama => ollama::write_failure(failure),
        Dialect::Bedrock => bedrock::write_failure(failure),
    }
}

/// Reads a stream, event by event.
#[derive(Debug)]
pub enum StreamReader {
    /// See [`Dialect::OpenAiChat`].
    OpenAiChat(chat::Reader),
    /// See [`Dialect::OpenAiResponses`].
    OpenAiResponses(responses::Reader),
    /// See [`Dialect::Anthropic`].
    Anthropic(anthropic::Reader),
    /// See [`Dialect::Gemini`].
    Gemini(gemini::Reader),
    /// See [`Dialect::Ollama`].
    Ollama(ollama::Reader),
    /// See [`Dialect::Bedrock`].
    Bedrock(bedrock::Reader),
}

impl StreamReader {
    /// A stream that has not begun.
    pub fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::OpenAiChat => Self::OpenAiChat(chat::Reader::default()),
            Dialect::OpenAiResponses => Self::OpenAiResponses(responses::Reader::default()),
            Dialect::Anthropic => Self::Anthropic(anthropic::Reader::default()),
            Dialect::Gemini => Self::Gemini(gemini::Reader::default()),
            Dialect::Ollama => Self::Ollama(ollama::Reader::default()),
            Dialect::Bedrock => Self::Bedrock(bedrock::Reader::default()),
        }
    }

    /// Takes an event: its name, where it has one, and its data. What a provider says of its own failure is
    /// [`Event::Error`], not a fault.
    ///
    /// # Errors
    /// The data is not what the dialect says. Nothing more can be made of the stream then.
    pub fn feed(&mut self, name: Option<&str>, data: &str) -> Result<Vec<Event>, Fault> {
        match self {
            Self::OpenAiChat(reader) => reader.feed(name, data),
            Self::OpenAiResponses(reader) => reader.feed(name, data),
            Self::Anthropic(reader) => reader.feed(name, data),
            Self::Gemini(reader) => reader.feed(name, data),
            Self::Ollama(reader) => reader.feed(name, data),
            Self::Bedrock(reader) => reader.feed(name, data),
        }
    }

    /// Takes the end of the body. It gives what is still to be told, [`Event::End`] last if that has not been.
    ///
    /// # Errors
    /// The stream is over before the answer was.
    pub fn finish(&mut self) -> Result<Vec<Event>, Fault> {
        match self {
            Self::OpenAiChat(reader) => reader.finish(),
            Self::OpenAiResponses(reader) => reader.finish(),
            Self::Anthropic(reader) => reader.finish(),
            Self::Gemini(reader) => reader.finish(),
            Self::Ollama(reader) => reader.finish(),
            Self::Bedrock(reader) => reader.finish(),
        }
    }
}

/// Writes a stream, event by event.
#[derive(Debug)]
pub struct StreamWriter {
    /// For dialects in which items must not overlap.
    order: Option<Order>,
    writer: Writer,
}

#[derive(Debug)]
enum Writer {
    OpenAiChat(Box<chat::Writer>),
    OpenAiResponses(Box<responses::Writer>),
    Anthropic(Box<anthropic::Writer>),
    Gemini(Box<gemini::Writer>),
    Ollama(Box<ollama::Writer>),
    Bedrock(Box<bedrock::Writer>),
}

impl StreamWriter {
    /// A stream that has not begun.
    pub fn new(dialect: Dialect, reply: Reply) -> Self {
        let writer = match dialect {
            Dialect::OpenAiChat => Writer::OpenAiChat(Box::new(chat::Writer::new(reply))),
            Dialect::OpenAiResponses => Writer::OpenAiResponses(Box::new(responses::Writer::new(reply))),
            Dialect::Anthropic => Writer::Anthropic(Box::new(anthropic::Writer::new(reply))),
            Dialect::Gemini => Writer::Gemini(Box::new(gemini::Writer::new(reply))),
            Dialect::Ollama => Writer::Ollama(Box::new(ollama::Writer::new(reply))),
            Dialect::Bedrock => Writer::Bedrock(Box::new(bedrock::Writer::new(reply))),
        };
        Self { order: (!dialect.lets_items_overlap()).then(Order::new), writer }
    }

    /// Takes an event and gives what it is in the dialect: nothing, one event or several. [`Event::End`] ends the stream as
    /// the dialect does, [`Event::Error`] as it tells errors.
    pub fn push(&mut self, event: Event) -> Vec<WireEvent> {
        let events = match &mut self.order {
            Some(order) => order.push(event),
            None => vec![event],
        };
        let mut out = Vec::new();
        for event in &events {
            out.extend(self.writer.push(event));
        }
        out
    }

    /// What was left out so far.
    pub fn losses(&self) -> &Losses {
        match &self.writer {
            Writer::OpenAiChat(writer) => writer.losses(),
            Writer::OpenAiResponses(writer) => writer.losses(),
            Writer::Anthropic(writer) => writer.losses(),
            Writer::Gemini(writer) => writer.losses(),
            Writer::Ollama(writer) => writer.losses(),
            Writer::Bedrock(writer) => writer.losses(),
        }
    }
}

impl Writer {
    fn push(&mut self, event: &Event) -> Vec<WireEvent> {
        match self {
            Writer::OpenAiChat(writer) => writer.push(event),
            Writer::OpenAiResponses(writer) => writer.push(event),
            Writer::Anthropic(writer) => writer.push(event),
            Writer::Gemini(writer) => writer.push(event),
            Writer::Ollama(writer) => writer.push(event),
            Writer::Bedrock(writer) => writer.push(event),
        }
    }
}

#[cfg(test)]
mod tests;
