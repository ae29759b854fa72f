//! What became of a request at each deployment, for the client to see.

use crate::answer::{Answer, Body};
use crate::failure::{Failure, Said};
use base::{Error, Result};
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The header that says which deployment answered.
static DEPLOYMENT: HeaderName = HeaderName::from_static("x-tutti-deployment");
/// The header that says what became of the request at each deployment, in the order in which they came.
static ATTEMPTS: HeaderName = HeaderName::from_static("x-tutti-attempts");

/// The header that says why the deployments were asked in this order.
static CHOICE: HeaderName = HeaderName::from_static("x-tutti-choice");

/// The deployment that answered, of headers that a course has made; nothing where none did.
pub(super) fn deployment(headers: &HeaderMap) -> &str {
    headers.get(&DEPLOYMENT).and_then(|name| name.to_str().ok()).unwrap_or_default()
}

/// The most bytes of a header: names of models are the client's to choose.
const LONGEST: usize = 2000;

/// The course of a request.
#[derive(Default)]
pub(super) struct Course {
    attempts: String,
    answered: Option<String>,
    /// Why the deployments come in this order.
    why: Option<String>,
    /// The failure to tell of, if none answers.
    failure: Option<Failure>,
    /// The shortest wait that any has named.
    wait: Option<std::time::Duration>,
}

impl Course {
    /// The deployments were chosen, and why so, where there was a choice.
    pub(super) fn chose(&mut self, why: Option<&str>) {
        self.why = why.map(str::to_owned);
    }

    /// Another was quicker.
    pub(super) fn given_up(&mut self, name: &str) {
        self.note(name, "given up");
    }

    pub(super) fn answered(&mut self, name: &str) {
        self.note(name, "answered");
        self.answered = Some(name.to_owned());
    }

    pub(super) fn failed(&mut self, name: &str, failure: Failure) {
        self.note(name, failure.error.code().id());
        self.wait = self.wait.into_iter().chain(failure.error.retry_after()).min();
        // What one said that was asked is worth more than that another could not be.
        if failure.asked || self.failure.as_ref().is_none_or(|before| !before.asked) {
            self.failure = Some(failure);
        }
    }

    fn note(&mut self, name: &str, what: &str) {
        let comma = if self.attempts.is_empty() { "" } else { ", " };
        self.attempts.reserve(comma.len() + name.len() + 1 + what.len());
        [comma, name, " ", what].into_iter().for_each(|part| self.attempts.push_str(part));
    }

    /// What the client gets where no deployment has answered: what a provider said, if it can use that.
    pub(super) fn end(&mut self) -> Result<Answer> {
        let Some(failure) = self.failure.take() else {
            return Err(Error::internal("a model was found and nobody serves it"));
        };
        if let Some(Said { status, body }) = failure.said {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert("x-tutti-code", HeaderValue::from_static(failure.error.code().id()));
            return Ok(Answer { status, headers, body: Body::Whole(body), cached: false });
        }
        Err(match self.wait {
            Some(wait) => failure.error.with_retry_after(wait),
            None => failure.error,
        })
    }

    /// The headers that say what was decided, and why.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(3);
        let values = [
            (&DEPLOYMENT, self.answered.as_deref().unwrap_or_default()),
            (&ATTEMPTS, &self.attempts),
            (&CHOICE, self.why.as_deref().unwrap_or_default()),
        ];
        for (name, text) in values.into_iter().filter(|(_, text)| !text.is_empty()) {
            let text = &text[..text.floor_char_boundary(LONGEST)];
            // Beside plain characters a header may have tabs, and bytes that clients read in one way or another.
            let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii() && !text.contains('\t'));
            let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
            let readable = || text.chars().map(|c| if is_plain(c) { c } else { '?' }).collect::<String>();
            if let Some(value) = value.or_else(|| HeaderValue::try_from(readable()).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }
}

#[cfg(test)]
mod tests;
