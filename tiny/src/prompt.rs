//! Conversations as the model reads them.

use crate::lesson::{Lesson, Role, Turn};
use crate::tokenizer::{BEGIN, END, SPECIAL, Tokenizer};

/// The same as a template, as files of models carry it for those who use them.
pub(crate) const TEMPLATE: &str = "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>\
    {% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

impl Role {
    /// The token that a turn of this role begins with.
    fn token(self) -> u32 {
        let marks = (0..).zip(SPECIAL);
        marks.into_iter().find(|(_, mark)| *mark == format!("<|{}|>", self.name())).map_or(END, |(token, _)| token)
    }
}

/// What is learned of, as tokens, and whether the model should say each.
pub(crate) fn lesson(tokenizer: &Tokenizer, lesson: &Lesson) -> Vec<(u32, bool)> {
    let mut tokens = vec![(BEGIN, false)];
    let said = |text: &str, is_said: bool| {
        tokenizer.encode(text).into_iter().chain([END]).map(move |token| (token, is_said)).collect::<Vec<_>>()
    };
    match lesson {
        Lesson::Sentence(text) => tokens.extend(said(text, true)),
        Lesson::Chat(turns) => {
            for (role, text) in turns {
                tokens.push((role.token(), false));
                tokens.extend(said(text, *role == Role::Assistant));
            }
        }
    }
    tokens
}

/// A conversation up to where the assistant speaks.
pub(crate) fn question(tokenizer: &Tokenizer, turns: &[Turn]) -> Vec<u32> {
    let mut tokens = vec![BEGIN];
    for (role, text) in turns {
        tokens.push(role.token());
        tokens.extend(tokenizer.encode(text));
        tokens.push(END);
    }
    tokens.push(Role::Assistant.token());
    tokens
}

/// The same as text, as the template has it.
pub(crate) fn rendered(turns: &[Turn]) -> String {
    let turns: String = turns.iter().map(|(role, text)| format!("<|{}|>{text}<|end|>", role.name())).collect();
    turns + "<|assistant|>"
}

#[cfg(test)]
mod tests;
