//! The words of `stop_reason`.

use super::OWN;
use conversation::answer::{Finish, Reason};
use conversation::loss::Losses;

/// What the words mean. `compaction` is a pause on the client's wish, after which it sends everything back.
const WORDS: [(&str, Reason); 8] = [
    ("end_turn", Reason::Stop),
    ("stop_sequence", Reason::StopSequence),
    ("max_tokens", Reason::Length),
    ("model_context_window_exceeded", Reason::ContextFull),
    ("tool_use", Reason::ToolCalls),
    ("refusal", Reason::Refusal),
    ("pause_turn", Reason::Pause),
    ("compaction", Reason::Pause),
];

/// What a word means. One that is not known yet is kept.
pub(super) fn read(word: &str, sequence: Option<String>) -> Finish {
    let reason = WORDS.iter().find(|(known, _)| *known == word).map_or(Reason::Unknown, |(_, reason)| *reason);
    Finish { sequence, ..Finish::told(reason, OWN, word) }
}

/// The word for a reason. Providers that say a plain end where tools are called are corrected: clients wait for the word.
pub(super) fn word<'a>(finish: &'a Finish, calls: bool, losses: &mut Losses) -> &'a str {
    if let Some(word) = finish.word(OWN) {
        return word;
    }
    match finish.reason {
        Reason::Stop | Reason::ToolCalls => return if calls { "tool_use" } else { "end_turn" },
        Reason::ContentFilter => return "refusal",
        // There is no word for it: at least the answer counts as cut off.
        Reason::MalformedCall | Reason::Failed => {
            losses.add("answer.finish");
            return "max_tokens";
        }
        Reason::Unknown => {
            losses.add("answer.finish");
            return if finish.is_cut() { "max_tokens" } else { "end_turn" };
        }
        _ => {}
    }
    WORDS.iter().find(|(_, reason)| *reason == finish.reason).map_or("end_turn", |(word, _)| *word)
}

#[cfg(test)]
mod tests;
