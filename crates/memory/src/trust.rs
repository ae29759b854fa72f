//! Whether what a run has may be taken for what whoever runs the hub wants.

use crate::Trust;
use serde_json::Value;
use workflow::Plan;
use workflow::definition::{Action, Need, Origin, Wait};
use workflow::plan::PlannedStep;

/// The parameters of a run that was started so: what a webhook brings comes from strangers, and a run that another one begins
/// is told what its parameters were made of.
pub fn of_start(trigger: &Value) -> Trust {
    let strange = trigger["kind"] == "webhook" || trigger["trust"] == Trust::Untrusted.word();
    if strange { Trust::Untrusted } else { Trust::Trusted }
}

/// What the step at `place` gives: what tools and events give cannot be trusted, nor what is made of that. Where a step reads
/// notes it depends on what they say, so it cannot either.
pub fn of_output(plan: &Plan, place: usize, start: Trust) -> Trust {
    from(plan, vec![place], start)
}

/// What the step at `place` is given.
pub fn of_inputs(plan: &Plan, place: usize, start: Trust) -> Trust {
    let Some(planned) = plan.steps().get(place) else { return Trust::Untrusted };
    if planned.needs.iter().any(reads_notes) {
        return Trust::Untrusted;
    }
    from(plan, planned.waits.iter().map(|edge| edge.on).chain(planned.parent).collect(), start)
}

fn from(plan: &Plan, mut open: Vec<usize>, start: Trust) -> Trust {
    let mut known = vec![false; plan.steps().len()];
    while let Some(place) = open.pop() {
        let Some(planned) = plan.steps().get(place) else { continue };
        if std::mem::replace(known.get_mut(place).unwrap_or(&mut true), true) {
            continue;
        }
        if is_strange(planned) || planned.needs.iter().any(reads_notes) {
            return Trust::Untrusted;
        }
        open.extend(planned.waits.iter().map(|edge| edge.on));
        open.extend(planned.parent);
        open.extend(planned.branches.iter().flat_map(|branch| branch.steps.iter().copied()));
    }
    start
}

/// Whether something from outside comes with what the step gives.
fn is_strange(planned: &PlannedStep) -> bool {
    match &planned.step.action {
        Action::Tool(_) | Action::Plan(_) | Action::Workflow(_) | Action::Wait(Wait::Signal { .. }) => true,
        action => action.lends_tools(),
    }
}

fn reads_notes(need: &Need) -> bool {
    matches!(need.from, Origin::Memory { .. } | Origin::Classification(_) | Origin::Search { .. })
}

#[cfg(test)]
mod tests;
