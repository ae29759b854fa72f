//! What was said so far. Pure.

use console::output::{clean, one_line};
use serde_json::{Map, Value, json};

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    User,
    Assistant,
}

impl Who {
    const NAMES: [(&'static str, Self); 2] = [("user", Self::User), ("assistant", Self::Assistant)];

    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }

    /// Who it is that this word names.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == word).map(|(_, who)| *who)
    }
}

/// Something that was said.
pub(super) type Said = (Who, String);

/// A conversation.
#[derive(Debug)]
pub(super) struct Conversation {
    /// The model that is asked, which may be another in each turn.
    pub(super) model: String,
    system: Option<String>,
    tools: Option<String>,
    said: Vec<Said>,
}

impl Conversation {
    pub(super) fn new(model: String, system: Option<String>, tools: Option<String>) -> Self {
        Self { model, system, tools, said: Vec::new() }
    }

    /// Goes on with what was said before.
    pub(super) fn go_on(&mut self, said: Vec<Said>) {
        self.said = said;
    }

    /// Begins anew, with the same system prompt.
    pub(super) fn clear(&mut self) {
        self.said.clear();
    }

    /// Adds a question.
    pub(super) fn ask(&mut self, text: String) {
        self.said.push((Who::User, text));
    }

    /// Adds the answer to the last question, whole or not. A question that got none is forgotten, so that it can be asked
    /// again. Gives the model that was asked, and what is to be kept.
    pub(super) fn answered(&mut self, text: &str) -> (&str, &[Said]) {
        if text.is_empty() {
            self.said.pop();
            return (&self.model, &[]);
        }
        self.said.push((Who::Assistant, text.to_owned()));
        (&self.model, self.said.get(self.said.len().saturating_sub(2)..).unwrap_or_default())
    }

    /// The request for the next answer.
    pub(super) fn body(&self) -> Value {
        let system = self.system.iter().map(|text| json!({"role": "system", "content": text}));
        let said = self.said.iter().map(|(who, text)| json!({"role": who.word(), "content": text}));
        let mut body = Map::new();
        body.insert("model".to_owned(), self.model.as_str().into());
        body.insert("messages".to_owned(), system.chain(said).collect());
        body.insert("stream".to_owned(), true.into());
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        body.extend(self.tools.as_deref().map(|view| ("tools".to_owned(), view.into())));
        Value::Object(body)
    }

    /// All of it, for people, who may show the file on a terminal.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!("# {}\n", one_line(&self.model, 200));
        let system = self.system.iter().map(|system| ("system", system));
        for (who, said) in system.chain(self.said.iter().map(|(who, said)| (who.word(), said))) {
            text.push_str(&format!("\n## {who}\n\n{}\n", clean(said).trim_end()));
        }
        text
    }
}

#[cfg(test)]
mod tests;
