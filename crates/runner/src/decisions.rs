//! What people decide.

use crate::limits::TRIES;
use crate::look::Look;
use crate::runner::JournalRunner;
use base::{Code, Error, Result};
use journal::{
    Append, Author, Decision, Digest, Entry, Gate, JournalError, Kind, Payload, Resolution, Run, RunId, Signal,
    Signalled, Status, StepPath,
};
use machine::State;
use serde_json::Value;

/// Who decides, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct By {
    /// Who.
    pub actor: String,
    /// What else they are: the names of their roles. A gate may name one of these.
    pub roles: Vec<String>,
    /// Whether they may decide at every gate, whoever it names: whoever runs the hub.
    pub everywhere: bool,
    /// Why, if they say.
    pub reason: Option<String>,
}

/// Lets a gate go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Approval {
    /// The step; without it the one gate at which somebody is to decide.
    pub step: Option<String>,
    /// The digest of what the person saw. Without it they decide on what the gate shows now.
    pub arguments: Option<String>,
    /// What they made of what is shown, where the gate lets them.
    pub edited: Option<Value>,
}

impl JournalRunner {
    /// Lets a gate go on. Gives the step.
    ///
    /// # Errors
    /// [`Code::RunUnknown`], [`Code::RunFinished`]; [`Code::GateUnknown`]: nobody is asked there, or something else than was
    /// seen; [`Code::GateForbidden`]: another is to decide, or what is shown may not be changed; [`Code::InvalidParams`]: what it
    /// was changed to does not fit.
    pub async fn approve(&self, run: RunId, approval: &Approval, by: &By) -> Result<String> {
        let edited = approval.edited.as_ref().map(|value| Payload::new(&value.to_string())).transpose()?;
        self.at_gate(run, approval, by, |decision, gate| (Kind::GateApproved { decision, gate }, edited.clone())).await
    }

    /// Refuses at a gate: its step fails. Gives the step.
    ///
    /// # Errors
    /// As [`JournalRunner::approve`].
    pub async fn reject(&self, run: RunId, approval: &Approval, by: &By) -> Result<String> {
        self.at_gate(run, approval, by, |decision, gate| (Kind::GateRejected { decision, gate }, None)).await
    }

    async fn at_gate(
        &self,
        run: RunId,
        approval: &Approval,
        by: &By,
        kind: impl Fn(Decision, Gate) -> (Kind, Option<Payload>),
    ) -> Result<String> {
        for _ in 0..TRIES {
            let look = |listed: &Run, look: &Look| {
                check_open(&look.state, run)?;
                let (path, gate) = self.gate_of(listed, &look.state, approval, by)?;
                self.check_may(listed, &look.state, &path, by)?;
                check_edited(&look.state, &path, approval)?;
                Ok::<_, Error>((listed.last, path, gate))
            };
            let (last, path, gate) = self.shared.look(run, look).await??;
            if gate.expires.is_some_and(|expires| expires <= self.shared.now()) {
                return Err(no_gate(&path.to_string(), "its time is over"));
            }
            let (kind, payload) = kind(decision(by), gate);
            let mut entry = Entry::of_step(self.shared.now(), path.clone(), 0, kind);
            entry.payload = payload;
            if self.tell(run, last, entry).await? {
                return Ok(path.to_string());
            }
        }
        Err(restless(run))
    }

    /// Whether they may decide at the gate of the step at `path`.
    ///
    /// # Errors
    /// [`Code::GateForbidden`].
    fn check_may(&self, run: &Run, state: &State, path: &StepPath, by: &By) -> Result<()> {
        if self.decides(run, state, path, by) {
            return Ok(());
        }
        let message = format!("`{}` may not decide at `{path}`", by.actor);
        let next = match state.gate_rule(path).map(|rule| rule.approvers) {
            None | Some([]) => "whoever runs the hub is to decide; a gate may name others as `approvers`".to_owned(),
            Some(named) => format!("one of these is to decide: {}", named.join(", ")),
        };
        Err(Error::new(Code::GateForbidden, message, next))
    }

    /// Whether they may decide at the gate of the step at `path`. Where the plan says nothing of a gate only whoever runs the hub may.
    fn decides(&self, run: &Run, state: &State, path: &StepPath, by: &By) -> bool {
        let rule = state.gate_rule(path);
        rule.map_or(by.everywhere, |rule| self.may_decide((&run.principal, rule.approvers), by))
    }

    /// The gate that is meant, and what it shows. Others than the owner of a run learn of no gate at which they do not decide.
    fn gate_of(&self, run: &Run, state: &State, approval: &Approval, by: &By) -> Result<(StepPath, Gate)> {
        let mut open: Vec<(StepPath, Gate)> = state.open_gates().collect();
        let is_any = !open.is_empty();
        if !by.everywhere && run.principal != by.actor {
            open.retain(|(path, _)| self.decides(run, state, path, by));
        }
        if is_any && open.is_empty() {
            let message = format!("`{}` may not decide in run {}", by.actor, run.id);
            return Err(Error::new(Code::GateForbidden, message, "those whom its gates name are to decide"));
        }
        let paths: Vec<StepPath> = open.iter().map(|(path, _)| path.clone()).collect();
        let path = one_of(&paths, approval.step.as_deref(), "at a gate")?;
        let Some((path, gate)) = open.into_iter().find(|(open, _)| *open == path) else {
            return Err(no_gate(&path.to_string(), "nobody is asked there"));
        };
        match &approval.arguments {
            Some(seen) if Digest::parse(seen) != Some(gate.arguments) => {
                Err(no_gate(&path.to_string(), "it shows something else than what was seen"))
            }
            _ => Ok((path, gate)),
        }
    }

    /// Whether they may decide at a gate that names these, of a run that `principal` started. At a gate that names nobody
    /// only whoever runs the hub decides, unless those who start runs were let decide too ([`JournalRunner::trust_starters`]).
    pub fn may_decide(&self, (principal, approvers): (&str, &[String]), by: &By) -> bool {
        let named = |approver: &String| *approver == by.actor || by.roles.contains(approver);
        let own = approvers.is_empty() && principal == by.actor && self.shared.trusts_starters();
        by.everywhere || own || approvers.iter().any(named)
    }

    /// Says what became of an effect of which nobody knows. `value` is its result where it happened.
    ///
    /// # Errors
    /// [`Code::RunUnknown`], [`Code::RunFinished`]; [`Code::GateUnknown`]: the step is not in doubt.
    pub async fn resolve(
        &self,
        run: RunId,
        step: Option<&str>,
        resolution: Resolution,
        value: &Value,
        by: &By,
    ) -> Result<String> {
        for _ in 0..TRIES {
            let look = |listed: &Run, look: &Look| {
                check_open(&look.state, run)?;
                let doubts: Vec<StepPath> = look.state.doubts().collect();
                Ok::<_, Error>((listed.last, one_of(&doubts, step, "in doubt")?))
            };
            let (last, path) = self.shared.look(run, look).await??;
            let kind = Kind::Resolved { resolution, decision: decision(by) };
            let entry = Entry::of_step(self.shared.now(), path.clone(), 0, kind);
            let entry = entry.with(Payload::new(&value.to_string())?);
            if self.tell(run, last, entry).await? {
                return Ok(path.to_string());
            }
        }
        Err(restless(run))
    }

    /// Cancels a run: what it did and can be undone is undone, then it ends. Nothing changes where it is cancelled already.
    ///
    /// # Errors
    /// [`Code::RunUnknown`], [`Code::RunFinished`].
    pub async fn cancel(&self, run: RunId, by: &By) -> Result<()> {
        self.about_run(run, Kind::Cancelled(decision(by)), None).await
    }

    /// Lets nothing new begin until the run is resumed. Nothing changes where it is paused already.
    ///
    /// # Errors
    /// As [`JournalRunner::cancel`].
    pub async fn pause(&self, run: RunId, by: &By) -> Result<()> {
        self.about_run(run, Kind::Paused(decision(by)), Some(Status::Paused)).await
    }

    /// Lets a paused run go on. Nothing changes where it is not paused.
    ///
    /// # Errors
    /// As [`JournalRunner::cancel`].
    pub async fn resume(&self, run: RunId, by: &By) -> Result<()> {
        self.about_run(run, Kind::Resumed(decision(by)), Some(Status::Running)).await
    }

    /// Tells a run of an event outside, once for each `deduplication`. Gives whether it is new.
    ///
    /// # Errors
    /// [`Code::RunUnknown`], [`Code::RunFinished`], [`Code::RunEntryInvalid`].
    pub async fn signal(&self, run: RunId, name: &str, deduplication: &str, body: &Value) -> Result<bool> {
        let (name, deduplication) = (name.to_owned(), deduplication.to_owned());
        let signal = Signal { run, at: self.shared.now(), name, deduplication, body: Payload::new(&body.to_string())? };
        Ok(self.shared.store.signal(signal).await? == Signalled::Recorded)
    }

    async fn about_run(&self, run: RunId, kind: Kind, status: Option<Status>) -> Result<()> {
        for _ in 0..TRIES {
            let listed = self.shared.store.run(run).await?;
            let entry = Entry::of_run(self.shared.now(), kind.clone());
            match self.append(run, listed.last, entry, status).await {
                // It is so already.
                Ok(_) | Err(JournalError::Repeated { .. }) => return Ok(()),
                Err(JournalError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(restless(run))
    }

    async fn append(
        &self,
        run: RunId,
        expected: u64,
        entry: Entry,
        status: Option<Status>,
    ) -> Result<u64, JournalError> {
        let append = Append { run, expected, author: Author::Outside, entries: vec![entry], status };
        self.shared.store.append(append).await
    }

    /// Adds what somebody says behind the entry `expected`. Gives whether nothing came between.
    async fn tell(&self, run: RunId, expected: u64, entry: Entry) -> Result<bool> {
        match self.append(run, expected, entry, None).await {
            Ok(_) => Ok(true),
            Err(JournalError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn decision(by: &By) -> Decision {
    Decision { actor: by.actor.clone(), reason: by.reason.clone() }
}

fn check_open(state: &State, run: RunId) -> Result<()> {
    match state.end() {
        Some(_) => Err(JournalError::Finished(run).into()),
        None => Ok(()),
    }
}

fn one_of(paths: &[StepPath], named: Option<&str>, what: &str) -> Result<StepPath> {
    let all = || paths.iter().map(StepPath::to_string).collect::<Vec<_>>().join(", ");
    match (named, paths) {
        (Some(named), _) => paths.iter().find(|path| path.to_string() == named).cloned().ok_or_else(|| {
            let next = match paths.is_empty() {
                true => format!("no step of the run is {what}; see `tutti run inspect`"),
                false => format!("{what}: {}", all()),
            };
            let named: String = named.chars().filter(|one| !one.is_control()).take(64).collect();
            Error::new(Code::GateUnknown, format!("the step `{named}` is not {what}"), next)
        }),
        (None, [one]) => Ok(one.clone()),
        (None, []) => {
            let next = "look at the run: `tutti run inspect`";
            Err(Error::new(Code::GateUnknown, format!("no step of the run is {what}"), next))
        }
        (None, _) => {
            let message = format!("several steps of the run are {what}");
            Err(Error::new(Code::GateUnknown, message, format!("name one of {}", all())))
        }
    }
}

/// What a person made of what is shown is theirs to make, and is what it must be.
fn check_edited(state: &State, path: &StepPath, approval: &Approval) -> Result<()> {
    let Some(edited) = &approval.edited else { return Ok(()) };
    let Some(rule) = state.gate_rule(path).filter(|rule| rule.edit) else {
        let next = "approve it as it is or reject it; `edit: true` of the gate lets people change it";
        return Err(Error::new(Code::GateForbidden, format!("what `{path}` shows may not be changed"), next));
    };
    let misfits = rule.schema.map(|schema| schema::misfits(schema, edited, "edited")).unwrap_or_default();
    match misfits.into_iter().next() {
        None => Ok(()),
        Some((place, why)) => {
            let message = format!("what `{path}` shows was changed to what it cannot be: `{place}` {why}");
            Err(Error::new(Code::InvalidParams, message, "correct it, or approve it as it is"))
        }
    }
}

fn no_gate(path: &str, why: &str) -> Error {
    let next = "look at the run as it is now: `tutti run inspect`";
    Error::new(Code::GateUnknown, format!("nothing can be decided at `{path}`: {why}"), next)
}

/// Somebody else was always faster.
fn restless(run: RunId) -> Error {
    let message = format!("so much happens in run {run} that nothing could be added to it");
    Error::new(Code::RunConflict, message, "do it again")
}

#[cfg(test)]
mod tests;
