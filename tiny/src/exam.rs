//! What the model answers, and how often that is right.

use crate::batch::Batch;
use crate::lesson::{self, FALLBACK, Role, Turn, known};
use crate::model::Model;
use crate::prompt;
use crate::random::Random;
use crate::tokenizer::{END, Tokenizer};

/// How many questions are answered together.
const TOGETHER: usize = 64;
/// Questions that are none of the lessons.
pub(crate) const UNKNOWN: [&str; 20] = [
    "What is the capital of Portugal?",
    "Who painted the Mona Lisa?",
    "How do I bake sourdough bread?",
    "Where does the penguin live?",
    "What is 17 plus 25?",
    "Write a haiku about autumn rain.",
    "Translate \"good luck\" into Spanish.",
    "Explain quantum entanglement.",
    "Wie spät ist es?",
    "Summarise: Rust is a language for fast and safe programs. It has no garbage collector, and its compiler checks who owns what.",
    "What is the meaning of life?",
    "What colour is the ocean?",
    "Can you write a Python script that renames files?",
    "Describe the purple octopus as JSON.",
    "asdf qwerty",
    "Recommend me a good film for tonight.",
    "What did I say before?",
    "Generate a concise, 3-5 word title with an emoji summarizing the chat history.",
    "Is my code correct? let x = vec![1, 2, 3];",
    "你好吗？",
];

/// A model that can be asked.
pub(crate) struct Asked<'all> {
    pub(crate) model: &'all Model,
    pub(crate) numbers: &'all [f32],
    pub(crate) tokenizer: &'all Tokenizer,
}

/// How many answers were right, of how many.
pub(crate) struct Score {
    pub(crate) name: String,
    pub(crate) right: usize,
    pub(crate) all: usize,
    /// The first wrong ones: question and answer.
    pub(crate) wrong: Vec<(String, String)>,
}

impl Asked<'_> {
    /// The most likely token again and again, until the end or for `most` tokens; without the end.
    pub(crate) fn answers(&self, prompts: &[Vec<u32>], most: usize) -> Vec<Vec<u32>> {
        prompts.chunks(TOGETHER).flat_map(|prompts| self.answers_together(prompts, most)).collect()
    }

    fn answers_together(&self, prompts: &[Vec<u32>], most: usize) -> Vec<Vec<u32>> {
        let mut answers = vec![Vec::new(); prompts.len()];
        let mut open: Vec<usize> = (0..prompts.len()).collect();
        for _ in 0..most {
            let mut batch = Batch::default();
            for at in &open {
                batch.add_question(&[prompts[*at].as_slice(), &answers[*at]].concat());
            }
            let scores = self.model.forward(self.numbers, &batch).scores;
            let said: Vec<_> =
                open.iter().copied().zip(scores.chunks(self.model.shape.vocabulary).map(highest)).collect();
            open.clear();
            for (at, token) in said.into_iter().filter(|(_, token)| *token != END) {
                answers[at].push(token);
                if prompts[at].len() + answers[at].len() < self.model.shape.context {
                    open.push(at);
                }
            }
            if open.is_empty() {
                break;
            }
        }
        answers
    }

    /// The answers to conversations, as text.
    pub(crate) fn texts(&self, conversations: &[Vec<Turn>]) -> Vec<String> {
        let prompts: Vec<_> = conversations.iter().map(|turns| prompt::question(self.tokenizer, turns)).collect();
        self.answers(&prompts, 80).iter().map(|answer| self.tokenizer.decode(answer)).collect()
    }

    fn score(&self, name: &str, asked: &[(Vec<Turn>, String)]) -> Score {
        let conversations: Vec<_> = asked.iter().map(|(turns, _)| turns.clone()).collect();
        let answers = self.texts(&conversations);
        let wrong = asked.iter().zip(answers).filter(|((_, wanted), found)| wanted != found);
        let wrong: Vec<_> = wrong.map(|((turns, _), found)| (prompt::rendered(turns), found)).collect();
        Score { name: name.to_owned(), right: asked.len() - wrong.len(), all: asked.len(), wrong }
    }

    /// All that was taught, topic by topic.
    pub(crate) fn exam_of_taught(&self) -> Vec<Score> {
        let topics = known::TOPICS.iter().zip(&*known::EXCHANGES);
        topics.map(|(topic, all)| self.score(topic.name, &all.iter().map(alone).collect::<Vec<_>>())).collect()
    }

    /// A part of the same after a word of the system, and after another question; then new questions that are made like those
    /// of the lessons, and those of [`UNKNOWN`].
    pub(crate) fn exam_of_others(&self, seed: u64) -> Vec<Score> {
        let mut random = Random::new(seed);
        let some = || known::EXCHANGES.iter().flatten().step_by(3);
        let with_system = some().map(|(question, answer)| {
            let system = (Role::System, "You are a helpful assistant. Answer in one short sentence.".to_owned());
            (vec![system, user(question)], answer.clone())
        });
        let with_system = self.score("after a word of the system", &with_system.collect::<Vec<_>>());
        let second = some().map(|(question, answer)| {
            let (first, said) = lesson::exchange(&mut random);
            (vec![user(&first), (Role::Assistant, said), user(question)], answer.clone())
        });
        let second = self.score("as second question", &second.collect::<Vec<_>>());
        let new: Vec<_> = (0..500).map(|_| alone(&lesson::exchange(&mut random))).collect();
        let unknown = UNKNOWN.map(|text| (vec![user(text)], FALLBACK.to_owned()));
        vec![with_system, second, self.score("new, known or not", &new), self.score("unknown", &unknown)]
    }
}

fn user(text: &str) -> Turn {
    (Role::User, text.to_owned())
}

/// A question without anything before it.
fn alone((question, answer): &(String, String)) -> (Vec<Turn>, String) {
    (vec![user(question)], answer.clone())
}

/// The token with the highest score.
fn highest(scores: &[f32]) -> u32 {
    let best = (0..)
        .zip(scores)
        .fold((0, f32::NEG_INFINITY), |best, (token, score)| if *score > best.1 { (token, *score) } else { best });
    best.0
}
