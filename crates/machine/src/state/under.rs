//! Which commands are under way: known to who carries them out, and to no journal.

use super::State;
use crate::Command;
use crate::node::Id;
use std::collections::BTreeSet;

/// Commands that were taken and did not end yet. A crash forgets them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct UnderWay {
    /// Calls, and questions whether a call was carried out.
    pub(crate) calls: BTreeSet<Id>,
    /// Calls that are no longer wanted.
    pub(crate) stopped: BTreeSet<Id>,
}

impl State {
    /// Takes note that `command` is carried out from now on, so that it is not given again. It comes before the entries of
    /// the command are applied: an intent in the journal that nobody carries out means that there was a crash.
    pub fn begin(&mut self, command: &Command) {
        let find = |path| self.paths.get(path).copied();
        match command {
            Command::Run { path, .. } | Command::Probe { path, .. } => {
                if let Some(id) = find(path) {
                    self.under.calls.insert(id);
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

    /// The state as after a crash: nothing is under way.
    pub fn forget(&mut self) {
        self.under = UnderWay::default();
    }

    pub(super) fn came_back(&mut self, id: Id) {
        self.under.calls.remove(&id);
        self.under.stopped.remove(&id);
    }
}
