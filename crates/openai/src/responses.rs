//! OpenAI Responses: requests, answers, streams and errors, read and written.
//!
//! Shapes as the API reference (<https://platform.openai.com/docs/api-reference/responses>) and the types of the official
//! Python client have them. An input item is a turn of its own; an output message becomes a text for each of its parts, the
//! first of which keeps what is said of the message. Items that the provider's own tools make stay opaque.

mod answer;
mod echo;
mod failure;
mod finish;
mod item;
mod namespace;
mod part;
mod reader;
mod request;
mod settings;
mod usage;
mod writer;

use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::item::{Item, Opaque};
use conversation::json::Raw;
use conversation::json::elements;
use conversation::json::write::ObjectWriter;
use conversation::object::Object;

pub use answer::{is_made_up, mend, read_answer, write_answer};
pub use failure::{read_failure, write_failure};
pub use reader::Reader;
pub use request::{ask_for_thoughts, read_request, write_request};
pub use writer::Writer;

/// The note on a member that is not there, where one is written otherwise.
const ABSENT: &str = "absent";
const OWN: Dialect = Dialect::OpenAiResponses;

/// Members that say nothing another dialect would miss, such as ids of items, states and defaults: each with the value
/// that says nothing, or `""` where none does. They are kept as notes, so that leaving them out is no loss.
type Quiet = [(&'static str, &'static str)];

/// What nobody took of an object, the quiet members as notes.
fn rest(mut object: Object<'_>, quiet: &Quiet) -> Extra {
    let mut noted = Vec::new();
    for (name, value) in quiet {
        match object.peek(name) {
            Some(said) if !value.is_empty() && said != *value => {}
            _ => noted.extend(object.value(name).map(|raw| (*name, raw))),
        }
    }
    let mut extra = object.rest(OWN);
    noted.iter().for_each(|(name, raw)| extra.note(name, raw.as_str()));
    extra
}

/// Writes the quiet members that [`rest`] noted.
fn write_quiet(extra: &Extra, quiet: &Quiet, out: &mut ObjectWriter) {
    for (name, _) in quiet {
        if let Some(raw) = extra.noted(OWN, name) {
            out.raw(name, raw);
        }
    }
}

/// What a noted string says.
fn noted_text(extra: &Extra, name: &str) -> Option<String> {
    Raw::parse(extra.noted(OWN, name)?).ok()?.as_text()
}

/// An item that nobody else knows.
fn opaque(kind: &str, whole: &str) -> Item {
    Item::Opaque(Opaque::new(OWN, kind, Raw::of_valid(whole)))
}

#[cfg(test)]
mod tests;
