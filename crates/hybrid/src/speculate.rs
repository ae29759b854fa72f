//! Several at once, and who begins first goes on.

use crate::play::{Desk, Part, Play, Step};
use crate::strategy::Speculate;
use conversation::Answer;

#[derive(Debug)]
pub(crate) struct Speculating {
    speculate: Speculate,
}

impl Speculating {
    pub(crate) fn new(speculate: &Speculate) -> Self {
        Self { speculate: speculate.clone() }
    }
}

impl Play for Speculating {
    fn begin(&mut self, desk: &mut Desk) -> Step {
        let client = desk.client.clone();
        let part = |model: &String| desk.part("answer", model, (*client).clone());
        Step::Race(self.speculate.models.iter().map(part).collect::<Vec<Part>>())
    }

    fn ended(&mut self, _: &mut Desk, number: usize, answer: Option<Answer>) -> Step {
        answer.map_or(Step::Fail(number), |answer| Step::Answer(Box::new(answer)))
    }
}

#[cfg(test)]
mod tests;
