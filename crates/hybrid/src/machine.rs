//! Playing a strategy for one request.

use crate::boost::Boosting;
use crate::cascade::Cascading;
use crate::compare::Comparing;
use crate::draft::Drafting;
use crate::map_reduce::Reducing;
use crate::play::{Desk, Play, Step};
use crate::speculate::Speculating;
use crate::{Rank, Strategy};
use conversation::{Answer, Request};
use std::sync::Arc;

/// A strategy that is played for one request.
#[derive(Debug)]
pub struct Machine {
    play: Box<dyn Play + Send>,
    desk: Desk,
}

impl Machine {
    /// A machine that plays `strategy` for what `client` asks, and what it asks first. `rank` says which passages fit.
    pub fn begin(strategy: &Strategy, client: Arc<Request>, rank: Rank<'_>) -> (Self, Step) {
        let mut play: Box<dyn Play + Send> = match strategy {
            Strategy::Boost(boost) => Box::new(Boosting::new(boost, &client, rank)),
            Strategy::DraftRefine(draft) => Box::new(Drafting::new(draft)),
            Strategy::Cascade(cascade) => Box::new(Cascading::new(cascade)),
            Strategy::Compare(compare) => Box::new(Comparing::new(compare)),
            Strategy::MapReduce(map) => Box::new(Reducing::new(map, &client)),
            Strategy::Speculate(speculate) => Box::new(Speculating::new(speculate)),
        };
        let mut desk = Desk::new(client);
        let step = play.begin(&mut desk);
        (Self { play, desk }, step)
    }

    /// What is next now that the part of this number has ended: with its answer, or without one where it failed, took too
    /// long, or was not allowed.
    pub fn ended(&mut self, number: usize, answer: Option<Answer>) -> Step {
        self.play.ended(&mut self.desk, number, answer)
    }

    /// How many parts were asked so far.
    pub fn asked(&self) -> usize {
        self.desk.asked()
    }
}

#[cfg(test)]
pub(crate) mod tests;
