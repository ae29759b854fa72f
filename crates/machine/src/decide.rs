//! What is to be done now.

mod approval;
mod budget;
mod call;
mod room;
mod wait;

use crate::command::Command;
use crate::node::{Id, Node, Standing};
use crate::state::{Lost, Phase, State};
use crate::task::Work;
pub use budget::Payable;
use budget::Purse;
use journal::{Amount, Digest, StepPath};

/// What a call may take of a budget. So much of it is set aside before the call as is left, between these two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Price {
    /// Without so much it is not begun.
    pub least: Amount,
    /// It never takes more than this. [`u64::MAX`] where that has no limit: it is not begun in a run that has one.
    pub most: Amount,
}

impl Price {
    /// So much must be there, and no more is needed.
    pub const fn fixed(amount: Amount) -> Self {
        Self { least: amount, most: amount }
    }
}

/// Says how much of its budget a run sets aside before a call.
pub trait Prices {
    /// What the call for the step at `place` of the plan takes. Where [`Price::most`] is more than [`Price::least`], the call keeps to
    /// what was set aside for it.
    fn price(&self, place: usize, work: &Work) -> Price;
}

/// Everything is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Free;

impl Prices for Free {
    fn price(&self, _: usize, _: &Work) -> Price {
        Price::default()
    }
}

/// What is to be done at `now`, in milliseconds since 1970. Asked again without new entries it says the same, but for what is
/// under way ([`State::begin`]). Where it says nothing, the run waits for an answer, a time ([`State::next_due`]) or somebody.
pub fn decide(state: &State, now: u64, prices: &dyn Prices) -> Vec<Command> {
    let mut commands = Vec::new();
    if matches!(state.phase, Phase::New | Phase::Over(_)) {
        return commands;
    }
    let cleared = state.stale.iter().map(|(path, timer)| (path.clone(), timer.clone()));
    commands.extend(cleared.map(|(path, timer)| Command::ClearTimer { path, timer }));
    commands.extend(stops(state));
    let before = commands.len();
    commands.extend(state.lost().map(|Lost { path, reserved, spent }| Command::Settle {
        path: path.clone(),
        reserved,
        spent,
    }));
    if let Phase::Ending(end, value) = &state.phase {
        // What is set aside for calls that were given up comes back at once, and is in the journal before its end.
        if state.may_get_back() {
            return commands;
        }
        commands.push(Command::Finish { end: *end, value: value.clone() });
        return commands;
    }
    // What can be paid is known when it is settled.
    if commands.len() > before {
        return commands;
    }
    commands.extend(budget::time(state, now));
    commands.extend(room::room(state));
    let mut purse = Purse::of(state, prices);
    for id in &state.active {
        let Some(node) = state.nodes.get(*id) else { continue };
        let Some(path) = &node.path else { continue };
        let asked = At { state, now, id: *id, node, path };
        let command = match &node.standing {
            Standing::Leaf(leaf) if state.is_call(*id) => asked.call(leaf, &mut purse),
            Standing::Leaf(leaf) => asked.waits(leaf),
            Standing::Loop(_) => asked.delay(),
            _ => None,
        };
        commands.extend(command);
    }
    // What changes how the run stands comes first and alone: it may be that nobody wants the others any more.
    if commands.iter().any(Command::turns) {
        commands.retain(Command::turns);
    }
    commands
}

/// Calls that are under way and no longer wanted.
fn stops(state: &State) -> impl Iterator<Item = Command> {
    let unwanted = |id: &&Id| {
        let standing = state.nodes.get(**id).map(|node| &node.standing);
        let wanted = matches!(standing, Some(Standing::Leaf(leaf)) if !leaf.stopping);
        !wanted && !state.under.stopped.contains(*id)
    };
    let path = |id: &Id| Some(Command::Stop { path: state.nodes.get(*id)?.path.clone()? });
    state.under.calls.keys().filter(unwanted).filter_map(path)
}

/// The digest of what the gate of the node would show if it were opened now.
pub(crate) fn asked_at(state: &State, id: Id) -> Option<Digest> {
    let node = state.nodes.get(id)?;
    let (Some(path), Standing::Leaf(leaf)) = (&node.path, &node.standing) else { return None };
    match (At { state, now: state.at, id, node, path }).waits(leaf)? {
        Command::OpenGate { gate, .. } => Some(gate.arguments),
        _ => None,
    }
}

impl State {
    /// When the next timer is due, in milliseconds since 1970.
    pub fn next_due(&self) -> Option<u64> {
        self.timers.values().min().copied()
    }
}

/// A node of which it is asked what it wants.
#[derive(Clone, Copy)]
struct At<'a> {
    state: &'a State,
    now: u64,
    id: Id,
    node: &'a Node,
    path: &'a StepPath,
}

impl At<'_> {
    /// Fires the timer when it is due; sets it for `after` milliseconds from now where it is not set.
    fn timer(self, timer: &'static str, after: u64) -> Option<Command> {
        let path = Some(self.path.clone());
        match self.state.timers.get(&(path.clone(), timer.to_owned())) {
            Some(due) => (*due <= self.now).then_some(Command::FireTimer { path, timer }),
            None if self.state.paused => None,
            None => Some(Command::SetTimer { path, timer, due: self.now.saturating_add(after) }),
        }
    }

    fn fails(self, attempt: u32, fault: crate::fault::Fault) -> Option<Command> {
        Some(Command::Fail { path: self.path.clone(), attempt, fault })
    }
}
