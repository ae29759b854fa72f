//! The order among deployments of which none is behind the others.

use crate::candidate::Candidate;
use crate::outcome::Figure;
use crate::policy::Strategy;
use crate::preferences::Sort;
use crate::rendezvous::{arrival, bid};

/// What a deployment counts as slow that is at work and has never answered, in seconds: more than any that has.
const NEVER_ANSWERED: f64 = 1e6;
/// Among those that cost at most a tenth more than the cheapest, a conversation chooses one to stay with.
const COST_TOLERANCE: f64 = 1.1;
/// Among those that take at most twice as long to their first token as the fastest.
const LATENCY_TOLERANCE: f64 = 2.0;
/// Among those that have no more in hand than this many times their fair part, and this many requests: the bound keeps one
/// from being flooded, the slack keeps conversations where they are when little is under way.
const BUSY_TOLERANCE: (f64, f64) = (2.0, 4.0);

/// What puts deployments in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// What the route says.
    Route(Strategy),
    /// What the client says.
    Client(Sort),
}

/// All that an order depends on, but chance.
pub(crate) struct Arrangement<'a> {
    pub(crate) candidates: &'a [Candidate<'a>],
    /// What the request is expected to cost at each.
    pub(crate) costs: &'a [Option<u64>],
    pub(crate) rule: Rule,
    /// The conversation that stays where it is, if it should.
    pub(crate) conversation: Option<u64>,
}

impl Arrangement<'_> {
    /// Puts `group`, some of the candidates by their numbers, in order.
    pub(crate) fn arrange(&self, mut group: Vec<usize>, dice: &mut dyn FnMut() -> f64) -> Vec<usize> {
        match (self.rule, self.conversation) {
            // What was learned is handed in by whoever decides; the others stand as they are written.
            (Rule::Route(Strategy::Order | Strategy::Learned), _) => group,
            (Rule::Route(strategy), Some(conversation)) => self.stay(group, strategy, conversation),
            (Rule::Route(Strategy::Weight), None) => {
                let key = |&one: &usize| arrival(dice(), self.weight(one));
                let mut keyed: Vec<(f64, usize)> = group.iter().map(key).zip(group.iter().copied()).collect();
                keyed.sort_by(|(left, _), (right, _)| left.total_cmp(right));
                keyed.into_iter().map(|(_, one)| one).collect()
            }
            (Rule::Route(Strategy::Latency), None) => {
                let chosen = self.better_of_two(&group, dice);
                group.retain(|one| Some(*one) != chosen);
                self.sort(&mut group);
                chosen.into_iter().chain(group).collect()
            }
            _ => {
                self.sort(&mut group);
                group
            }
        }
    }

    /// The power of two choices: two by chance, and of these the better. Hubs that do not know of each other so do not all
    /// run to the one that looked best a moment ago.
    fn better_of_two(&self, group: &[usize], dice: &mut dyn FnMut() -> f64) -> Option<usize> {
        let one = pick(dice(), group.len());
        let mut other = pick(dice(), group.len().saturating_sub(1));
        other += usize::from(other >= one);
        let (one, other) = (group.get(one).copied()?, group.get(other).copied());
        let better = other.filter(|&other| self.key(other) < self.key(one));
        Some(better.unwrap_or(one))
    }

    /// Those of the first rank in the order of their bids for the conversation, then the others.
    fn stay(&self, mut group: Vec<usize>, strategy: Strategy, conversation: u64) -> Vec<usize> {
        self.sort(&mut group);
        let first = self.first_rank(&group, strategy);
        let bid = |one: usize| {
            let weight = if strategy == Strategy::Weight { self.weight(one) } else { 1 };
            self.candidates.get(one).map_or(f64::INFINITY, |one| arrival(bid(conversation, one.name), weight))
        };
        let (mut near, far): (Vec<usize>, Vec<usize>) = group.into_iter().partition(|one| first.contains(one));
        near.sort_by(|&left, &right| bid(left).total_cmp(&bid(right)));
        near.into_iter().chain(far).collect()
    }

    /// Those that are about as good as the best of `group`, which is in order.
    fn first_rank(&self, group: &[usize], strategy: Strategy) -> Vec<usize> {
        let some = group.iter().filter_map(|&one| Some((one, self.candidates.get(one)?)));
        let number = |total: f64, value: f64| total + value;
        let busy = some.clone().map(|(_, one)| one.busy() as f64).fold(0.0, number);
        let weights = some.clone().map(|(_, one)| f64::from(one.weight)).fold(0.0, number);
        let cheapest = some.clone().filter_map(|(one, _)| self.cost(one)).min();
        let fastest = some.clone().filter_map(|(_, one)| one.latency).min();
        let near = |number: usize, one: &Candidate<'_>| match strategy {
            Strategy::Order | Strategy::Learned => false,
            Strategy::Weight => one.weight > 0,
            Strategy::Cost => match (self.cost(number), cheapest) {
                (Some(cost), Some(cheapest)) => cost as f64 <= cheapest as f64 * COST_TOLERANCE,
                (None, cheapest) => cheapest.is_none(),
                (Some(_), None) => true,
            },
            Strategy::Latency => one
                .latency
                .zip(fastest)
                .is_none_or(|(latency, fastest)| latency.as_secs_f64() <= fastest.as_secs_f64() * LATENCY_TOLERANCE),
            Strategy::LeastBusy => {
                let fair = if weights > 0.0 { busy * f64::from(one.weight) / weights } else { 0.0 };
                one.weight > 0 && one.busy() as f64 <= fair * BUSY_TOLERANCE.0 + BUSY_TOLERANCE.1
            }
        };
        some.filter(|(number, one)| near(*number, one)).map(|(number, _)| number).collect()
    }

    /// By their keys; those with the same stay as they are.
    fn sort(&self, group: &mut [usize]) {
        let compare =
            |(left, more): (f64, f64), (right, other): (f64, f64)| left.total_cmp(&right).then(more.total_cmp(&other));
        group.sort_by(|&left, &right| compare(self.key(left), self.key(right)));
    }

    /// What deployments are compared by, the least first, and what decides between equals. Never NaN.
    fn key(&self, number: usize) -> (f64, f64) {
        let Some(one) = self.candidates.get(number) else { return (f64::INFINITY, 0.0) };
        let latency = one.latency.map(|latency| latency.as_secs_f64());
        let cost = || self.cost(number).map_or(f64::INFINITY, |cost| cost as f64);
        let busy = one.busy() as f64;
        match self.rule {
            Rule::Route(Strategy::Order | Strategy::Weight | Strategy::Learned) => (0.0, 0.0),
            Rule::Route(Strategy::Cost) | Rule::Client(Sort::Price) => (cost(), latency.unwrap_or(0.0)),
            // As Finagle has it: whoever has never answered is tried, but by one request only.
            Rule::Route(Strategy::Latency) => match latency {
                Some(latency) => (latency * (busy + 1.0), 0.0),
                None if busy > 0.0 => (NEVER_ANSWERED + busy, 0.0),
                None => (0.0, 0.0),
            },
            Rule::Route(Strategy::LeastBusy) if one.weight == 0 => (f64::INFINITY, busy),
            Rule::Route(Strategy::LeastBusy) => (busy / f64::from(one.weight), latency.unwrap_or(0.0)),
            Rule::Client(Sort::Latency) => (latency.unwrap_or(f64::INFINITY), 0.0),
            Rule::Client(Sort::Throughput) => (speed(one).map_or(f64::INFINITY, |speed| -speed), 0.0),
        }
    }

    /// What is shown of a deployment, so that the order is understood.
    pub(crate) fn figure(&self, number: usize) -> Option<Figure> {
        let one = self.candidates.get(number)?;
        let figure = match self.rule {
            Rule::Route(Strategy::Order | Strategy::Learned) => return None,
            Rule::Route(Strategy::Weight) => Some(Figure::Weight(one.weight)),
            Rule::Route(Strategy::LeastBusy) => Some(Figure::Busy(one.busy())),
            Rule::Route(Strategy::Cost) | Rule::Client(Sort::Price) => self.cost(number).map(Figure::Cost),
            Rule::Route(Strategy::Latency) => one.latency.map(|latency| Figure::Latency(latency, one.busy())),
            Rule::Client(Sort::Latency) => one.latency.map(|latency| Figure::Latency(latency, 0)),
            Rule::Client(Sort::Throughput) => speed(one).map(Figure::Throughput),
        };
        Some(figure.unwrap_or(Figure::NotKnown))
    }

    pub(crate) fn cost(&self, one: usize) -> Option<u64> {
        self.costs.get(one).copied().flatten()
    }

    fn weight(&self, one: usize) -> u32 {
        self.candidates.get(one).map_or(0, |one| one.weight)
    }
}

/// How many tokens a deployment says in a second, if that is a number.
pub(crate) fn speed(one: &Candidate<'_>) -> Option<f64> {
    one.throughput.filter(|speed| speed.is_finite())
}

/// One of the numbers below `count`, as `dice` from 0 to below 1 says.
fn pick(dice: f64, count: usize) -> usize {
    // What is no number becomes 0, and what is too large the last.
    ((dice * count as f64) as usize).min(count.saturating_sub(1))
}

#[cfg(test)]
mod tests;
