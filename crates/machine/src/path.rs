//! Where a step stands in a journal.

use journal::StepPath;

/// What is behind the name of a step in the path of the call that undoes it. No step is called so.
pub(crate) const UNDO: &str = "~undo";

/// What the last number of a path counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// The items of a `for_each`, from 0.
    Items,
    /// The rounds of a `repeat`, from 0.
    Rounds,
}

/// The path of the step `name` in the items and rounds `levels` around it, from the outside in: `look_up[3]` in one
/// `for_each`, `look_up@3[2]` in two. Nothing if the name is none.
pub(crate) fn of(name: &str, levels: &[(Counts, u32)]) -> Option<StepPath> {
    let Some(((counts, number), outer)) = levels.split_last() else { return StepPath::new(name) };
    let path = if outer.is_empty() {
        StepPath::new(name)?
    } else {
        let numbers: Vec<String> = outer.iter().map(|(_, number)| number.to_string()).collect();
        StepPath::new(&format!("{name}@{}", numbers.join(".")))?
    };
    Some(match counts {
        Counts::Items => path.item(*number),
        Counts::Rounds => path.iteration(*number),
    })
}

/// The path of the call that undoes the step `name`.
pub(crate) fn of_undo(name: &str, levels: &[(Counts, u32)]) -> Option<StepPath> {
    of(&format!("{name}{UNDO}"), levels)
}
