//! What comes back from calls.

use super::calls::Under;
use super::{Back, Carry};
use crate::outside::{Done, Failed, Sent};
use base::Code;
use conversation::Raw;
use journal::{Amount, Decision, Effect, Entry, JournalError, Kind, Payload, Resolution, StepPath, shortened};
use memory::{Assembled, Provenance};
use serde_json::{Value, json};

/// The member of a result that says why something of it was not remembered.
const UNREMEMBERED: &str = "unremembered";

/// Why a person is asked where a probe said something else than yes or no.
const UNCLEAR: &str = "the probe gave neither a boolean nor an object whose `happened` is one";

impl Carry {
    /// Writes down what came back, and goes on with calls whose context is there.
    pub(super) async fn came_back(&mut self, all: Vec<Back>) -> Result<(), JournalError> {
        let (mut entries, mut ready, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for back in all {
            match back {
                Back::Context { path, number, result: Ok(assembled) } => {
                    let Some(under) = self.ended(&path, number) else { continue };
                    match self.given(&path, &under, &assembled) {
                        Ok(given) => {
                            entries.extend(given);
                            ready.push((path, under));
                        }
                        Err(error) => self.fails(path, under, Failed::from(base::Error::from(error))),
                    }
                }
                Back::Context { path, number, result: Err(failed) } => {
                    let Some(under) = self.ended(&path, number) else { continue };
                    entries.extend(self.failed(&path, &under, failed));
                }
                Back::Summary { path, attempt, says } => {
                    told.extend(self.summary((path, attempt), says, &mut entries));
                }
                Back::Answered { path, number, result } => {
                    let Some(under) = self.ended(&path, number) else { continue };
                    entries.extend(self.answered(&path, &under, result).await);
                }
            }
        }
        self.record(entries).await?;
        self.tell(told).await?;
        for (path, under) in ready {
            // Whoever gives up a step does not know that it has its context by now.
            let given_up = under.intent_of().is_some() && !self.state.is_sent(&path, under.attempt);
            if under.is_unwanted() || given_up {
                self.fails(path, under, super::calls::unwanted());
                continue;
            }
            let memory = self.contexts.get(&path).cloned().unwrap_or_default();
            self.call_with(path, under, memory);
        }
        Ok(())
    }

    /// Gives up calls that are paid, and settles what they took by then: whoever has the run next would have to count all that was set
    /// aside for them. It makes them again.
    pub(super) async fn give_up_calls(&mut self) -> Result<(), JournalError> {
        // What has come by itself is no call that was given up.
        while let Ok(back) = self.answers.try_recv() {
            self.came_back(vec![back]).await?;
        }
        let is_paid = |under: &Under| under.reserve.is_some() && !under.is_child;
        self.under.values().filter(|under| is_paid(under)).for_each(Under::abort);
        let mut entries = Vec::new();
        while self.under.values().any(is_paid) {
            let Some(back) = self.answers.recv().await else { break };
            let (path, number, spent) = match back {
                Back::Answered { path, number, result: Err(failed) } => (path, number, failed.spent),
                // It was not called yet.
                Back::Context { path, number, .. } => (path, number, Some(Amount::default())),
                other => {
                    self.came_back(vec![other]).await?;
                    continue;
                }
            };
            if let Some(under) = self.ended(&path, number) {
                let spent = spent.or(under.reserve).unwrap_or_default();
                entries.extend(self.settled(&path, &under, spent));
            }
        }
        self.record(entries).await
    }

    /// The call with this number, which is at its end. Nothing where another has taken its place: a person was faster than a probe.
    fn ended(&mut self, path: &StepPath, number: u64) -> Option<Under> {
        if self.under.get(path)?.number == number { self.under.remove(path) } else { None }
    }

    /// What a step is given, as its journal has it: after a crash it is given the same. Behind it stands what it is about to do.
    fn given(&self, path: &StepPath, under: &Under, assembled: &Assembled) -> journal::Result<Vec<Entry>> {
        let given = json!({"memory": assembled.memory, "receipt": assembled.receipt});
        let of = |kind| Entry::of_step(self.shared.now(), path.clone(), under.attempt, kind);
        let scheduled = of(Kind::Scheduled).with(Payload::new(&given.to_string())?);
        Ok(std::iter::once(scheduled).chain(under.intent_of().map(of)).collect())
    }

    async fn answered(&self, path: &StepPath, under: &Under, result: Result<Done, Failed>) -> Vec<Entry> {
        let done = match result {
            Ok(done) => done,
            Err(failed) => return self.failed(path, under, failed),
        };
        if under.probes {
            return vec![self.probed(path, under, &done)];
        }
        let at = self.shared.now();
        let kind = if under.undoes.is_some() { Kind::Compensated } else { Kind::Succeeded };
        let (step, attempt) = match &under.undoes {
            Some(undone) => (undone.clone(), 0),
            None => (path.clone(), under.attempt),
        };
        let value = match Payload::new(&done.value.to_string()) {
            Ok(value) => value,
            Err(error) => {
                let mut failed = Failed::from(base::Error::from(error));
                failed.spent = Some(done.spent);
                return self.failed(path, under, failed);
            }
        };
        let mut entry = Entry::of_step(at, step, attempt, kind).with(value);
        if under.undoes.is_none()
            && let Err(error) = self.remember(path, under, &done).await
        {
            entry.more.push((UNREMEMBERED.to_owned(), Raw::text(&shortened(error.message().to_owned()))));
        }
        self.settled(path, under, done.spent).into_iter().chain([entry]).collect()
    }

    fn failed(&self, path: &StepPath, under: &Under, failed: Failed) -> Vec<Entry> {
        let Failed { fault, sent, spent } = failed;
        if under.probes {
            return vec![self.unprobed(path, under, &format!("the probe failed: {}", fault.message))];
        }
        let spent = spent.or(under.reserve).unwrap_or_default();
        let kind = match (sent, under.effect) {
            (Sent::Unknown, Effect::Unsafe) => Kind::InDoubt,
            _ => fault.failed(),
        };
        let entry = Entry::of_step(self.shared.now(), path.clone(), under.attempt, kind);
        self.settled(path, under, spent).into_iter().chain([entry]).collect()
    }

    /// What was set aside is given back, and what was spent is taken.
    fn settled(&self, path: &StepPath, under: &Under, mut spent: Amount) -> Option<Entry> {
        if under.is_child {
            // It is one run for all attempts, and tells what it took in all.
            let before = self.state.spent_within(path);
            spent.money = spent.money.saturating_sub(before.money);
            spent.tokens = spent.tokens.saturating_sub(before.tokens);
        }
        let nothing = under.reserve.is_none() && spent == Amount::default();
        let kind = Kind::Settled { reserved: under.reserve.unwrap_or_default(), spent };
        (!nothing).then(|| Entry::of_step(self.shared.now(), path.clone(), under.attempt, kind))
    }

    /// What a probe said: that the effect happened, so that what it gives counts as what the step gave, or that it did not, so
    /// that it is sent again.
    fn probed(&self, path: &StepPath, under: &Under, done: &Done) -> Entry {
        let (resolution, result) = match happened(&done.value) {
            Some(true) => (Resolution::Happened, done.value.get("result").unwrap_or(&done.value).clone()),
            Some(false) => (Resolution::Retry, Value::Null),
            None => return self.unprobed(path, under, UNCLEAR),
        };
        let decision = Decision { actor: "the probe".to_owned(), reason: None };
        let entry = Entry::of_step(self.shared.now(), path.clone(), 0, Kind::Resolved { resolution, decision });
        match Payload::new(&result.to_string()) {
            Ok(payload) => entry.with(payload),
            Err(error) => self.unprobed(path, under, &format!("what the probe gave cannot be kept: {error}")),
        }
    }

    /// The probe cannot say it: it stays in doubt until a person does.
    fn unprobed(&self, path: &StepPath, under: &Under, why: &str) -> Entry {
        let reason = json!({"reason": shortened(why.to_owned())});
        let entry = Entry::of_step(self.shared.now(), path.clone(), under.attempt, Kind::InDoubt);
        entry.with(Payload::Inline(reason.to_string().into()))
    }

    /// Remembers what the step says of what it gave, before the result is written down: what is done twice is remembered once.
    async fn remember(&self, path: &StepPath, under: &Under, done: &Done) -> base::Result<()> {
        let plan = self.state.shared_plan();
        let Some(planned) = plan.steps().get(Self::place(under)) else { return Ok(()) };
        let writes = planned.step.memory.as_ref().map_or(&[][..], |memory| memory.writes.as_slice());
        if writes.is_empty() {
            return Ok(());
        }
        let Some(Ok(output)) = self.state.output_of(path, &done.value) else { return Ok(()) };
        let provenance = Provenance {
            run: self.held.run.to_string(),
            step: path.to_string(),
            attempt: under.attempt,
            trust: self.trust(Self::place(under)),
        };
        let (owner, now) = (self.owner(), self.shared.now());
        let (_, nothing) = self.shared.memory.remember(writes, &owner, &output, &provenance, now).await?;
        if nothing.is_empty() {
            return Ok(());
        }
        let message = format!("what `from` selects is not in the output: {}", nothing.join(", "));
        Err(base::Error::new(Code::MemoryInvalid, message, "correct `from`"))
    }
}

/// Whether an effect happened, as a probe says it: with a boolean, an object whose `happened` is one, or a text that is one.
/// Nothing else is an answer: what is taken for one would send an effect twice, or never.
fn happened(told: &Value) -> Option<bool> {
    match told {
        Value::Object(members) => members.get("happened")?.as_bool(),
        Value::String(text) => text.parse().ok(),
        other => other.as_bool(),
    }
}
