//! Ollama's own dialect: not there yet; every text in it is refused.

use crate::answer::{Answer, Reply};
use crate::failure::{Failure, FailureKind};
use crate::fault::Fault;
use crate::loss::{Losses, Written};
use crate::request::Request;
use crate::stream::{Event, WireEvent};

const ABSENT: &str = "is in a dialect that is not there yet";

pub(crate) fn read_request(_body: &str) -> Result<Request, Fault> {
    Err(Fault::new(ABSENT))
}

pub(crate) fn write_request(_request: &Request) -> Written {
    Written { body: "{}".to_owned(), losses: Losses::new() }
}

pub(crate) fn read_answer(_body: &str) -> Result<Answer, Fault> {
    Err(Fault::new(ABSENT))
}

pub(crate) fn write_answer(_answer: &Answer, _reply: &Reply) -> Written {
    Written { body: "{}".to_owned(), losses: Losses::new() }
}

pub(crate) fn read_failure(status: u16, body: &str) -> Failure {
    Failure::new(FailureKind::of_status(status), body)
}

pub(crate) fn write_failure(_failure: &Failure) -> String {
    "{}".to_owned()
}

/// Reads a stream.
#[derive(Debug, Default)]
pub struct Reader {}

impl Reader {
    pub(crate) fn feed(&mut self, _name: Option<&str>, _data: &str) -> Result<Vec<Event>, Fault> {
        Err(Fault::new(ABSENT))
    }

    pub(crate) fn finish(&mut self) -> Result<Vec<Event>, Fault> {
        Err(Fault::new(ABSENT))
    }
}

/// Writes a stream.
#[derive(Debug)]
pub struct Writer {
    losses: Losses,
}

impl Writer {
    pub(crate) fn new(_reply: Reply) -> Self {
        Self { losses: Losses::new() }
    }

    pub(crate) fn push(&mut self, _event: &Event) -> Vec<WireEvent> {
        Vec::new()
    }

    pub(crate) fn losses(&self) -> &Losses {
        &self.losses
    }
}
