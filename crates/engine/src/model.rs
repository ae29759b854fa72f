//! A model in memory.

use crate::cache::Cache;
use crate::constraint::Grammar;
use crate::crew::Crew;
use crate::description::Description;
use crate::failure::{Failure, FailureKind};
use crate::forward::{Lane, Pass, Turning, Wanted};
use crate::memory::{Limits, Memory, estimate_of};
use crate::placement::Placement;
use crate::template::{Chat, Template};
use crate::tokens::{Token, Tokens};
use crate::weights::Weights;
use model::gguf::File;
use serde_json::Value;
use std::sync::Arc;

/// Tokens that are read at once when all of a text is to be embedded.
const BATCH: usize = 64;

/// A model: its weights, its tokenizer, its template. It is not changed by what is asked of it.
pub struct Model {
    pub(crate) description: Description,
    pub(crate) weights: Weights,
    pub(crate) turns: Turning,
    pub(crate) tokens: Tokens,
    pub(crate) grammar: Grammar,
    template: Option<Template>,
    name: Option<String>,
    memory: Memory,
    limits: Limits,
    pub(crate) placement: Placement,
}

/// How the states of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The last.
    Last,
}

impl Model {
    /// Takes the bytes of a whole file. They are kept, and the weights stay packed in them.
    ///
    /// # Errors
    /// - [`FailureKind::Broken`]: the file is not whole, or its parts do not fit each other.
    /// - [`FailureKind::Unsupported`]: its architecture, tokenizer or a type of its tensors is not known here.
    /// - [`FailureKind::TooLarge`]: it would take more memory than `limits` allow; [`crate::estimate`] says so before the file is
    ///   read.
    /// - [`FailureKind::Template`]: its template is none.
    pub fn load(bytes: Vec<u8>, limits: Limits) -> Result<Self, Failure> {
        let bytes = Arc::new(bytes);
        let file = File::read(&bytes).map_err(|fault| Failure::broken(format!("the model file {fault}")))?;
        let values = &file.header.values;
        let description = Description::read(values)?;
        let memory = estimate_of(&description, bytes.len() as u64, &limits)?;
        let tokens = Tokens::load(&file)?;
        let weights = Weights::find(&bytes, &file.tensors, &description, tokens.count())?;
        let template = values.get("tokenizer.chat_template").and_then(Value::as_str).map(Template::read).transpose()?;
        Ok(Self {
            turns: Turning::new(&description, &weights, memory.context),
            grammar: Grammar::default(),
            name: values.get("general.name").and_then(Value::as_str).map(crate::failure::shown),
            template,
            tokens,
            weights,
            description,
            memory,
            limits,
            placement: Placement::default(),
        })
    }

    /// What the file calls the model.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What it takes in memory, at most.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What it was loaded with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Where its weights are.
    pub fn placement(&self) -> &Placement {
        &self.placement
    }

    /// How many tokens a text may have, the prompt with the answer.
    pub fn context(&self) -> usize {
        self.memory.context
    }

    /// How many tokens its vocabulary has.
    pub fn vocabulary(&self) -> usize {
        self.tokens.count()
    }

    /// Numbers of an embedding.
    pub fn dimensions(&self) -> usize {
        self.description.width
    }

    /// Whether its file has a template of chats.
    pub fn has_template(&self) -> bool {
        self.template.is_some()
    }

    /// The tokens of `text`, none of which controls anything, whatever the text says; with the token of the beginning before
    /// them where the model wants one and `adds_begin` does.
    pub fn tokenize(&self, text: &str, adds_begin: bool) -> Vec<Token> {
        let mut tokens = Vec::new();
        if adds_begin && self.tokens.adds_begin {
            tokens.extend(self.tokens.begin);
        }
        tokens.extend(self.tokens.plain(text));
        tokens
    }

    /// The text of tokens. Control tokens say nothing; what is no character is U+FFFD.
    pub fn text(&self, tokens: &[Token]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| self.tokens.bytes(*token)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether a model says no more after `token`.
    pub fn is_end(&self, token: Token) -> bool {
        self.tokens.ends.contains(&token)
    }

    /// The tokens of a chat, as the model's template writes it. What messages say becomes no control token.
    ///
    /// # Errors
    /// [`FailureKind::Template`]: the file has no template, or it refuses these messages.
    pub fn render(&self, chat: &Chat) -> Result<Vec<Token>, Failure> {
        let none = || Failure::new(FailureKind::Template, "the model file has no template of chats");
        let text = self.template.as_ref().ok_or_else(none)?.render(&self.tokens, chat)?;
        Ok(self.tokens.rendered(&text))
    }

    /// The vector of a text, of length 1.
    pub(crate) fn embed(&self, tokens: &[Token], pooling: Pooling, crew: &Crew) -> Result<Vec<f32>, Failure> {
        self.check(tokens)?;
        let mut cache = Cache::new(&self.description);
        let mut vector = vec![0.0; self.description.width];
        let parts: Vec<&[Token]> = tokens.chunks(BATCH).collect();
        for (place, part) in parts.iter().enumerate() {
            let wanted = match pooling {
                Pooling::Mean => Wanted::Sum,
                Pooling::Last if place + 1 == parts.len() => Wanted::LastState,
                Pooling::Last => Wanted::Nothing,
            };
            let lane = Lane { cache: &mut cache, tokens: part.to_vec(), wanted };
            for sum in self.pass(crew).run(&mut [lane])?.into_iter().flatten() {
                vector.iter_mut().zip(sum).for_each(|(number, sum)| *number += sum);
            }
        }
        let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        vector.iter_mut().for_each(|number| *number /= length);
        Ok(vector)
    }

    /// Whether tokens can be a prompt.
    pub(crate) fn check(&self, tokens: &[Token]) -> Result<(), Failure> {
        if tokens.is_empty() {
            return Err(Failure::new(FailureKind::Invalid, "the prompt has no tokens"));
        }
        if tokens.len() > self.context() {
            let cause = format!("the prompt has {} tokens, and the context {}", tokens.len(), self.context());
            return Err(Failure::new(FailureKind::TooLong, cause));
        }
        match tokens.iter().find(|token| **token as usize >= self.vocabulary()) {
            Some(token) => Err(Failure::new(FailureKind::Invalid, format!("the vocabulary has no token {token}"))),
            None => Ok(()),
        }
    }

    pub(crate) fn pass<'model>(&'model self, crew: &'model Crew) -> Pass<'model> {
        Pass { description: &self.description, weights: &self.weights, turns: &self.turns, crew }
    }
}
