//! Why an answer ends: `finishReason` and `blockReason`.

use super::OWN;
use conversation::answer::{Finish, Reason};
use conversation::loss::Losses;

/// Reads `finishReason`. Gemini says `STOP` also where the model calls tools.
pub(super) fn read(word: &str, calls: bool) -> Finish {
    let reason = match word {
        "STOP" if calls => Reason::ToolCalls,
        "STOP" => Reason::Stop,
        "MAX_TOKENS" => Reason::Length,
        "SAFETY"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "RECITATION"
        | "LANGUAGE"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => Reason::ContentFilter,
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" => Reason::MalformedCall,
        "OTHER"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE"
        | "NO_IMAGE"
        | "IMAGE_OTHER" => Reason::Failed,
        _ => Reason::Unknown,
    };
    Finish::told(reason, OWN, word)
}

/// What a prompt ends with that was not let through.
pub(super) fn blocked(word: &str) -> Finish {
    Finish::told(Reason::ContentFilter, OWN, word)
}

/// Writes `finishReason`.
pub(super) fn write<'a>(finish: &'a Finish, losses: &mut Losses) -> &'a str {
    if let Some(word) = finish.word(OWN) {
        return word;
    }
    losses.add_if(finish.sequence.is_some(), "finish.sequence");
    losses.add_if(finish.reason == Reason::Pause, "finish.pause");
    match finish.reason {
        Reason::Stop | Reason::StopSequence | Reason::ToolCalls | Reason::Pause => "STOP",
        Reason::Length | Reason::ContextFull => "MAX_TOKENS",
        Reason::ContentFilter | Reason::Refusal => "SAFETY",
        Reason::MalformedCall => "MALFORMED_FUNCTION_CALL",
        Reason::Failed | Reason::Unknown => "OTHER",
    }
}

#[cfg(test)]
mod tests;
