//! Runs that begin in the middle of others.

use crate::runner::{JournalRunner, unfit};
use crate::start::{Start, Started};
use base::ports::Principal;
use base::{Code, Error, Result};
use journal::{Entry, RunId, StepPath};
use memory::trust;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use workflow::Plan;

/// How many steps an error names.
const NAMED: usize = 10;

impl JournalRunner {
    /// Starts a run of the same workflow, as it is now, with what came to the steps of another run, but for the step `from` and all that
    /// come after it: results and failures that the run bore, decisions at gates, times that were over, and signals. All of it
    /// is written with the run, so that nothing is sent twice whatever happens meanwhile.
    ///
    /// # Errors
    /// [`Code::RunUnknown`], [`Code::InvalidParams`]: there is no such step; [`Code::WorkflowMissing`]: the workflow is served no more;
    /// [`Code::RunResultRecorded`]: other steps with an effect outside would be done again; those of [`JournalRunner::start`].
    pub async fn fork(&self, run: RunId, from: &str, principal: Principal) -> Result<Started, Vec<Error>> {
        let one = |error: Error| vec![error];
        let (old, entries) = self.shared.folded(run).await.map_err(one)?;
        if old.is_failing() && old.end().is_none() {
            let message = format!("run {run} fails, and undoes what it did");
            let next = "wait for its end, or say what became of steps in doubt";
            return Err(one(Error::new(Code::RunResultRecorded, message, next)));
        }
        let served = self.shared.plans.named(old.plan().name()).map_err(one)?;
        let anew = anew(&served.plan, from).map_err(one)?;
        let entries: Vec<Entry> = entries.into_iter().map(|recorded| recorded.entry).collect();
        let params = match entries.first().and_then(crate::about::value) {
            Some(Value::Object(params)) => params,
            _ => Map::new(),
        };
        let past = machine::past((old.shared_plan(), run), &entries, Arc::clone(&served.plan), &anew);
        let past = past.map_err(|error| one(unfit(error)))?;
        if !past.again.is_empty() {
            return Err(one(repeats(&served.plan, run, &past.again)));
        }
        let trigger = Some(json!({
            "kind": "fork", "run": run.to_string(), "from": from, "trust": trust::of_start(old.trigger()).word(),
        }));
        let start = Start { principal, trigger, ..Start::of(served.plan.name(), params) };
        self.start_as(start, None, past.entries).await
    }
}

/// Steps would be sent again that nobody asked for.
fn repeats(plan: &Plan, run: RunId, again: &[StepPath]) -> Error {
    let mut named: Vec<String> = again.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    if again.len() > NAMED {
        named.push(format!("{} more", again.len() - NAMED));
    }
    let first = again.iter().filter_map(|path| plan.step(machine::name_of(path))).min_by_key(|(place, _)| *place);
    let first = first.map_or("", |(_, planned)| planned.step.name.as_str());
    let message = format!(
        "the fork would do again what run {run} did or began: {}. What came of it is not known, was taken back in part, or has no place \
         behind what comes before it now",
        named.join(", ")
    );
    let next = format!(
        "wait for the end of the run, or say what became of steps in doubt; to do all from there on once more, fork from `{first}`"
    );
    Error::new(Code::RunResultRecorded, message, next)
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
