//! Texts that models make shorter for the context of a step: calls of the run like any other. They are paid from its budget, take
//! a place among its calls and time of the step, and what they gave is in the journal.

use super::{Back, Carry};
use crate::outside::{Calling, Done, Failed, Sent};
use crate::runner::Shared;
use crate::so_far::SoFar;
use base::ports::Wait;
use base::{Code, Error};
use conversation::Raw;
use journal::{Amount, Digest, Entry, JournalError, Kind, Payload, StepPath};
use machine::{FOR_CONTEXT, Fault, Payable};
use memory::{Summariser, SummaryKey, WantedSummary};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The member of a payload that is a summary.
const SUMMARY: &str = "summary";

/// What a summary tells the run that it is made for.
pub(crate) enum Says {
    /// It takes so much at most, and waits for it to be set aside.
    Wants {
        /// How much.
        most: Amount,
        /// Told what was set aside, which is nothing where nothing is limited.
        reply: oneshot::Sender<Result<Option<Amount>, Failed>>,
    },
    /// It was made, or was not.
    Took {
        /// What was set aside.
        reserved: Option<Amount>,
        /// What it took.
        spent: Amount,
        /// What it is.
        made: Option<(SummaryKey, String)>,
        /// Told when it is in the journal.
        reply: Option<oneshot::Sender<()>>,
    },
}

/// A summary that waits until it can be paid.
pub(super) struct Waiting {
    path: StepPath,
    attempt: u32,
    most: Amount,
    reply: oneshot::Sender<Result<Option<Amount>, Failed>>,
}

/// Whoever is told when entries are in the journal.
pub(super) enum Told {
    /// That its `most` is set aside.
    Reserved(Waiting),
    /// That it is kept.
    Kept(oneshot::Sender<()>),
}

impl Told {
    /// Where nobody listens the step is no longer wanted. Gives what is then to be given back: the step, its attempt, and how much.
    pub(super) fn tell(self) -> Option<(StepPath, u32, Amount)> {
        match self {
            Told::Kept(reply) => {
                let _unheard = reply.send(());
                None
            }
            Told::Reserved(Waiting { path, attempt, most, reply }) => {
                reply.send(Ok(Some(most))).err().map(|_| (path, attempt, most))
            }
        }
    }
}

impl Says {
    /// What was set aside is not needed, but for what was spent.
    const fn returned(reserved: Option<Amount>, spent: Amount) -> Self {
        Self::Took { reserved, spent, made: None, reply: None }
    }
}

/// A summary for which something is to be set aside: what comes when nobody waits for it any more is given back.
struct Asked<'a> {
    of: &'a Summaries,
    told: oneshot::Receiver<Result<Option<Amount>, Failed>>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.told.close();
        if let Ok(Ok(reserved @ Some(_))) = self.told.try_recv() {
            self.of.say(Says::returned(reserved, Amount::default()));
        }
    }
}

/// Asks models for summaries, as part of a step.
pub(super) struct Summaries {
    pub(super) shared: Arc<Shared>,
    pub(super) calling: Calling,
    pub(super) back: mpsc::UnboundedSender<Back>,
    /// Nobody wants the step any more.
    pub(super) stop: CancellationToken,
    /// How long an attempt of the step may take, in milliseconds.
    pub(super) timeout: Option<u64>,
    /// How long the summaries took, in milliseconds.
    pub(super) took: Arc<AtomicU64>,
    /// Those that were made before a crash.
    pub(super) known: BTreeMap<SummaryKey, String>,
}

/// A summary that is being made: what was set aside for it is settled however it ends.
struct Making<'a> {
    of: &'a Summaries,
    reserved: Option<Amount>,
    /// Whether a model was asked.
    sent: bool,
    /// What it may have taken by now.
    so_far: SoFar,
    ended: bool,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let spent = self.so_far.at_most().or(self.reserved).filter(|_| self.sent).unwrap_or_default();
            self.of.say(Says::returned(self.reserved, spent));
        }
    }
}

impl Summaries {
    /// Where nobody listens the run was left.
    fn say(&self, says: Says) {
        let (path, attempt) = (self.calling.path.clone(), self.calling.attempt);
        let _unheard = self.back.send(Back::Summary { path, attempt, says });
    }

    async fn reserve(&self, wanted: &WantedSummary) -> Result<Option<Amount>, Failed> {
        let (reply, told) = oneshot::channel();
        self.say(Says::Wants { most: self.shared.outside.most_of_summary(wanted, &self.calling), reply });
        let mut asked = Asked { of: self, told };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(super::calls::unwanted()),
            told = &mut asked.told => told.unwrap_or_else(|_| Err(super::calls::unwanted())),
        }
    }

    async fn make(&self, wanted: &WantedSummary) -> Result<String, Failed> {
        let mut making = Making {
            of: self,
            reserved: self.reserve(wanted).await?,
            sent: false,
            so_far: SoFar::default(),
            ended: false,
        };
        let turn = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(super::calls::unwanted()),
            turn = self.shared.calls.acquire() => turn,
        };
        making.sent = true;
        let (reserved, so_far) = (making.reserved, making.so_far.clone());
        let calling = Calling { reserved, so_far, ..self.calling.clone() };
        let result = self.in_time(self.shared.outside.summarise(wanted, &calling)).await;
        drop(turn);
        let (spent, result) = match result {
            Ok(Done { value: Value::String(text), spent }) => (spent, Ok(text)),
            Ok(Done { value, spent }) => (spent, Ok(value.to_string())),
            Err(failed) => {
                (failed.spent.or(making.so_far.at_most()).or(making.reserved).unwrap_or_default(), Err(failed))
            }
        };
        let made =
            result.as_ref().ok().filter(|text| !text.trim().is_empty()).map(|text| (wanted.key.clone(), text.clone()));
        let (reply, kept) = oneshot::channel();
        making.ended = true;
        self.say(Says::Took { reserved: making.reserved, spent, made, reply: Some(reply) });
        kept.await.map_err(|_| super::calls::unwanted())?;
        result
    }

    /// What is left of the time of the step is left for all its summaries and its call together.
    async fn in_time(&self, call: crate::outside::Answer<'_>) -> Result<Done, Failed> {
        let began = Instant::now();
        let Some(timeout) = self.timeout else { return call.await };
        let left = timeout.saturating_sub(self.took.load(Ordering::Relaxed));
        let result = tokio::time::timeout(Duration::from_millis(left), call).await;
        let lasted = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.took.fetch_add(lasted, Ordering::Relaxed);
        result.unwrap_or_else(|_| {
            let message = format!("the context of the step was not there within {timeout} ms");
            Err(Failed { sent: Sent::Known, ..Failed::unknown(Fault::new(Code::StepExpired, message)) })
        })
    }
}

impl Summariser for Summaries {
    fn prompt(&self) -> Digest {
        self.shared.outside.summary_prompt()
    }

    fn summarise<'a>(&'a self, wanted: &'a WantedSummary) -> Wait<'a, String> {
        Box::pin(async move {
            if let Some(known) = self.known.get(&wanted.key) {
                return Ok(known.clone());
            }
            self.make(wanted).await.map_err(|Failed { fault, .. }| {
                let kept = [Code::RunBudget, Code::StepExpired, Code::RunCancelled];
                let code = kept.into_iter().find(|code| code.id() == fault.code).unwrap_or(Code::ContextSummary);
                let message = format!("a summary was not made: {}", fault.message);
                Error::new(code, message, "ask again later, or use `fit: truncate_tail`")
            })
        })
    }
}

impl Carry {
    /// What is written down for a summary. Gives who is told when it is in the journal.
    pub(super) fn summary(&mut self, from: (StepPath, u32), says: Says, entries: &mut Vec<Entry>) -> Option<Told> {
        let (path, attempt) = from;
        match says {
            Says::Wants { most, reply } => {
                self.waiting.push(Waiting { path, attempt, most, reply });
                None
            }
            Says::Took { reserved, spent, made, reply } => {
                let nothing = reserved.is_none() && spent == Amount::default() && made.is_none();
                if !nothing {
                    let kind = Kind::Settled { reserved: reserved.unwrap_or_default(), spent };
                    let entry = for_context(Entry::of_step(self.shared.now(), path, attempt, kind));
                    entries.push(match made.and_then(|(key, text)| Payload::new(&written(&key, &text)).ok()) {
                        Some(payload) => entry.with(payload),
                        None => entry,
                    });
                }
                reply.map(Told::Kept)
            }
        }
    }

    /// Tells whoever waits for what is in the journal now. What nobody wants any more is given back at once: it is no call that is
    /// under way.
    pub(super) async fn tell(&mut self, told: Vec<Told>) -> Result<(), JournalError> {
        let back = |(path, attempt, reserved)| {
            let kind = Kind::Settled { reserved, spent: Amount::default() };
            for_context(Entry::of_step(self.shared.now(), path, attempt, kind))
        };
        let back: Vec<Entry> = told.into_iter().filter_map(Told::tell).map(back).collect();
        self.record(back).await
    }

    /// Looks again at what summaries wait for, as calls that ended may have given something back. Whether one waits no longer.
    pub(super) async fn pay(&mut self) -> Result<bool, JournalError> {
        let (mut entries, waited) = (Vec::new(), self.waiting.len());
        let told = self.reserve(&mut entries);
        if !entries.is_empty() {
            self.record(entries).await?;
            self.tell(told).await?;
        }
        Ok(self.waiting.len() < waited)
    }

    /// Sets aside what summaries want, as far as it is there. Those that can never be paid are told so.
    pub(super) fn reserve(&mut self, entries: &mut Vec<Entry>) -> Vec<Told> {
        let (mut told, mut taken, mut later) = (Vec::new(), Amount::default(), Vec::new());
        // What a step has set aside that nobody wants any more comes back, and may be enough for others.
        self.waiting.retain(|waiting| !waiting.reply.is_closed());
        let paths: Vec<StepPath> = self.waiting.iter().map(|waiting| waiting.path.clone()).collect();
        for waiting in std::mem::take(&mut self.waiting) {
            match self.state.payable(waiting.most, taken, &paths) {
                Payable::Free => drop(waiting.reply.send(Ok(None))),
                Payable::Now => {
                    taken = Amount {
                        money: taken.money.saturating_add(waiting.most.money),
                        tokens: taken.tokens.saturating_add(waiting.most.tokens),
                    };
                    let kind = Kind::Reserved(waiting.most);
                    let reserved = Entry::of_step(self.shared.now(), waiting.path.clone(), waiting.attempt, kind);
                    entries.push(for_context(reserved));
                    told.push(Told::Reserved(waiting));
                }
                Payable::Later => later.push(waiting),
                Payable::Never if taken != Amount::default() => later.push(waiting),
                Payable::Never => {
                    let message =
                        format!("the budget of the run has too little left for the context of `{}`", waiting.path);
                    drop(waiting.reply.send(Err(Failed::known(Fault::new(Code::RunBudget, message)))));
                }
            }
        }
        self.waiting = later;
        told
    }
}

/// The entry is not about the call of the step itself.
fn for_context(mut entry: Entry) -> Entry {
    let (name, value) = FOR_CONTEXT;
    entry.more.push((name.to_owned(), Raw::of_valid(value)));
    entry
}

/// A summary as a journal keeps it.
fn written(key: &SummaryKey, text: &str) -> String {
    let SummaryKey { sha256, tokens, model, prompt } = key;
    let (sha256, prompt) = (sha256.to_string(), prompt.to_string());
    json!({SUMMARY: {"sha256": sha256, "tokens": tokens, "model": model, "prompt": prompt, "text": text}}).to_string()
}

/// The summary that an entry keeps.
pub(super) fn kept(entry: &Entry) -> Option<(SummaryKey, String)> {
    let value = crate::times::value(entry)?;
    let summary = value.get(SUMMARY)?;
    let text = |name: &str| summary.get(name).and_then(Value::as_str);
    let digest = |name: &str| Digest::parse(text(name)?);
    let key = SummaryKey {
        sha256: digest("sha256")?,
        tokens: summary.get("tokens")?.as_u64()?,
        model: text("model")?.to_owned(),
        prompt: digest("prompt")?,
    };
    Some((key, text("text")?.to_owned()))
}
