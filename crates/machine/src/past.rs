//! What another run can begin with of what came in one: results, failures that were borne, decisions, times and signals.
//!
//! A journal is read twice. First as what it is, to see which entry brought a step to its end and what was sent; then a run of the
//! plan as it is now is made of what came, in its order: a step gets what came to it where it waits for the like.

mod told;

use crate::decide::asked_at;
use crate::fault::Fault;
use crate::node::{Ended, Id, Node, Role, Standing};
use crate::state::{State, Unfit};
use base::Code;
use journal::{Effect, Entry, Kind, RunId, StepPath};
use std::collections::BTreeSet;
use std::sync::Arc;
use told::{Came, Told};
use workflow::Plan;
use workflow::definition::{Action, ItemFailure, OnError, OnExpiry, Wait};

/// What a run can begin with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Past {
    /// What stands behind the first entry of its journal.
    pub entries: Vec<Entry>,
    /// Steps with an effect outside that was sent before and that the run would send again, though nobody asked for that: what came
    /// of it is not known, was taken back in part, or has no place in the run. In the order of their names.
    pub again: Vec<StepPath>,
}

/// What the run `new` of a plan, which begins with `started`, can begin with of what `entries` tell of a run of `old`, but for what the
/// steps named in `anew` did.
///
/// What the new run decides by its own id, time and trigger decides here too: a step has no result of the other run where this one does
/// not come to it. A gate counts as decided only if it would show the same now. A failure is taken over only where the run bears it. What
/// was undone is neither taken over nor missed.
///
/// # Errors
/// As [`State::apply`].
pub fn past(
    (old, run): (Arc<Plan>, RunId),
    entries: &[Entry],
    (plan, new, started): (Arc<Plan>, RunId, &Entry),
    anew: &BTreeSet<String>,
) -> Result<Past, Unfit> {
    let told = Told::of(State::of(old, run), entries)?;
    let mut fork = Fork { state: State::of(plan, new), entries: Vec::new() };
    fork.state.apply(started)?;
    let kept = |path: &StepPath| !anew.contains(name_of(path));
    let mut left: Vec<&(StepPath, Came)> = told.came().filter(|(path, _)| kept(path)).collect();
    // Where the plan is the same all find their place at once; where steps stand in another order now, they come in turn.
    for _ in 0..=fork.state.plan.steps().len() {
        let before = left.len();
        let mut open = Vec::new();
        for one in left {
            if !fork.take(&told, &one.0, &one.1)? {
                open.push(one);
            }
        }
        left = open;
        if left.is_empty() || left.len() == before {
            break;
        }
    }
    let again = told.sent.keys().filter(|path| kept(path) && fork.may_do(path)).cloned().collect();
    Ok(Past { entries: fork.entries, again })
}

/// The name of a step in its file: the path of one in several loops has numbers behind it, that of an undoing call another word.
pub fn name_of(path: &StepPath) -> &str {
    path.name().split(['@', '~']).next().unwrap_or_default()
}

/// The run that is to begin.
struct Fork {
    state: State,
    entries: Vec<Entry>,
}

impl Fork {
    fn push(&mut self, entry: Entry) -> Result<(), Unfit> {
        self.state.apply(&entry)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Gives the step what came to it, if it waits for the like.
    fn take(&mut self, told: &Told, path: &StepPath, came: &Came) -> Result<bool, Unfit> {
        let Some(id) = self.state.paths.get(path).copied() else { return Ok(false) };
        if let Came::Pause(entry) = came {
            let waits = self.state.waits_between_rounds(id);
            return if waits { self.push(entry.clone()).map(|()| true) } else { Ok(false) };
        }
        if !matches!(self.state.nodes.get(id).map(|node| &node.standing), Some(Standing::Leaf(_))) {
            return Ok(false);
        }
        let call = self.state.is_call(id);
        match came {
            Came::Result(entry) if call => {
                if let Some(intent) = told.intents.get(path) {
                    self.push(Entry { attempt: 1, ..intent.clone() })?;
                }
                // Attempts are counted from the beginning.
                self.push(Entry { attempt: 1, kind: Kind::Succeeded, ..entry.clone() })?;
            }
            Came::Gate { opened, decided } if !call && self.shows(id, opened) && self.goes_on(id, &decided.kind) => {
                // Nobody is waited for in this run.
                self.push(Entry { at: decided.at, ..Entry::clone(opened) })?;
                self.push(Entry::clone(decided))?;
            }
            Came::Time(entry) if !call && self.is_due(id, &entry.kind) => self.push(entry.clone())?,
            Came::Signal(entry) if self.is_next(id, &entry.kind) => self.push(entry.clone())?,
            Came::Fault(at, fault) if self.bears(id) && fault.code != Code::RunBudget.id() => {
                self.fail(id, path, *at, fault)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The step fails as it did, whatever the number of attempts that its rule gives it now.
    fn fail(&mut self, id: Id, path: &StepPath, at: u64, fault: &Fault) -> Result<(), Unfit> {
        while let Some(Standing::Leaf(leaf)) = self.state.nodes.get(id).map(|node| &node.standing) {
            let attempt = leaf.attempt;
            let entry = if leaf.again {
                Entry { step: Some(path.clone()), ..Entry::of_run(at, Kind::TimerFired { timer: "retry".to_owned() }) }
            } else {
                Entry::of_step(at, path.clone(), attempt, fault.failed())
            };
            self.push(entry)?;
        }
        Ok(())
    }

    /// Whether the gate would show what it showed.
    fn shows(&self, id: Id, opened: &Entry) -> bool {
        let Kind::GateOpened(gate) = &opened.kind else { return false };
        asked_at(&self.state, id).is_some_and(|arguments| arguments == gate.arguments)
    }

    /// Whether the run goes on with this end of a gate.
    fn goes_on(&self, id: Id, decided: &Kind) -> bool {
        let expired_well = *decided == Kind::GateExpired && self.state.on_expiry(id) == OnExpiry::Approve;
        matches!(decided, Kind::GateApproved { .. }) || expired_well || self.bears(id)
    }

    fn is_due(&self, id: Id, fired: &Kind) -> bool {
        let Kind::TimerFired { timer } = fired else { return false };
        match self.state.step_of(id).map(|step| &step.action) {
            Some(Action::Wait(Wait::For(_) | Wait::Until(_))) => timer == "wait",
            Some(Action::Wait(Wait::Signal { timeout: Some(_), .. })) => timer == "timeout" && self.bears(id),
            _ => false,
        }
    }

    /// Whether it is this step that gets the next signal of the name.
    fn is_next(&self, id: Id, signal: &Kind) -> bool {
        let Kind::Signal { name } = signal else { return false };
        self.state.active.iter().find(|id| self.state.awaits(**id) == Some(name)) == Some(&id)
    }

    /// Whether the run goes on if the node fails.
    fn bears(&self, id: Id) -> bool {
        let mut at = Some(id);
        while let Some(id) = at {
            let (Some(node), Some(step)) = (self.state.nodes.get(id), self.state.step_of(id)) else { return false };
            let borne = match node.role {
                Role::Root | Role::Undo(_) => return false,
                Role::Step => step.on_error != OnError::Fail,
                Role::Item(_) => {
                    let rule = step.for_each.as_ref().map(|rule| rule.on_failure);
                    let parent = node.parent.and_then(|parent| self.state.nodes.get(parent)).map(|node| &node.standing);
                    match (rule, parent) {
                        (Some(ItemFailure::Continue), _) => true,
                        (Some(ItemFailure::Tolerate(most)), Some(Standing::Each(each))) => each.failed < most,
                        _ => false,
                    }
                }
                Role::Round(_) => false,
            };
            if borne {
                return true;
            }
            at = node.parent;
        }
        false
    }

    /// Whether the run may still do the step, and something outside with it.
    fn may_do(&self, path: &StepPath) -> bool {
        let plan = &self.state.plan;
        let Some((place, planned)) = plan.step(name_of(path)) else { return false };
        let harmless = planned.effect < Effect::Idempotent && !matches!(planned.step.action, Action::Workflow(_));
        if harmless || self.is_over(path) {
            return false;
        }
        // What it stands in may have gone another way, or ended without it.
        if self.goes_elsewhere(place) {
            return false;
        }
        let mut around = Some(place);
        while let Some(planned) = around.and_then(|place| plan.steps().get(place)) {
            if StepPath::new(&planned.step.name).is_some_and(|whole| self.is_over(&whole)) {
                return false;
            }
            around = planned.parent;
        }
        true
    }

    /// Whether a branch was taken around the step at `place` in which it does not stand, with no item or round left that may take another.
    fn goes_elsewhere(&self, place: usize) -> bool {
        let plan = &self.state.plan;
        let mut at = place;
        while let Some(around) = plan.steps().get(at).and_then(|planned| planned.parent) {
            let of_around = || self.state.nodes.iter().enumerate().filter(|(_, node)| node.place == around);
            let is_decided = |node: &Node| matches!(node.standing, Standing::Frame(_) | Standing::Done(_));
            let has_it = |id: Id| self.state.frames.get(&id).is_some_and(|within| within.contains_key(&at));
            let opened = of_around().any(|(id, _)| self.state.frames.contains_key(&id));
            if opened && of_around().all(|(id, node)| is_decided(node) && !has_it(id)) && self.is_settled(around) {
                return true;
            }
            at = around;
        }
        false
    }

    /// Whether nothing around the step at `place` may begin it once more.
    fn is_settled(&self, place: usize) -> bool {
        let mut at = self.state.plan.steps().get(place).and_then(|planned| planned.parent);
        while let Some(around) = at {
            let open =
                |node: &Node| matches!(node.standing, Standing::Each(_) | Standing::Loop(_) | Standing::Waiting(_));
            if self.state.nodes.iter().any(|node| node.place == around && open(node)) {
                return false;
            }
            at = self.state.plan.steps().get(around).and_then(|planned| planned.parent);
        }
        true
    }

    fn is_over(&self, path: &StepPath) -> bool {
        let node = self.state.paths.get(path).and_then(|id| self.state.nodes.get(*id));
        matches!(node.map(|node| &node.standing), Some(Standing::Done(outcome)) if outcome.ended != Ended::Cancelled)
    }
}
