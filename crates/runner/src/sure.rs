//! Which steps a run surely comes to: whoever starts it must be allowed to do what these call.

use crate::plans::Plans;
use base::Error;
use base::ports::Principal;
use std::collections::BTreeSet;
use std::sync::Arc;
use workflow::Plan;
use workflow::definition::{Action, Case, OnError};

use crate::outside::Outside;

/// The most workflows that are looked at for one start.
const MOST: usize = 64;

/// Refuses to begin what whoever starts it may not carry out: before the first effect, and all of it at once.
///
/// # Errors
/// One, with the code and the words of the calls that would be refused.
pub(crate) fn permitted(
    plans: &Plans,
    outside: &dyn Outside,
    plan: &Arc<Plan>,
    principal: &Principal,
) -> Result<(), Error> {
    let mut refused = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![Arc::clone(plan)];
    while let Some(plan) = open.pop() {
        if seen.len() >= MOST || !seen.insert(plan.name().to_owned()) {
            continue;
        }
        let sure = steps(&plan);
        refused.extend(outside.refused(&plan, &sure, principal));
        let inner = sure.iter().filter_map(|place| match &plan.steps().get(*place)?.step.action {
            Action::Workflow(sub) => plans.named(&sub.name.name).ok().map(|served| served.plan),
            _ => None,
        });
        open.extend(inner);
    }
    let Some((_, first)) = refused.first() else { return Ok(()) };
    let told: Vec<String> = refused.iter().map(|(step, error)| format!("`{step}`: {}", error.message())).collect();
    let message = format!("the workflow `{}` would fail for whoever starts it: {}", plan.name(), told.join("; "));
    Err(Error::new(first.code(), message, first.next()))
}

/// The steps that are done in every run that succeeds: those that no condition, no case and no list of items stands before, and
/// whose failure fails the run.
fn steps(plan: &Plan) -> Vec<usize> {
    let mut sure = vec![false; plan.steps().len()];
    for (place, planned) in plan.steps().iter().enumerate() {
        let step = &planned.step;
        // Those within a step follow it.
        let within = planned.parent.is_none_or(|parent| {
            let case = plan.steps().get(parent).and_then(|holder| holder.branches.get(planned.branch));
            sure.get(parent) == Some(&true) && case.is_some_and(|branch| branch.case == Case::Always)
        });
        let own = step.when.is_none() && step.for_each.is_none() && step.on_error == OnError::Fail;
        if let Some(slot) = sure.get_mut(place) {
            *slot = within && own && planned.instead_of.is_empty();
        }
    }
    sure.iter().enumerate().filter(|(_, sure)| **sure).map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests;
