//! What single entries say of a step or a run.

use journal::{Entry, Kind};
use serde::Serialize;
use serde_json::Value;

/// How much context a step was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// The tokens that it was given.
    pub given: usize,
    /// The tokens of all that it could have been given.
    pub full_context: usize,
}

/// What the journal says of a step beside how it stands.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) attempts: u32,
    pub(crate) began_at: Option<u64>,
    pub(crate) ended_at: Option<u64>,
    pub(crate) context: Option<Tokens>,
}

impl Times {
    pub(crate) fn note(&mut self, entry: &Entry) {
        self.attempts = self.attempts.max(entry.attempt);
        match &entry.kind {
            Kind::Attempted { .. } | Kind::Scheduled | Kind::GateOpened(_) => {
                self.began_at.get_or_insert(entry.at);
            }
            Kind::Succeeded | Kind::Failed { .. } | Kind::GateApproved { .. } | Kind::GateRejected { .. } => {
                self.ended_at = Some(entry.at);
            }
            _ => {}
        }
        if entry.kind == Kind::Scheduled {
            self.context = value(entry).and_then(|value| {
                let number = |name: &str| usize::try_from(value["receipt"][name].as_u64()?).ok();
                Some(Tokens { given: number("total")?, full_context: number("full_context")? })
            });
        }
    }
}

/// The value that goes with an entry, where it is there.
pub(crate) fn value(entry: &Entry) -> Option<Value> {
    base::json::from_text(entry.payload.as_ref()?.inline()?).ok()
}

/// What a run gave, or the detail of its error, if the entry is its last.
pub(crate) fn result(entry: &Entry) -> Option<Value> {
    matches!(entry.kind, Kind::Finished(_)).then(|| value(entry).unwrap_or_default())
}
