//! What is to be done next.

use crate::fault::Fault;
use crate::task::{Call, Work};
use base::Code;
use journal::{Amount, Decision, Effect, End, Entry, Gate, IdempotencyKey, Kind, Payload, Resolution, StepPath};
use serde_json::Value;

/// The actor of decisions that a rule of the workflow makes.
const RULE: &str = "the workflow";

/// Something that is to be done. First its [`Command::entries`] are appended, all at once; then, for a call, it is carried
/// out. Entries that are not the answer to a call are all that a command means.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Call something. The answer is an entry [`Kind::Succeeded`], [`Kind::Failed`], or [`Kind::InDoubt`] where nobody knows
    /// whether it happened, for this step and attempt; where `undoes` names a step, [`Kind::Compensated`] for that one in place of
    /// [`Kind::Succeeded`]. What was reserved is settled in the same append.
    Run {
        /// The step.
        path: StepPath,
        /// The step in the plan.
        place: usize,
        /// The attempt, from 1.
        attempt: u32,
        /// What a server recognises the call by: the same for all attempts.
        key: IdempotencyKey,
        /// What happens if it happens twice.
        effect: Effect,
        /// What is called.
        work: Work,
        /// How long it may take, in milliseconds.
        timeout: Option<u64>,
        /// When its intent is to be in the journal.
        intent: Intent,
        /// What is set aside of the budget before.
        reserve: Option<Amount>,
        /// Whether it is set aside already, for a run within that was begun before a crash.
        kept: bool,
        /// The step that the call undoes.
        undoes: Option<StepPath>,
    },
    /// Ask whether an effect in doubt happened. The answer is an entry [`Kind::Resolved`], or where it says nothing that can be
    /// used, [`Kind::InDoubt`] with the reason.
    Probe {
        /// The step.
        path: StepPath,
        /// The attempt in doubt.
        attempt: u32,
        /// What is asked.
        call: Call,
    },
    /// A call that is under way is no longer wanted. Its answer is still appended.
    Stop {
        /// The step.
        path: StepPath,
    },
    /// Wait until a time.
    SetTimer {
        /// The step; nothing for the run.
        path: Option<StepPath>,
        /// Which timer.
        timer: &'static str,
        /// In milliseconds since 1970.
        due: u64,
    },
    /// A timer is due.
    FireTimer {
        /// The step; nothing for the run.
        path: Option<StepPath>,
        /// Which timer.
        timer: &'static str,
    },
    /// What was set aside for calls that a crash has taken is settled.
    Settle {
        /// The step.
        path: StepPath,
        /// What was set aside.
        reserved: Amount,
        /// What of it counts as spent, for nobody knows that it was not.
        spent: Amount,
    },
    /// A timer is not waited for any more.
    ClearTimer {
        /// The step; nothing for the run.
        path: Option<StepPath>,
        /// Which timer.
        timer: String,
    },
    /// Ask a person.
    OpenGate {
        /// The step.
        path: StepPath,
        /// What they are asked.
        prompt: String,
        /// What they are shown.
        show: Value,
        /// What they decide on.
        gate: Gate,
        /// Who may decide.
        approvers: Vec<String>,
    },
    /// Nobody decided in time.
    ExpireGate {
        /// The step.
        path: StepPath,
    },
    /// After a crash nobody knows whether the effect of an attempt happened.
    Doubt {
        /// The step.
        path: StepPath,
        /// The attempt.
        attempt: u32,
    },
    /// The rule of the step decides on an effect in doubt.
    Resolve {
        /// The step.
        path: StepPath,
        /// What is to be done.
        resolution: Resolution,
    },
    /// The step fails before anything is called.
    Fail {
        /// The step.
        path: StepPath,
        /// The attempt.
        attempt: u32,
        /// Why.
        fault: Fault,
    },
    /// The run fails; where it undoes what it did, it ends that.
    FailRun {
        /// Why.
        fault: Fault,
    },
    /// The run is at its end.
    Finish {
        /// How.
        end: End,
        /// Its output, or the detail of its error.
        value: Value,
    },
}

/// When the intent of a call is written down: before it is sent, and not before it can be. Between the two nobody would know
/// after a crash whether it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Not at all: it does no harm if it happens twice, or it stands there already.
    None,
    /// Before the call is begun: it is one of [`Command::entries`].
    First,
    /// Together with the context of the step, [`Kind::Scheduled`], which is made first: whoever makes it writes [`Kind::Attempted`]
    /// behind it.
    WithContext,
}

impl Command {
    /// What the journal says of the command at the time `at`, before it is carried out.
    ///
    /// # Errors
    /// A value is larger than a journal takes.
    pub fn entries(&self, at: u64) -> journal::Result<Vec<Entry>> {
        let of = |path: &StepPath, attempt: u32, kind: Kind| Entry::of_step(at, path.clone(), attempt, kind);
        let timer = |path: &Option<StepPath>, kind: Kind| Entry { step: path.clone(), ..Entry::of_run(at, kind) };
        Ok(match self {
            Command::Run { path, attempt, key, effect, intent, reserve, kept, .. } => {
                let reserved = reserve.filter(|_| !kept).map(|amount| of(path, *attempt, Kind::Reserved(amount)));
                let first = *intent == Intent::First;
                let intent = first.then(|| of(path, *attempt, Kind::Attempted { effect: *effect, key: *key }));
                reserved.into_iter().chain(intent).collect()
            }
            Command::Probe { .. } | Command::Stop { .. } => Vec::new(),
            Command::SetTimer { path, timer: name, due } => {
                vec![timer(path, Kind::TimerSet { timer: (*name).to_owned(), due: *due })]
            }
            Command::FireTimer { path, timer: name } => {
                vec![timer(path, Kind::TimerFired { timer: (*name).to_owned() })]
            }
            Command::Settle { path, reserved, spent } => {
                vec![of(path, 0, Kind::Settled { reserved: *reserved, spent: *spent })]
            }
            Command::ClearTimer { path, timer: name } => vec![timer(path, Kind::TimerCleared { timer: name.clone() })],
            Command::OpenGate { path, prompt, show, gate, .. } => {
                let shown = Payload::new(&shown(prompt, show).to_string())?;
                let expiry = |due| timer(&Some(path.clone()), Kind::TimerSet { timer: "expiry".to_owned(), due });
                let opened = of(path, 0, Kind::GateOpened(gate.clone())).with(shown);
                std::iter::once(opened).chain(gate.expires.map(expiry)).collect()
            }
            Command::ExpireGate { path } => {
                let fired = timer(&Some(path.clone()), Kind::TimerFired { timer: "expiry".to_owned() });
                vec![fired, of(path, 0, Kind::GateExpired)]
            }
            Command::Doubt { path, attempt } => vec![of(path, *attempt, Kind::InDoubt)],
            Command::Resolve { path, resolution } => {
                let decision = Decision { actor: RULE.to_owned(), reason: None };
                vec![of(path, 0, Kind::Resolved { resolution: *resolution, decision })]
            }
            Command::Fail { path, attempt, fault } => vec![of(path, *attempt, fault.failed())],
            Command::FailRun { fault } => vec![Entry::of_run(at, fault.failed())],
            Command::Finish { end, value } => match Payload::new(&value.to_string()) {
                Ok(value) => vec![Entry::of_run(at, Kind::Finished(*end)).with(value)],
                // An output that no journal takes: the run ends all the same, and says why.
                Err(error) => {
                    let fault = Fault::new(Code::WorkflowEvaluation, format!("the output cannot be kept: {error}"));
                    vec![Entry::of_run(at, Kind::Finished(End::Failed)).with(Payload::new(&fault.value().to_string())?)]
                }
            },
        })
    }

    /// Whether other commands may be of no use once its entries are applied.
    pub(crate) const fn turns(&self) -> bool {
        matches!(
            self,
            Command::FireTimer { .. }
                | Command::ExpireGate { .. }
                | Command::Doubt { .. }
                | Command::Resolve { .. }
                | Command::Fail { .. }
                | Command::FailRun { .. }
        )
    }

    /// Whether it is a call that takes time and has an answer.
    pub const fn is_call(&self) -> bool {
        matches!(self, Command::Run { .. } | Command::Probe { .. })
    }
}

/// What a person at a gate sees, as it is kept and digested.
pub(crate) fn shown(prompt: &str, show: &Value) -> Value {
    serde_json::json!({"prompt": prompt, "show": show})
}
