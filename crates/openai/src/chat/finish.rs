//! Why answers end, in the words of OpenAI and of servers that are like it.

use super::OWN;
use conversation::answer::{Finish, Reason};
use conversation::loss::Losses;

/// Reads the word. Nothing in it says whether the model `refused`, which stands beside it.
pub(super) fn read(word: String, refused: bool) -> Finish {
    let reason = match word.as_str() {
        "stop" if refused => Reason::Refusal,
        "stop" | "eos" | "eos_token" | "end_turn" => Reason::Stop,
        "stop_sequence" => Reason::StopSequence,
        "length" | "max_tokens" => Reason::Length,
        "model_length" => Reason::ContextFull,
        "tool_calls" | "function_call" | "tool_use" => Reason::ToolCalls,
        "content_filter" | "SAFETY" | "RECITATION" => Reason::ContentFilter,
        "error" | "abort" | "insufficient_system_resource" => Reason::Failed,
        // Gemini's server of this dialect puts a prefix before it.
        _ if word.to_ascii_lowercase().contains("malformed_function_call") => Reason::MalformedCall,
        _ => Reason::Unknown,
    };
    Finish::told(reason, OWN, word)
}

/// The word to write. That the answer only rests is lost.
pub(super) fn write<'a>(finish: &'a Finish, losses: &mut Losses) -> &'a str {
    if let Some(word) = finish.word(OWN) {
        return word;
    }
    losses.add_if(finish.reason == Reason::Pause, "answer.finish");
    match finish.reason {
        Reason::Stop | Reason::StopSequence | Reason::Pause => "stop",
        Reason::Length | Reason::ContextFull => "length",
        Reason::ToolCalls => "tool_calls",
        Reason::ContentFilter | Reason::Refusal => "content_filter",
        // OpenAI has no word for these. Whoever reads `stop` would take the answer for whole.
        Reason::MalformedCall => "malformed_function_call",
        Reason::Failed => "error",
        Reason::Unknown => finish.told.as_ref().map_or("stop", |(_, word)| word),
    }
}
