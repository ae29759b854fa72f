//! What of its budget a run has set aside, and what it spent.
//!
//! What is set aside is settled when it is known what the call took. Where nobody knows, for whoever made the call
//! has died, all of it counts as spent: it may have been.

use super::{Phase, State};
use crate::node::Id;
use journal::{Amount, Entry, StepPath};
use std::collections::BTreeMap;
use workflow::definition::Action;

/// The member, with its value, by which an entry `reserved` or `settled` tells that it is for the context of a step, and not for
/// the call of the step itself.
pub const FOR_CONTEXT: (&str, &str) = ("for", "\"context\"");

/// What a run used up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Money {
    /// Set aside and not settled.
    pub(crate) reserved: Amount,
    pub(crate) spent: Amount,
    /// What of it is set aside for each node.
    pub(crate) open: BTreeMap<Id, Aside>,
    /// What of `spent` the runs took that are steps of this one.
    within: BTreeMap<Id, Amount>,
}

/// What is set aside for a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Aside {
    whole: Amount,
    /// What of it is for its context.
    context: Amount,
}

/// What is set aside for a call that nobody makes any more: a crash has taken it.
pub(crate) struct Lost<'a> {
    pub(crate) path: &'a StepPath,
    pub(crate) reserved: Amount,
    pub(crate) spent: Amount,
}

impl Money {
    pub(super) fn reserve(&mut self, id: Id, amount: Amount, entry: &Entry) {
        let aside = self.open.entry(id).or_default();
        aside.whole = plus(aside.whole, amount);
        if is_for_context(entry) {
            aside.context = plus(aside.context, amount);
        }
        self.reserved = plus(self.reserved, amount);
    }

    /// A step may set aside something more than once: for its context, and for its call.
    pub(super) fn settle(&mut self, id: Id, (reserved, spent): (Amount, Amount), entry: &Entry) {
        if let Some(aside) = self.open.get_mut(&id) {
            aside.whole = minus(aside.whole, reserved);
            let context = if is_for_context(entry) { minus(aside.context, reserved) } else { aside.context };
            aside.context = least(context, aside.whole);
            if aside.whole == Amount::default() {
                self.open.remove(&id);
            }
        }
        self.reserved = minus(self.reserved, reserved);
        self.spent = plus(self.spent, spent);
    }

    /// The same for a step that is a run of its own.
    pub(super) fn settle_within(&mut self, id: Id, spent: Amount, entry: &Entry) {
        if !is_for_context(entry) && spent != Amount::default() {
            let sum = self.within.entry(id).or_default();
            *sum = plus(*sum, spent);
        }
    }
}

impl State {
    /// What the run that is the step at `path` is known to have taken, by all attempts of the step together: it is one run for all.
    pub fn spent_within(&self, path: &StepPath) -> Amount {
        let id = self.paths.get(path);
        id.and_then(|id| self.money.within.get(id)).copied().unwrap_or_default()
    }

    /// Whether the node is a run of its own.
    pub(crate) fn is_run(&self, id: Id) -> bool {
        let planned = self.nodes.get(id).and_then(|node| self.plan.steps().get(node.place));
        planned.is_some_and(|planned| matches!(planned.step.action, Action::Workflow(_)))
    }

    /// What is set aside for calls that are not under way. It counts as spent, but for what is known to be left: the call of a step
    /// whose context was never there was not made.
    pub(crate) fn lost(&self) -> impl Iterator<Item = Lost<'_>> {
        let gone = |id: &Id| !self.under.calls.contains_key(id) && self.kept(*id).is_none();
        let lost = self.money.open.iter().filter(move |(id, _)| gone(id));
        lost.filter_map(|(id, aside)| {
            let path = self.nodes.get(*id)?.path.as_ref()?;
            let spent = if self.waits_for_context(*id) { aside.context } else { aside.whole };
            Some(Lost { path, reserved: aside.whole, spent })
        })
    }

    /// What is set aside for a run within that a crash did not end: it goes on, and is waited for again.
    pub(crate) fn kept(&self, id: Id) -> Option<Amount> {
        let aside = self.money.open.get(&id).filter(|aside| aside.context == Amount::default())?;
        let wanted = self.phase == Phase::Running && self.active.contains(&id);
        let goes_on = wanted && self.is_run(id) && !self.undoes_step(id) && !self.waits_for_context(id);
        (goes_on && !self.under.calls.contains_key(&id)).then_some(aside.whole)
    }

    /// Steps whose calls may give something back of what is set aside for them.
    pub(crate) fn comes_back(&self) -> impl Iterator<Item = &Id> {
        self.money.open.keys().filter(|id| self.under.calls.contains_key(id) || self.kept(**id).is_some())
    }

    /// Whether something is set aside for a call that is under way.
    pub(crate) fn may_get_back(&self) -> bool {
        self.comes_back().next().is_some()
    }

    fn undoes_step(&self, id: Id) -> bool {
        self.nodes.get(id).is_some_and(|node| matches!(node.role, crate::node::Role::Undo(_)))
    }

    /// Whether the node calls nothing before it has its context, and does not have it.
    pub(crate) fn waits_for_context(&self, id: Id) -> bool {
        let Some(node) = self.nodes.get(id) else { return false };
        let undoes = self.undoes_step(id);
        let needs = self.plan.steps().get(node.place).is_some_and(|planned| !planned.needs.is_empty());
        needs && !undoes && !self.given.contains(&id)
    }
}

fn is_for_context(entry: &Entry) -> bool {
    let (name, value) = FOR_CONTEXT;
    entry.more.iter().any(|(other, raw)| other == name && raw.as_str() == value)
}

pub(crate) const fn plus(left: Amount, right: Amount) -> Amount {
    Amount { money: left.money.saturating_add(right.money), tokens: left.tokens.saturating_add(right.tokens) }
}

pub(crate) const fn minus(left: Amount, right: Amount) -> Amount {
    Amount { money: left.money.saturating_sub(right.money), tokens: left.tokens.saturating_sub(right.tokens) }
}

fn least(left: Amount, right: Amount) -> Amount {
    Amount { money: left.money.min(right.money), tokens: left.tokens.min(right.tokens) }
}
