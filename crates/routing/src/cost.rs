//! What a request is expected to cost at each of those who might answer it.

use crate::candidate::{Candidate, Need};

/// What the request is expected to cost at each candidate, as those of a tier compare with each other: one that has not answered yet is
/// expected to answer like the cheapest of its tier that has. So it comes before that one where its prices are lower, and is known
/// once it has answered; a mean over all would keep the cheaper model waiting beside a terse one for ever as soon as a third is long-winded.
pub(crate) fn of_tiers<'a>(
    candidates: &[Candidate<'_>],
    tiers: impl Iterator<Item = &'a Vec<usize>>,
    need: &Need,
) -> Vec<Option<u64>> {
    let mut costs = vec![None; candidates.len()];
    for tier in tiers {
        let some = || tier.iter().filter_map(|&number| candidates.get(number));
        let seen = some().filter(|one| one.usual_output.is_some());
        let cheapest = seen.min_by_key(|one| one.expected_cost(need, None).map_or((true, 0), |cost| (false, cost)));
        for &number in tier {
            if let (Some(place), Some(one)) = (costs.get_mut(number), candidates.get(number)) {
                *place = one.expected_cost(need, cheapest);
            }
        }
    }
    costs
}

#[cfg(test)]
mod tests;
