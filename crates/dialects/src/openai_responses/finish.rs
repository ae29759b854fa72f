//! How a response ends: its status.

use super::OWN;
use crate::answer::{Finish, Reason};
use crate::loss::Losses;

/// Why an answer is incomplete, in words of our own: the API has none for these, and neither is an answer that is whole,
/// nor an error.
const MALFORMED: &str = "malformed_function_call";
const FAILED: &str = "server_error";

/// The word of an end is the status, and behind a slash the reason of what is incomplete.
pub(super) fn read(status: &str, why: Option<&str>, calls: bool) -> Finish {
    let reason = match (status, why) {
        ("completed", _) if calls => Reason::ToolCalls,
        ("completed", _) => Reason::Stop,
        ("failed", _) => Reason::Failed,
        ("incomplete", Some("max_output_tokens")) => Reason::Length,
        ("incomplete", Some("content_filter")) => Reason::ContentFilter,
        ("incomplete", Some(MALFORMED)) => Reason::MalformedCall,
        ("incomplete", Some(FAILED)) => Reason::Failed,
        _ => Reason::Unknown,
    };
    let word = why.map_or_else(|| status.to_owned(), |why| format!("{status}/{why}"));
    Finish::told(reason, OWN, word)
}

/// The status and the reason of what is incomplete.
pub(super) fn words<'a>(finish: &'a Finish, losses: &mut Losses) -> (&'a str, Option<&'a str>) {
    losses.add_if(finish.sequence.is_some(), "answer.stop_sequence");
    if let Some(word) = finish.word(OWN) {
        return match word.strip_prefix("incomplete/") {
            Some(why) => ("incomplete", Some(why)),
            None => (word, None),
        };
    }
    match finish.reason {
        Reason::Length | Reason::ContextFull => ("incomplete", Some("max_output_tokens")),
        Reason::ContentFilter | Reason::Refusal => ("incomplete", Some("content_filter")),
        Reason::MalformedCall => ("incomplete", Some(MALFORMED)),
        Reason::Failed => ("incomplete", Some(FAILED)),
        Reason::Stop | Reason::StopSequence | Reason::ToolCalls => ("completed", None),
        Reason::Pause | Reason::Unknown => {
            losses.add("answer.finish");
            ("completed", None)
        }
    }
}
