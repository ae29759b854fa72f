//! All steps of a workflow in one list, and who sees whom.

use crate::definition::{Action, Step, Workflow};
use std::collections::HashMap;

/// A step and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flat<'a> {
    pub(super) step: &'a Step,
    /// The step around it.
    pub(super) parent: Option<usize>,
    /// The branch of that.
    pub(super) branch: usize,
    /// The step that stands before it in the same list.
    pub(super) before: Option<usize>,
}

/// All steps; those within a step follow it.
pub(super) struct Steps<'a> {
    pub(super) all: Vec<Flat<'a>>,
    places: HashMap<&'a str, usize>,
}

/// What a step sees of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// It stands beside the first, which is the step itself or the one around it that stands there: an edge.
    Beside(usize),
    /// It is the step itself.
    Itself,
    /// It stands directly within the step.
    Within,
    /// It stands around the step.
    Around,
    /// It stands within this other step, which hides it.
    Hidden(usize),
}

impl<'a> Steps<'a> {
    pub(super) fn of(workflow: &'a Workflow) -> Self {
        let mut steps = Self { all: Vec::new(), places: HashMap::new() };
        steps.add(&workflow.steps, None, 0);
        steps
    }

    /// Recursion is as deep as steps stand within each other, which the reader limits.
    fn add(&mut self, list: &'a [Step], parent: Option<usize>, branch: usize) {
        let mut before = None;
        for step in list {
            let place = self.all.len();
            self.all.push(Flat { step, parent, branch, before });
            self.places.entry(step.name.as_str()).or_insert(place);
            before = Some(place);
            for (number, within) in step.body.iter().enumerate() {
                self.add(&within.steps, Some(place), number);
            }
        }
    }

    pub(super) fn get(&self, place: usize) -> Option<&Flat<'a>> {
        self.all.get(place)
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + Clone + '_ {
        self.all.iter().map(|flat| flat.step.name.as_str())
    }

    pub(super) fn name(&self, place: usize) -> &'a str {
        self.get(place).map_or("", |flat| flat.step.name.as_str())
    }

    /// The step, and those around it from the inside out.
    pub(super) fn chain(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(place), |at| self.get(*at)?.parent)
    }

    /// What the step `from` sees of the step `to`; from outside all steps where `from` is nothing.
    pub(super) fn sight(&self, from: Option<usize>, to: usize) -> Sight {
        let list = |place: usize| self.get(place).map(|flat| (flat.parent, flat.branch));
        if from == Some(to) {
            return Sight::Itself;
        }
        let Some(from) = from else {
            return match self.get(to).and_then(|flat| flat.parent) {
                None => Sight::Beside(to),
                Some(_) => Sight::Hidden(self.chain(to).last().unwrap_or(to)),
            };
        };
        if self.chain(from).any(|around| around == to) {
            return Sight::Around;
        }
        if self.get(to).and_then(|flat| flat.parent) == Some(from) {
            return Sight::Within;
        }
        let wanted = list(to);
        match self.chain(from).find(|around| list(*around) == wanted) {
            Some(around) => Sight::Beside(around),
            None => Sight::Hidden(self.get(to).and_then(|flat| flat.parent).unwrap_or(to)),
        }
    }

    /// Whether the step gives a list of outputs.
    pub(super) fn gives_many(&self, place: usize) -> bool {
        self.get(place).is_some_and(|flat| {
            flat.step.for_each.is_some() || matches!(flat.step.action, Action::ParallelQuery { .. })
        })
    }
}
