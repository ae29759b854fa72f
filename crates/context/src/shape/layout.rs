//! How the room of a result is shared by its blocks. Pure.

/// What a model is told in the place of what was cut out of a block is so many tokens itself, a few more or less.
pub(super) const NOTE: usize = 72;

/// What becomes of the blocks of a result that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// Each has as much room as any other: one that needs more than so many tokens is cut to as many, with its note.
    Each(usize),
    /// There are too many for a note in each: a beginning and an end of all are shown, with one note between them.
    Ends {
        /// The first block that is not shown whole.
        from: usize,
        /// How many tokens of that one are shown.
        part: usize,
        /// The first block behind those that are not shown.
        to: usize,
    },
}

/// Shares `limit` tokens among blocks that need so many each.
pub(super) fn shared(needs: &[usize], limit: usize) -> Layout {
    let mut sorted = needs.to_vec();
    sorted.sort_unstable();
    let (mut left, mut level, mut cut) = (limit, usize::MAX, 0);
    for (index, need) in sorted.iter().enumerate() {
        let waiting = sorted.len() - index;
        if need.saturating_mul(waiting) > left {
            (level, cut) = (left / waiting, waiting);
            break;
        }
        left -= need;
    }
    if level >= 2 * NOTE || cut <= 1 { Layout::Each(level) } else { ends(needs, limit) }
}

/// A beginning of three quarters, and an end.
fn ends(needs: &[usize], limit: usize) -> Layout {
    let room = if limit > 2 * NOTE { limit - NOTE } else { limit };
    let fitting = |needs: &mut dyn Iterator<Item = &usize>, room: usize| {
        let (mut used, mut count) = (0usize, 0);
        for need in needs {
            match used.checked_add(*need).filter(|all| *all <= room) {
                Some(all) => (used, count) = (all, count + 1),
                None => break,
            }
        }
        (used, count)
    };
    let head = room - room / 4;
    let (used, from) = fitting(&mut needs.iter(), head);
    // Of a few words nobody learns anything.
    let part = if head - used >= NOTE { head - used } else { 0 };
    let (_, behind) = fitting(&mut needs[from..].iter().skip(1).rev(), room - used - part);
    Layout::Ends { from, part, to: needs.len() - behind }
}

#[cfg(test)]
mod tests;
