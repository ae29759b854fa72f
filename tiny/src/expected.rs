//! What the model of the file says, so that what runs it can be held against that.

use crate::batch::Batch;
use crate::exam::{Asked, UNKNOWN};
use crate::lesson::{Role, Turn, known};
use crate::prompt;
use crate::tokenizer::BEGIN;
use serde_json::{Value, json};

/// Questions that are always among those that are kept.
const QUESTIONS: [&str; 8] = [
    "Where does the owl live?",
    "What is 2 plus 3?",
    "What colour is the green fox?",
    "Describe the red hen as JSON.",
    "Hello!",
    "Who are you?",
    "Tell me a story.",
    "Count to ten.",
];
/// Of the other questions each so manyth.
const EACH: usize = 29;
const TEXTS: [&str; 8] = [
    "The owl lives in the tree.",
    "What is 2 plus 3?",
    "{\"animal\": \"hen\", \"colour\": \"red\"}",
    "It's  two   spaces,\n\n\tand a tab ",
    "12345 + 67",
    "Größe: 10 €",
    "你好 🦉",
    "",
];
const SENTENCES: [&str; 3] = ["The owl lives", "2 plus 3 is", "The fox is gr"];
const ABOUT: &str = "What tiny.gguf says, by the code that made it, with the weights of the file as they are unpacked. Answers are greedy. \
    `scores` are those of the first token after `prompt`, before softmax; `embedding` is the mean of the states after the last \
    norm of all tokens, the first one too, made a vector of length 1. Who rounds what is multiplied, as llama.cpp does, gets \
    numbers that are a little different.";

/// All that is kept.
pub(crate) fn expected(asked: &Asked<'_>) -> Value {
    let user = |text: &str| vec![(Role::User, text.to_owned())];
    let others = known::EXCHANGES.iter().flatten().step_by(EACH).map(|(question, _)| question.as_str());
    let questions: Vec<_> = QUESTIONS.into_iter().chain(UNKNOWN).chain(others).collect();
    let alone: Vec<_> = questions.iter().map(|question| user(question)).collect();
    let answered = questions.iter().zip(asked.texts(&alone));
    let conversations = conversations();
    let continued = conversations.iter().zip(asked.texts(&conversations)).map(|(turns, answer)| {
        let messages = turns.iter().map(|(role, text)| json!({"role": role.name(), "content": text}));
        let messages: Vec<_> = messages.collect();
        json!({"messages": messages, "rendered": prompt::rendered(turns), "answer": answer})
    });
    json!({
        "about": ABOUT,
        "questions": answered.map(|(question, answer)| json!({"question": question, "answer": answer})).collect::<Vec<_>>(),
        "conversations": continued.collect::<Vec<_>>(),
        "sentences": SENTENCES.map(|text| json!({"text": text, "rest": rest(asked, text)})),
        "tokens": TEXTS.map(|text| json!({"text": text, "ids": asked.tokenizer.encode(text)})),
        "scores": scores(asked, &user(QUESTIONS[0])),
        "embeddings": TEXTS[..2].iter().map(|text| embedding(asked, text)).collect::<Vec<_>>(),
    })
}

/// Conversations of several turns.
fn conversations() -> Vec<Vec<Turn>> {
    let turn = |role: Role, text: &str| (role, text.to_owned());
    let first = [turn(Role::User, "Where does the bee live?"), turn(Role::Assistant, "The bee lives in the hive.")];
    let system = turn(Role::System, "You are a helpful assistant.");
    let question = |text: &str| turn(Role::User, text);
    vec![
        vec![system.clone(), question("Where does the owl live?")],
        [&first[..], &[question("What is 4 plus 9?")]].concat(),
        [&[system][..], &first, &[question("Who discovered penicillin?")]].concat(),
    ]
}

/// How a text goes on.
fn rest(asked: &Asked<'_>, text: &str) -> String {
    let rests = asked.answers(&[tokens(asked, text)], 40);
    rests.iter().map(|rest| asked.tokenizer.decode(rest)).collect()
}

/// The tokens of a text without turns.
fn tokens(asked: &Asked<'_>, text: &str) -> Vec<u32> {
    std::iter::once(BEGIN).chain(asked.tokenizer.encode(text)).collect()
}

fn scores(asked: &Asked<'_>, turns: &[Turn]) -> Value {
    let ids = prompt::question(asked.tokenizer, turns);
    let mut batch = Batch::default();
    batch.add_question(&ids);
    let scores = asked.model.forward(asked.numbers, &batch).scores;
    json!({"prompt": prompt::rendered(turns), "ids": ids, "scores": short(scores.iter().map(|score| f64::from(*score)))})
}

fn embedding(asked: &Asked<'_>, text: &str) -> Value {
    let ids = tokens(asked, text);
    let mut batch = Batch::default();
    batch.add_question(&ids);
    let pass = asked.model.forward(asked.numbers, &batch);
    let mut sum = vec![0.0_f64; asked.model.shape.width];
    for row in pass.states().chunks_exact(sum.len()) {
        sum.iter_mut().zip(row).for_each(|(sum, number)| *sum += f64::from(*number));
    }
    let length = sum.iter().map(|number| number * number).sum::<f64>().sqrt();
    json!({"text": text, "ids": ids, "embedding": short(sum.iter().map(|number| number / length))})
}

/// Numbers with five digits after the point.
fn short(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    numbers.map(|number| (number * 1e5).round() / 1e5).collect()
}
