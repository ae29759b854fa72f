//! The events of a stream, as they are written.

use crate::responses::item::Given;
use crate::responses::{OWN, Object};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::json::Raw;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::stream::WireEvent;

/// The states of an item that has begun, and of one that is whole.
pub(super) const STARTED: Option<&str> = Some("in_progress");
pub(super) const DONE: Option<&str> = Some("completed");

/// The events that are being written, each with its number.
#[derive(Debug, Default)]
pub(super) struct Wire {
    sequence: u64,
    pub(super) events: Vec<WireEvent>,
}

impl Wire {
    /// Writes an event; `fill` adds its members.
    pub(super) fn tell(&mut self, name: &'static str, fill: impl FnOnce(&mut ObjectWriter)) {
        let mut out = ObjectWriter::new();
        out.text("type", name).whole("sequence_number", self.sequence);
        self.sequence += 1;
        fill(&mut out);
        self.events.push(WireEvent::named(name, &out.finish()));
    }

    /// Writes an event that nobody else knows anew, with a number of this stream.
    pub(super) fn pass(&mut self, whole: &Raw) {
        let Ok(mut object) = Object::read(whole.as_str()) else { return };
        object.raw("sequence_number");
        let mut out = ObjectWriter::new();
        object.rest(OWN).write(OWN, "event", &mut out, &mut Losses::new());
        out.whole("sequence_number", self.sequence);
        self.sequence += 1;
        self.events.push(WireEvent::new(&out.finish()));
    }
}

/// Where an event belongs.
pub(super) fn place<'a>(out: &'a mut ObjectWriter, id: &str, output: usize) -> &'a mut ObjectWriter {
    out.text("item_id", id).whole("output_index", output as u64)
}

pub(super) fn tell_item(wire: &mut Wire, name: &'static str, output: usize, item: &str) {
    wire.tell(name, |out| {
        out.whole("output_index", output as u64).raw("item", item);
    });
}

/// Tells a piece of what a call is given, if there is anything in it.
pub(super) fn tell_given(wire: &mut Wire, id: &str, output: usize, piece: Given<'_>) {
    let (name, piece) = match piece {
        Given::Arguments(piece) => ("response.function_call_arguments.delta", piece),
        Given::Input(piece) => ("response.custom_tool_call_input.delta", piece),
    };
    if !piece.is_empty() {
        wire.tell(name, |out| {
            place(out, id, output).text("delta", piece);
        });
    }
}

/// Tells all that a tool of this name is given.
pub(super) fn end_given(wire: &mut Wire, id: &str, output: usize, (name, whole): (&str, Given<'_>)) {
    match whole {
        Given::Arguments(arguments) => wire.tell("response.function_call_arguments.done", |out| {
            place(out, id, output).text("name", name).text("arguments", arguments);
        }),
        Given::Input(input) => wire.tell("response.custom_tool_call_input.done", |out| {
            place(out, id, output).text("input", input);
        }),
    }
}

/// Adds a piece that is told at the end of the item only.
pub(super) fn add_quietly(extra: &mut Extra, signature: &mut Option<String>, delta: Delta) {
    match delta {
        Delta::Extra(later) => extra.merge(later),
        Delta::Signature(piece) => signature.get_or_insert_default().push_str(&piece),
        _ => {}
    }
}
