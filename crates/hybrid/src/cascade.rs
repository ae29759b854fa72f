//! The cheap one first; what does not pass goes to the next.

use crate::play::{Desk, Gathered, Part, Play, Step};
use crate::strategy::{Cascade, Check};
use crate::{reading, words};
use conversation::Answer;
use conversation::answer::Reason;
use conversation::item::Item;
use conversation::json;
use std::collections::BTreeMap;

/// The most tokens of a mark.
const MARK: u64 = 16;
/// The most bytes of an answer that are judged.
const JUDGED: usize = 24_000;

#[derive(Debug)]
pub(crate) struct Cascading {
    cascade: Cascade,
    /// The model that is asked now.
    level: usize,
    gathered: Gathered,
    /// The answer that is being judged.
    candidate: Option<Answer>,
    last: Option<usize>,
}

impl Cascading {
    pub(crate) fn new(cascade: &Cascade) -> Self {
        Self { cascade: cascade.clone(), level: 0, gathered: Gathered::default(), candidate: None, last: None }
    }

    /// Asks the model of this level: the last one's answer goes to the client as it comes.
    fn ask(&mut self, desk: &mut Desk) -> Step {
        let Some(model) = self.cascade.models.get(self.level).cloned() else {
            return Step::Fail(self.last.unwrap_or(0));
        };
        if self.level + 1 == self.cascade.models.len() {
            let request = (*desk.client).clone();
            return desk.forward(&model, request);
        }
        let times = if let Check::Agree { times } = self.cascade.check { times.max(2) } else { 1 };
        let parts: Vec<Part> = (0..times).map(|_| desk.whole("try", &model)).collect();
        self.gathered = Gathered::of(&parts);
        Step::Ask(parts)
    }

    fn next(&mut self, desk: &mut Desk) -> Step {
        self.level += 1;
        self.candidate = None;
        self.ask(desk)
    }

    /// What is next where all answers of a level are there.
    fn look_at(&mut self, desk: &mut Desk, answers: Vec<Answer>) -> Step {
        let Some(first) = answers.first().cloned() else { return self.next(desk) };
        match &self.cascade.check {
            Check::Agree { times } => match agreed(answers, (*times).max(2)) {
                Some(answer) => Step::Answer(Box::new(answer)),
                None => self.next(desk),
            },
            Check::Json if is_json(&first) => Step::Answer(Box::new(first)),
            Check::Json => self.next(desk),
            Check::Judge { model, .. } => {
                let Some(said) = judged(&first) else { return self.next(desk) };
                let question = question(desk);
                let said = said.get(..said.floor_char_boundary(JUDGED)).unwrap_or(&said);
                let instructions = "How good is the answer: is it correct, complete, and what was asked for? Answer with one whole \
                                    number alone, from 0 (useless) to 10 (could not be better).";
                let texts = [("Question", question.as_str()), ("Answer", said)];
                let part = desk.part("judge", &model.clone(), words::question(instructions, &texts, MARK));
                self.candidate = Some(first);
                Step::Ask(vec![part])
            }
        }
    }
}

impl Play for Cascading {
    fn begin(&mut self, desk: &mut Desk) -> Step {
        self.ask(desk)
    }

    fn ended(&mut self, desk: &mut Desk, number: usize, answer: Option<Answer>) -> Step {
        self.last = Some(number);
        if self.level + 1 >= self.cascade.models.len() {
            return Step::Fail(number);
        }
        if let Some(candidate) = self.candidate.take() {
            let mark = answer.as_ref().and_then(reading::said).and_then(|said| reading::number(&said));
            let least = if let Check::Judge { least, .. } = self.cascade.check { usize::from(least) } else { 0 };
            // A judge that says nothing, or no mark, has not accepted.
            return match mark.filter(|mark| *mark <= 10 && *mark >= least) {
                Some(_) => Step::Answer(Box::new(candidate)),
                None => self.next(desk),
            };
        }
        match self.gathered.take(number, answer) {
            Some(answers) => self.look_at(desk, answers.into_iter().filter_map(|(_, answer)| answer).collect()),
            None => Step::Wait,
        }
    }
}

/// What the user said last.
pub(crate) fn question(desk: &Desk) -> String {
    crate::passages::Material::of(&desk.client, usize::MAX).question
}

/// The words of an answer that a judge is shown; calls of tools as they are.
fn judged(answer: &Answer) -> Option<String> {
    let calls = answer.items.iter().filter_map(|item| match item {
        Item::ToolCall(call) => Some(format!("calls {} with {}", call.name, call.arguments)),
        _ => None,
    });
    let calls: Vec<String> = calls.collect();
    if calls.is_empty() {
        reading::said(answer)
    } else {
        Some(format!("{}\n{}", reading::text(answer), calls.join("\n")))
    }
}

/// An answer that more than half of all `times` say.
fn agreed(answers: Vec<Answer>, times: usize) -> Option<Answer> {
    let mut same: BTreeMap<String, (usize, Answer)> = BTreeMap::new();
    for answer in answers {
        let Some(said) = judged(&answer) else { continue };
        same.entry(reading::plain(&said)).or_insert((0, answer)).0 += 1;
    }
    same.into_values().find(|(count, _)| count * 2 > times).map(|(_, answer)| answer)
}

fn is_json(answer: &Answer) -> bool {
    let whole = !matches!(answer.finish.as_ref().map(|finish| finish.reason), Some(Reason::Length));
    whole && reading::said(answer).is_some_and(|said| json::Raw::parse(said.trim()).is_ok())
}

#[cfg(test)]
mod tests;
