//! What a journal tells of each step: the entry that brought it to its end, and what was sent.

use crate::fault::Fault;
use crate::node::{Ended, Id, Role, Standing};
use crate::path::UNDO;
use crate::state::{State, Unfit};
use journal::{Effect, Entry, Kind, Resolution, StepPath};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use workflow::definition::{Action, Wait};

/// What came to a step that is at its end by it.
pub(super) enum Came {
    /// What its call gave.
    Result(Entry),
    /// When and why it failed.
    Fault(u64, Arc<Fault>),
    /// A gate was opened, and decided.
    Gate { opened: Box<Entry>, decided: Box<Entry> },
    /// Its time was over.
    Time(Entry),
    /// The time between two of its rounds was over.
    Pause(Entry),
    /// The signal that it waited for.
    Signal(Entry),
}

/// What a journal tells.
pub(super) struct Told {
    state: State,
    came: Vec<(StepPath, Came)>,
    opened: HashMap<StepPath, Entry>,
    /// The last intent of each step.
    pub(super) intents: HashMap<StepPath, Entry>,
    /// Effects that were sent, and of which nobody knows that nothing came of them.
    pub(super) sent: BTreeMap<StepPath, Effect>,
    /// Steps whose undoing was begun, and those for which it was done.
    undoing: BTreeSet<StepPath>,
    undone: BTreeSet<StepPath>,
    signals: Signals,
}

/// Signals that no step has got yet, and the steps that wait for some.
struct Signals {
    queues: BTreeMap<String, VecDeque<Entry>>,
    waiting: Vec<(Id, String)>,
    /// How many nodes were looked at.
    looked_at: usize,
}

impl Told {
    pub(super) fn of(state: State, entries: &[Entry]) -> Result<Self, Unfit> {
        let signal = |step: &workflow::plan::PlannedStep| match &step.step.action {
            Action::Wait(Wait::Signal { name, .. }) => Some((name.clone(), VecDeque::new())),
            _ => None,
        };
        let queues = state.plan.steps().iter().filter_map(signal).collect();
        let mut told = Self {
            state,
            came: Vec::new(),
            opened: HashMap::new(),
            intents: HashMap::new(),
            sent: BTreeMap::new(),
            undoing: BTreeSet::new(),
            undone: BTreeSet::new(),
            signals: Signals { queues, waiting: Vec::new(), looked_at: 0 },
        };
        entries.iter().try_for_each(|entry| told.note(entry))?;
        Ok(told)
    }

    /// What came, in its order, but for what was undone.
    pub(super) fn came(&self) -> impl Iterator<Item = &(StepPath, Came)> {
        self.came.iter().filter(|(path, _)| !self.undoing.contains(path) && !self.undone.contains(path))
    }

    fn note(&mut self, entry: &Entry) -> Result<(), Unfit> {
        let id = entry.step.as_ref().and_then(|step| self.state.paths.get(step)).copied();
        let open = id.filter(|id| matches!(self.standing(*id), Some(Standing::Leaf(_))));
        let between = id.filter(|id| self.state.waits_between_rounds(*id));
        self.state.apply(entry)?;
        if let Some(path) = &entry.step {
            self.effects(path, entry);
            if between.is_some_and(|id| !self.state.waits_between_rounds(id))
                && matches!(entry.kind, Kind::TimerFired { .. })
            {
                self.came.push((path.clone(), Came::Pause(entry.clone())));
            }
            if let Some(came) = open.and_then(|id| self.ended_by(id, path, entry)) {
                self.came.push((path.clone(), came));
            }
        } else if let Kind::Signal { name } = &entry.kind
            && let Some(queue) = self.signals.queues.get_mut(name)
        {
            queue.push_back(entry.clone());
        }
        self.signals();
        Ok(())
    }

    fn standing(&self, id: Id) -> Option<&Standing> {
        self.state.nodes.get(id).map(|node| &node.standing)
    }

    /// What the entry brought to the step, if that is at its end by it.
    fn ended_by(&self, id: Id, path: &StepPath, entry: &Entry) -> Option<Came> {
        let Some(Standing::Done(outcome)) = self.standing(id) else { return None };
        let call = self.state.is_call(id);
        match &entry.kind {
            _ if path.name().contains(UNDO) => None,
            Kind::Succeeded | Kind::Resolved { resolution: Resolution::Happened, .. } => {
                Some(Came::Result(entry.clone()))
            }
            Kind::GateApproved { .. } | Kind::GateRejected { .. } | Kind::GateExpired if !call => {
                Some(Came::Gate { opened: Box::new(self.opened.get(path)?.clone()), decided: Box::new(entry.clone()) })
            }
            Kind::TimerFired { .. } if !call => Some(Came::Time(entry.clone())),
            Kind::Cancelled(_) => None,
            _ if outcome.ended == Ended::Failed => Some(Came::Fault(entry.at, outcome.fault.clone()?)),
            _ => None,
        }
    }

    /// What is known of effects after the entry.
    fn effects(&mut self, path: &StepPath, entry: &Entry) {
        if let Some(undone) = of_undo(path) {
            match &entry.kind {
                Kind::Attempted { .. } => drop(self.undoing.insert(undone)),
                Kind::Failed { .. } => drop(self.undoing.remove(&undone)),
                Kind::Resolved { resolution: Resolution::Happened, .. } => self.was_undone(&undone),
                _ => {}
            }
            return;
        }
        match &entry.kind {
            Kind::GateOpened(_) => drop(self.opened.entry(path.clone()).or_insert_with(|| entry.clone())),
            Kind::Attempted { effect, .. } => {
                self.intents.insert(path.clone(), entry.clone());
                if *effect >= Effect::Idempotent {
                    self.sent.insert(path.clone(), *effect);
                }
            }
            Kind::Succeeded => self.was_sent(path),
            Kind::Orphaned { was } if was == "succeeded" => self.was_sent(path),
            Kind::Failed { code, message } => {
                let fault = Fault { code: code.clone(), message: message.clone() };
                // Of an unsafe effect only what is known is called a failure; of another, what may pass may have been carried out.
                let known = self.sent.get(path) == Some(&Effect::Unsafe) || !fault.may_pass();
                if known && !self.begins_a_run(path) {
                    self.sent.remove(path);
                }
            }
            Kind::Resolved { resolution: Resolution::Retry, .. } => drop(self.sent.remove(path)),
            Kind::Compensated => self.was_undone(path),
            _ => {}
        }
    }

    fn was_undone(&mut self, path: &StepPath) {
        self.undoing.remove(path);
        self.sent.remove(path);
        self.undone.insert(path.clone());
    }

    /// The step has its result: also that of a run which began with it has no intent.
    fn was_sent(&mut self, path: &StepPath) {
        let effect = self.state.planned(path).map(|planned| planned.effect);
        let effect = if self.begins_a_run(path) { Some(Effect::Idempotent) } else { effect };
        if let Some(effect) = effect.filter(|effect| *effect >= Effect::Idempotent) {
            self.sent.insert(path.clone(), effect);
        }
    }

    /// Whether the step is a run of its own, which may have done anything before it failed.
    fn begins_a_run(&self, path: &StepPath) -> bool {
        self.state.planned(path).is_some_and(|planned| matches!(planned.step.action, Action::Workflow(_)))
    }

    /// Looks which steps have got a signal since it was last looked.
    fn signals(&mut self) {
        let signals = &mut self.signals;
        for (id, node) in self.state.nodes.iter().enumerate().skip(signals.looked_at) {
            let Some(step) = self.state.step_of(id) else { continue };
            let repeats = node.role == Role::Step && (step.for_each.is_some() || step.repeat.is_some());
            if let Action::Wait(Wait::Signal { name, .. }) = &step.action
                && !repeats
            {
                signals.waiting.push((id, name.clone()));
            }
        }
        signals.looked_at = self.state.nodes.len();
        let state = &self.state;
        let (queues, came) = (&mut signals.queues, &mut self.came);
        signals.waiting.retain(|(id, name)| {
            let Some(node) = state.nodes.get(*id) else { return false };
            if !matches!(node.standing, Standing::Done(_)) {
                return true;
            }
            // Each signal that the run no longer has was got by one of those that ended by it, in their order.
            let kept = state.signals.get(name).map_or(0, VecDeque::len);
            if let (Some(queue), Some(path)) = (queues.get_mut(name), &node.path)
                && queue.len() > kept
                && let Some(entry) = queue.pop_front()
            {
                came.push((path.clone(), Came::Signal(entry)));
            }
            false
        });
    }
}

/// The step that the call at `path` undoes.
fn of_undo(path: &StepPath) -> Option<StepPath> {
    let text = path.to_string();
    text.contains(UNDO).then(|| StepPath::parse(&text.replacen(UNDO, "", 1))).flatten()
}
