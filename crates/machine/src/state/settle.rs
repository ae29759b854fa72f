//! What follows when a node is at its end.

use super::context::More;
use super::{Phase, State, Task};
use crate::fault::Fault;
use crate::node::{Ended, Id, Outcome, Role, Standing, Why};
use base::Code;
use serde_json::Value;
use std::sync::Arc;
use workflow::definition::{ItemFailure, OnError};

impl State {
    /// Looks at all that follows. A queue and no recursion: chains of steps may be long.
    pub(super) fn settle(&mut self) {
        while let Some(task) = self.queue.pop_front() {
            match task {
                Task::Begin(id) => self.begin_node(id),
                Task::Settled(id) => self.settled(id),
            }
        }
    }

    fn settled(&mut self, id: Id) {
        let Some(node) = self.nodes.get(id) else { return };
        let Standing::Done(outcome) = &node.standing else { return };
        let outcome = outcome.clone();
        let (role, parent) = (node.role, node.parent);
        match (role, parent) {
            (Role::Root, _) => self.run_ended(&outcome),
            (Role::Undo(of), _) => self.undone(of, &outcome),
            (Role::Item(index), Some(each)) => self.item_ended(each, id, index, &outcome),
            (Role::Round(_), Some(rounds)) => self.round_ended(rounds, id, outcome),
            (Role::Step, Some(frame)) => self.step_ended(frame, id, &outcome),
            (_, None) => {}
        }
    }

    fn step_ended(&mut self, frame: Id, id: Id, outcome: &Outcome) {
        let Some(place) = self.nodes.get(id).map(|node| node.place) else { return };
        let rule = self.plan.steps().get(place).map(|planned| &planned.step.on_error);
        let fatal = outcome.ended == Ended::Failed && rule.is_none_or(|rule| *rule == OnError::Fail);
        if let Some(Standing::Frame(within)) = self.nodes.get_mut(frame).map(|node| &mut node.standing) {
            within.left = within.left.saturating_sub(1);
        }
        if let Some(fault) = outcome.fault.as_ref().filter(|_| fatal) {
            self.cancel_with(frame, &Why::Fault(Arc::clone(fault)));
        } else if let Some(nodes) = self.frames.get(&frame) {
            let feeds = self.graph.feeds.get(place).into_iter().flatten();
            let next: Vec<Id> = feeds.filter_map(|place| nodes.get(place).copied()).collect();
            for id in next {
                if let Some(Standing::Waiting(left)) = self.nodes.get_mut(id).map(|node| &mut node.standing) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        self.queue.push_back(Task::Begin(id));
                    }
                }
            }
        }
        self.close_frame(frame);
    }

    /// Ends a node whose steps are all at their end.
    pub(super) fn close_frame(&mut self, id: Id) {
        let Some(node) = self.nodes.get(id) else { return };
        let Standing::Frame(frame) = &node.standing else { return };
        if frame.left > 0 {
            return;
        }
        match frame.fault.clone() {
            Some(Why::Fault(fault)) => self.end_node(id, Outcome::bad(fault)),
            Some(Why::Cancelled) => self.end_node(id, Outcome::without(Ended::Cancelled)),
            None if node.role == Role::Root => self.end_node(id, Outcome::good(Value::Null)),
            None => {
                let value = self.together(id, &self.last_of(id));
                self.came(id, Ok(value));
            }
        }
    }

    /// The steps within a node that no other of them waits for, and that are not done instead of others.
    fn last_of(&self, id: Id) -> Vec<usize> {
        let Some(nodes) = self.frames.get(&id) else { return Vec::new() };
        let last = |place: &usize| {
            let feeds = self.graph.feeds.get(*place).is_none_or(|feeds| !feeds.iter().any(|next| self.is_plain(*next)));
            feeds && self.is_plain(*place)
        };
        nodes.keys().copied().filter(last).collect()
    }

    fn is_plain(&self, place: usize) -> bool {
        self.plan.steps().get(place).is_some_and(|planned| planned.instead_of.is_empty())
    }

    fn item_ended(&mut self, id: Id, child: Id, index: u32, outcome: &Outcome) {
        let Some(node) = self.nodes.get_mut(id) else { return };
        let Some(rule) = self.plan.steps().get(node.place).and_then(|planned| planned.step.for_each.as_ref()) else {
            return;
        };
        let Standing::Each(each) = &mut node.standing else { return };
        let (on_failure, at_once) = (rule.on_failure, rule.concurrency as usize);
        each.running.remove(&child);
        if let Some(slot) = each.outputs.get_mut(index as usize) {
            *slot = Value::clone(&outcome.output);
        }
        each.failed += u32::from(outcome.ended == Ended::Failed);
        let too_many = match on_failure {
            ItemFailure::Fail => each.failed > 0,
            ItemFailure::Continue => false,
            ItemFailure::Tolerate(most) => each.failed > most,
        };
        match outcome.fault.as_ref().filter(|_| too_many) {
            Some(fault) => self.cancel_with(id, &Why::Fault(Arc::clone(fault))),
            None => self.more_items(id, at_once),
        }
        self.close_each(id);
    }

    /// Ends a node whose items are all at their end.
    pub(super) fn close_each(&mut self, id: Id) {
        let Some(Standing::Each(each)) = self.nodes.get_mut(id).map(|node| &mut node.standing) else { return };
        let begun = each.next >= each.items.len() || each.fault.is_some();
        if !begun || !each.running.is_empty() {
            return;
        }
        let outcome = match each.fault.take() {
            Some(Why::Fault(fault)) => Outcome::bad(fault),
            Some(Why::Cancelled) => Outcome::without(Ended::Cancelled),
            None => Outcome::good(Value::Array(std::mem::take(&mut each.outputs))),
        };
        self.end_node(id, outcome);
    }

    fn round_ended(&mut self, id: Id, child: Id, outcome: Outcome) {
        let plan = Arc::clone(&self.plan);
        let Some(planned) = self.nodes.get(id).and_then(|node| plan.steps().get(node.place)) else { return };
        let Some(rule) = planned.step.repeat.as_ref() else { return };
        if outcome.ended != Ended::Succeeded {
            return self.end_node(id, outcome);
        }
        let Some(Standing::Loop(rounds)) = self.nodes.get(id).map(|node| &node.standing) else { return };
        let round = rounds.round;
        let more = More { result: Some(&rounds.result), output: Some(&outcome.output) };
        let held = rule.until.holds(&self.context(child, &rule.until.uses(), more));
        match held {
            Err(error) => self.end_node(id, Outcome::bad(Arc::new(Fault::from(&error)))),
            Ok(true) => self.end_node(id, outcome),
            Ok(false) if round + 1 >= rule.most => {
                let message =
                    format!("`{}` was done {} times, and its `until` did not hold", planned.step.name, rule.most);
                self.end_node(id, Outcome::bad(Arc::new(Fault::new(Code::StepUnsettled, message))));
            }
            Ok(false) => {
                if let Some(Standing::Loop(rounds)) = self.nodes.get_mut(id).map(|node| &mut node.standing) {
                    rounds.round += 1;
                    rounds.child = None;
                    rounds.previous = outcome.output;
                }
                match rule.delay {
                    Some(delay) if delay > 0 => {
                        self.active.insert(id);
                    }
                    _ => self.next_round(id),
                }
            }
        }
    }

    fn run_ended(&mut self, outcome: &Outcome) {
        if self.phase == Phase::Running {
            match outcome.fault.clone() {
                None => self.conclude(),
                Some(fault) => self.undo(&fault),
            }
        }
    }

    /// A node is at its end.
    pub(super) fn end_node(&mut self, id: Id, outcome: Outcome) {
        self.leave(id);
        self.stand(id, Standing::Done(outcome));
        self.queue.push_back(Task::Settled(id));
    }
}
