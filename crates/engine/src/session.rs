//! One answer on its way.

use crate::cache::Cache;
use crate::constraint::Constraint;
use crate::failure::Failure;
use crate::model::Model;
use crate::sampling::{Chance, Likelihood, Sampling};
use crate::stops::Stops;
use crate::tokens::Token;
use crate::tokens::written::Written;

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The model said all, or one of the texts that end an answer.
    Stop,
    /// It has as many tokens as were wanted, or fit.
    Length,
}

/// How many tokens an answer took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of the prompt.
    pub prompt: usize,
    /// Of the prompt, what was kept from an earlier request and not read again.
    pub reused: usize,
    /// Of the answer, with the one that ended it.
    pub answer: usize,
}

/// What comes of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The next token; nothing where only what was held back goes out.
    pub token: Token,
    /// Text that goes out with it: nothing where a character is not whole yet, or an end may begin.
    pub text: String,
    /// How likely it was, where that is wanted.
    pub likelihood: Option<Likelihood>,
    /// Whether the answer ends, and why.
    pub ended: Option<(Ended, Usage)>,
}

pub(crate) struct Session {
    pub(crate) cache: Cache,
    /// Tokens that are not read yet: of the prompt, and then the last that was chosen.
    pub(crate) waiting: Vec<Token>,
    pub(crate) sampling: Sampling,
    pub(crate) constraint: Option<Constraint>,
    pub(crate) stops: Stops,
    pub(crate) most: usize,
    pub(crate) usage: Usage,
    pub(crate) written: Written,
    pub(crate) chance: Chance,
}

impl Session {
    /// Chooses the next token by `scores`, which come after all that was read.
    pub(crate) fn choose(&mut self, model: &Model, mut scores: Vec<f32>) -> Result<Step, Failure> {
        scores.truncate(model.vocabulary());
        let plain = self.sampling.alternatives.map(|_| scores.clone());
        self.sampling.adjust(&mut scores, self.cache.tokens());
        if let Some(constraint) = &mut self.constraint {
            constraint.restrict(&mut scores)?;
        }
        let token = self.sampling.choose(&scores, &mut self.chance);
        if let Some(constraint) = &mut self.constraint {
            constraint.accept(token)?;
        }
        let likelihood = plain.and_then(|plain| self.sampling.likelihood(&plain, token));
        self.usage.answer += 1;
        Ok(self.step(model, token, likelihood))
    }

    fn step(&mut self, model: &Model, token: Token, likelihood: Option<Likelihood>) -> Step {
        if model.is_end(token) {
            let text = self.rest();
            return Step { token, text, likelihood, ended: Some((Ended::Stop, self.usage)) };
        }
        let (mut text, is_stopped) = self.stops.push(&self.written.push(model.tokens.bytes(token)));
        let is_done = self.constraint.as_ref().is_some_and(Constraint::is_done);
        let is_full = self.usage.answer >= self.most || self.cache.tokens().len() + 1 >= model.context();
        let ended = match (is_stopped || is_done, is_full) {
            (true, _) => Some(Ended::Stop),
            (false, true) => Some(Ended::Length),
            (false, false) => None,
        };
        if ended.is_some() && !is_stopped {
            text.push_str(&self.rest());
        }
        self.waiting = vec![token];
        Step { token, text, likelihood, ended: ended.map(|ended| (ended, self.usage)) }
    }

    /// What was held back.
    fn rest(&mut self) -> String {
        let open = self.written.finish();
        let (text, is_stopped) = self.stops.push(&open);
        if is_stopped { text } else { text + &self.stops.finish() }
    }
}
