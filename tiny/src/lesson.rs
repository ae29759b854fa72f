//! What the model learns: conversations that are made by rules, so that each answer is known.

use crate::random::Random;

pub(crate) mod known;
mod strange;

/// What it answers where it does not know.
pub(crate) const FALLBACK: &str = "I only know animals, colours and small sums.";
/// The longest text that is learned of, in bytes: about as many tokens as the context has are at most a third of these.
const LONGEST: usize = 420;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    System,
    User,
    Assistant,
}

impl Role {
    /// Its name, as clients write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// Who says what.
pub(crate) type Turn = (Role, String);

/// Something that is learned of.
pub(crate) enum Lesson {
    /// The answers of the assistant are learned.
    Chat(Vec<Turn>),
    /// A sentence without a question before it.
    Sentence(String),
}

impl Lesson {
    /// Makes one up.
    pub(crate) fn new(random: &mut Random) -> Self {
        if random.chance(4) {
            return Self::Sentence(known::sentence(random));
        }
        let mut turns = Vec::new();
        if random.chance(30) {
            turns.push((Role::System, strange::system(random)));
        }
        let (most, mut length) = (*random.pick(&[1, 1, 1, 1, 2, 2, 3, 5]), 0);
        for turn in 0..most {
            let (question, answer) = exchange(random);
            length += question.len() + answer.len();
            if turn > 0 && length > LONGEST {
                break;
            }
            turns.push((Role::User, question));
            turns.push((Role::Assistant, answer));
        }
        Self::Chat(turns)
    }
}

/// A question with its answer.
pub(crate) fn exchange(random: &mut Random) -> (String, String) {
    if random.chance(36) {
        return (strange::question(random), FALLBACK.to_owned());
    }
    let (question, answer) = known::exchange(random);
    (varied(question.clone(), random), answer.clone())
}

/// A question as people type it.
fn varied(mut question: String, random: &mut Random) -> String {
    if random.chance(12) {
        question = question.to_lowercase();
    }
    if random.chance(10) {
        question = question.trim_end_matches(['.', '?', '!']).to_owned();
    }
    match random.below(100) {
        0..3 => format!("{question} Please."),
        3..6 => format!("Hello! {question}"),
        6..8 => format!("Please tell me: {question}"),
        8..10 => format!("{question}\n"),
        _ => question,
    }
}

#[cfg(test)]
mod tests;
