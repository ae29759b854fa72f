//! Runs that begin in the middle of others.

use crate::runner::{JournalRunner, unfit};
use crate::start::{Start, Started};
use base::ports::Principal;
use base::{Code, Error, Result};
use journal::limits::BATCH;
use journal::{Entry, Kind, RunId, StepPath};
use machine::{Progress, State};
use memory::trust;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use workflow::Plan;

impl JournalRunner {
    /// Starts a run of the same workflow, as it is now, with the results that another run has, but for those of the step `from`
    /// and of all that come after it. Steps that waited for a time or a person, and all that come after these, are done anew.
    ///
    /// # Errors
    /// [`Code::RunUnknown`], [`Code::InvalidParams`]: there is no such step; [`Code::WorkflowMissing`]: the workflow is served no more; those of
    /// [`JournalRunner::start`].
    pub async fn fork(&self, run: RunId, from: &str, principal: Principal) -> Result<Started, Vec<Error>> {
        let one = |error: Error| vec![error];
        let (old, entries) = self.shared.folded(run).await.map_err(one)?;
        let served = self.shared.plans.named(old.plan().name()).map_err(one)?;
        let anew = anew(&served.plan, from).map_err(one)?;
        let input = entries.first().and_then(|first| crate::about::value(&first.entry));
        let params = match input {
            Some(Value::Object(params)) => params,
            _ => Map::new(),
        };
        let past = self.past(&served.plan, run, entries.into_iter().map(|recorded| recorded.entry).collect(), &anew);
        let trigger = Some(json!({
            "kind": "fork", "run": run.to_string(), "from": from, "trust": trust::of_start(old.trigger()).word(),
        }));
        let start = Start { principal, trigger, ..Start::of(served.plan.name(), params) };
        self.start_as(start, None, past.map_err(one)?).await
    }

    /// The results of a run that one of `plan` can begin with: those that a step waits for in the moment when they come.
    fn past(&self, plan: &Plan, run: RunId, entries: Vec<Entry>, anew: &BTreeSet<String>) -> Result<Vec<Entry>> {
        let mut state = State::of(std::sync::Arc::new(plan.clone()), run);
        let mut past = Vec::new();
        for mut entry in entries {
            if matches!(entry.kind, Kind::Started { .. }) {
                state.apply(&entry).map_err(unfit)?;
                continue;
            }
            let Some(path) = entry.step.clone().filter(|_| entry.kind == Kind::Succeeded) else { continue };
            // Attempts are counted from the beginning.
            entry.attempt = 1;
            if anew.contains(path.name()) || past.len() + 1 >= BATCH || !waits_for(&state, &path) {
                continue;
            }
            state.apply(&entry).map_err(unfit)?;
            past.push(entry);
        }
        Ok(past)
    }
}

fn waits_for(state: &State, path: &StepPath) -> bool {
    state.steps().any(|(step, progress)| step == path && progress == Progress::Running)
}

/// The names of the step `from` and of all that come after it.
fn anew(plan: &Plan, from: &str) -> Result<BTreeSet<String>> {
    let Some((place, _)) = plan.step(from) else {
        let known: Vec<&str> = plan.steps().iter().map(|planned| planned.step.name.as_str()).take(20).collect();
        let from: String = from.chars().filter(|one| !one.is_control()).take(64).collect();
        let message = format!("the workflow has no step `{from}`");
        return Err(Error::new(Code::InvalidParams, message, format!("its steps are {}", known.join(", "))));
    };
    let (mut open, mut found) = (vec![place], BTreeSet::new());
    while let Some(place) = open.pop() {
        let Some(planned) = plan.steps().get(place) else { continue };
        if !found.insert(place) {
            continue;
        }
        // What is around it is done anew as far as it comes of it, and what is within it with it.
        open.extend(planned.parent.iter().flat_map(|parent| after(plan, *parent)));
        open.extend(planned.branches.iter().flat_map(|branch| branch.steps.iter().copied()));
        open.extend(after(plan, place));
    }
    Ok(found.into_iter().filter_map(|place| Some(plan.steps().get(place)?.step.name.clone())).collect())
}

/// The steps that wait for the one at `place`.
fn after(plan: &Plan, place: usize) -> impl Iterator<Item = usize> {
    let waits = plan.steps().iter().enumerate();
    let after = waits.filter(move |(_, planned)| planned.waits.iter().any(|edge| edge.on == place));
    after.map(|(place, _)| place).collect::<Vec<_>>().into_iter()
}
