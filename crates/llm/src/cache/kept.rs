//! Answers that are given again.

use super::rule::CACHE;
use crate::answer::{Answer, Body};
use crate::replay::{Recording, Replay};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use inspection::dialect::Dialect;
use std::sync::Arc;
use std::time::Duration;

/// Headers of an answer that say nothing of the same answer later: how much the hub may still ask, and how long it took.
const OF_THE_MOMENT: [&str; 3] = ["x-ratelimit-", "anthropic-ratelimit-", "openai-processing-ms"];

/// The header that says how like a text is to the one whose answer it got.
const LIKENESS: &str = "x-tutti-likeness";

/// What stands before the body of an answer.
#[derive(Debug)]
pub(super) struct Head {
    status: StatusCode,
    headers: HeaderMap,
    /// What was found on the way to it: who answered.
    course: HeaderMap,
}

impl Head {
    /// That of an answer, as it may be given again.
    pub(super) fn of(answer: &Answer, course: &HeaderMap) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in &answer.headers {
            if !OF_THE_MOMENT.iter().any(|begin| name.as_str().starts_with(begin)) {
                headers.append(name.clone(), value.clone());
            }
        }
        Self { status: answer.status, headers, course: course.clone() }
    }

    /// Roughly the bytes that it takes.
    pub(super) fn size(&self) -> usize {
        let sizes = self.headers.iter().chain(&self.course).map(|(name, value)| name.as_str().len() + value.len());
        sizes.sum()
    }

    fn again(&self, body: Body, what: &'static str) -> (Answer, HeaderMap) {
        let answer = Answer { status: self.status, headers: self.headers.clone(), body, cached: true };
        (answer, marked(self.course.clone(), what))
    }
}

/// What was found on the way to an answer, with what became of the cache.
pub(super) fn marked(mut course: HeaderMap, what: &'static str) -> HeaderMap {
    course.insert(CACHE, HeaderValue::from_static(what));
    course
}

/// An answer that is over.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) head: Arc<Head>,
    pub(super) body: Bytes,
    /// The dialect of its events, where it is a stream.
    pub(super) stream: Option<Dialect>,
}

impl Kept {
    /// Roughly the bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.head.size() + self.body.len()
    }

    /// The answer, for a text that means the same, and is so like.
    pub(super) fn for_alike(&self, age: Duration, likeness: f64) -> (Answer, HeaderMap) {
        let (answer, mut course) = self.again("alike", Some(age));
        if let Ok(value) = HeaderValue::from_str(&format!("{likeness:.3}")) {
            course.insert(LIKENESS, value);
        }
        (answer, course)
    }

    /// The answer, as often as it is wanted. `what` says how it was found, and `age` how old it is, where it was kept.
    pub(super) fn again(&self, what: &'static str, age: Option<Duration>) -> (Answer, HeaderMap) {
        let body = match self.stream {
            Some(dialect) => Body::Replay(Replay::of_kept(self.body.clone(), dialect)),
            None => Body::Whole(self.body.clone()),
        };
        let (answer, mut course) = self.head.again(body, what);
        if let Some(age) = age {
            course.insert(header::AGE, HeaderValue::from(age.as_secs()));
        }
        (answer, course)
    }
}

/// What others get of an answer that they wait for.
pub(super) enum Landed {
    /// All of it.
    Whole(Kept),
    /// A stream that has begun.
    Live(Arc<Head>, Arc<Recording>),
}

impl Landed {
    /// The answer for one more client; nothing where its beginning is forgotten.
    pub(super) fn again(&self) -> Option<(Answer, HeaderMap)> {
        match self {
            Landed::Whole(kept) => Some(kept.again("shared", None)),
            Landed::Live(head, recording) => Some(head.again(Body::Replay(recording.join()?), "shared")),
        }
    }
}
