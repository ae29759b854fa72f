//! Runs carried out in memory, with virtual time and scripted answers: for tests of workflows, and of this crate.

#[cfg(any(test, feature = "graphs"))]
pub mod graphs;

use crate::command::{Command, Intent};
use crate::decide::{Prices, decide};
use crate::fault::Fault;
use crate::state::{State, Unfit};
use journal::{Decision, Digest, End, Entry, Gate, Kind, Payload, Resolution, Results, RunId, StepPath};
use serde_json::Value;
use std::sync::Arc;
use workflow::Plan;

/// What a call comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It gave this.
    Value(Value),
    /// It failed.
    Fault(Fault),
    /// Nobody knows whether it happened.
    Doubt,
}

/// Says what comes from outside.
pub trait Script {
    /// What a call comes to.
    fn answer(&mut self, command: &Command) -> Answer;

    /// Which of so many calls under way, at least one, is answered first.
    fn first(&mut self, _calls: usize) -> usize {
        0
    }

    /// What a person says at a gate: yes or no, or nothing yet.
    fn decide(&mut self, _path: &StepPath) -> Option<bool> {
        Some(true)
    }

    /// What is done about an effect in doubt, by a person or a probe.
    fn resolve(&mut self, _path: &StepPath) -> Option<(Resolution, Value)> {
        Some((Resolution::Retry, Value::Null))
    }
}

/// A run and its journal.
pub struct Simulation {
    plan: Arc<Plan>,
    run: RunId,
    state: State,
    journal: Vec<Entry>,
    results: Results,
    now: u64,
    calls: Vec<Command>,
}

impl Simulation {
    /// A new run of `plan` with this input, begun at `now`, in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Unfit`]: the input is larger than a journal takes.
    pub fn start(plan: Arc<Plan>, run: RunId, input: &Value, now: u64) -> Result<Self, Unfit> {
        let definition = Digest::parse(plan.hash()).unwrap_or_else(|| Digest::of(plan.hash().as_bytes()));
        let input = Payload::new(&input.to_string()).map_err(|error| Unfit::Unreadable(error.to_string()))?;
        let started = Entry::of_run(now, Kind::Started { definition, parent: None }).with(input);
        Self::resume(plan, run, vec![started], now)
    }

    /// A run that goes on behind `journal`, as after a crash.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn resume(plan: Arc<Plan>, run: RunId, journal: Vec<Entry>, now: u64) -> Result<Self, Unfit> {
        let state = State::fold(Arc::clone(&plan), run, &journal)?;
        let mut results = Results::default();
        journal.iter().for_each(|entry| results.note(entry));
        Ok(Self { plan, run, state, journal, results, now, calls: Vec::new() })
    }

    /// The run.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What happened.
    pub fn journal(&self) -> &[Entry] {
        &self.journal
    }

    /// The calls that are under way.
    pub fn calls(&self) -> &[Command] {
        &self.calls
    }

    /// The time, in milliseconds since 1970.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// Sets the clock, forwards or back.
    pub const fn set_clock(&mut self, now: u64) {
        self.now = now;
    }

    /// What the run gave, or the detail of its error.
    pub fn result(&self) -> Option<Value> {
        let last = self.journal.last().filter(|entry| matches!(entry.kind, Kind::Finished(_)))?;
        base::json::from_text(last.payload.as_ref()?.inline()?).ok()
    }

    /// Adds entries to the journal, as a runner does.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn append(&mut self, entries: Vec<Entry>) -> Result<(), Unfit> {
        for entry in self.results.admit(entries) {
            self.state.apply(&entry)?;
            self.results.note(&entry);
            self.journal.push(entry);
        }
        Ok(())
    }

    /// Begins all that is to be done now. Gives how many commands that were.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn advance(&mut self, prices: &dyn Prices) -> Result<usize, Unfit> {
        let commands = decide(&self.state, self.now, prices);
        for command in &commands {
            self.state.begin(command);
        }
        for command in &commands {
            let entries = command.entries(self.now).map_err(|error| Unfit::Unreadable(error.to_string()))?;
            self.append(entries)?;
        }
        let count = commands.len();
        self.calls.extend(commands.into_iter().filter(Command::is_call));
        Ok(count)
    }

    /// The step that is called with this number has the context that it needs, if it needs one: what it calls is sent.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn given(&mut self, number: usize) -> Result<(), Unfit> {
        let Some(Command::Run { path, attempt, key, effect, intent, .. }) = self.calls.get_mut(number) else {
            return Ok(());
        };
        if std::mem::replace(intent, Intent::None) != Intent::WithContext {
            return Ok(());
        }
        let of = |kind: Kind| Entry::of_step(self.now, path.clone(), *attempt, kind);
        let entries = vec![of(Kind::Scheduled), of(Kind::Attempted { effect: *effect, key: *key })];
        self.append(entries)
    }

    /// Answers the call under way with this number.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn answer(&mut self, number: usize, answer: Answer) -> Result<(), Unfit> {
        if number >= self.calls.len() {
            return Ok(());
        }
        self.given(number)?;
        let Command::Run { path, attempt, reserve, undoes, .. } = self.calls.remove(number) else { return Ok(()) };
        let of = |kind: Kind| Entry::of_step(self.now, path.clone(), attempt, kind);
        let mut entries: Vec<Entry> =
            reserve.map(|amount| of(Kind::Settled { reserved: amount, spent: amount })).into_iter().collect();
        entries.push(match (answer, undoes) {
            (Answer::Value(value), None) => of(Kind::Succeeded).with(payload(&value)?),
            (Answer::Value(value), Some(undone)) => {
                Entry::of_step(self.now, undone, 0, Kind::Compensated).with(payload(&value)?)
            }
            (Answer::Fault(Fault { code, message }), _) => of(Kind::Failed { code, message }),
            (Answer::Doubt, _) => of(Kind::InDoubt),
        });
        self.append(entries)
    }

    /// Says what became of an effect in doubt.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn resolve(&mut self, path: &StepPath, resolution: Resolution, value: &Value) -> Result<(), Unfit> {
        let decision = Decision { actor: "somebody".to_owned(), reason: None };
        let kind = Kind::Resolved { resolution, decision };
        self.append(vec![Entry::of_step(self.now, path.clone(), 0, kind).with(payload(value)?)])
    }

    /// Decides at a gate.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn decide(&mut self, path: &StepPath, gate: Gate, yes: bool) -> Result<(), Unfit> {
        let decision = Decision { actor: "somebody".to_owned(), reason: None };
        let kind = if yes { Kind::GateApproved { decision, gate } } else { Kind::GateRejected { decision, gate } };
        self.append(vec![Entry::of_step(self.now, path.clone(), 0, kind)])
    }

    /// Goes on until the run is at its end, or nothing more comes from outside.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn go_on(&mut self, script: &mut dyn Script, prices: &dyn Prices) -> Result<Option<End>, Unfit> {
        while self.one(script, prices)? {}
        Ok(self.state.end())
    }

    /// One thing happens. Gives whether more may.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn one(&mut self, script: &mut dyn Script, prices: &dyn Prices) -> Result<bool, Unfit> {
        if self.state.end().is_some() {
            return Ok(false);
        }
        if self.advance(prices)? > 0 {
            return Ok(true);
        }
        if !self.calls.is_empty() {
            let number = script.first(self.calls.len()) % self.calls.len();
            if let Some(Command::Probe { path, .. }) = self.calls.get(number).cloned() {
                self.calls.remove(number);
                let (resolution, value) = script.resolve(&path).unwrap_or((Resolution::Fail, Value::Null));
                self.resolve(&path, resolution, &value)?;
            } else if let Some(command) = self.calls.get(number) {
                let answer = script.answer(command);
                self.answer(number, answer)?;
            }
            return Ok(true);
        }
        let open = self.state.open_gates().next();
        if let Some((path, gate)) = open
            && let Some(yes) = script.decide(&path)
        {
            self.decide(&path, gate, yes)?;
            return Ok(true);
        }
        let doubt = self.state.doubts().next();
        if let Some(path) = doubt
            && let Some((resolution, value)) = script.resolve(&path)
        {
            self.resolve(&path, resolution, &value)?;
            return Ok(true);
        }
        Ok(match self.state.next_due() {
            Some(due) => {
                self.now = self.now.max(due);
                true
            }
            None => false,
        })
    }

    /// The run as it stands when the hub dies now: what was under way is lost.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn crash(&self) -> Result<Self, Unfit> {
        Self::resume(Arc::clone(&self.plan), self.run, self.journal.clone(), self.now)
    }
}

fn payload(value: &Value) -> Result<Payload, Unfit> {
    Payload::new(&value.to_string()).map_err(|error| Unfit::Unreadable(error.to_string()))
}
