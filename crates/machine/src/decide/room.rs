//! The room that a journal has: a run ends while there is enough of it for its end.

use crate::command::Command;
use crate::fault::Fault;
use crate::state::{Phase, State};
use base::Code;
use journal::limits::{BATCH, ENDING, ENTRIES};

/// What may be added before it is asked again, and what comes of that.
const SPARE: u64 = 5 * BATCH as u64;
/// What a call that was sent still brings: what it took, its result, a doubt, and what became of that.
const SENT: u64 = 4;
/// What it takes to undo a step: it is sent, and as above, tried again now and then.
const UNDONE: u64 = 5;

/// Ends the run where its journal has no more room, and undoing what it did where that takes more than there is.
pub(super) fn room(state: &State) -> Option<Command> {
    let sent = state.leaves().filter(|(_, leaf)| leaf.intent).count().saturating_add(state.under.calls.len());
    let timers = state.timers.len() as u64;
    let settled = state.money.open.len() as u64;
    let to_end = SPARE.saturating_add(SENT.saturating_mul(sent as u64)).saturating_add(timers).saturating_add(settled);
    let over = match &state.phase {
        Phase::Running if !state.is_failing() => {
            let undone = UNDONE.saturating_mul(state.done.len() as u64);
            state.entries >= ENTRIES || state.entries.saturating_add(to_end).saturating_add(undone) > ENTRIES + ENDING
        }
        Phase::Undoing(..) if state.undoes() => state.entries.saturating_add(to_end) > ENTRIES + ENDING,
        _ => false,
    };
    over.then(|| {
        let message = format!(
            "the journal of the run has {} entries, and has no room for more: a loop does not end, events come without end, or \
             it is too much work for one run",
            state.entries
        );
        Command::FailRun { fault: Fault::new(Code::RunEntryInvalid, message) }
    })
}
