//! What a model can do, and who says so.

use crate::known::{Known, Source, better, insert};
use crate::words::Capability;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a model can do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Capabilities {
    /// What it is for: a word of [`crate::Task`].
    pub task: Option<Known<String>>,
    /// What it can and cannot do. What nobody says is not there.
    said: BTreeMap<Capability, Known<bool>>,
}

impl Capabilities {
    /// Whether it can do this. None where nobody says.
    pub fn get(&self, capability: Capability) -> Option<Known<bool>> {
        self.said.get(&capability).cloned()
    }

    /// Says whether it can.
    pub(super) fn say(&mut self, capability: Capability, can: bool, source: Source) {
        self.said.insert(capability, Known { value: can, source });
    }

    pub(super) fn merge(mut self, other: Self) -> Self {
        for (capability, known) in other.said {
            let own = self.said.remove(&capability);
            self.said.extend(better(own, Some(known)).map(|known| (capability, known)));
        }
        Self { task: better(self.task, other.task), said: self.said }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut object = Map::new();
        insert(&mut object, "task", self.task.as_ref());
        for (capability, known) in &self.said {
            insert(&mut object, capability.word(), Some(known));
        }
        Value::Object(object)
    }
}
