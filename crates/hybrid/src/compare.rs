//! Several at once, of which one answer is chosen.

use crate::cascade::question;
use crate::play::{Desk, Gathered, Part, Play, Step};
use crate::strategy::{Compare, Decide};
use crate::{reading, words};
use conversation::Answer;
use conversation::item::Item;
use std::collections::BTreeMap;

/// The most tokens of a choice.
const CHOICE: u64 = 16;
/// The most bytes of an answer that are compared.
const COMPARED: usize = 16_000;

#[derive(Debug)]
pub(crate) struct Comparing {
    compare: Compare,
    gathered: Gathered,
    /// The answers, each with its model, in the order of the models.
    answers: Vec<(String, Answer)>,
    decides: bool,
}

impl Comparing {
    pub(crate) fn new(compare: &Compare) -> Self {
        Self { compare: compare.clone(), gathered: Gathered::default(), answers: Vec::new(), decides: false }
    }

    /// What the client gets, where the one of this number is chosen.
    fn chosen(&mut self, chosen: usize) -> Step {
        let chosen = chosen.min(self.answers.len().saturating_sub(1));
        if chosen >= self.answers.len() {
            return Step::Wait;
        }
        let (model, mut answer) = self.answers.remove(chosen);
        if self.compare.show_all {
            // As one text, which is all that some dialects have place for.
            let mut text = format!("# {model}\n\n{}", reading::text(&answer));
            for (model, other) in &self.answers {
                text.push_str(&format!("\n\n# {model}\n\n{}", reading::text(other)));
            }
            let rest = answer.items.into_iter().filter(|item| !matches!(item, Item::Text(_)));
            let all = std::iter::once(Item::text(text)).chain(rest).collect();
            answer.items = all;
        }
        Step::Answer(Box::new(answer))
    }

    fn decide(&mut self, desk: &mut Desk) -> Step {
        let (model, merges) = match &self.compare.decide {
            Decide::Vote => {
                let chosen = self.voted();
                return self.chosen(chosen);
            }
            Decide::Judge(model) => (model.clone(), false),
            Decide::Merge(model) => (model.clone(), true),
        };
        if self.answers.len() == 1 {
            return self.chosen(0);
        }
        self.decides = true;
        let asked = question(desk);
        let names: Vec<String> = (1..=self.answers.len()).map(|number| format!("Answer {number}")).collect();
        let said: Vec<String> = self.answers.iter().map(|(_, answer)| reading::text(answer)).collect();
        let short = said.iter().map(|said| said.get(..said.floor_char_boundary(COMPARED)).unwrap_or(said));
        let mut texts: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(short).collect();
        texts.push(("Question", &asked));
        if merges {
            let instructions = "Several models answered the question. Make one answer of theirs: what is right in any of them, without \
                                what is wrong, without telling of the others. Answer with it alone.";
            let mut request = words::question(instructions, &texts, 1);
            request.max_tokens.clone_from(&desk.client.max_tokens);
            (request.stream, request.stream_usage) = (desk.client.stream, desk.client.stream_usage);
            request.format.clone_from(&desk.client.format);
            return if self.compare.show_all {
                request.stream = false;
                Step::Ask(vec![desk.part("merge", &model, request)])
            } else {
                desk.forward(&model, request)
            };
        }
        let instructions = "Which answer is the best: correct, complete, and what was asked for? Their order says nothing. Answer with \
                            its number alone.";
        Step::Ask(vec![desk.part("judge", &model, words::question(instructions, &texts, CHOICE))])
    }

    /// The one that most say; among equals the first.
    fn voted(&self) -> usize {
        let mut same: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, (_, answer)) in self.answers.iter().enumerate() {
            same.entry(reading::plain(&reading::text(answer))).or_default().push(number);
        }
        let most = same.into_values().max_by_key(|all| (all.len(), std::cmp::Reverse(all.first().copied())));
        most.and_then(|all| all.first().copied()).unwrap_or(0)
    }
}

impl Play for Comparing {
    fn begin(&mut self, desk: &mut Desk) -> Step {
        let models = self.compare.models.clone();
        let parts: Vec<Part> = models.iter().map(|model| desk.whole("answer", model)).collect();
        self.gathered = Gathered::of(&parts);
        Step::Ask(parts)
    }

    fn ended(&mut self, desk: &mut Desk, number: usize, answer: Option<Answer>) -> Step {
        if self.decides {
            let merges = matches!(self.compare.decide, Decide::Merge(_));
            let said = answer.as_ref().and_then(reading::said);
            if merges && let (Some(answer), Some(_)) = (answer, &said) {
                self.answers.insert(0, ("all together".to_owned(), answer));
                return self.chosen(0);
            }
            // A judge that names none leaves the first, whom the route trusts most.
            let named = said.and_then(|said| reading::number(&said)).and_then(|named| named.checked_sub(1));
            return self.chosen(named.filter(|named| !merges && *named < self.answers.len()).unwrap_or(0));
        }
        let Some(ended) = self.gathered.take(number, answer) else { return Step::Wait };
        let with_models = ended.into_iter().zip(self.compare.models.clone());
        self.answers = with_models
            .filter_map(|((_, answer), model)| {
                answer.filter(|answer| !answer.items.is_empty()).map(|answer| (model, answer))
            })
            .collect();
        if self.answers.is_empty() { Step::Fail(number) } else { self.decide(desk) }
    }
}

#[cfg(test)]
mod tests;
