//! Anthropic Messages (`POST /v1/messages`, version 2023-06-01), as its reference and the types of its SDKs say it.
//!
//! The system prompt stands beside the messages, results of tools stand in messages of the user, thoughts carry a
//! signature that must come back, and breakpoints of the cache are a member of the block before them.

mod answer;
mod block;
mod content;
mod failure;
mod finish;
mod request;
mod said;
mod stream;
mod usage;

use conversation::answer::{Answer, Reply};
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::failure::Failure;
use conversation::fault::Fault;
use conversation::json::write::ObjectWriter;
use conversation::loss::{Losses, Written};
use conversation::request::Request;

pub(crate) use request::{Chosen, Plan, version};
pub use stream::{Reader, Writer};

const OWN: Dialect = Dialect::Anthropic;

/// The longest id of a call.
const LONGEST_ID: usize = 64;

/// How the kind of what is opaque begins where it is an event of a stream, or a piece of a block, and no block.
const EVENT: &str = "event:";

pub(crate) fn read_request(body: &str) -> Result<Request, Fault> {
    request::read(body)
}

pub(crate) fn write_request(request: &Request) -> Written {
    request::write(request)
}

/// Takes thoughts that Claude has not signed out of a conversation with it.
pub(crate) fn mend(request: &mut Request) -> Option<Losses> {
    request::mend(request)
}

/// Asks for no thoughts where the API refuses to think because others were taken out.
pub(crate) fn without_thoughts(request: &mut Request) -> Losses {
    request::without_thoughts(request)
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

/// Whether `extra` keeps a member, so that none is to be made up: it was `null`, or not of its type.
fn keeps(extra: &Extra, name: &str) -> bool {
    extra.is_from(OWN) && (extra.get(name).is_some() || extra.noted(OWN, name).is_some())
}

/// Keeps an object that has no counterpart in the model, also where there is nothing in it.
fn keep_object(extra: &mut Extra, name: &'static str, object: Extra) {
    extra.note(name, "object");
    extra.keep_inner(name, object);
}

/// Ends and adds such an object, unless there is nothing in it and there was none.
fn write_object(
    extra: &Extra,
    name: &'static str,
    mut inside: ObjectWriter,
    out: &mut ObjectWriter,
    losses: &mut Losses,
) {
    if let Some(inner) = extra.inner(OWN, name) {
        inner.write(OWN, name, &mut inside, losses);
    }
    if !inside.is_empty() || extra.noted(OWN, name) == Some("object") {
        out.object(name, inside);
    }
}
