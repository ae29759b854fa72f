//! Streams, written.

use super::super::{EVENT, OWN, answer, content, failure, finish, usage};
use super::BESIDE_DELTA;
use conversation::answer::{Finish, Reply, Usage};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::ids::Told;
use conversation::item::{Item, Opaque, Reasoning, Text, ToolCall};
use conversation::json::write::ObjectWriter;
use conversation::json::{self, Raw};
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::stream::{Event, WireEvent};

/// Writes a stream.
#[derive(Debug)]
pub struct Writer {
    reply: Reply,
    losses: Losses,
    /// The beginning, which waits for the first usage.
    head: Head,
    begun: bool,
    usage: Option<Usage>,
    finish: Option<Finish>,
    extra: Extra,
    /// How many blocks have begun.
    blocks: u64,
    /// Whether tools are called.
    calls: bool,
    told: Told,
    open: Option<Open>,
    over: bool,
}

#[derive(Debug, Default)]
struct Head {
    id: Option<String>,
    model: Option<String>,
    extra: Extra,
}

/// The item that is open. Its block is the one that began last.
#[derive(Debug)]
enum Open {
    Text {
        /// How many citations are written.
        cited: usize,
    },
    /// Thoughts: whether they are shown or redacted is not known before something comes.
    Reasoning {
        reasoning: Box<Reasoning>,
        begun: bool,
        part: Option<usize>,
    },
    Call(Arguments),
    Whole,
    /// One that cannot be said.
    Lost,
}

/// Arguments of a call. As soon as it is seen that they are an object they go on as they come, otherwise at the end.
#[derive(Debug)]
struct Arguments {
    waiting: String,
    is_object: bool,
}

impl Arguments {
    /// Takes a piece, and gives what can go on.
    fn take(&mut self, piece: &str) -> String {
        self.waiting.push_str(if self.waiting.is_empty() && !self.is_object { piece.trim_start() } else { piece });
        self.is_object |= self.waiting.starts_with('{');
        if self.is_object { std::mem::take(&mut self.waiting) } else { String::new() }
    }
}

impl Writer {
    pub(crate) fn new(reply: Reply) -> Self {
        Self {
            reply,
            losses: Losses::new(),
            head: Head::default(),
            begun: false,
            usage: None,
            finish: None,
            extra: Extra::default(),
            blocks: 0,
            calls: false,
            told: Told::default(),
            open: None,
            over: false,
        }
    }

    pub(crate) fn losses(&self) -> &Losses {
        &self.losses
    }

    pub(crate) fn push(&mut self, event: &Event) -> Vec<WireEvent> {
        let mut out = Vec::new();
        if self.over {
            return out;
        }
        match event {
            Event::Start { id, model, extra, .. } => {
                self.head = Head { id: id.clone(), model: model.clone(), extra: extra.clone() };
            }
            Event::Usage(usage) => {
                self.usage.get_or_insert_default().update(usage.clone());
                self.begin(&mut out);
            }
            Event::Finish(finish) => self.finish = Some(finish.clone()),
            Event::Extra(extra) => self.extra.merge(extra.clone()),
            Event::ItemStart { item, .. } => {
                self.begin(&mut out);
                self.open = Some(self.start(item, &mut out));
            }
            Event::Delta { delta, .. } => {
                if let Some(mut open) = self.open.take() {
                    self.add(&mut open, delta, &mut out);
                    self.open = Some(open);
                }
            }
            Event::ItemEnd { .. } => self.end_item(&mut out),
            Event::Opaque(opaque) => self.opaque_event(opaque, &mut out),
            Event::Error(error) => {
                self.over = true;
                out.push(WireEvent::named("error", &failure::write(error)));
            }
            Event::End => {
                self.begin(&mut out);
                self.end_item(&mut out);
                self.end(&mut out);
            }
        }
        out
    }

    fn begin(&mut self, out: &mut Vec<WireEvent>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let head = std::mem::take(&mut self.head);
        let mut message = answer::write_head(head.id.as_deref(), head.model.as_deref(), &self.reply, &head.extra);
        message.raw("content", "[]").raw("stop_reason", "null").raw("stop_sequence", "null");
        message.object("usage", usage::write(self.usage.as_ref(), &mut self.losses));
        head.extra.write(OWN, "answer", &mut message, &mut self.losses);
        let mut event = ObjectWriter::new();
        event.text("type", "message_start").object("message", message);
        out.push(WireEvent::named("message_start", &event.finish()));
    }

    fn end(&mut self, out: &mut Vec<WireEvent>) {
        self.over = true;
        let mut delta = ObjectWriter::new();
        let null = || "null".to_owned();
        let told = self.finish.as_ref();
        let word = told.map(|told| finish::word(told, self.calls, &mut self.losses));
        delta.raw("stop_reason", &word.map_or_else(null, json::write::quote));
        let sequence = told.and_then(|told| told.sequence.as_deref());
        delta.raw("stop_sequence", &sequence.map_or_else(null, json::write::quote));
        let (mut beside, mut inside) = (Extra::new(OWN), Extra::new(OWN));
        if self.extra.is_from(OWN) {
            for (name, value) in self.extra.unknown() {
                let place = if BESIDE_DELTA.contains(&name) { &mut beside } else { &mut inside };
                place.keep(name, value.clone());
            }
        } else {
            self.extra.lose("answer", &mut self.losses);
        }
        inside.write(OWN, "answer", &mut delta, &mut self.losses);
        let mut event = ObjectWriter::new();
        event.text("type", "message_delta").object("delta", delta);
        event.object("usage", usage::write(self.usage.as_ref(), &mut self.losses));
        beside.write(OWN, "answer", &mut event, &mut self.losses);
        out.push(WireEvent::named("message_delta", &event.finish()));
        out.push(WireEvent::named("message_stop", r#"{"type":"message_stop"}"#));
    }

    /// Begins an item, and its block as far as that is known.
    fn start(&mut self, item: &Item, out: &mut Vec<WireEvent>) -> Open {
        match item {
            Item::Text(text) => {
                let empty = Text { text: String::new(), ..text.clone() };
                let block = content::text(&empty, None, &mut self.losses);
                self.block_start(&block.finish(), out);
                let mut open = Open::Text { cited: citations(&text.extra).len() };
                self.add(&mut open, &Delta::Text(text.text.clone()), out);
                open
            }
            Item::Reasoning(reasoning) => {
                let empty = Reasoning { text: String::new(), summary: Vec::new(), ..reasoning.clone() };
                let mut open = Open::Reasoning { reasoning: Box::new(empty), begun: false, part: None };
                for (part, text) in reasoning.summary.iter().enumerate() {
                    self.add(&mut open, &Delta::Summary { part, text: text.clone() }, out);
                }
                self.add(&mut open, &Delta::Reasoning(reasoning.text.clone()), out);
                open
            }
            Item::ToolCall(call) => {
                let id = answer::told_id(call, &self.reply, &mut self.told);
                self.calls = true;
                let empty = ToolCall { arguments: String::new(), ..call.clone() };
                let block = content::call(&empty, &id, None, &mut self.losses);
                self.block_start(&block.finish(), out);
                let mut open = Open::Call(Arguments { waiting: String::new(), is_object: call.extra.is_from(OWN) });
                self.add(&mut open, &Delta::Arguments(call.arguments.clone()), out);
                open
            }
            Item::Opaque(opaque) => match content::opaque(opaque, &mut self.losses) {
                Some(raw) => self.whole(&raw, out),
                None => Open::Lost,
            },
            Item::Media(media) => {
                self.losses.add(&media.loss());
                Open::Lost
            }
            Item::ToolResult(_) => {
                self.losses.add("tool_result");
                Open::Lost
            }
            Item::CacheBreakpoint(_) => {
                self.losses.add("cache_breakpoint");
                Open::Lost
            }
        }
    }

    /// A block that only this dialect knows. The input of a call that the provider runs comes as a piece, as clients expect.
    fn whole(&mut self, raw: &str, out: &mut Vec<WireEvent>) -> Open {
        let object = Object::read_leniently(raw).ok().filter(|object| object.peek("input").is_some());
        let Some(mut object) = object else {
            self.block_start(raw, out);
            return Open::Whole;
        };
        let input = object.raw("input").unwrap_or_default();
        let mut block = ObjectWriter::new();
        block.raw("input", "{}");
        object.rest(OWN).write(OWN, "", &mut block, &mut self.losses);
        self.block_start(&block.finish(), out);
        self.piece("input_json_delta", "partial_json", &json::write::quote(input), out);
        Open::Whole
    }

    fn add(&mut self, open: &mut Open, delta: &Delta, out: &mut Vec<WireEvent>) {
        match (open, delta) {
            (Open::Lost, _) => {}
            (Open::Text { .. }, Delta::Text(text)) => self.text_piece("text_delta", "text", text, out),
            (Open::Text { .. }, Delta::Signature(_)) => self.losses.add("text.signature"),
            (Open::Text { cited }, Delta::Extra(extra)) if extra.is_from(OWN) => {
                let all = citations(extra);
                for citation in all.iter().skip(*cited) {
                    self.piece("citations_delta", "citation", citation.as_str(), out);
                }
                *cited = all.len();
            }
            (Open::Call(arguments), Delta::Arguments(text)) => {
                let text = arguments.take(text);
                self.text_piece("input_json_delta", "partial_json", &text, out);
            }
            (Open::Call(_), Delta::Signature(_)) => self.losses.add("tool_call.signature"),
            (Open::Reasoning { reasoning, begun, part }, delta) => {
                let (text, number) = match delta {
                    Delta::Reasoning(text) => (text, usize::MAX),
                    Delta::Summary { part, text } => (text, *part),
                    Delta::Signature(piece) => return reasoning.signature.get_or_insert_default().push_str(piece),
                    Delta::Encrypted(piece) => return reasoning.encrypted.get_or_insert_default().push_str(piece),
                    Delta::Extra(extra) => return reasoning.extra.merge(extra.clone()),
                    Delta::Text(_) | Delta::Arguments(_) => return,
                };
                if text.is_empty() {
                    return;
                }
                self.begin_thinking(reasoning, begun, out);
                if part.replace(number).is_some_and(|before| before != number) {
                    self.text_piece("thinking_delta", "thinking", "\n\n", out);
                }
                self.text_piece("thinking_delta", "thinking", text, out);
            }
            (_, Delta::Extra(extra)) if !extra.is_from(OWN) => extra.lose("answer", &mut self.losses),
            _ => {}
        }
    }

    fn begin_thinking(&mut self, reasoning: &Reasoning, begun: &mut bool, out: &mut Vec<WireEvent>) {
        if std::mem::replace(begun, true) {
            return;
        }
        let mut block = ObjectWriter::new();
        block.text("type", "thinking").text("thinking", "").text("signature", "");
        self.losses.add_if(reasoning.id.is_some(), "reasoning.id");
        reasoning.extra.write(OWN, "reasoning", &mut block, &mut self.losses);
        self.block_start(&block.finish(), out);
    }

    fn end_item(&mut self, out: &mut Vec<WireEvent>) {
        match self.open.take() {
            None | Some(Open::Lost) => return,
            Some(Open::Text { .. } | Open::Whole) => {}
            Some(Open::Call(arguments)) => {
                if !arguments.waiting.trim().is_empty() {
                    let input = content::input(&arguments.waiting, &mut self.losses);
                    self.text_piece("input_json_delta", "partial_json", &input, out);
                }
            }
            Some(Open::Reasoning { reasoning, mut begun, .. }) => {
                if !begun && content::is_redacted(&reasoning) {
                    let block = content::redacted(&reasoning, &mut self.losses);
                    self.block_start(&block.finish(), out);
                } else {
                    self.losses.add_if(reasoning.encrypted.is_some(), "reasoning.encrypted");
                    if reasoning.signature.is_some() || reasoning.extra.is_from(OWN) {
                        self.begin_thinking(&reasoning, &mut begun, out);
                    }
                    if !begun {
                        return;
                    }
                    let signature = reasoning.signature.unwrap_or_default();
                    self.text_piece("signature_delta", "signature", &signature, out);
                }
            }
        }
        let mut event = ObjectWriter::new();
        event.text("type", "content_block_stop").whole("index", self.blocks.saturating_sub(1));
        out.push(WireEvent::named("content_block_stop", &event.finish()));
    }

    fn block_start(&mut self, block: &str, out: &mut Vec<WireEvent>) {
        let mut event = ObjectWriter::new();
        event.text("type", "content_block_start").whole("index", self.blocks).raw("content_block", block);
        self.blocks += 1;
        out.push(WireEvent::named("content_block_start", &event.finish()));
    }

    fn text_piece(&mut self, kind: &str, member: &'static str, text: &str, out: &mut Vec<WireEvent>) {
        if !text.is_empty() {
            self.piece(kind, member, &json::write::quote(text), out);
        }
    }

    fn piece(&mut self, kind: &str, member: &'static str, value: &str, out: &mut Vec<WireEvent>) {
        let mut delta = ObjectWriter::new();
        delta.text("type", kind).raw(member, value);
        let mut event = ObjectWriter::new();
        event.text("type", "content_block_delta").whole("index", self.blocks.saturating_sub(1));
        event.object("delta", delta);
        out.push(WireEvent::named("content_block_delta", &event.finish()));
    }

    /// An event, or a piece of the open block, that only one dialect knows: it as it was, or a loss.
    fn opaque_event(&mut self, opaque: &Opaque, out: &mut Vec<WireEvent>) {
        let kind = opaque.kind.strip_prefix(EVENT).filter(|_| opaque.dialect == OWN);
        let is_piece = kind.is_some_and(|kind| kind.starts_with("content_block_delta"));
        if let (Some(_), false) = (kind, is_piece) {
            return out.push(WireEvent::new(opaque.raw.as_str()));
        }
        let mut open = self.open.take();
        if let (true, Some(Open::Reasoning { reasoning, begun, .. })) = (is_piece, &mut open)
            && !content::is_redacted(reasoning)
        {
            self.begin_thinking(reasoning, begun, out);
        }
        let has_begun = !matches!(open, None | Some(Open::Lost | Open::Reasoning { begun: false, .. }));
        if is_piece && has_begun {
            self.raw_piece(opaque, out);
        } else {
            self.losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind));
        }
        self.open = open;
    }

    /// A piece as it was, with the number that its block has here.
    fn raw_piece(&mut self, opaque: &Opaque, out: &mut Vec<WireEvent>) {
        let Ok(mut object) = Object::read_leniently(opaque.raw.as_str()) else { return };
        let number = self.blocks.saturating_sub(1);
        if object.whole("index").ok().flatten() == Some(number) {
            return out.push(WireEvent::named("content_block_delta", opaque.raw.as_str()));
        }
        object.raw("type");
        let mut event = ObjectWriter::new();
        event.text("type", "content_block_delta").whole("index", number);
        object.rest(OWN).write(OWN, "", &mut event, &mut self.losses);
        out.push(WireEvent::named("content_block_delta", &event.finish()));
    }
}

fn citations(extra: &Extra) -> Vec<Raw> {
    let told = extra.get("citations").filter(|_| extra.is_from(OWN));
    let elements = told.and_then(|told| json::elements(told.as_str()));
    elements.unwrap_or_default().into_iter().map(Raw::of_valid).collect()
}
