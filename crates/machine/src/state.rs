//! What a journal means.

mod begin;
mod cancel;
mod context;
mod entries;
mod finish;
mod gate;
mod leaf;
mod money;
mod settle;
mod sight;
mod under;
mod weight;

use crate::fault::Fault;
use crate::graph::Graph;
use crate::node::{Ended, Id, Leaf, Node, Role, Standing};
use journal::{Amount, Digest, End, Entry, Gate, RunId, StepPath};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use workflow::Plan;

pub(crate) use context::More;
pub(crate) use entries::TIME;
pub use gate::GateRule;
pub use money::FOR_CONTEXT;
pub(crate) use money::{Lost, Money, minus, plus};
pub use sight::Seen;
pub(crate) use under::UnderWay;
pub use weight::weight;

/// Why an entry cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// Its payload is kept elsewhere: apply the entry again with the payload in it.
    PayloadNeeded(Digest),
    /// Its payload is no JSON that can be read.
    Unreadable(String),
}

/// A run as its journal tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub(crate) plan: Arc<Plan>,
    pub(crate) graph: Arc<Graph>,
    pub(crate) run: RunId,
    /// When it started, in milliseconds since 1970.
    pub(crate) started: u64,
    pub(crate) params: Map<String, Value>,
    /// What started it, if its first entry says so.
    pub(crate) trigger: Value,
    pub(crate) phase: Phase,
    pub(crate) nodes: Vec<Node>,
    /// The nodes of the steps within a node, by their places in the plan.
    pub(crate) frames: HashMap<Id, BTreeMap<usize, Id>>,
    pub(crate) paths: HashMap<StepPath, Id>,
    /// Nodes that want something from outside.
    pub(crate) active: BTreeSet<Id>,
    /// Timers that the journal says are set.
    pub(crate) timers: BTreeMap<(Option<StepPath>, String), u64>,
    /// Those of them that nobody waits for any more.
    pub(crate) stale: BTreeSet<(Option<StepPath>, String)>,
    /// Signals that nobody waited for yet.
    pub(crate) signals: BTreeMap<String, VecDeque<Value>>,
    /// What is to be undone if the run fails, in the order in which it was done.
    pub(crate) done: Vec<Id>,
    /// What could not be undone.
    pub(crate) left_done: Vec<String>,
    pub(crate) paused: bool,
    pub(crate) money: Money,
    /// Nodes whose context is in the journal.
    pub(crate) given: BTreeSet<Id>,
    pub(crate) people: People,
    /// How many entries were applied.
    pub(crate) entries: u64,
    /// The time of the entry that was applied last.
    pub(crate) at: u64,
    pub(crate) under: UnderWay,
    queue: VecDeque<Task>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Phase {
    /// Its first entry is not there yet.
    New,
    /// Its steps are done.
    Running,
    /// It failed, and what it did is undone.
    Undoing(End, Arc<Fault>),
    /// Its end is to be written down.
    Ending(End, Value),
    /// Its end is written down.
    Over(End),
}

/// How long people were waited for: this time is not the run's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct People {
    pub(crate) waited: u64,
    /// Since when, and for how many decisions.
    pub(crate) since: u64,
    pub(crate) open: u32,
}

/// What is to be looked at next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// A node that waits for nothing any more.
    Begin(Id),
    /// A node that is at its end.
    Settled(Id),
}

/// How a step of a run stands, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It waits for others.
    Waiting,
    /// It, or something within it, is done.
    Running,
    /// A person is to decide.
    AtGate,
    /// Nobody knows what became of its effect.
    InDoubt,
    /// It is at its end.
    Ended(Ended),
}

impl State {
    /// A run of `plan` of which nothing is known yet.
    pub fn of(plan: Arc<Plan>, run: RunId) -> Self {
        let graph = Arc::new(Graph::of(&plan));
        Self {
            plan,
            graph,
            run,
            started: 0,
            params: Map::new(),
            trigger: Value::Null,
            phase: Phase::New,
            nodes: Vec::new(),
            frames: HashMap::new(),
            paths: HashMap::new(),
            active: BTreeSet::new(),
            timers: BTreeMap::new(),
            stale: BTreeSet::new(),
            signals: BTreeMap::new(),
            done: Vec::new(),
            left_done: Vec::new(),
            paused: false,
            money: Money::default(),
            given: BTreeSet::new(),
            people: People::default(),
            entries: 0,
            at: 0,
            under: UnderWay::default(),
            queue: VecDeque::new(),
        }
    }

    /// What `entries` make of a run of `plan`.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub fn fold<'a>(plan: Arc<Plan>, run: RunId, entries: impl IntoIterator<Item = &'a Entry>) -> Result<Self, Unfit> {
        let mut state = Self::of(plan, run);
        entries.into_iter().try_for_each(|entry| state.apply(entry))?;
        Ok(state)
    }

    /// The plan of the run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The run.
    pub const fn run(&self) -> RunId {
        self.run
    }

    /// How the run ended; nothing as long as its last entry is not there.
    pub const fn end(&self) -> Option<End> {
        match self.phase {
            Phase::Over(end) => Some(end),
            _ => None,
        }
    }

    /// Whether nothing new begins until the run is resumed.
    pub const fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether somebody must say what became of an effect.
    pub fn is_in_doubt(&self) -> bool {
        self.leaves().any(|(_, leaf)| leaf.doubt)
    }

    /// What of the budget is set aside, and what is spent.
    pub const fn used(&self) -> (Amount, Amount) {
        (self.money.reserved, self.money.spent)
    }

    /// The steps of the run that are known by now, each item and round by itself, in the order in which they came to be.
    pub fn steps(&self) -> impl Iterator<Item = (&StepPath, Progress)> {
        self.nodes.iter().filter_map(|node| Some((node.path.as_ref()?, progress(node))))
    }

    /// What the step at `path` gave, if it is at its end.
    pub fn output(&self, path: &StepPath) -> Option<&Value> {
        match &self.nodes.get(*self.paths.get(path)?)?.standing {
            Standing::Done(outcome) => Some(&outcome.output),
            _ => None,
        }
    }

    /// The gates at which somebody is to decide, and what they decide on.
    pub fn open_gates(&self) -> impl Iterator<Item = (StepPath, Gate)> {
        self.leaves().filter_map(|(id, leaf)| {
            let (gate, _) = leaf.gate.as_ref()?;
            Some((self.nodes.get(id)?.path.clone()?, gate.clone()))
        })
    }

    /// The steps of which somebody must say whether they were carried out.
    pub fn doubts(&self) -> impl Iterator<Item = StepPath> {
        self.leaves().filter(|(_, leaf)| leaf.doubt).filter_map(|(id, _)| self.nodes.get(id)?.path.clone())
    }

    pub(crate) fn leaves(&self) -> impl Iterator<Item = (Id, &Leaf)> {
        self.active.iter().filter_map(|id| match &self.nodes.get(*id)?.standing {
            Standing::Leaf(leaf) => Some((*id, leaf)),
            _ => None,
        })
    }

    fn leaf_mut(&mut self, id: Id) -> Option<&mut Leaf> {
        match &mut self.nodes.get_mut(id)?.standing {
            Standing::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }
}

fn progress(node: &Node) -> Progress {
    match &node.standing {
        Standing::Waiting(_) => Progress::Waiting,
        Standing::Leaf(leaf) if leaf.doubt => Progress::InDoubt,
        Standing::Leaf(leaf) if leaf.gate.is_some() => Progress::AtGate,
        Standing::Done(outcome) => Progress::Ended(outcome.ended),
        _ => Progress::Running,
    }
}

impl Node {
    /// Whether the node stands for a whole step and not for an item or a round of it.
    pub(crate) const fn is_whole(&self) -> bool {
        matches!(self.role, Role::Step)
    }
}
