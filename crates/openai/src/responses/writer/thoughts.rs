//! Thoughts in a stream.

use super::wire::{DONE, Wire, add_quietly, place, tell_item};
use crate::responses::item::{self, Missing};
use conversation::delta::Delta;
use conversation::item::Reasoning;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;

/// Thoughts that are open.
#[derive(Debug)]
pub(super) struct Thoughts {
    output: usize,
    id: String,
    reasoning: Reasoning,
    /// The part of the summary that is open, and what it says.
    part: Option<(usize, String)>,
    /// Whether the thoughts themselves have begun.
    begun: bool,
}

impl Thoughts {
    pub(super) fn start(output: usize, id: String, mut reasoning: Reasoning, wire: &mut Wire) -> Self {
        let (said, summary) = (std::mem::take(&mut reasoning.text), std::mem::take(&mut reasoning.summary));
        let mut begun = ObjectWriter::new();
        begun.text("id", &id).text("type", "reasoning").raw("summary", "[]");
        tell_item(wire, "response.output_item.added", output, &begun.finish());
        let mut thoughts = Self { output, id, reasoning, part: None, begun: false };
        for (part, text) in summary.into_iter().enumerate() {
            thoughts.add(Delta::Summary { part, text }, wire);
        }
        thoughts.add(Delta::Reasoning(said), wire);
        thoughts
    }

    /// Takes a piece. One without anything in it is not written.
    pub(super) fn add(&mut self, delta: Delta, wire: &mut Wire) {
        match delta {
            Delta::Summary { part, text } => self.add_summary(part, &text, wire),
            Delta::Reasoning(piece) if piece.is_empty() => {}
            Delta::Reasoning(piece) => {
                if !std::mem::replace(&mut self.begun, true) {
                    wire.tell("response.content_part.added", |out| {
                        let part = spoken("reasoning_text", "");
                        place(out, &self.id, self.output).raw("content_index", "0").object("part", part);
                    });
                }
                wire.tell("response.reasoning_text.delta", |out| {
                    place(out, &self.id, self.output).raw("content_index", "0").text("delta", &piece);
                });
                self.reasoning.text.push_str(&piece);
            }
            Delta::Encrypted(piece) => self.reasoning.encrypted.get_or_insert_default().push_str(&piece),
            delta => add_quietly(&mut self.reasoning.extra, &mut self.reasoning.signature, delta),
        }
    }

    fn add_summary(&mut self, part: usize, text: &str, wire: &mut Wire) {
        // A number far ahead begins the next part.
        let next = self.reasoning.summary.len() + usize::from(self.part.is_some());
        if self.part.as_ref().is_none_or(|(open, _)| part > *open) {
            self.end_part(wire);
            self.part = Some((next, String::new()));
            wire.tell("response.reasoning_summary_part.added", |out| {
                place(out, &self.id, self.output).whole("summary_index", next as u64);
                out.object("part", spoken("summary_text", ""));
            });
        }
        let Some((open, said)) = self.part.as_mut().filter(|_| !text.is_empty()) else { return };
        wire.tell("response.reasoning_summary_text.delta", |out| {
            place(out, &self.id, self.output).whole("summary_index", *open as u64).text("delta", text);
        });
        said.push_str(text);
    }

    fn end_part(&mut self, wire: &mut Wire) {
        let Some((part, said)) = self.part.take() else { return };
        wire.tell("response.reasoning_summary_text.done", |out| {
            place(out, &self.id, self.output).whole("summary_index", part as u64).text("text", &said);
        });
        wire.tell("response.reasoning_summary_part.done", |out| {
            place(out, &self.id, self.output).whole("summary_index", part as u64);
            out.object("part", spoken("summary_text", &said));
        });
        self.reasoning.summary.push(said);
    }

    /// Ends them: where in the output they stand, and all of them.
    pub(super) fn end(mut self, wire: &mut Wire, losses: &mut Losses) -> (usize, String) {
        self.end_part(wire);
        if self.begun {
            wire.tell("response.reasoning_text.done", |out| {
                place(out, &self.id, self.output).raw("content_index", "0").text("text", &self.reasoning.text);
            });
            wire.tell("response.content_part.done", |out| {
                let part = spoken("reasoning_text", &self.reasoning.text);
                place(out, &self.id, self.output).raw("content_index", "0").object("part", part);
            });
        }
        self.reasoning.id.get_or_insert_with(|| self.id.clone());
        let missing = Missing { id: None, status: DONE };
        let whole = item::write_thoughts(&self.reasoning, missing, losses).finish();
        tell_item(wire, "response.output_item.done", self.output, &whole);
        (self.output, whole)
    }
}

/// A part of thoughts.
fn spoken(kind: &str, text: &str) -> ObjectWriter {
    let mut part = ObjectWriter::new();
    part.text("type", kind).text("text", text);
    part
}
