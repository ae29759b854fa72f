//! Merging neighbours, the best pair first, until none is left that merges.

use super::Token;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A piece of a text: from where to where, and the token that it is, if it is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Symbol {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) token: Option<Token>,
}

const NONE: usize = usize::MAX;

/// Neighbours that may merge, the lower rank and then the left pair first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    rank: u64,
    left: usize,
    right: usize,
    /// Where the pair ends, to notice when one of both was merged with another.
    end: usize,
    token: Option<Token>,
}

/// What the symbols of a text become. `rank` says of neighbours how early they merge, and into what. The time is that of a
/// sort, however long the text is.
pub(super) fn merge(
    mut symbols: Vec<Symbol>,
    rank: impl Fn(&Symbol, &Symbol) -> Option<(u64, Option<Token>)>,
) -> impl Iterator<Item = Symbol> {
    let count = symbols.len();
    let mut next: Vec<usize> = (1..=count).map(|place| if place == count { NONE } else { place }).collect();
    let mut before: Vec<usize> = (0..count).map(|place| place.wrapping_sub(1)).collect();
    let mut is_gone = vec![false; count];
    let mut pairs = BinaryHeap::new();
    let look = |symbols: &[Symbol], left: usize, right: usize| {
        let (one, other) = (symbols.get(left)?, symbols.get(right)?);
        let (rank, token) = rank(one, other)?;
        Some(Reverse(Pair { rank, left, right, end: other.end, token }))
    };
    pairs.extend((1..count).filter_map(|right| look(&symbols, right - 1, right)));
    while let Some(Reverse(pair)) = pairs.pop() {
        let is_stale = is_gone[pair.left]
            || is_gone[pair.right]
            || next[pair.left] != pair.right
            || symbols[pair.right].end != pair.end;
        if is_stale {
            continue;
        }
        let was_merged_since = look(&symbols, pair.left, pair.right).is_none_or(|Reverse(now)| now != pair);
        if was_merged_since {
            continue;
        }
        symbols[pair.left].end = pair.end;
        symbols[pair.left].token = pair.token;
        is_gone[pair.right] = true;
        let after = next[pair.right];
        next[pair.left] = after;
        if after != NONE {
            before[after] = pair.left;
            pairs.extend(look(&symbols, pair.left, after));
        }
        if before[pair.left] != NONE {
            pairs.extend(look(&symbols, before[pair.left], pair.left));
        }
    }
    symbols.into_iter().zip(is_gone).filter_map(|(symbol, is_gone)| (!is_gone).then_some(symbol))
}
