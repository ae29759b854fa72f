//! How much memory what is known of a run takes, roughly.

use super::State;
use crate::node::{Node, Outcome, Standing};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// What a node takes besides its values: its paths, its place within others, and what maps take for each of them.
const NODE: u64 = 256;
/// What a map takes for a member besides its name and its value.
const MEMBER: u64 = 32;

/// How many bytes of memory a value takes, roughly: small ones take many times their text.
pub fn weight(value: &Value) -> u64 {
    let within = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len() as u64,
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| named(name) + weight(value)).sum(),
    };
    size_of::<Value>() as u64 + within
}

fn named(name: &str) -> u64 {
    MEMBER + (size_of::<String>() + name.len()) as u64
}

/// Adds up values, each once however many have it.
#[derive(Default)]
struct Sum {
    bytes: u64,
    known: HashSet<usize>,
}

impl Sum {
    fn shared(&mut self, value: &Arc<Value>) {
        if self.known.insert(Arc::as_ptr(value).addr()) {
            self.bytes += weight(value);
        }
    }

    fn all<'a>(&mut self, values: impl IntoIterator<Item = &'a Value>) {
        self.bytes += values.into_iter().map(weight).sum::<u64>();
    }

    fn outcome(&mut self, outcome: &Outcome) {
        self.shared(&outcome.output);
        self.bytes += outcome.fault.as_ref().map_or(0, |fault| fault.message.len() as u64);
    }

    fn node(&mut self, node: &Node) {
        self.bytes += size_of::<Node>() as u64 + NODE;
        match &node.standing {
            Standing::Waiting(_) | Standing::Frame(_) => {}
            Standing::Leaf(leaf) => {
                leaf.gate.iter().for_each(|(_, shown)| self.shared(shown));
                leaf.approved.iter().for_each(|approved| self.shared(approved));
            }
            Standing::Each(each) => {
                self.all(each.items.iter());
                self.all(&each.outputs);
            }
            Standing::Loop(rounds) => {
                self.shared(&rounds.previous);
                self.shared(&rounds.result);
            }
            Standing::Done(outcome) => self.outcome(outcome),
        }
    }
}

impl State {
    /// How many bytes of memory the state takes, roughly. It looks at all values: what it takes grows with them.
    pub fn weight(&self) -> u64 {
        let mut sum = Sum::default();
        sum.all(self.params.values());
        sum.all([&self.trigger]);
        self.signals.values().for_each(|waiting| sum.all(waiting));
        self.nodes.iter().for_each(|node| sum.node(node));
        sum.bytes + NODE * self.timers.len() as u64
    }

    /// How many steps are known by now, each item and round by itself.
    pub const fn size(&self) -> usize {
        self.nodes.len()
    }
}
