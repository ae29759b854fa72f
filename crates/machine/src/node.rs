//! One step of a run, in one of its items or rounds.

use crate::fault::Fault;
use crate::path::Counts;
use journal::StepPath;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which node of a run.
pub(crate) type Id = usize;

/// A step, an item or a round of one, or the call that undoes one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// The step, as a place in the plan; of the run itself none.
    pub(crate) place: usize,
    /// The node that it stands within.
    pub(crate) parent: Option<Id>,
    /// What it is.
    pub(crate) role: Role,
    /// How the journal calls it.
    pub(crate) path: Option<StepPath>,
    /// The items and rounds around it, its own included, from the outside in.
    pub(crate) levels: Arc<[(Counts, u32)]>,
    /// How it stands.
    pub(crate) standing: Standing,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The run itself.
    Root,
    /// A step as a whole.
    Step,
    /// An item of a `for_each`.
    Item(u32),
    /// A round of a `repeat`, from 0.
    Round(u32),
    /// The call that undoes a node.
    Undo(Id),
}

/// How a node stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Standing {
    /// It waits for so many others.
    Waiting(usize),
    /// Something outside is to happen.
    Leaf(Leaf),
    /// The steps within it are done.
    Frame(Frame),
    /// Its items are done.
    Each(Each),
    /// Its rounds are done.
    Loop(Loop),
    /// It is at its end.
    Done(Outcome),
}

/// Something outside that is to happen: a call, a wait, a decision.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Leaf {
    /// The attempt, from 1.
    pub(crate) attempt: u32,
    /// Whether the journal says that the attempt is sent, and not what came of it.
    pub(crate) intent: bool,
    /// Whether nobody knows what came of it.
    pub(crate) doubt: bool,
    /// Why nothing but a person can say what came of it: the probe could not.
    pub(crate) unprobed: Option<Arc<Fault>>,
    /// Whether it failed and is to be tried again after a while.
    pub(crate) again: bool,
    /// Whether nobody wants it any more: it only ends what was sent.
    pub(crate) stopping: bool,
    /// The timer that it waits for.
    pub(crate) timer: Option<&'static str>,
    /// The gate as it was opened, and what is shown.
    pub(crate) gate: Option<(journal::Gate, Arc<Value>)>,
    /// What a person let be sent, where the call waits for that. It holds for all attempts.
    pub(crate) approved: Option<Arc<Value>>,
}

/// Steps within a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Frame {
    /// How many are not at their end.
    pub(crate) left: usize,
    /// Why it fails, if it does.
    pub(crate) fault: Option<Why>,
}

/// Items of a step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Each {
    pub(crate) items: Arc<Vec<Value>>,
    /// The next that begins.
    pub(crate) next: usize,
    /// Those that began and are not at their end.
    pub(crate) running: BTreeSet<Id>,
    /// How many failed.
    pub(crate) failed: u32,
    /// What they gave; null where they gave nothing.
    pub(crate) outputs: Vec<Value>,
    pub(crate) fault: Option<Why>,
}

/// Rounds of a step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Loop {
    /// The round, from 0.
    pub(crate) round: u32,
    /// Its node; none while the next is waited for.
    pub(crate) child: Option<Id>,
    /// What the round before gave.
    pub(crate) previous: Arc<Value>,
    /// What the last round gave as it came, before `output` made something of it.
    pub(crate) result: Arc<Value>,
}

/// Why what is within a node ends early.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Why {
    /// Something in it failed.
    Fault(Arc<Fault>),
    /// Nobody wants it any more.
    Cancelled,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It gave what it should.
    Succeeded,
    /// It failed for good.
    Failed,
    /// Its `when` did not hold, or nothing failed instead of which it would be done.
    Skipped,
    /// It was no longer wanted.
    Cancelled,
}

impl Ended {
    /// The word for it, in templates and output.
    pub const fn word(self) -> &'static str {
        match self {
            Ended::Succeeded => "succeeded",
            Ended::Failed => "failed",
            Ended::Skipped => "skipped",
            Ended::Cancelled => "cancelled",
        }
    }
}

/// What a node gave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) ended: Ended,
    /// Null unless it succeeded.
    pub(crate) output: Arc<Value>,
    pub(crate) fault: Option<Arc<Fault>>,
}

impl Outcome {
    pub(crate) fn good(output: Value) -> Self {
        Self { ended: Ended::Succeeded, output: Arc::new(output), fault: None }
    }

    pub(crate) fn bad(fault: Arc<Fault>) -> Self {
        Self { ended: Ended::Failed, output: Arc::new(Value::Null), fault: Some(fault) }
    }

    pub(crate) fn without(ended: Ended) -> Self {
        Self { ended, output: Arc::new(Value::Null), fault: None }
    }
}
