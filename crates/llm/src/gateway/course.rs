//! What became of a request at each deployment, for the client to see.

use crate::answer::{Answer, Body};
use crate::failure::{Failure, Said};
use crate::told::{self, Told};
use base::{Error, Result};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::borrow::Cow;

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

/// The deployment that answered.
enum Answered {
    /// No other was asked before.
    First(Told),
    /// Others were; its name.
    Later(String),
}

/// The course of a request.
#[derive(Default)]
pub(super) struct Course {
    attempts: String,
    answered: Option<Answered>,
    /// Why the deployments come in this order.
    why: Option<Cow<'static, str>>,
    /// The failure to tell of, if none answers.
    failure: Option<Failure>,
    /// The shortest wait that any has named.
    wait: Option<std::time::Duration>,
}

impl Course {
    /// The deployments were chosen, and why so, where there was a choice.
    pub(super) fn chose(&mut self, why: Option<&Cow<'static, str>>) {
        self.why = why.cloned();
    }

    /// Another was quicker.
    pub(super) fn given_up(&mut self, name: &str) {
        self.note(name, "given up");
    }

    /// A deployment has answered, of which headers say this.
    pub(super) fn answered(&mut self, name: &str, told: &Told) {
        if self.attempts.is_empty() {
            self.answered = Some(Answered::First(told.clone()));
            return;
        }
        self.note(name, "answered");
        self.answered = Some(Answered::Later(name.to_owned()));
    }

    pub(super) fn failed(&mut self, name: &str, failure: Failure) {
        self.note(name, failure.error.code().id());
        self.wait = self.wait.into_iter().chain(failure.error.retry_after()).min();
        // What one said that was asked is worth more than that another could not be.
        if failure.asked || self.failure.as_ref().is_none_or(|before| !before.asked) {
            self.failure = Some(failure);
        }
    }

    /// The route of this name takes over.
    pub(super) fn falls_back(&mut self, route: &str) {
        // What was decided for this request tells of the route as well.
        if !matches!(self.why, Some(Cow::Owned(_))) {
            self.why = Some(Cow::Owned(format!("fallback {route}")));
        }
    }

    /// There was no room in the time that was waited for it; after `wait` there may be.
    pub(super) fn waited(&mut self, wait: Option<std::time::Duration>) {
        self.wait = wait.or(self.wait);
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
        let attempts = || told::value(&self.attempts);
        let Told { name, answered } = match &self.answered {
            Some(Answered::First(told)) => told.clone(),
            Some(Answered::Later(name)) => Told { name: told::value(name), answered: attempts() },
            None => Told { name: None, answered: attempts() },
        };
        let choice = match &self.why {
            Some(Cow::Borrowed(why)) => Some(HeaderValue::from_static(why)),
            Some(Cow::Owned(why)) => told::value(why),
            None => None,
        };
        let values = [(&DEPLOYMENT, name), (&ATTEMPTS, answered), (&CHOICE, choice)];
        for (name, value) in values {
            value.into_iter().for_each(|value| drop(headers.insert(name, value)));
        }
        headers
    }
}

#[cfg(test)]
mod tests;
