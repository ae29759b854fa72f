//! How a response ends: its status.

use super::OWN;
use conversation::answer::{Finish, Reason};
use conversation::item::Item;
use conversation::loss::Losses;

/// Why an answer is incomplete, in words of our own: the API has none for these, and neither is an answer that is whole,
/// nor an error.
const MALFORMED: &str = "malformed_function_call";
const FAILED: &str = "server_error";

/// What an answer says that its status does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    /// Whether it calls tools.
    pub(super) calls: bool,
    /// Whether a part of it is a refusal.
    pub(super) refused: bool,
}

impl Said {
    /// Takes note of an item.
    pub(super) fn add(&mut self, item: &Item) {
        match item {
            Item::ToolCall(_) => self.calls = true,
            Item::Text(text) => self.refused |= text.refusal,
            _ => {}
        }
    }

    /// What all of these say.
    pub(super) fn of(items: &[Item]) -> Self {
        let mut said = Self::default();
        items.iter().for_each(|item| said.add(item));
        said
    }
}

/// The word of an end is the status, and behind a slash the reason of what is incomplete.
pub(super) fn read(status: &str, why: Option<&str>, said: Said) -> Finish {
    let reason = match (status, why) {
        ("completed", _) if said.calls => Reason::ToolCalls,
        ("completed", _) if said.refused => Reason::Refusal,
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
pub(super) fn words<'a>(finish: &'a Finish, said: Said, losses: &mut Losses) -> (&'a str, Option<&'a str>) {
    losses.add_if(finish.sequence.is_some(), "answer.stop_sequence");
    if let Some(word) = finish.word(OWN) {
        return match word.strip_prefix("incomplete/") {
            Some(why) => ("incomplete", Some(why)),
            None => (word, None),
        };
    }
    match finish.reason {
        Reason::Length | Reason::ContextFull => ("incomplete", Some("max_output_tokens")),
        Reason::Refusal if said.refused => ("completed", None),
        Reason::ContentFilter | Reason::Refusal => ("incomplete", Some("content_filter")),
        Reason::MalformedCall => ("incomplete", Some(MALFORMED)),
        Reason::Failed => ("incomplete", Some(FAILED)),
        Reason::Stop | Reason::StopSequence | Reason::ToolCalls => ("completed", None),
        Reason::Unknown if finish.is_cut() => ("incomplete", finish.told.as_ref().map(|(_, word)| word.as_str())),
        Reason::Pause | Reason::Unknown => {
            losses.add("answer.finish");
            ("completed", None)
        }
    }
}
