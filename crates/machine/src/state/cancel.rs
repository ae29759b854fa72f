//! Ending early what is no longer wanted.

use super::State;
use crate::node::{Ended, Id, Outcome, Standing, Why};
use std::sync::Arc;

impl State {
    /// Nothing new begins within the node; what was sent outside is waited for. The node ends as `why` says.
    pub(super) fn cancel_with(&mut self, id: Id, why: &Why) {
        let outcome = || match why {
            Why::Fault(fault) => Outcome::bad(Arc::clone(fault)),
            Why::Cancelled => Outcome::without(Ended::Cancelled),
        };
        let within: Vec<Id> = match self.nodes.get_mut(id).map(|node| &mut node.standing) {
            None | Some(Standing::Done(_)) => return,
            Some(Standing::Waiting(_)) => return self.end_node(id, outcome()),
            Some(Standing::Leaf(leaf)) => {
                if leaf.intent || leaf.doubt {
                    leaf.stopping = true;
                    return;
                }
                return self.end_node(id, outcome());
            }
            Some(Standing::Frame(frame)) => {
                frame.fault.get_or_insert_with(|| why.clone());
                self.frames.get(&id).map(|nodes| nodes.values().copied().collect()).unwrap_or_default()
            }
            Some(Standing::Each(each)) => {
                each.fault.get_or_insert_with(|| why.clone());
                each.running.iter().copied().collect()
            }
            Some(Standing::Loop(rounds)) => match rounds.child {
                Some(child) => vec![child],
                None => return self.end_node(id, outcome()),
            },
        };
        // Of what is within, only the one that failed says why.
        let inner = match self.nodes.get(id).map(|node| &node.standing) {
            Some(Standing::Loop(_)) => why.clone(),
            _ => Why::Cancelled,
        };
        within.into_iter().for_each(|child| self.cancel_with(child, &inner));
        self.close_frame(id);
        self.close_each(id);
    }

    /// Nothing outside is wanted for the node any more; its timers are to be cleared.
    pub(super) fn leave(&mut self, id: Id) {
        self.active.remove(&id);
        if matches!(self.leaf_mut(id), Some(leaf) if leaf.gate.is_some() || leaf.doubt) {
            self.decided();
        }
        for timer in ["retry", "wait", "expiry", "timeout", "round"] {
            self.unset(id, timer);
        }
    }

    /// The timer of a node is to be cleared, if it is set.
    pub(super) fn unset(&mut self, id: Id, timer: &str) {
        let Some(path) = self.nodes.get(id).and_then(|node| node.path.clone()) else { return };
        let key = (Some(path), timer.to_owned());
        if self.timers.contains_key(&key) {
            self.stale.insert(key);
        }
    }
}
