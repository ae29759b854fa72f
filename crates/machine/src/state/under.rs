//! Which commands are under way: known to who carries them out, and to no journal.

use super::State;
use crate::Command;
use crate::node::{Id, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// Commands that were taken and did not end yet. A crash forgets them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct UnderWay {
    /// Calls, and questions whether a call was carried out, with their attempts.
    pub(crate) calls: BTreeMap<Id, u32>,
    /// Calls that are no longer wanted.
    pub(crate) stopped: BTreeSet<Id>,
}

impl State {
    /// Takes note that `command` is carried out from now on, so that it is not given again. It comes when the entries of the
    /// command are in the journal, and before they are applied: an intent that nobody carries out means that there was a crash.
    pub fn begin(&mut self, command: &Command) {
        let find = |path| self.paths.get(path).copied();
        match command {
            Command::Run { path, attempt, .. } | Command::Probe { path, attempt, .. } => {
                if let Some(id) = find(path) {
                    self.under.calls.insert(id, *attempt);
                }
            }
            Command::Stop { path } => {
                if let Some(id) = find(path) {
                    self.under.stopped.insert(id);
                }
            }
            _ => {}
        }
    }

    /// Whether the journal says that the attempt of the step at `path` is sent, and somebody wants it: what was given up before that is
    /// not sent any more.
    pub fn is_sent(&self, path: &journal::StepPath, attempt: u32) -> bool {
        let standing = self.paths.get(path).and_then(|id| self.nodes.get(*id)).map(|node| &node.standing);
        matches!(standing, Some(Standing::Leaf(leaf)) if leaf.intent && leaf.attempt == attempt && !leaf.stopping)
    }

    /// The state as after a crash: nothing is under way.
    pub fn forget(&mut self) {
        self.under = UnderWay::default();
    }

    /// What is under way for `other`, another state of the same run, is under way for this one.
    pub fn take_over(&mut self, other: &Self) {
        for (id, attempt) in &other.under.calls {
            let path = other.nodes.get(*id).and_then(|node| node.path.as_ref());
            let Some(own) = path.and_then(|path| self.paths.get(path)).copied() else { continue };
            self.under.calls.insert(own, *attempt);
            if other.under.stopped.contains(id) {
                self.under.stopped.insert(own);
            }
        }
    }

    /// The call for this attempt is at its end.
    pub(super) fn came_back(&mut self, id: Id, attempt: u32) {
        if self.under.calls.get(&id) == Some(&attempt) {
            self.came_to_rest(id);
        }
    }

    /// Whatever is under way for the node is at its end.
    pub(super) fn came_to_rest(&mut self, id: Id) {
        self.under.calls.remove(&id);
        self.under.stopped.remove(&id);
    }
}
