//! What of a plan is started next, and what is known when it ends. Pure: it is told what ended and when.

mod progress;

pub use progress::{Progress, State};

use crate::definition::OnError;
use crate::limits::{LOOKED, Limits};
use crate::prepare::{Prepared, of_step};
use crate::reference::{Reference, Root, kind};
use crate::rule;
use crate::template::Fault;
use base::{Code, Error};
use mcp::raw;
use resilience::Moment;
use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

/// A plan under way.
pub struct Machine {
    prepared: Arc<Prepared>,
    limits: Limits,
    steps: Vec<Progress>,
    tails: Vec<u64>,
    running: usize,
    /// What each budget has spent.
    spent: Vec<usize>,
    kept: usize,
    looked: Cell<usize>,
    /// Why nothing more is started.
    stopped: Option<Error>,
}

/// One call of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit {
    /// The step.
    pub step: usize,
    /// The item that it is for; 0 where the step has no `for_each`.
    pub item: usize,
}

/// A call that is to be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Which.
    pub unit: Unit,
    /// The tool, as the client's view names it.
    pub tool: String,
    /// The arguments, raw JSON.
    pub arguments: String,
}

/// How a call ended.
#[derive(Debug, Clone)]
pub struct End {
    /// The value of its result, raw JSON.
    pub outcome: Result<String, Error>,
    /// Whether no server was asked for it.
    pub cached: bool,
}

impl Machine {
    /// A plan that begins now.
    pub fn new(prepared: Arc<Prepared>, limits: &Limits) -> Self {
        let count = prepared.plan.steps.len();
        let mut machine = Self {
            tails: prepared.graph.tails(&prepared.weights),
            steps: vec![Progress::default(); count],
            spent: vec![0; prepared.budgets.len()],
            limits: limits.clone(),
            running: 0,
            kept: 0,
            looked: Cell::new(0),
            stopped: None,
            prepared,
        };
        for index in 0..count {
            if machine.prepared.same_as[index] != index {
                machine.steps[index].state = State::Shared;
            } else if machine.prepared.graph.needs[index].is_empty() {
                machine.steps[index].become_ready(Moment::ZERO);
            }
        }
        machine
    }

    /// The next call to make, if any may be made now. Ask again until there is none.
    pub fn start(&mut self, now: Moment) -> Option<Start> {
        let most = self.prepared.plan.parallel.unwrap_or(self.limits.parallel).min(self.limits.parallel);
        while self.stopped.is_none() && self.running < most {
            let ready = (0..self.steps.len()).filter(|index| self.steps[*index].wants_start());
            // What has the longest way behind it goes first.
            let step = ready.max_by_key(|index| (self.tails[*index], std::cmp::Reverse(*index)))?;
            if self.steps[step].state == State::Ready
                && let Err(error) = self.open(step, now)
            {
                self.failed(step, &error, now);
                continue;
            }
            let Some(item) = self.steps[step].take_item() else {
                self.settle(step, now);
                continue;
            };
            let unit = Unit { step, item };
            self.running += 1;
            let prepared = Arc::clone(&self.prepared);
            let said = &prepared.plan.steps[step];
            match said.arguments.fill(self.limits.size, |reference| self.value(reference, unit)) {
                Ok(arguments) => return Some(Start { unit, tool: said.tool.clone(), arguments }),
                Err(fault) => {
                    let error = unfilled(&fault);
                    let outcome = Err(if self.has_looked_enough() { self.beyond(step, error) } else { error });
                    self.ended(unit, End { outcome, cached: false }, now);
                }
            }
        }
        None
    }

    /// Takes the end of a call.
    pub fn ended(&mut self, unit: Unit, end: End, now: Moment) {
        let step = unit.step;
        self.running = self.running.saturating_sub(1);
        let outcome = end.outcome.and_then(|value| {
            self.kept += value.len();
            if self.kept <= self.limits.kept { Ok(value) } else { Err(self.beyond(step, self.too_much())) }
        });
        let on_error = self.on_error(step);
        let progress = &mut self.steps[step];
        progress.calls_ended += 1;
        progress.cached += usize::from(end.cached);
        match outcome {
            Ok(value) => progress.put(unit.item, value),
            Err(error) => {
                progress.calls_failed += 1;
                let error = of_step(&self.prepared.name(step), &error);
                if progress.error.is_none() {
                    progress.error = Some(error.clone());
                }
                if on_error == OnError::Stop && self.stopped.is_none() {
                    self.stopped = Some(error);
                }
            }
        }
        self.settle(step, now);
    }

    /// Ends everything, because of `error`: what runs is given up.
    pub fn give_up(&mut self, error: Error, now: Moment) {
        for progress in &mut self.steps {
            if progress.state == State::Running {
                progress.error.get_or_insert_with(|| error.clone());
                progress.end(State::Failed, now);
            }
        }
        self.running = 0;
        self.stopped = Some(error);
        self.skip_rest(now);
    }

    /// Whether there is nothing left to do.
    pub fn is_over(&self) -> bool {
        self.running == 0 && (self.stopped.is_some() || !self.steps.iter().any(Progress::wants_start))
    }

    /// What runs at this moment.
    pub fn running(&self) -> usize {
        self.running
    }

    /// The plan.
    pub fn prepared(&self) -> &Arc<Prepared> {
        &self.prepared
    }

    /// The limits that it keeps.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How the step at this place is, which for one that shares a call is that of the other.
    pub fn progress(&self, step: usize) -> &Progress {
        &self.steps[self.prepared.same_as[step]]
    }

    /// How each step is that makes a call of its own.
    pub fn own(&self) -> impl Iterator<Item = &Progress> {
        let alone = self.prepared.same_as.iter().enumerate().filter(|(index, same)| index == *same);
        alone.map(|(index, _)| &self.steps[index])
    }

    /// Why nothing more was started, if a failure or the end of its time stopped the plan.
    pub fn stopped(&self) -> Option<&Error> {
        self.stopped.as_ref()
    }

    /// What a reference outside of any step points at.
    pub fn result(&self, reference: &Reference) -> Result<Cow<'_, str>, String> {
        self.value(reference, Unit { step: usize::MAX, item: 0 })
    }

    fn value(&self, reference: &Reference, unit: Unit) -> Result<Cow<'_, str>, String> {
        let root = match &reference.root {
            Root::Index => return Ok(Cow::Owned(unit.item.to_string())),
            Root::Item => self.steps.get(unit.step).and_then(|progress| progress.item(unit.item)),
            Root::Step(name) => self.prepared.place(name).and_then(|place| self.steps[place].value.as_deref()),
        };
        let root = root.ok_or("it has no result")?;
        self.looked.set(self.looked.get().saturating_add(root.len()));
        if self.has_looked_enough() {
            return Err("the references of this plan go through more data than one plan may".to_owned());
        }
        reference.find(root)
    }

    /// What has broken a limit of the whole plan ends the plan, whatever its steps do about errors: which step it meets is
    /// a matter of the order in which calls end, and the answer must not be.
    fn beyond(&mut self, step: usize, error: Error) -> Error {
        self.stopped.get_or_insert_with(|| of_step(&self.prepared.name(step), &error));
        error
    }

    /// Begins a step: finds the items of its list, and counts its calls.
    fn open(&mut self, step: usize, now: Moment) -> Result<(), Error> {
        let prepared = Arc::clone(&self.prepared);
        let mut items = None;
        if let Some(each) = &prepared.plan.steps[step].each {
            let at = |why: String| unfilled(&Fault { place: "for_each".to_owned(), why });
            let list = self.value(each, Unit { step, item: 0 }).map_err(at)?;
            if !list.starts_with('[') {
                return Err(at(format!("it refers to {}, not to a list", kind(&list))));
            }
            let found: Vec<String> = raw::elements(&list).take(self.limits.items + 1).map(str::to_owned).collect();
            if found.len() > self.limits.items {
                let message = format!("`for_each` has more than {} items", self.limits.items);
                let next = "take a shorter list, or raise `plans: { items: … }`";
                return Err(Error::new(Code::PlanLimit, message, next));
            }
            items = Some(found);
        }
        let calls = items.as_ref().map_or(1, Vec::len);
        for (index, budget) in prepared.budgets.iter().enumerate().filter(|(_, budget)| budget.steps.contains(&step)) {
            self.spent[index] += calls;
            if self.spent[index] > budget.most {
                return Err(self.beyond(step, over(&budget.rule, self.spent[index], budget.most)));
            }
        }
        self.steps[step].open(items, now);
        Ok(())
    }

    fn has_looked_enough(&self) -> bool {
        self.looked.get() > LOOKED
    }

    /// Looks whether a step has come to its end.
    fn settle(&mut self, step: usize, now: Moment) {
        let stops = self.stopped.is_some();
        let progress = &mut self.steps[step];
        if progress.is_under_way(stops) {
            return;
        }
        let all_failed = progress.calls_failed > 0 && progress.calls_failed == progress.calls_ended;
        let failed = progress.calls_failed > 0 && self.on_error(step) == OnError::Stop;
        let progress = &mut self.steps[step];
        if all_failed || failed {
            progress.end(State::Failed, now);
        } else if progress.has_unstarted() {
            progress.end(State::Skipped, now);
        } else {
            progress.join();
            progress.end(State::Done, now);
        }
        self.pass_on(step, now);
    }

    fn failed(&mut self, step: usize, error: &Error, now: Moment) {
        let error = of_step(&self.prepared.name(step), error);
        if self.on_error(step) == OnError::Stop && self.stopped.is_none() {
            self.stopped = Some(error.clone());
        }
        self.steps[step].error = Some(error);
        self.steps[step].end(State::Failed, now);
        self.pass_on(step, now);
    }

    /// Tells those who wait for a step that it has ended.
    fn pass_on(&mut self, step: usize, now: Moment) {
        let prepared = Arc::clone(&self.prepared);
        let done = self.steps[step].state == State::Done;
        for next in &prepared.graph.feeds[step] {
            if self.steps[*next].state != State::Waiting {
                continue;
            }
            if !done {
                self.steps[*next].end(State::Skipped, now);
                self.pass_on(*next, now);
            } else if prepared.graph.needs[*next].iter().all(|need| self.steps[*need].state == State::Done) {
                self.steps[*next].become_ready(now);
            }
        }
        if self.stopped.is_some() {
            self.skip_rest(now);
        }
    }

    fn skip_rest(&mut self, now: Moment) {
        for progress in &mut self.steps {
            let begun = progress.state == State::Running && !progress.is_under_way(true);
            if begun || matches!(progress.state, State::Waiting | State::Ready) {
                progress.end(State::Skipped, now);
            }
        }
    }

    fn on_error(&self, step: usize) -> OnError {
        let plan = &self.prepared.plan;
        plan.steps[step].on_error.unwrap_or(plan.on_error)
    }

    fn too_much(&self) -> Error {
        let message = format!("the results of the plan are more than {} bytes", self.limits.kept);
        Error::new(Code::PlanLimit, message, "ask the tools for less, or raise `plans: { kept: … }`")
    }
}

fn over(rule: &str, calls: usize, most: usize) -> Error {
    if rule.is_empty() {
        let message = format!("with this step the plan makes {calls} calls, and {most} are the most");
        return Error::new(Code::PlanLimit, message, "take shorter lists, or raise `plans: { calls: … }`");
    }
    let message = format!("with this step the plan makes {calls} such calls, and {most} are the most");
    rule::error(rule, &message, "take shorter lists")
}

fn unfilled(fault: &Fault) -> Error {
    let next = "look at what the earlier step answers: return it, or describe its tool";
    Error::new(Code::PlanReference, format!("`{}`: {}", fault.place, fault.why), next)
}

#[cfg(test)]
mod tests;
