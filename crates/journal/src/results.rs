//! Which steps have their result: the first counts, and what comes later is kept as an orphan.

use crate::{Entry, Kind, StepPath};
use std::collections::HashSet;

/// The results that a journal holds.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// Steps that are done.
    done: HashSet<StepPath>,
    /// Attempts that ended, well or not.
    ended: HashSet<(StepPath, u32)>,
}

impl Results {
    /// Takes note of an entry of the journal.
    pub fn note(&mut self, entry: &Entry) {
        let Some(step) = entry.step.as_ref().filter(|_| is_result(&entry.kind)) else { return };
        self.ended.insert((step.clone(), entry.attempt));
        if entry.kind == Kind::Succeeded {
            self.done.insert(step.clone());
        }
    }

    /// Whether the step is done.
    pub fn has(&self, step: &StepPath) -> bool {
        self.done.contains(step)
    }

    /// The entries as they may be appended: a result that is not the first of its attempt, or that comes after its step was
    /// done, becomes [`Kind::Orphaned`]. The journal itself is left as it is: [`Results::note`] the entries once they are in it.
    pub fn admit(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut new = Results::default();
        let admit = |entry: Entry| {
            let late = entry.step.as_ref().is_some_and(|step| {
                let attempt = (step.clone(), entry.attempt);
                let has = |results: &Results| results.done.contains(step) || results.ended.contains(&attempt);
                is_result(&entry.kind) && (has(self) || has(&new))
            });
            if late {
                let was = entry.kind.word().to_owned();
                return Entry { kind: Kind::Orphaned { was }, ..entry };
            }
            new.note(&entry);
            entry
        };
        entries.into_iter().map(admit).collect()
    }
}

const fn is_result(kind: &Kind) -> bool {
    matches!(kind, Kind::Succeeded | Kind::Failed { .. })
}

/// What no second entry of a run may have: that a step is done, that an attempt of it failed, or that the run is cancelled.
pub(crate) fn mark(entry: &Entry) -> Option<String> {
    let Some(step) = entry.step.as_ref() else {
        // No path is empty.
        return matches!(entry.kind, Kind::Cancelled(_)).then(|| "\ncancelled".to_owned());
    };
    match entry.kind {
        Kind::Succeeded => Some(step.to_string()),
        // A path has no line ends.
        Kind::Failed { .. } => Some(format!("{step}\n{}", entry.attempt)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
