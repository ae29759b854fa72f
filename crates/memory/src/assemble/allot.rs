//! How much of the budget each need gets.

use super::piece::Prepared;
use base::{Code, Error, Result};
use std::cmp::Reverse;
use workflow::definition::Fit;

/// The room of each need that the step must have, in the order of the file. Where all of them are too long together, what
/// may not be cut gets what it is, and the others share what is left: none gets more than it is, and none that is cut gets
/// less than another.
pub(super) fn rooms(needs: &[Prepared<'_>], budget: usize) -> Result<Vec<(usize, usize)>> {
    let hard = || needs.iter().enumerate().filter(|(_, one)| !one.need.optional);
    let exact = |one: &Prepared<'_>| one.need.fit == Fit::Exact;
    let too_long = hard().any(|(_, one)| exact(one) && one.natural() > one.most());
    let must: usize = hard().filter(|(_, one)| exact(one)).map(|(_, one)| one.natural()).sum();
    if too_long || must > budget {
        return Err(overflow(needs, (budget != usize::MAX).then_some(budget)));
    }
    let mut shared: Vec<(usize, usize)> =
        hard().filter(|(_, one)| !exact(one)).map(|(at, one)| (at, one.natural().min(one.most()))).collect();
    // The shortest first: what it does not use is left for the others.
    shared.sort_by_key(|(at, wanted)| (*wanted, *at));
    let (mut left, count) = (budget - must, shared.len());
    for (place, (_, room)) in shared.iter_mut().enumerate() {
        *room = (*room).min(left / (count - place));
        left -= *room;
    }
    let whole = hard().filter(|(_, one)| exact(one)).map(|(at, one)| (at, one.natural()));
    let mut rooms: Vec<(usize, usize)> = whole.chain(shared).collect();
    rooms.sort_unstable();
    Ok(rooms)
}

/// The needs that the step can do without: the higher priority first, then in the order of the file.
pub(super) fn optional_order(needs: &[Prepared<'_>]) -> Vec<usize> {
    let optional = needs.iter().enumerate().filter(|(_, one)| one.need.optional);
    let mut order: Vec<(Reverse<i64>, usize)> = optional.map(|(at, one)| (Reverse(one.need.priority), at)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| at).collect()
}

/// What the step must have does not fit.
pub(super) fn overflow(needs: &[Prepared<'_>], budget: Option<usize>) -> Error {
    let hard = needs.iter().filter(|one| !one.need.optional);
    let told: Vec<String> = hard
        .map(|one| match one.need.max {
            Some(max) => format!("`{}` is {} tokens of at most {max}", one.need.name, one.natural()),
            None => format!("`{}` is {} tokens", one.need.name, one.natural()),
        })
        .collect();
    let budget = budget.map_or_else(|| "there is no budget".to_owned(), |budget| format!("the budget is {budget}"));
    let message = format!("the context that the step must have does not fit: {}; {budget}", told.join(", "));
    let next = "let it be cut with `fit: truncate_tail`, take less with `select`, or raise `budget` or `max`";
    Error::new(Code::ContextOverflow, message, next)
}
