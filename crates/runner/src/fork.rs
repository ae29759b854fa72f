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
    /// is written with the run, so that nothing is sent twice whatever happens meanwhile, but for the steps `again`: of these somebody
    /// says that they may be.
    ///
    /// # Errors
    /// [`Code::RunUnknown`], [`Code::InvalidParams`]: there is no such step, or one of `again` is not sent again; [`Code::WorkflowMissing`]:
    /// the workflow is served no more; [`Code::RunResultRecorded`]: other steps with an effect outside would be done again; those of
    /// [`JournalRunner::start`].
    pub async fn fork(
        &self,
        run: RunId,
        from: &str,
        again: &[String],
        principal: Principal,
    ) -> Result<Started, Vec<Error>> {
        let one = |error: Error| vec![error];
        let (old, entries) = self.shared.folded(run).await.map_err(one)?;
        if old.is_failing() && old.end().is_none() {
            let message = format!("run {run} fails, and undoes what it did");
            let next = "wait for its end, or say what became of steps in doubt";
            return Err(one(Error::new(Code::RunResultRecorded, message, next)));
        }
        let served = self.shared.plans.named(old.plan().name()).map_err(one)?;
        let anew = anew(&served.plan, from).map_err(one)?;
        again.iter().try_for_each(|step| known(&served.plan, step).map(drop)).map_err(one)?;
        let entries: Vec<Entry> = entries.into_iter().map(|recorded| recorded.entry).collect();
        let params = match entries.first().and_then(crate::about::value) {
            Some(Value::Object(params)) => params,
            _ => Map::new(),
        };
        let mut trigger = json!({
            "kind": "fork", "run": run.to_string(), "from": from, "trust": trust::of_start(old.trigger()).word(),
        });
        if !again.is_empty() {
            trigger["again"] = json!(again.iter().collect::<BTreeSet<_>>());
        }
        let start = Start { principal, trigger: Some(trigger), ..Start::of(served.plan.name(), params) };
        let (mut new, served) = self.prepare(start, None).await?;
        // What it decides by its own id, time and trigger, it decides so from the beginning.
        let Some(started) = new.beginning().into_iter().next() else {
            return Err(one(Error::internal("a run has no first entry")));
        };
        let past =
            machine::past((old.shared_plan(), run), &entries, (Arc::clone(&served.plan), new.id, &started), &anew);
        let past = past.map_err(|error| one(unfit(error)))?;
        let may = |path: &StepPath| again.iter().any(|step| step == machine::name_of(path));
        let (sent, refused): (Vec<StepPath>, Vec<StepPath>) = past.again.into_iter().partition(may);
        if !refused.is_empty() {
            return Err(one(repeats(&served.plan, run, &refused)));
        }
        let idle = again.iter().find(|step| !sent.iter().any(|path| machine::name_of(path) == *step));
        if let Some(step) = idle {
            let message = format!(
                "`{step}` is not sent again: the fork takes its result over, does it anew, or never comes to it"
            );
            let next =
                format!("leave `{step}` out of `again`; to do it anew with all that come after it, fork from it");
            return Err(one(Error::new(Code::InvalidParams, message, next)));
        }
        new.past = past.entries;
        self.create(new, &served).await
    }
}

/// Steps would be sent again that nobody asked for.
fn repeats(plan: &Plan, run: RunId, again: &[StepPath]) -> Error {
    let mut named: Vec<String> = again.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    if again.len() > NAMED {
        named.push(format!("{} more", again.len() - NAMED));
    }
    let mut steps: Vec<(usize, &str)> = again
        .iter()
        .filter_map(|path| plan.step(machine::name_of(path)))
        .map(|(place, planned)| (place, planned.step.name.as_str()))
        .collect();
    steps.sort_unstable();
    steps.dedup();
    let first = steps.first().map_or("", |(_, name)| name);
    let flags: Vec<String> = steps.iter().map(|(_, name)| format!("--again {name}")).collect();
    let message = format!(
        "the fork would do again what run {run} did or began: {}. What came of it is not known, was taken back in part, or has no place \
         behind what comes before it now",
        named.join(", ")
    );
    let next = format!(
        "wait for the end of the run, or say what became of steps in doubt; to do all from there on once more, fork from `{first}`; \
         where it may be sent once more, say so: `{}`",
        flags.join(" ")
    );
    Error::new(Code::RunResultRecorded, message, next)
}

/// The place of the step of this name.
fn known(plan: &Plan, step: &str) -> Result<usize> {
    plan.step(step).map(|(place, _)| place).ok_or_else(|| {
        let known: Vec<&str> = plan.steps().iter().map(|planned| planned.step.name.as_str()).take(20).collect();
        let step: String = step.chars().filter(|one| !one.is_control()).take(64).collect();
        let message = format!("the workflow has no step `{step}`");
        Error::new(Code::InvalidParams, message, format!("its steps are {}", known.join(", ")))
    })
}

/// The names of the step `from` and of all that come after it.
fn anew(plan: &Plan, from: &str) -> Result<BTreeSet<String>> {
    let place = known(plan, from)?;
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
