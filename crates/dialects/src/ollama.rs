//! Ollama's own dialect, `/api/chat`: <https://docs.ollama.com/api/chat>.
//!
//! Messages hold one text and a list of pictures in base64; calls carry their arguments as objects, and older servers give
//! no ids, so that results follow the order of their calls. A stream is a line of JSON for each piece; the last says
//! `"done": true`, why, and what it took.

mod answer;
mod message;
mod moment;
mod reader;
mod request;
mod writer;

pub(crate) use answer::{read_answer, write_answer};
use conversation::failure::{Failure, FailureKind};
use conversation::json::write::ObjectWriter;
use conversation::object::Object;
pub use reader::Reader;
pub(crate) use request::{read_request, write_request};
pub use writer::Writer;

/// Ollama says what happened and nothing else; the status says what kind of error it is.
pub(crate) fn read_failure(status: u16, body: &str) -> Failure {
    let said = Object::read_leniently(body).ok().and_then(|mut object| object.text("error").ok().flatten());
    Failure::new(FailureKind::of_status(status), said.as_deref().unwrap_or(body.trim()))
}

pub(crate) fn write_failure(failure: &Failure) -> String {
    let mut out = ObjectWriter::new();
    out.text("error", &failure.message);
    out.finish()
}

#[cfg(test)]
mod tests;
