//! Gemini `generateContent` and `streamGenerateContent`, of the Gemini API (v1beta) and of Vertex AI.
//!
//! Where the API takes several spellings, all are read and come back as they were. Written for turns of other dialects
//! are: schemas as JSON Schema (`parametersJsonSchema`, `responseJsonSchema`), results of tools with the name of the
//! tool, and the signature for calls that Gemini did not make.

mod answer;
mod compact;
mod content;
mod events;
mod failure;
mod finish;
mod generation;
mod media;
mod model;
mod part;
mod partial;
mod request;
mod result;
mod schema;
mod spelling;
mod thinking;
mod tools;
mod usage;
mod writer;

use conversation::answer::{Answer, Reply};
use conversation::dialect::Dialect;
use conversation::failure::Failure;
use conversation::fault::Fault;
use conversation::loss::{Losses, Written};
use conversation::request::Request;
pub use events::Reader;
pub use writer::Writer;

const OWN: Dialect = Dialect::Gemini;

pub(crate) fn read_request(body: &str) -> Result<Request, Fault> {
    request::read(body)
}

pub(crate) fn write_request(request: &Request) -> Written {
    request::write(request)
}

/// Whether a model refuses calls that nobody signed: from Gemini 3 on.
pub fn wants_signatures(model: &str) -> bool {
    !model::is_before_3(model)
}

/// Whether a model cannot be told how to think: those before Gemini 2.5.
pub(crate) fn is_before_2_5(model: &str) -> bool {
    model::is_before_2_5(model)
}

/// Marks calls that other models made in a conversation with one that wants to see its signature.
pub(crate) fn mend(request: &mut Request) -> Option<Losses> {
    content::mark(request).then(Losses::new)
}

pub(crate) fn read_answer(body: &str) -> Result<Answer, Fault> {
    answer::read(body)
}

pub(crate) fn write_answer(answer: &Answer, reply: &Reply) -> Written {
    answer::write(answer, reply)
}

pub(crate) fn read_failure(status: u16, body: &str) -> Failure {
    failure::read(status, body)
}

pub(crate) fn write_failure(failure: &Failure) -> String {
    failure::write(failure)
}
