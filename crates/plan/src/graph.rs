//! What of a plan must come before what: made of the references, not of the order in which the steps stand.

use crate::definition::Plan;
use base::{Code, Error};
use std::collections::{BTreeSet, HashMap};

/// The steps of a plan in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// For each step those that it waits for.
    pub needs: Vec<BTreeSet<usize>>,
    /// For each step those that wait for it.
    pub feeds: Vec<BTreeSet<usize>>,
    /// All steps, each behind those that it waits for.
    pub order: Vec<usize>,
}

impl Graph {
    /// The graph of a plan, or the error for steps that wait for each other.
    pub fn of(plan: &Plan) -> Result<Self, Error> {
        let places: HashMap<&str, usize> =
            plan.steps.iter().enumerate().map(|(index, step)| (step.name.as_str(), index)).collect();
        let needs = plan.steps.iter().map(|step| {
            let named = step.arguments.references().chain(&step.each).filter_map(|reference| reference.step());
            let by_data = named.filter_map(|name| places.get(name).copied());
            by_data.chain(step.after.iter().copied()).collect()
        });
        Self::made_of(needs.collect()).map_err(|circle| {
            let names: Vec<String> = circle.iter().map(|index| format!("`{}`", plan.steps[*index].name)).collect();
            let message = format!("the steps {} wait for each other", names.join(", "));
            Error::new(Code::PlanInvalid, message, "take out one of the references between them")
        })
    }

    /// The graph in which each step waits for those in `needs`, or the steps that wait for each other.
    pub fn made_of(needs: Vec<BTreeSet<usize>>) -> Result<Self, Vec<usize>> {
        let mut feeds = vec![BTreeSet::new(); needs.len()];
        for (index, wanted) in needs.iter().enumerate() {
            wanted.iter().for_each(|want| {
                feeds[*want].insert(index);
            });
        }
        let mut left: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
        let mut ready: BTreeSet<usize> = (0..needs.len()).filter(|index| left[*index] == 0).collect();
        let mut order = Vec::with_capacity(needs.len());
        while let Some(index) = ready.pop_first() {
            order.push(index);
            for next in &feeds[index] {
                left[*next] -= 1;
                if left[*next] == 0 {
                    ready.insert(*next);
                }
            }
        }
        if order.len() < needs.len() {
            return Err(circle(&needs, &left));
        }
        Ok(Self { needs, feeds, order })
    }

    /// For each step all that must have come before it, however far.
    pub fn ancestors(&self) -> Vec<BTreeSet<usize>> {
        let mut all = vec![BTreeSet::new(); self.needs.len()];
        for index in &self.order {
            let mut own = self.needs[*index].clone();
            self.needs[*index].iter().for_each(|need| own.extend(all[*need].iter().copied()));
            all[*index] = own;
        }
        all
    }

    /// The steps in waves: each waits for some of the one before, and for none of its own.
    pub fn waves(&self) -> Vec<Vec<usize>> {
        let mut depth = vec![0usize; self.needs.len()];
        for index in &self.order {
            depth[*index] = self.needs[*index].iter().map(|need| depth[*need] + 1).max().unwrap_or(0);
        }
        let mut waves = vec![Vec::new(); depth.iter().max().map_or(0, |deepest| deepest + 1)];
        depth.iter().enumerate().for_each(|(index, depth)| waves[*depth].push(index));
        waves
    }

    /// For each step how long it takes from its start to the end of the plan, when each takes as long as `weights` say.
    pub fn tails(&self, weights: &[u64]) -> Vec<u64> {
        let mut tails = vec![0u64; self.needs.len()];
        for index in self.order.iter().rev() {
            let behind = self.feeds[*index].iter().map(|next| tails[*next]).max().unwrap_or(0);
            tails[*index] = behind.saturating_add(weights.get(*index).copied().unwrap_or(0));
        }
        tails
    }

    /// The chain of steps that takes longest.
    pub fn critical_path(&self, weights: &[u64]) -> Vec<usize> {
        let tails = self.tails(weights);
        let first = |among: &mut dyn Iterator<Item = usize>| {
            among.fold(None, |best: Option<usize>, next| match best {
                Some(best) if tails[best] >= tails[next] => Some(best),
                _ => Some(next),
            })
        };
        let mut path = Vec::new();
        let mut at = first(&mut (0..self.needs.len()).filter(|index| self.needs[*index].is_empty()));
        while let Some(index) = at {
            path.push(index);
            at = first(&mut self.feeds[index].iter().copied());
        }
        path
    }
}

/// Steps that wait for each other in a circle; those with anything `left` to wait for hold one.
fn circle(needs: &[BTreeSet<usize>], left: &[usize]) -> Vec<usize> {
    let mut path: Vec<usize> = left.iter().position(|left| *left > 0).into_iter().collect();
    while let Some(next) = path.last().and_then(|last| needs[*last].iter().find(|need| left[**need] > 0)) {
        if let Some(place) = path.iter().position(|index| index == next) {
            return path.split_off(place);
        }
        path.push(*next);
    }
    path
}

#[cfg(test)]
mod tests;
