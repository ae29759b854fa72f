//! The end of a run: its output, or its failure after what it did was undone.

use super::context::More;
use super::{Phase, State};
use crate::fault::Fault;
use crate::node::{Ended, Id, Leaf, Outcome, Role, Standing, Why};
use base::Code;
use journal::{End, Status};
use serde_json::Value;
use std::sync::Arc;

impl State {
    /// All steps are at their end, and the run did what it should.
    pub(super) fn conclude(&mut self) {
        match self.result() {
            Ok(value) => self.phase = Phase::Ending(End::Succeeded, value),
            Err(fault) => self.undo(&Arc::new(fault)),
        }
    }

    fn result(&self) -> Result<Value, Fault> {
        let value = match self.plan.output() {
            None => self.together(0, self.plan.results()),
            Some(output) => {
                let uses: Vec<String> = output.templates().iter().flat_map(|template| template.uses()).collect();
                output.render(&self.context(0, &uses, More::default())).map_err(|error| Fault::from(&error))?
            }
        };
        super::leaf::fits(self.plan.output_schema(), &value, "output").map(|()| value)
    }

    /// The run failed: what it did is undone, the last first.
    pub(super) fn undo(&mut self, fault: &Arc<Fault>) {
        let end = if fault.code == Code::RunCancelled.id() { End::Cancelled } else { End::Failed };
        self.phase = Phase::Undoing(end, Arc::clone(fault));
        self.next_undo();
    }

    /// Whether the run has failed and only ends what was begun.
    pub fn is_failing(&self) -> bool {
        let root = self.nodes.first().map(|node| &node.standing);
        self.phase != Phase::Running || matches!(root, Some(Standing::Frame(frame)) if frame.fault.is_some())
    }

    fn next_undo(&mut self) {
        let Phase::Undoing(end, fault) = &self.phase else { return };
        let Some(of) = self.done.pop() else {
            let mut detail = fault.value();
            if let Some(members) = detail.as_object_mut().filter(|_| !self.left_done.is_empty()) {
                members.insert("not_undone".to_owned(), Value::from(self.left_done.clone()));
            }
            self.phase = Phase::Ending(*end, detail);
            return;
        };
        let Some(node) = self.nodes.get(of) else { return };
        let (place, levels) = (node.place, Arc::clone(&node.levels));
        let leaf = Leaf { attempt: 1, ..Leaf::default() };
        let id = self.add(place, of, Role::Undo(of), levels, Standing::Leaf(leaf));
        self.active.insert(id);
    }

    /// Whether there is more to undo, or to send for that.
    pub(crate) fn undoes(&self) -> bool {
        !self.done.is_empty() || self.leaves().any(|(_, leaf)| !leaf.stopping)
    }

    /// The run fails, whatever it does: what it has not undone by then stays done.
    pub(super) fn run_fails(&mut self, fault: &Arc<Fault>) {
        if !matches!(self.phase, Phase::Undoing(..)) {
            return self.fail(fault);
        }
        let left = std::mem::take(&mut self.done);
        let open: Vec<Id> = self.active.iter().copied().collect();
        open.into_iter().for_each(|id| self.cancel_with(id, &Why::Cancelled));
        // What is undone at this moment may still be.
        let paths = left.iter().rev().filter_map(|id| self.nodes.get(*id)?.path.as_ref()).map(ToString::to_string);
        self.left_done.extend(paths);
    }

    pub(super) fn undone(&mut self, of: Id, outcome: &Outcome) {
        if outcome.ended != Ended::Succeeded {
            let path = self.nodes.get(of).and_then(|node| node.path.as_ref());
            self.left_done.extend(path.map(ToString::to_string));
        }
        self.next_undo();
    }

    /// How the run stands, as lists show it.
    pub fn status(&self) -> Status {
        match &self.phase {
            Phase::Over(end) => (*end).into(),
            _ if self.paused => Status::Paused,
            _ if self.is_in_doubt() => Status::InDoubt,
            Phase::Running if self.under.calls.is_empty() && self.only_waits() => Status::Waiting,
            _ => Status::Running,
        }
    }

    fn only_waits(&self) -> bool {
        let waits = |(id, leaf): (Id, &Leaf)| leaf.gate.is_some() || leaf.again || !self.is_call(id);
        !self.active.is_empty() && self.leaves().all(waits)
    }
}
