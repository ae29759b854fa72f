//! Answers held to a JSON Schema: at each step, which tokens may come next.
//!
//! The automaton is that of the crate `llguidance`. What it would pass over in silence is refused here before, by name.

mod keywords;

use crate::failure::{Failure, FailureKind, shown};
use crate::tokens::{Token, Tokens};
use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

/// Nodes of the automaton's grammar, and states of its lexer: about 2 KiB each.
const MOST_GRAMMAR: usize = 100_000;
const MOST_STATES: usize = 50_000;

/// What all constraints of a model share: the vocabulary as a tree. It is made when it is first asked for.
#[derive(Default)]
pub(crate) struct Grammar(OnceLock<Result<ParserFactory, Failure>>);

/// The state of an answer that is held to a schema.
pub(crate) struct Constraint {
    matcher: Matcher,
    /// The tokens that end an answer: they may come where it is whole.
    ends: Vec<Token>,
}

impl Constraint {
    pub(crate) fn new(grammar: &Grammar, tokens: &Tokens, schema: &Value) -> Result<Self, Failure> {
        keywords::check(schema)?;
        let factory = grammar.0.get_or_init(|| factory(tokens)).as_ref().map_err(Clone::clone)?;
        let mut schema = match schema {
            Value::Bool(_) => json!({"anyOf": [schema]}),
            _ => schema.clone(),
        };
        if let Some(object) = schema.as_object_mut() {
            // White space without end would be an answer too.
            let form = json!({"whitespace_flexible": false, "item_separator": ", ", "key_separator": ": "});
            object.insert("x-guidance".to_owned(), form);
        }
        let parser = factory.create_parser(TopLevelGrammar::from_json_schema(schema));
        let matcher = Matcher::new(parser);
        match matcher.get_error() {
            Some(error) => Err(refused(&error)),
            None => Ok(Self { matcher, ends: tokens.ends.clone() }),
        }
    }

    /// Takes from `scores` what must not come next: its score becomes minus infinity. At least one token stays.
    ///
    /// # Errors
    /// [`FailureKind::Schema`]: the schema leaves nothing to say, or takes too much work.
    pub(crate) fn restrict(&mut self, scores: &mut [f32]) -> Result<(), Failure> {
        let mask = self.matcher.compute_mask_or_eos().map_err(|error| refused(&error.to_string()))?;
        let may_end = self.ends.iter().any(|end| mask.is_allowed(*end));
        let mut is_open = false;
        for (token, score) in (0..).zip(scores.iter_mut()) {
            if self.ends.contains(&token) {
                if !may_end {
                    *score = f32::NEG_INFINITY;
                }
                is_open |= may_end;
            } else if (token as usize) < mask.len() && mask.is_allowed(token) {
                is_open = true;
            } else {
                *score = f32::NEG_INFINITY;
            }
        }
        if is_open { Ok(()) } else { Err(refused("no token of the vocabulary can come next")) }
    }

    /// Notes that `token` came.
    ///
    /// # Errors
    /// [`FailureKind::Schema`]: it must not come here.
    pub(crate) fn accept(&mut self, token: Token) -> Result<(), Failure> {
        if self.ends.contains(&token) {
            return Ok(());
        }
        self.matcher.consume_token(token).map_err(|error| refused(&error.to_string()))
    }

    /// Whether nothing can come but the end.
    pub(crate) fn is_done(&self) -> bool {
        self.matcher.is_stopped()
    }
}

fn factory(tokens: &Tokens) -> Result<ParserFactory, Failure> {
    let missing = || Failure::new(FailureKind::Schema, "the vocabulary has no token of the end");
    let end = *tokens.ends.first().ok_or_else(missing)?;
    let count = u32::try_from(tokens.count()).map_err(|_| refused("the vocabulary is too large"))?;
    let words: Vec<Vec<u8>> = (0..count).map(|token| tokens.bytes(token).to_vec()).collect();
    let trie = TokTrie::from(&TokRxInfo::new(count, end), &words);
    let environment: llguidance::toktrie::TokEnv = Arc::new(ApproximateTokEnv::new(trie));
    let mut factory = ParserFactory::new_simple(&environment).map_err(|error| refused(&error.to_string()))?;
    factory.quiet();
    let limits = factory.limits_mut();
    limits.max_grammar_size = MOST_GRAMMAR;
    limits.max_lexer_states = MOST_STATES;
    limits.verbose_errors = false;
    Ok(factory)
}

fn refused(why: &str) -> Failure {
    let first = why.lines().next().unwrap_or_default();
    Failure::new(FailureKind::Schema, format!("answers cannot be held to the schema: {}", shown(first)))
}

#[cfg(test)]
mod tests;
