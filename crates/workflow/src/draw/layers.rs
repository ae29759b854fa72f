//! Steps that stand beside each other, in layers: each waits for some of the layer before, and for none of its own.

use crate::plan::{Plan, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// Steps beside each other.
pub(super) struct Layers {
    /// The steps of each layer.
    pub(super) layers: Vec<Vec<usize>>,
    /// For each step those that it waits for, without those that follow from others.
    pub(super) waits: BTreeMap<usize, BTreeSet<usize>>,
}

/// The layers of `list`, which stand beside each other.
pub(super) fn of(plan: &Plan, list: &[usize]) -> Layers {
    let members: BTreeSet<usize> = list.iter().copied().collect();
    let mut ancestors: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut depth: BTreeMap<usize, usize> = BTreeMap::new();
    let mut layers: Vec<Vec<usize>> = Vec::new();
    let mut waits = BTreeMap::new();
    for place in plan.order().iter().filter(|place| members.contains(place)) {
        let edges = plan.steps().get(*place).map(|planned| planned.waits.as_slice()).unwrap_or_default();
        let all: BTreeSet<usize> = edges.iter().map(|edge| edge.on).filter(|on| members.contains(on)).collect();
        let far: BTreeSet<usize> = all.iter().filter_map(|on| ancestors.get(on)).flatten().copied().collect();
        let own = all.iter().filter_map(|on| depth.get(on)).max().map_or(0, |deepest| deepest + 1);
        depth.insert(*place, own);
        if layers.len() <= own {
            layers.resize(own + 1, Vec::new());
        }
        if let Some(layer) = layers.get_mut(own) {
            layer.push(*place);
        }
        waits.insert(*place, all.difference(&far).copied().collect());
        ancestors.insert(*place, far.union(&all).copied().collect());
    }
    layers.iter_mut().for_each(|layer| layer.sort_unstable());
    Layers { layers, waits }
}

/// Whether `from` is done only when `on` has failed.
pub(super) fn is_failure(plan: &Plan, from: usize, on: usize) -> bool {
    let edges = plan.steps().get(from).map(|planned| planned.waits.as_slice()).unwrap_or_default();
    edges.iter().any(|edge| edge.on == on && edge.reasons.contains(&Reason::Failure))
}
