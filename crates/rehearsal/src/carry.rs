//! Carrying out a case: one thing after the other, on a clock that jumps from each to the next.

mod context;

use crate::limits;
use crate::report::Tried;
use crate::script::Script;
use crate::stage::{Called, Course};
use crate::suite::{Case, Signal, Suite, What};
use base::{Code, Error, Result};
use journal::{Decision, Effect, Entry, Gate, Kind, Payload, Resolution, RunId, StepPath};
use machine::simulate::{Answer, Simulation};
use machine::{Command, Fault, Free, Task, Unfit, Work};
use memory::{Memory, NewFragment, Owner, Provenance, Scope, Trust, trust};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use store::Db;
use workflow::{Catalogue, Plan};

/// Carries out the case of this number, from 0; nothing where there is none. `catalogue` tells how much models read.
pub async fn rehearse(
    plan: &Arc<Plan>,
    suite: &Suite,
    number: usize,
    catalogue: &(dyn Catalogue + Sync),
) -> Option<Tried> {
    let case = suite.cases.get(number)?;
    let mut course = Course::new();
    let carried = match Stage::open(plan, suite, case, catalogue, &mut course).await {
        Ok(mut stage) => stage.carry_out().await,
        Err(error) => Err(error),
    };
    let mismatches =
        if carried.is_ok() { crate::expect::held(&case.expect, &case.params, &course) } else { Vec::new() };
    Some(Tried { name: case.name.clone(), course, mismatches, error: carried.err() })
}

/// When a call comes back that never does.
const NEVER: u64 = u64::MAX;

/// What happens next.
enum Happening {
    Call(usize),
    Signal(Signal),
    Gate(StepPath, Gate),
    Doubt(StepPath),
    Cancel,
    Clock,
}

/// A call that is under way.
struct UnderWay {
    path: StepPath,
    attempt: u32,
    place: usize,
    due: u64,
    answer: Coming,
}

/// What a call comes to.
enum Coming {
    Answer(Answer),
    /// What a probe finds.
    Found(Resolution, Value),
}

/// A case that is carried out.
struct Stage<'a> {
    plan: &'a Arc<Plan>,
    catalogue: &'a (dyn Catalogue + Sync),
    course: &'a mut Course,
    simulation: Simulation,
    script: Script<'a>,
    memory: Memory,
    owner: Owner,
    start: u64,
    under: Vec<UnderWay>,
    signals: VecDeque<Signal>,
    cancel: Option<u64>,
    /// Since when somebody is asked, by the path of the step.
    asked: BTreeMap<StepPath, u64>,
    /// Gates at which somebody has decided.
    decided: BTreeSet<StepPath>,
}

impl<'a> Stage<'a> {
    async fn open(
        plan: &'a Arc<Plan>,
        suite: &'a Suite,
        case: &'a Case,
        catalogue: &'a (dyn Catalogue + Sync),
        course: &'a mut Course,
    ) -> Result<Self> {
        let start = suite.now;
        // Every run of a test has the same name, so that what is made of it is the same each time.
        let run = RunId::new(start, [0; 10]);
        let owner = Owner {
            tenant: "test".to_owned(),
            user: "test".to_owned(),
            workflow: plan.name().to_owned(),
            run: run.to_string(),
        };
        let memory = Memory::open(Db::memory().await?).await?;
        for note in &case.notes {
            let trust = if note.trusted { Trust::Trusted } else { Trust::Untrusted };
            let new = NewFragment {
                scope: Scope::new(&note.scope, &owner)?,
                key: note.key.clone(),
                text: note.value.as_str().map_or_else(|| note.value.to_string(), str::to_owned),
                mime: if note.value.is_string() { "text/plain" } else { "application/json" }.to_owned(),
                classification: note.classification.clone(),
                provenance: Provenance { trust, ..Provenance::person() },
                at: start,
                ttl: None,
            };
            let place = || note.place.in_file(suite.file());
            memory.write(&new).await.map_err(|error| error.at(place()))?;
        }
        let input = Value::Object(case.params.clone());
        let script = Script::new(&case.outside, &suite.shared);
        Ok(Self {
            plan,
            catalogue,
            course,
            simulation: Simulation::start(Arc::clone(plan), run, &input, start).map_err(unfit)?,
            memory,
            owner,
            start,
            under: Vec::new(),
            signals: script.signals().into(),
            cancel: script.cancel().map(|after| start.saturating_add(after)),
            script,
            asked: BTreeMap::new(),
            decided: BTreeSet::new(),
        })
    }

    async fn carry_out(&mut self) -> Result<()> {
        let mut left = limits::EVENTS;
        while self.simulation.state().end().is_none() {
            left = left.checked_sub(1).ok_or_else(|| {
                let message = format!("more than {} things happened, and the run is not at its end", limits::EVENTS);
                Error::new(Code::WorkflowTestFile, message, "give it fewer items or rounds")
            })?;
            if self.simulation.advance(&Free).map_err(unfit)? > 0 {
                self.begin().await?;
                continue;
            }
            self.ask();
            let Some((at, happening)) = self.next() else { break };
            self.simulation.set_clock(self.simulation.now().max(at));
            self.happen(happening).await?;
        }
        self.course.finish(&self.simulation, self.start);
        Ok(())
    }

    /// Looks up what the calls that were begun come to.
    async fn begin(&mut self) -> Result<()> {
        let known = |under: &[UnderWay], path: &StepPath, attempt: u32| {
            under.iter().any(|one| one.path == *path && one.attempt == attempt)
        };
        let new: Vec<Command> = self
            .simulation
            .calls()
            .iter()
            .filter(|command| match command {
                Command::Run { path, attempt, .. } | Command::Probe { path, attempt, .. } => {
                    !known(&self.under, path, *attempt)
                }
                _ => false,
            })
            .cloned()
            .collect();
        for command in new {
            match command {
                Command::Run { path, place, attempt, work, timeout, effect, .. } => {
                    let coming = self.call((&path, place, attempt), work, (timeout, effect)).await?;
                    self.under.push(coming);
                }
                Command::Probe { path, attempt, call } => {
                    let task = Task::Tool(call);
                    self.called(&path, attempt, &task);
                    let said = self.script.doubt(&path.to_string());
                    let said =
                        said.ok_or_else(|| unasked(&path, "a probe asks what became of it", "doubts", "happened"))?;
                    let answer = Coming::Found(said.resolution, said.value.clone());
                    let due = self.simulation.now().saturating_add(said.by.after);
                    self.script.resolved(&path.to_string());
                    self.under.push(UnderWay { path, attempt, place: usize::MAX, due, answer });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What a call comes to, and when.
    async fn call(
        &mut self,
        (path, place, attempt): (&StepPath, usize, u32),
        work: Work,
        (timeout, effect): (Option<u64>, Effect),
    ) -> Result<UnderWay> {
        let now = self.simulation.now();
        let under = |due, answer| UnderWay { path: path.clone(), attempt, place, due, answer: Coming::Answer(answer) };
        let task = match work {
            Work::Ready(task) => task,
            Work::Needs { needs, context } => match self.context((path, place), &needs, context).await {
                Ok(task) => {
                    let is_it = |command: &Command| matches!(command, Command::Run { path: of, .. } if of == path);
                    let number = self.simulation.calls().iter().position(is_it);
                    number.map_or(Ok(()), |number| self.simulation.given(number)).map_err(unfit)?;
                    task
                }
                Err(error) if error.code() == Code::WorkflowTestFile => return Err(error),
                // As in a run: the step fails before anything is called.
                Err(error) => return Ok(under(now, Answer::Fault(Fault::from(&error)))),
            },
        };
        let arguments = self.called(path, attempt, &task);
        let Some(answer) = self.script.answer(&path.to_string()) else {
            if self.script.leaves() {
                return Ok(under(NEVER, Answer::Doubt));
            }
            let told = serde_json::to_string_pretty(&arguments).unwrap_or_default();
            let what = format!("{} is called", Called::of(path, attempt, 0, &task).what);
            return Err(unasked(path, &what, "answers", "{ value: … }").with_detail(told));
        };
        if let Some(timeout) = timeout.filter(|timeout| answer.takes > *timeout) {
            let fault = Fault::new(Code::StepExpired, format!("it took longer than {timeout} ms"));
            let late = if effect == Effect::Unsafe { Answer::Doubt } else { Answer::Fault(fault) };
            return Ok(under(now.saturating_add(timeout), late));
        }
        let what = match answer.what {
            What::Value(value) => Answer::Value(value),
            What::Error { code, message } => {
                let code = Code::find(&code).map_or(code, |known| known.id().to_owned());
                Answer::Fault(Fault { code, message })
            }
            What::Doubt => Answer::Doubt,
        };
        let due = now.saturating_add(answer.takes).max(self.start.saturating_add(answer.at));
        Ok(under(due, what))
    }

    fn called(&mut self, path: &StepPath, attempt: u32, task: &Task) -> Value {
        let called = Called::of(path, attempt, self.simulation.now().saturating_sub(self.start), task);
        let arguments = called.arguments.clone();
        self.course.note(called);
        arguments
    }

    /// Notes since when people are asked.
    fn ask(&mut self) {
        let now = self.simulation.now();
        let state = self.simulation.state();
        let open: BTreeSet<StepPath> = state.open_gates().map(|(path, _)| path).chain(state.doubts()).collect();
        self.asked.retain(|path, _| open.contains(path));
        for path in open {
            self.asked.entry(path).or_insert(now);
        }
    }

    /// What happens first. At one moment answers come before signals, and both before people.
    fn next(&self) -> Option<(u64, Happening)> {
        let state = self.simulation.state();
        let asked = |path: &StepPath| self.asked.get(path).copied().unwrap_or_default();
        let calls = self.under.iter().enumerate().filter(|(_, under)| under.due != NEVER);
        let call = calls.min_by_key(|(_, under)| under.due);
        let mut all: Vec<(u64, Happening)> =
            call.map(|(number, under)| (under.due, Happening::Call(number))).into_iter().collect();
        let signal = self.signals.front().cloned();
        all.extend(signal.map(|signal| (self.start.saturating_add(signal.at), Happening::Signal(signal))));
        for (path, gate) in state.open_gates().filter(|(path, _)| !self.decided.contains(path)) {
            if let Some(said) = self.script.gate(&path.to_string()) {
                all.push((asked(&path).saturating_add(said.by.after), Happening::Gate(path, gate)));
            }
        }
        for path in state.doubts() {
            if let Some(said) = self.script.doubt(&path.to_string()) {
                all.push((asked(&path).saturating_add(said.by.after), Happening::Doubt(path)));
            }
        }
        all.extend(self.cancel.map(|at| (at, Happening::Cancel)));
        all.extend(state.next_due().map(|due| (due, Happening::Clock)));
        all.into_iter().min_by_key(|(at, _)| *at)
    }

    async fn happen(&mut self, happening: Happening) -> Result<()> {
        let now = self.simulation.now();
        match happening {
            Happening::Call(number) => return self.answered(number).await,
            Happening::Signal(Signal { name, value, .. }) => {
                self.signals.pop_front();
                self.append(Entry::of_run(now, Kind::Signal { name }), Some(&value))?;
            }
            Happening::Gate(path, gate) => {
                self.decided.insert(path.clone());
                let Some(said) = self.script.gate(&path.to_string()) else { return Ok(()) };
                let decision = Decision { actor: said.by.actor.clone(), reason: said.by.reason.clone() };
                let kind = if said.yes {
                    Kind::GateApproved { decision, gate }
                } else {
                    Kind::GateRejected { decision, gate }
                };
                let edit = said.edit.clone();
                self.append(Entry::of_step(now, path, 0, kind), edit.as_ref())?;
            }
            Happening::Doubt(path) => {
                let Some(said) = self.script.doubt(&path.to_string()) else { return Ok(()) };
                let decision = Decision { actor: said.by.actor.clone(), reason: said.by.reason.clone() };
                let kind = Kind::Resolved { resolution: said.resolution, decision };
                self.script.resolved(&path.to_string());
                self.asked.remove(&path);
                self.append(Entry::of_step(now, path, 0, kind), Some(&said.value))?;
            }
            Happening::Cancel => {
                self.cancel = None;
                let decision = Decision { actor: "somebody".to_owned(), reason: None };
                self.append(Entry::of_run(now, Kind::Cancelled(decision)), None)?;
            }
            Happening::Clock => {}
        }
        Ok(())
    }

    fn append(&mut self, entry: Entry, value: Option<&Value>) -> Result<()> {
        let entry = match value {
            Some(value) => entry.with(Payload::new(&value.to_string())?),
            None => entry,
        };
        self.simulation.append(vec![entry]).map_err(unfit)
    }

    /// A call comes back, and what its step remembers is remembered.
    async fn answered(&mut self, number: usize) -> Result<()> {
        let UnderWay { path, attempt, place, answer, .. } = self.under.remove(number);
        let is_it = |command: &Command| {
            matches!(command, Command::Run { path: of, attempt: which, .. } | Command::Probe { path: of, attempt: which, .. }
                if *of == path && *which == attempt)
        };
        let Some(number) = self.simulation.calls().iter().position(is_it) else { return Ok(()) };
        let succeeded = matches!(answer, Coming::Answer(Answer::Value(_)));
        match answer {
            Coming::Answer(answer) => self.simulation.answer(number, answer).map_err(unfit)?,
            Coming::Found(resolution, value) => {
                // Nothing is appended for the probe itself: what it finds is what is said of the step.
                self.simulation.answer(number, Answer::Doubt).map_err(unfit)?;
                self.simulation.resolve(&path, resolution, &value).map_err(unfit)?;
            }
        }
        let written = self.plan.steps().get(place).and_then(|planned| planned.step.memory.as_ref());
        let writes = written.map(|memory| memory.writes.as_slice()).unwrap_or_default();
        let output = self.simulation.state().output(&path).filter(|output| !output.is_null());
        let (Some(output), false) = (output, writes.is_empty() || !succeeded) else { return Ok(()) };
        let trust = trust::of_output(self.plan, place, trust::of_start(self.simulation.state().trigger()));
        let provenance = Provenance { run: self.owner.run.clone(), step: path.to_string(), attempt, trust };
        let now = self.simulation.now();
        self.memory.remember(writes, &self.owner, output, &provenance, now).await.map(drop)
    }
}

fn unasked(path: &StepPath, what: &str, key: &str, example: &str) -> Error {
    let message = format!("`{path}`: {what}, and the case says nothing of it");
    Error::new(Code::WorkflowTestFile, message, format!("add to the case: `{key}: {{ {}: {example} }}`", path.name()))
}

/// What cannot be in a journal.
fn unfit(unfit: Unfit) -> Error {
    match unfit {
        Unfit::Unreadable(why) => {
            Error::new(Code::RunEntryInvalid, format!("a value of the case cannot be kept: {why}"), "make it smaller")
        }
        Unfit::PayloadNeeded(_) => Error::internal("a value of a test is kept elsewhere"),
    }
}
