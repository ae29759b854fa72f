//! Several answers at once: who asks drives them on, step by step.

use crate::cache::Cache;
use crate::constraint::Constraint;
use crate::crew::Crew;
use crate::failure::{Failure, FailureKind};
use crate::forward::{Lane, Wanted};
use crate::model::{Model, Pooling};
use crate::sampling::{Chance, Sampling};
use crate::session::{Session, Step, Usage};
use crate::stops::Stops;
use crate::tokens::Token;
use crate::tokens::written::Written;
use serde_json::Value;
use std::sync::Arc;

/// Tokens of prompts that are read in a step, by all who wait together. So nobody's next token waits for a long prompt.
const BATCH: usize = 64;
/// The most texts that end an answer, and the longest, in bytes.
const MOST_STOPS: usize = 16;
const LONGEST_STOP: usize = 256;

/// An answer that is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// What it answers: [`Model::render`] or [`Model::tokenize`] make it.
    pub prompt: Vec<Token>,
    /// The most tokens of the answer; as many as fit where there is nothing.
    pub most: Option<usize>,
    /// Texts that end it and are no part of it: 16 at most, of 256 bytes.
    pub stops: Vec<String>,
    /// How its tokens are chosen.
    pub sampling: Sampling,
    /// The JSON Schema that it is held to.
    pub schema: Option<Value>,
}

/// Names an answer on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u64);

/// A model at work.
pub struct Engine {
    model: Arc<Model>,
    crew: Crew,
    sessions: Vec<(Ticket, Session)>,
    /// Caches of answers that ended, the latest last.
    kept: Vec<Cache>,
    next: u64,
}

impl Engine {
    /// Lets `threads` work at once, of which one is who asks.
    ///
    /// # Errors
    /// [`FailureKind::Internal`]: the operating system gives no more threads.
    pub fn new(model: Arc<Model>, threads: usize) -> Result<Self, Failure> {
        Ok(Self { model, crew: Crew::new(threads)?, sessions: Vec::new(), kept: Vec::new(), next: 0 })
    }

    /// The model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// How many answers are on their way.
    pub fn active(&self) -> usize {
        self.sessions.len()
    }

    /// Begins an answer. [`Self::step`] drives it on.
    ///
    /// # Errors
    /// - [`FailureKind::Full`]: as many are on their way as may be.
    /// - [`FailureKind::TooLong`]: the prompt leaves no room for an answer.
    /// - [`FailureKind::Schema`]: the schema cannot be held to; the cause names the keyword.
    /// - [`FailureKind::Invalid`]: another value is none that it may have.
    pub fn begin(&mut self, request: Request) -> Result<Ticket, Failure> {
        if self.sessions.len() >= self.model.limits().sessions.max(1) {
            return Err(Failure::new(FailureKind::Full, "as many answers are on their way as may be"));
        }
        self.model.check(&request.prompt)?;
        request.sampling.check()?;
        if request.stops.len() > MOST_STOPS || request.stops.iter().any(|stop| stop.len() > LONGEST_STOP) {
            let cause = format!("an answer may end at {MOST_STOPS} texts of {LONGEST_STOP} bytes");
            return Err(Failure::new(FailureKind::Invalid, cause));
        }
        let room = self.model.context() - request.prompt.len();
        if room == 0 {
            return Err(Failure::new(FailureKind::TooLong, "the prompt leaves no room for an answer"));
        }
        let schema = request.schema.as_ref();
        let held = |schema| Constraint::new(&self.model.grammar, &self.model.tokens, schema);
        let constraint = schema.map(held).transpose()?;
        let cache = self.cache_for(&request.prompt);
        let reused = cache.tokens().len();
        let session = Session {
            waiting: request.prompt[reused..].to_vec(),
            cache,
            chance: Chance::new(request.sampling.seed),
            sampling: request.sampling,
            constraint,
            stops: Stops::new(request.stops),
            most: request.most.unwrap_or(room).clamp(1, room),
            usage: Usage { prompt: request.prompt.len(), reused, answer: 0 },
            written: Written::default(),
        };
        let ticket = Ticket(self.next);
        self.next += 1;
        self.sessions.push((ticket, session));
        Ok(ticket)
    }

    /// Gives an answer up. False where there is none of this name, or not any more.
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let place = self.sessions.iter().position(|(other, _)| *other == ticket);
        if let Some(place) = place {
            let (_, session) = self.sessions.remove(place);
            self.keep(session.cache);
        }
        place.is_some()
    }

    /// Drives all answers on: each whose prompt is read gets its next token, and of the prompts of the others the next tokens
    /// are read. All together are one pass over the weights. What failed is over; the others go on.
    pub fn step(&mut self) -> Vec<(Ticket, Result<Step, Failure>)> {
        let reading = self.sessions.iter().filter(|(_, session)| session.waiting.len() > 1).count();
        let share = (BATCH / reading.max(1)).max(1);
        let mut lanes: Vec<Lane<'_>> = Vec::with_capacity(self.sessions.len());
        for (_, session) in &mut self.sessions {
            let tokens: Vec<Token> = session.waiting.drain(..share.min(session.waiting.len())).collect();
            let wanted = if session.waiting.is_empty() { Wanted::Scores } else { Wanted::Nothing };
            lanes.push(Lane { cache: &mut session.cache, tokens, wanted });
        }
        if lanes.is_empty() {
            return Vec::new();
        }
        let scores = match self.model.pass(&self.crew).run(&mut lanes) {
            Ok(scores) => scores,
            Err(failure) => {
                return self.sessions.drain(..).map(|(ticket, _)| (ticket, Err(failure.clone()))).collect();
            }
        };
        let mut steps = Vec::new();
        let mut open = Vec::new();
        for ((ticket, mut session), scores) in std::mem::take(&mut self.sessions).into_iter().zip(scores) {
            let step = scores.map(|scores| session.choose(&self.model, scores));
            let is_over = step.as_ref().is_some_and(|step| step.as_ref().map_or(true, |step| step.ended.is_some()));
            if is_over {
                self.keep(session.cache);
            } else {
                open.push((ticket, session));
            }
            steps.extend(step.map(|step| (ticket, step)));
        }
        self.sessions = open;
        steps
    }

    /// The vector of a text, of length 1: the states of its tokens at the end, as one.
    ///
    /// # Errors
    /// [`FailureKind::TooLong`] and [`FailureKind::Invalid`], as for prompts.
    pub fn embed(&self, tokens: &[Token], pooling: Pooling) -> Result<Vec<f32>, Failure> {
        self.model.embed(tokens, pooling, &self.crew)
    }

    /// The cache that begins as `prompt` does for longest; one token is always left to read.
    fn cache_for(&mut self, prompt: &[Token]) -> Cache {
        let common = |cache: &Cache| cache.tokens().iter().zip(prompt).take_while(|(one, other)| one == other).count();
        let best = self.kept.iter().enumerate().map(|(place, cache)| (common(cache), place)).max();
        match best.filter(|(length, _)| *length > 1) {
            Some((length, place)) => {
                let mut cache = self.kept.remove(place);
                cache.truncate(length.min(prompt.len() - 1));
                cache
            }
            None => Cache::new(&self.model.description),
        }
    }

    fn keep(&mut self, cache: Cache) {
        self.kept.push(cache);
        let spare = self.kept.len().saturating_sub(self.model.limits().kept);
        self.kept.drain(..spare);
    }
}

#[cfg(test)]
mod tests;
