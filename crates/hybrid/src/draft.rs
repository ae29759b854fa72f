//! A model drafts an answer, another makes it better.

use crate::play::{Desk, Play, Step};
use crate::reading;
use crate::strategy::DraftRefine;
use conversation::Answer;
use conversation::item::Item;
use conversation::request::{Role, Turn};

/// What the second model is told behind the draft.
const REFINE: &str = "Your last message was a draft. Check it: correct what is wrong, add what is missing, leave out what is not \
                      asked for. Answer again, with the final answer alone; do not mention the draft.";

#[derive(Debug)]
pub(crate) struct Drafting {
    draft: DraftRefine,
    drafted: Option<Answer>,
    asked_twice: bool,
}

impl Drafting {
    pub(crate) fn new(draft: &DraftRefine) -> Self {
        Self { draft: draft.clone(), drafted: None, asked_twice: false }
    }
}

impl Play for Drafting {
    fn begin(&mut self, desk: &mut Desk) -> Step {
        Step::Ask(vec![desk.whole("draft", &self.draft.helper)])
    }

    fn ended(&mut self, desk: &mut Desk, number: usize, answer: Option<Answer>) -> Step {
        if self.asked_twice {
            // A draft that nobody refined is an answer all the same.
            return self.drafted.take().map_or(Step::Fail(number), |draft| Step::Answer(Box::new(draft)));
        }
        self.asked_twice = true;
        let mut request = (*desk.client).clone();
        if let Some((draft, said)) = answer.and_then(|answer| reading::said(&answer).map(|said| (answer, said))) {
            request.turns.push(Turn::new(Role::Assistant, vec![Item::text(said)]));
            request.turns.push(Turn::new(Role::User, vec![Item::text(REFINE)]));
            self.drafted = Some(draft);
        }
        desk.forward(&self.draft.model, request)
    }
}

#[cfg(test)]
mod tests;
