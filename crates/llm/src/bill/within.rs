//! What requests take together that one thing is done by, such as a step of a run.

use super::Order;
use crate::caller::Took;
use crate::lane::Lane;
use base::{Code, Error, Result};
use inspection::dialect::Endpoint;
use inspection::tier::Wanted;
use model::NanoDollars;

/// What a token costs at most where nobody knows, in nano-dollars: what the dearest models take for what they write.
pub const DEAREST: u64 = 75_000;

/// Counts a request at `lane` as under way that has no more tokens of input and output, and no dearer units, than these. Gives the most that
/// it takes; nothing where nobody adds that up.
///
/// # Errors
/// [`Code::RunBudget`]: with what others took, or may have taken whose answers were lost, that would be more than was set aside.
pub(super) fn begin(lane: &Lane, order: &Order<'_>, (input, output, units): (u64, u64, u64)) -> Result<Took> {
    let Some(spent) = &order.caller.spent else { return Ok(Took::default()) };
    let tokens = input.saturating_add(output);
    let money =
        at_most(lane, order.endpoint, (input, output), order.tier).unwrap_or_else(|| tokens.saturating_mul(DEAREST));
    let most = Took { nano_dollars: money.saturating_add(units), tokens };
    if spent.begin(most) {
        return Ok(most);
    }
    let message = format!(
        "what is set aside of the budget of the run has too little left to ask {} as well: it may take {tokens} tokens, and those before \
         may have taken theirs",
        lane.name
    );
    let next = "raise the `budget` of the workflow, or lower `max_tokens` of the step";
    Err(Error::new(Code::RunBudget, message, next).of_upstream(&lane.name))
}

/// The most that so many tokens of input and output cost at this endpoint of `lane`, in nano-dollars; nothing where nobody knows what its model costs.
pub(crate) fn at_most(lane: &Lane, endpoint: Endpoint, size: (u64, u64), tier: Wanted) -> Option<u64> {
    if lane.facts.local && lane.facts.price.is_none() {
        return Some(0);
    }
    lane.facts.most(endpoint, size, tier).map(|NanoDollars(most)| most)
}
