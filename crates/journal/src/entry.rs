//! What a journal consists of.

mod decode;
mod encode;
mod words;

use crate::limits::{LARGEST_ENTRY, NAME};
use crate::{Digest, IdempotencyKey, JournalError, Payload, Result, RunId, StepPath};
use conversation::Raw;
pub use resilience::effect::Effect;

/// Something that happened in a run, or is about to.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When, in milliseconds since 1970, as whoever wrote it saw the time.
    pub at: u64,
    /// The step that it is about; nothing where it is about the run.
    pub step: Option<StepPath>,
    /// The attempt of the step that it is about, from 1; 0 where it is about none.
    pub attempt: u32,
    /// What.
    pub kind: Kind,
    /// The value that goes with it: an input, an output, the detail of an error, what a person sees.
    pub payload: Option<Payload>,
    /// Members that this release does not know. They are kept as they are.
    pub more: Vec<(String, Raw)>,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The place in the journal of its run, from 1 without gaps.
    pub sequence: u64,
    /// What stands there.
    pub entry: Entry,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The run was created; the payload is its input. Always the first entry, and never another.
    Started {
        /// What the run does, for as long as it lasts.
        definition: Digest,
        /// The run that started this one as a step of its own.
        parent: Option<RunId>,
    },
    /// The step is ready to be done.
    Scheduled,
    /// The step's effect is about to be sent: the intent. For effects that are neither `pure` nor `read` it is on the disk
    /// before the effect begins.
    Attempted {
        /// What happens if it is sent twice.
        effect: Effect,
        /// What a server recognises it by.
        key: IdempotencyKey,
    },
    /// The step is done; the payload is its output. The first of a step counts.
    Succeeded,
    /// An attempt ended in an error; the payload is its detail. Of no step: the run fails, whatever the rules of its steps say.
    Failed {
        /// The code, such as `T-0204`.
        code: String,
        /// What happened.
        message: String,
    },
    /// From `due` on `timer` of the step is due.
    TimerSet {
        /// Which timer of the step, such as `retry`, `timeout` or `expiry`.
        timer: String,
        /// In milliseconds since 1970.
        due: u64,
    },
    /// A timer was due, and whoever waited for it goes on.
    TimerFired {
        /// Which timer of the step.
        timer: String,
    },
    /// A timer is not waited for any more.
    TimerCleared {
        /// Which timer of the step.
        timer: String,
    },
    /// An event from outside; the payload is what came with it.
    Signal {
        /// Its name.
        name: String,
    },
    /// A gate waits for a person; the payload is what they are shown.
    GateOpened(Gate),
    /// A person let exactly what the gate shows go on; the payload, if there is one, are the arguments as they edited them.
    GateApproved {
        /// Who and why.
        decision: Decision,
        /// What they saw.
        gate: Gate,
    },
    /// A person refused.
    GateRejected {
        /// Who and why.
        decision: Decision,
        /// What they saw.
        gate: Gate,
    },
    /// Nobody decided in time.
    GateExpired,
    /// The step, or the run, is not to go on.
    Cancelled(Decision),
    /// Nothing new is to begin until the run is resumed.
    Paused(Decision),
    /// A paused run goes on.
    Resumed(Decision),
    /// So much of the budget is set aside before a call.
    Reserved(Amount),
    /// What was set aside is given back, and what was spent is taken; the payload is what was bought, if it is no result.
    Settled {
        /// What was set aside.
        reserved: Amount,
        /// What the call took.
        spent: Amount,
    },
    /// What the step did was undone; the payload is what that gave.
    Compensated,
    /// After a crash nobody knows whether the effect of the attempt happened. Said of an attempt in doubt, with a payload whose
    /// `reason` says why: its probe does not know either, and a person must say.
    InDoubt,
    /// Somebody, or a probe, knows what became of an effect in doubt.
    Resolved {
        /// What is to be done now.
        resolution: Resolution,
        /// Who and why.
        decision: Decision,
    },
    /// A result that came after the one that counts; the payload is it. Never used.
    Orphaned {
        /// The word of the entry that it would have been.
        was: String,
    },
    /// Steps that were added to the graph; the payload describes them.
    Expanded,
    /// The run is at its end; the payload is its output or the detail of its error. Always the last entry.
    Finished(End),
    /// A kind of a later release, by its word. Its members are in [`Entry::more`].
    Other(String),
}

/// What a person is shown at a gate, and so decides on: this call and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The plan of the run.
    pub plan: Digest,
    /// The arguments of what is to happen.
    pub arguments: Digest,
    /// From when on it is too late, in milliseconds since 1970.
    pub expires: Option<u64>,
}

/// Who decided, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who: a principal, or the part of the hub whose rule it was.
    pub actor: String,
    /// Why, if they said.
    pub reason: Option<String>,
}

/// A part of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// In nano-dollars.
    pub money: u64,
    /// Tokens of requests and answers together.
    pub tokens: u64,
}

/// What is done about an effect in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// It happened; the payload is its result.
    Happened,
    /// It is sent again.
    Retry,
    /// The step failed.
    Fail,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// It did what it should.
    Succeeded,
    /// It failed.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl Entry {
    /// Something about the run itself.
    pub const fn of_run(at: u64, kind: Kind) -> Self {
        Self { at, step: None, attempt: 0, kind, payload: None, more: Vec::new() }
    }

    /// Something about a step.
    pub const fn of_step(at: u64, step: StepPath, attempt: u32, kind: Kind) -> Self {
        Self { at, step: Some(step), attempt, kind, payload: None, more: Vec::new() }
    }

    /// The entry with a value.
    #[must_use]
    pub fn with(mut self, payload: Payload) -> Self {
        self.payload = Some(payload);
        self
    }

    /// The entry as the text that [`Entry::decode`] reads: JSON without spaces.
    pub fn encode(&self) -> String {
        encode::text(self)
    }

    /// The entry that `text` is. Kinds and members that this release does not know are kept.
    ///
    /// # Errors
    /// [`JournalError::Unreadable`]: it is no entry, or of a release whose entries cannot be understood without it.
    pub fn decode(text: &str) -> Result<Self> {
        decode::entry(text)
    }

    /// Whether the entry may be kept, apart from where and how large it is.
    ///
    /// # Errors
    /// [`JournalError::Invalid`].
    pub(crate) fn check(&self) -> Result<()> {
        let word = self.kind.word();
        let refuse = |cause: String| Err(JournalError::Invalid(format!("an entry `{word}` {cause}")));
        let of_run = matches!(self.kind, Kind::Failed { .. }) && self.step.is_none();
        if self.kind.needs_step() && self.step.is_none() && !of_run {
            return refuse("names no step".to_owned());
        }
        if self.kind.needs_attempt() && self.attempt == 0 && !of_run {
            return refuse("names no attempt".to_owned());
        }
        for name in self.kind.names() {
            if name.is_empty() || name.len() > NAME || name.contains(char::is_control) {
                return refuse(format!("has a name that is empty, longer than {NAME} bytes or has control characters"));
            }
        }
        self.payload.as_ref().map_or(Ok(()), Payload::check)
    }

    /// The text of an entry whose payload is already in its place.
    ///
    /// # Errors
    /// [`JournalError::Invalid`]: it is too large.
    pub(crate) fn encode_checked(&self) -> Result<String> {
        let text = self.encode();
        let beside = self.payload.as_ref().and_then(Payload::inline).map_or(0, str::len);
        if text.len() - beside <= LARGEST_ENTRY {
            return Ok(text);
        }
        let (word, bytes) = (self.kind.word(), text.len() - beside);
        let cause = format!("an entry `{word}` has {bytes} bytes without its payload, and the most is {LARGEST_ENTRY}");
        Err(JournalError::Invalid(cause))
    }
}

impl Kind {
    /// The word that says what kind it is.
    pub fn word(&self) -> &str {
        match self {
            Kind::Started { .. } => "started",
            Kind::Scheduled => "scheduled",
            Kind::Attempted { .. } => "attempted",
            Kind::Succeeded => "succeeded",
            Kind::Failed { .. } => "failed",
            Kind::TimerSet { .. } => "timer_set",
            Kind::TimerFired { .. } => "timer_fired",
            Kind::TimerCleared { .. } => "timer_cleared",
            Kind::Signal { .. } => "signal",
            Kind::GateOpened(_) => "gate_opened",
            Kind::GateApproved { .. } => "gate_approved",
            Kind::GateRejected { .. } => "gate_rejected",
            Kind::GateExpired => "gate_expired",
            Kind::Cancelled(_) => "cancelled",
            Kind::Paused(_) => "paused",
            Kind::Resumed(_) => "resumed",
            Kind::Reserved(_) => "reserved",
            Kind::Settled { .. } => "settled",
            Kind::Compensated => "compensated",
            Kind::InDoubt => "in_doubt",
            Kind::Resolved { .. } => "resolved",
            Kind::Orphaned { .. } => "orphaned",
            Kind::Expanded => "expanded",
            Kind::Finished(_) => "finished",
            Kind::Other(word) => word,
        }
    }

    /// Whether somebody who holds no lease may add it: what people and events outside say.
    pub const fn is_from_outside(&self) -> bool {
        matches!(
            self,
            Kind::Signal { .. }
                | Kind::GateApproved { .. }
                | Kind::GateRejected { .. }
                | Kind::Cancelled(_)
                | Kind::Paused(_)
                | Kind::Resumed(_)
                | Kind::Resolved { .. }
        )
    }

    /// Whether a run may begin with it: what came to steps of another.
    pub(crate) const fn is_of_the_past(&self) -> bool {
        matches!(
            self,
            Kind::Attempted { .. }
                | Kind::Succeeded
                | Kind::Failed { .. }
                | Kind::TimerFired { .. }
                | Kind::Signal { .. }
                | Kind::GateOpened(_)
                | Kind::GateApproved { .. }
                | Kind::GateRejected { .. }
                | Kind::GateExpired
        )
    }

    const fn needs_attempt(&self) -> bool {
        matches!(self, Kind::Attempted { .. } | Kind::Succeeded | Kind::Failed { .. } | Kind::InDoubt)
    }

    const fn needs_step(&self) -> bool {
        self.needs_attempt()
            || matches!(
                self,
                Kind::Scheduled
                    | Kind::GateOpened(_)
                    | Kind::GateApproved { .. }
                    | Kind::GateRejected { .. }
                    | Kind::GateExpired
                    | Kind::Compensated
                    | Kind::Resolved { .. }
                    | Kind::Orphaned { .. }
            )
    }

    /// The names that it has, apart from the step's.
    fn names(&self) -> impl Iterator<Item = &str> {
        let name = match self {
            Kind::TimerSet { timer, .. } | Kind::TimerFired { timer } | Kind::TimerCleared { timer } => Some(timer),
            Kind::Signal { name } | Kind::Other(name) => Some(name),
            Kind::Orphaned { was } => Some(was),
            Kind::Failed { code, .. } => Some(code),
            Kind::GateApproved { decision, .. }
            | Kind::GateRejected { decision, .. }
            | Kind::Resolved { decision, .. }
            | Kind::Cancelled(decision)
            | Kind::Paused(decision)
            | Kind::Resumed(decision) => Some(&decision.actor),
            _ => None,
        };
        name.map(String::as_str).into_iter()
    }
}

#[cfg(test)]
mod tests;
