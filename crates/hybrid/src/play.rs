//! What all strategies are made of: parts that are asked, and what is next when they end.

use conversation::{Answer, Request};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One question to one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its number: the first is 0.
    pub number: usize,
    /// What it is for, such as `draft` or `judge`.
    pub role: &'static str,
    /// Who is asked, as a client would name it.
    pub model: String,
    /// What is asked.
    pub request: Request,
}

/// What is next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// These are asked, all at once, beside those that are being asked.
    Ask(Vec<Part>),
    /// Nothing until one of those that are being asked has ended.
    Wait,
    /// This one is asked, and what it answers goes to the client as it comes. Where it fails before its first word the
    /// machine is told.
    Forward(Box<Part>),
    /// These are asked at once; the first that begins goes to the client, and the others are given up. Where all fail the
    /// machine is told of the last.
    Race(Vec<Part>),
    /// The client gets this.
    Answer(Box<Answer>),
    /// The client gets the failure of the part of this number.
    Fail(usize),
}

/// What all strategies write parts with.
#[derive(Debug)]
pub(crate) struct Desk {
    /// What the client asked.
    pub(crate) client: Arc<Request>,
    asked: usize,
}

impl Desk {
    pub(crate) fn new(client: Arc<Request>) -> Self {
        Self { client, asked: 0 }
    }

    /// How many parts were written.
    pub(crate) fn asked(&self) -> usize {
        self.asked
    }

    pub(crate) fn part(&mut self, role: &'static str, model: &str, request: Request) -> Part {
        let number = self.asked;
        self.asked += 1;
        Part { number, role, model: model.to_owned(), request }
    }

    /// The client's own request, which `model` is to answer.
    pub(crate) fn forward(&mut self, model: &str, request: Request) -> Step {
        Step::Forward(Box::new(self.part("answer", model, request)))
    }

    /// The client's own request as a part whose answer is looked at first.
    pub(crate) fn whole(&mut self, role: &'static str, model: &str) -> Part {
        let request = Request { stream: false, stream_usage: false, ..(*self.client).clone() };
        self.part(role, model, request)
    }
}

/// How one strategy is played.
pub(crate) trait Play: std::fmt::Debug {
    /// What is asked first.
    fn begin(&mut self, desk: &mut Desk) -> Step;

    /// What is next now that the part of this number has ended, with its answer if it has one.
    fn ended(&mut self, desk: &mut Desk, number: usize, answer: Option<Answer>) -> Step;
}

/// Answers of parts that are asked at once, until all have ended.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    ended: BTreeMap<usize, Option<Answer>>,
    wanted: usize,
}

impl Gathered {
    pub(crate) fn of(parts: &[Part]) -> Self {
        Self { ended: BTreeMap::new(), wanted: parts.len() }
    }

    /// Takes one in. Gives all, in the order in which they were asked, once the last has ended.
    pub(crate) fn take(&mut self, number: usize, answer: Option<Answer>) -> Option<Vec<(usize, Option<Answer>)>> {
        self.ended.insert(number, answer);
        (self.ended.len() >= self.wanted).then(|| std::mem::take(&mut self.ended).into_iter().collect())
    }
}
