//! Streams, read.

use super::super::usage::Input;
use super::super::{EVENT, OWN, answer, block, failure, finish};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::item::{Item, Opaque};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::json::{self, Raw};
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::stream::Event;
use std::collections::BTreeMap;

/// Reads a stream.
#[derive(Debug, Default)]
pub struct Reader {
    /// The blocks that are open, by the provider's number.
    open: BTreeMap<u64, Block>,
    /// How many items have begun.
    items: usize,
    input: Input,
    /// Whether it was said why the answer ends.
    finished: bool,
    /// Whether nothing more comes.
    over: bool,
}

/// A block that is open.
#[derive(Debug)]
enum Block {
    /// One that the model knows.
    Known {
        index: usize,
        /// The citations so far. They are told as a whole when the block ends, since each tells the whole.
        citations: Vec<Raw>,
        /// Whether there are more than the block began with.
        cited: bool,
        /// The input that a call began with: it counts if no pieces of it come.
        input: Option<String>,
    },
    /// One that only this dialect knows: it as it began, what came of its members, and pieces that are not known.
    Whole { kind: String, raw: Raw, members: BTreeMap<&'static str, String>, pieces: Vec<Event> },
}

impl Reader {
    pub(crate) fn feed(&mut self, name: Option<&str>, data: &str) -> Result<Vec<Event>, Fault> {
        if self.over || matches!(data.trim(), "" | "[DONE]") {
            return Ok(Vec::new());
        }
        let mut object = Object::read_leniently(data)?;
        let kind = object.text("type")?;
        let is_error = kind.is_none() && object.peek("error").is_some();
        match kind.as_deref().or(name).unwrap_or(if is_error { "error" } else { "" }) {
            "ping" => Ok(Vec::new()),
            "message_start" => self.start(object),
            "content_block_start" => self.block_start(object),
            "content_block_delta" => self.block_delta(object, data),
            "content_block_stop" => Ok(self.block_stop(&mut object)),
            "message_delta" => self.message_delta(object),
            "message_stop" => Ok(self.end()),
            "error" => {
                self.over = true;
                Ok(vec![Event::Error(failure::read(500, data))])
            }
            other => Ok(vec![unknown(other, data)]),
        }
    }

    pub(crate) fn finish(&mut self) -> Result<Vec<Event>, Fault> {
        match (self.over, self.finished) {
            (true, _) => Ok(Vec::new()),
            (false, true) => Ok(self.end()),
            (false, false) => Err(Fault::new("is over before the answer was")),
        }
    }

    fn start(&mut self, mut object: Object) -> Result<Vec<Event>, Fault> {
        let mut message = object.object("message")?.ok_or_else(|| Fault::new("is missing").inside("message"))?;
        let usage = message.object("usage")?.map(|usage| Event::Usage(self.input.read(usage)));
        for taken in ["content", "stop_reason", "stop_sequence"] {
            message.raw(taken);
        }
        let (id, model, extra) = answer::read_head(message)?;
        Ok([Event::Start { id, model, created: None, extra }].into_iter().chain(usage).collect())
    }

    fn block_start(&mut self, mut object: Object) -> Result<Vec<Event>, Fault> {
        let number = object.whole("index")?.unwrap_or_default();
        let raw = object.raw("content_block").ok_or_else(|| Fault::new("is missing").inside("content_block"))?;
        // A provider that forgets to end a block begins the next all the same.
        let mut events = self.close(number);
        let Some(mut item) = block::read_answered(raw).into_iter().next() else { return Ok(events) };
        let mut citations = Vec::new();
        let mut input = None;
        match &mut item {
            Item::Opaque(opaque) => {
                let (kind, raw) = (opaque.kind.clone(), opaque.raw.clone());
                self.open.insert(number, Block::Whole { kind, raw, members: BTreeMap::new(), pieces: Vec::new() });
                return Ok(events);
            }
            Item::Text(text) => {
                let told = text.extra.get("citations").and_then(|told| json::elements(told.as_str()));
                citations = told.unwrap_or_default().into_iter().map(Raw::of_valid).collect();
            }
            Item::Reasoning(reasoning) => {
                reasoning.signature = reasoning.signature.take().filter(|told| !told.is_empty());
            }
            Item::ToolCall(call) => {
                let told = std::mem::take(&mut call.arguments);
                input = Some(told).filter(|told| !told.trim_matches(['{', '}', ' ']).is_empty());
            }
            _ => {}
        }
        let index = self.items;
        self.items += 1;
        self.open.insert(number, Block::Known { index, citations, cited: false, input });
        events.push(Event::ItemStart { index, item });
        Ok(events)
    }

    fn block_delta(&mut self, mut object: Object, data: &str) -> Result<Vec<Event>, Fault> {
        let number = object.whole("index")?.unwrap_or_default();
        let Some(mut delta) = object.object("delta")? else { return Ok(vec![unknown("content_block_delta", data)]) };
        let open = self.open.get_mut(&number);
        let open = open.ok_or_else(|| Fault::new("is of a block that has not begun").inside("index"))?;
        let kind = delta.text("type")?.unwrap_or_default();
        let member = match kind.as_str() {
            "text_delta" => "text",
            "thinking_delta" => "thinking",
            "signature_delta" => "signature",
            "input_json_delta" => "partial_json",
            "compaction_delta" => "content",
            "citations_delta" => {
                delta.value("citation").into_iter().for_each(|citation| open.cite(citation));
                return Ok(Vec::new());
            }
            other => return Ok(open.unknown_piece(unknown(&format!("content_block_delta.{other}"), data))),
        };
        let piece = delta.text(member)?.unwrap_or_default();
        if piece.is_empty() {
            return Ok(Vec::new());
        }
        let (index, input) = match open {
            Block::Whole { members, .. } => {
                members.entry(if member == "partial_json" { "input" } else { member }).or_default().push_str(&piece);
                return Ok(Vec::new());
            }
            Block::Known { index, input, .. } => (*index, input),
        };
        let delta = match member {
            "text" => Delta::Text(piece),
            "thinking" => Delta::Reasoning(piece),
            "signature" => Delta::Signature(piece),
            "partial_json" => {
                *input = None;
                Delta::Arguments(piece)
            }
            _ => return Ok(vec![unknown(&format!("content_block_delta.{kind}"), data)]),
        };
        Ok(vec![Event::Delta { index, delta }])
    }

    fn block_stop(&mut self, object: &mut Object) -> Vec<Event> {
        let number = object.whole("index").ok().flatten().unwrap_or_default();
        self.close(number)
    }

    fn message_delta(&mut self, mut object: Object) -> Result<Vec<Event>, Fault> {
        let mut events = Vec::new();
        let mut extra = Extra::new(OWN);
        if let Some(mut delta) = object.object("delta")? {
            let sequence = delta.text("stop_sequence")?;
            if let Some(word) = delta.text("stop_reason")? {
                self.finished = true;
                events.push(Event::Finish(finish::read(&word, sequence)));
            }
            extra.merge(delta.rest(OWN));
        }
        events.extend(object.object("usage")?.map(|usage| Event::Usage(self.input.read(usage))));
        extra.merge(object.rest(OWN));
        for taken in ["stop_sequence", "stop_reason"] {
            extra.forget(taken);
        }
        if !extra.is_empty() {
            events.push(Event::Extra(extra));
        }
        Ok(events)
    }

    fn end(&mut self) -> Vec<Event> {
        let numbers: Vec<u64> = self.open.keys().copied().collect();
        let mut events: Vec<Event> = numbers.into_iter().flat_map(|number| self.close(number)).collect();
        self.over = true;
        events.push(Event::End);
        events
    }

    /// Ends a block, if it is open.
    fn close(&mut self, number: u64) -> Vec<Event> {
        match self.open.remove(&number) {
            None => Vec::new(),
            Some(Block::Known { index, citations, cited, input }) => {
                let cited = cited.then(|| Delta::Extra(cite_all(&citations)));
                let deltas = cited.into_iter().chain(input.map(Delta::Arguments));
                let deltas = deltas.map(|delta| Event::Delta { index, delta });
                deltas.chain([Event::ItemEnd { index }]).collect()
            }
            Some(Block::Whole { kind, raw, members, pieces }) => {
                let index = self.items;
                self.items += 1;
                let item = Item::Opaque(Opaque::new(OWN, kind, put_together(raw, members)));
                [Event::ItemStart { index, item }].into_iter().chain(pieces).chain([Event::ItemEnd { index }]).collect()
            }
        }
    }
}

impl Block {
    /// Takes a piece that is not known, and gives what can be told of it by now.
    fn unknown_piece(&mut self, piece: Event) -> Vec<Event> {
        match self {
            Block::Known { .. } => vec![piece],
            Block::Whole { pieces, .. } => {
                pieces.push(piece);
                Vec::new()
            }
        }
    }

    fn cite(&mut self, citation: Raw) {
        match self {
            Block::Known { citations, cited, .. } => {
                citations.push(citation);
                *cited = true;
            }
            Block::Whole { members, .. } => {
                let all = members.entry("citations").or_default();
                all.push_str(if all.is_empty() { "" } else { "," });
                all.push_str(citation.as_str());
            }
        }
    }
}

/// An event, or a piece of a block, that is not known yet.
fn unknown(kind: &str, data: &str) -> Event {
    Event::Opaque(Opaque::new(OWN, format!("{}{kind}", EVENT), Raw::of_valid(data)))
}

fn cite_all(citations: &[Raw]) -> Extra {
    let mut array = ArrayWriter::new();
    citations.iter().for_each(|citation| {
        array.raw(citation.as_str());
    });
    let mut extra = Extra::new(OWN);
    extra.keep("citations", Raw::of_valid(&array.finish()));
    extra
}

/// A block with what came of its members. Texts go on from where they began.
fn put_together(raw: Raw, members: BTreeMap<&'static str, String>) -> Raw {
    let Ok(mut object) = Object::read_leniently(raw.as_str()) else { return raw };
    if members.is_empty() {
        return raw;
    }
    let mut out = ObjectWriter::new();
    for (name, came) in members {
        let began = object.raw(name);
        match name {
            "input" => out.raw(name, Raw::parse(&came).unwrap_or_else(|_| Raw::text(&came)).as_str()),
            "citations" => out.raw(name, &format!("[{came}]")),
            _ => out.text(name, &(began.and_then(json::text).unwrap_or_default() + &came)),
        };
    }
    object.rest(OWN).write(OWN, "", &mut out, &mut Losses::new());
    Raw::of_valid(&out.finish())
}
