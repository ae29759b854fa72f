//! What is known of a plan before anything happens: who waits for whom.

use std::collections::{BTreeMap, BTreeSet};
use workflow::Plan;
use workflow::definition::OnError;

/// Who waits for whom among steps that stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Graph {
    /// For how many steps each waits.
    pub(crate) waits: Vec<usize>,
    /// Which steps wait for each.
    pub(crate) feeds: Vec<Vec<usize>>,
}

impl Graph {
    /// The edges of the plan, and one more kind: who uses a step that another is done instead of waits for that one too,
    /// for its output counts.
    pub(crate) fn of(plan: &Plan) -> Self {
        let count = plan.steps().len();
        let mut edges: Vec<BTreeSet<usize>> =
            plan.steps().iter().map(|planned| planned.waits.iter().map(|edge| edge.on).collect()).collect();
        let places = places(plan, &edges);
        let handler = |place: usize| match &plan.steps().get(place)?.step.on_error {
            OnError::Step(name) => plan.step(&name.name).map(|(place, _)| place),
            _ => None,
        };
        let handlers: Vec<Option<usize>> = (0..count).map(handler).collect();
        if handlers.iter().any(Option::is_some) {
            for (place, waits) in edges.iter_mut().enumerate() {
                let more: Vec<usize> = waits.iter().filter_map(|on| handlers.get(*on).copied().flatten()).collect();
                // All edges lead backwards in one order, so that no new one closes a circle.
                waits.extend(more.into_iter().filter(|handler| places.get(handler) < places.get(&place)));
            }
        }
        let mut feeds = vec![Vec::new(); count];
        for (place, waits) in edges.iter().enumerate() {
            for on in waits {
                if let Some(list) = feeds.get_mut(*on) {
                    list.push(place);
                }
            }
        }
        Self { waits: edges.iter().map(BTreeSet::len).collect(), feeds }
    }
}

/// The place of each step in an order in which those that are done instead of others, and what these wait for, come as
/// early as they can.
fn places(plan: &Plan, edges: &[BTreeSet<usize>]) -> BTreeMap<usize, usize> {
    let mut early: BTreeSet<usize> =
        plan.steps().iter().enumerate().filter(|(_, one)| !one.instead_of.is_empty()).map(|(place, _)| place).collect();
    for place in plan.order().iter().rev() {
        if early.contains(place) {
            early.extend(edges.get(*place).into_iter().flatten());
        }
    }
    let (first, then): (Vec<usize>, Vec<usize>) = plan.order().iter().partition(|place| early.contains(place));
    first.into_iter().chain(then).enumerate().map(|(number, place)| (place, number)).collect()
}
