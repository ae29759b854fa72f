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
mod stream;
mod usage;

use crate::answer::{Answer, Reply};
use crate::dialect::Dialect;
use crate::failure::Failure;
use crate::fault::Fault;
use crate::loss::Written;
use crate::object::Object;
use crate::request::Request;

pub use stream::{Reader, Writer};

const OWN: Dialect = Dialect::Anthropic;

pub(crate) fn read_request(body: &str) -> Result<Request, Fault> {
    request::read(body)
}

pub(crate) fn write_request(request: &Request) -> Written {
    request::write(request)
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

/// Takes those of the members that are `null`: they say nothing, so elsewhere they are no loss.
fn take_nulls(object: &mut Object, names: &[&str]) {
    for name in names {
        if object.peek(name).is_none() {
            object.raw(name);
        }
    }
}
