//! Requests.

use super::item::{self, Missing};
use super::part::{self, Side};
use super::{ABSENT, OWN, Object, Quiet, namespace, rest, settings, write_quiet};

use crate::breakpoint;
use crate::chat;
use crate::model::Model;
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::ids::{Calls, longest};
use conversation::item::{Item, Reasoning};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::json::{Raw, elements};
use conversation::loss::{Losses, Written};
use conversation::request::{Request, Role, Thinking, Turn};
use std::borrow::Cow;

/// What is so anyway in other dialects.
const REQUEST: &Quiet = &[
    ("store", "false"),
    ("background", "false"),
    ("truncation", "\"disabled\""),
    ("service_tier", "\"auto\""),
    ("stream", "false"),
    ("tools", "[]"),
];
const MESSAGE: &Quiet = &[("id", ""), ("status", ""), ("type", "")];

/// The value of `include` by which thoughts come encrypted, so that they can be given back.
const ENCRYPTED: &str = r#""reasoning.encrypted_content""#;

/// Reads a request.
///
/// # Errors
/// The body is not what the dialect says.
pub fn read_request(body: &str) -> Result<Request, Fault> {
    let mut object = Object::read(body)?;
    let unnamed = object.peek("model").is_none();
    let mut request = Request { model: object.text("model")?.unwrap_or_default(), ..Request::default() };
    request.stream = object.peek("stream") == Some("true") && object.flag("stream")?.unwrap_or(false);
    // Here usage is always told, and clients count on it.
    request.stream_usage = request.stream;
    if let Some(text) = object.text("instructions")? {
        let mut turn = Turn::new(Role::System, vec![Item::text(text)]);
        turn.extra = placed("instructions");
        request.turns.push(turn);
    }
    let absent = object.peek("input").is_none();
    read_input(&mut object, &mut request)?;
    settings::read(&mut object, &mut request)?;
    namespace::join_all(&mut request);
    let text = object.object("text")?;
    let form = text.is_some();
    let mut inner = None;
    if let Some(mut text) = text {
        request.format = settings::read_format(&mut text).within("text")?;
        inner = Some(text.rest(OWN));
    }
    request.extra = rest(object, REQUEST);
    inner.into_iter().for_each(|inner| request.extra.keep_inner("text", inner));
    if form {
        request.extra.note("text", "object");
    }
    for name in [("input", absent), ("model", unnamed)].into_iter().filter(|(_, absent)| *absent).map(|(name, _)| name)
    {
        request.extra.note(name, ABSENT);
    }
    Ok(request)
}

/// A turn that stands in a place of its own.
fn placed(place: &str) -> Extra {
    let mut extra = Extra::new(OWN);
    extra.note("place", place);
    extra
}

fn read_input(object: &mut Object<'_>, request: &mut Request) -> Result<(), Fault> {
    if object.peek("input").is_some_and(|input| input.starts_with('"')) {
        let text = object.needed_text("input")?;
        request.turns.push(Turn { role: Role::User, items: vec![Item::text(text)], extra: placed("input") });
        return Ok(());
    }
    for (number, element) in object.array("input")?.unwrap_or_default().into_iter().enumerate() {
        let turn = object.read_like(element).and_then(|item| read_turn(item, element));
        request.turns.push(turn.within_element("input", number)?);
    }
    Ok(())
}

fn read_turn(object: Object<'_>, whole: &str) -> Result<Turn, Fault> {
    let kind = item::kind(&object);
    if kind != "message" {
        let item = item::read(&kind, object, whole)?;
        return Ok(Turn { role: speaker(&kind), items: vec![item], extra: Extra::new(OWN) });
    }
    let mut object = object;
    let role = role_of(object.needed_text("role")?);
    let mut items = Vec::new();
    let plain = object.peek("content").is_some_and(|content| content.starts_with('"'));
    if plain {
        items.push(Item::text(object.needed_text("content")?));
    } else {
        let content = object.array("content")?.ok_or_else(|| Fault::new("is missing").inside("content"))?;
        for (number, element) in content.into_iter().enumerate() {
            let part = object.read_like(element).and_then(|part| part::read(part, element));
            items.extend(part.within_element("content", number)?);
        }
    }
    let mut extra = rest(object, MESSAGE);
    extra.note("place", "message");
    if plain {
        extra.note("content", "text");
    }
    Ok(Turn { role, items, extra })
}

/// Who says an item that is no message.
fn speaker(kind: &str) -> Role {
    match kind {
        "mcp_approval_response" => Role::User,
        _ if kind.ends_with("_output") => Role::Tool,
        _ => Role::Assistant,
    }
}

fn role_of(word: String) -> Role {
    match word.as_str() {
        "system" => Role::System,
        "developer" => Role::Developer,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => Role::Other(word),
    }
}

fn role_word(role: &Role, own: bool) -> &str {
    match role {
        Role::System => "system",
        Role::Developer => "developer",
        Role::Assistant => "assistant",
        Role::Other(word) if own => word,
        Role::User | Role::Tool | Role::Other(_) => "user",
    }
}

/// Writes a request.
pub fn write_request(request: &Request) -> Written {
    let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
    let request = &*breakpoint::taken(request, OWN, &mut losses);
    if request.extra.noted(OWN, "model").is_none() {
        out.text("model", &request.model);
    }
    write_input(request, &mut out, &mut losses);
    settings::write(request, &mut out, &mut losses);
    if request.stream {
        out.flag("stream", true);
    }
    let lost = [
        (request.sampling.top_k.is_some(), "top_k"),
        (request.sampling.seed.is_some(), "seed"),
        (request.sampling.frequency_penalty.is_some(), "frequency_penalty"),
        (request.sampling.presence_penalty.is_some(), "presence_penalty"),
        (!request.stop.is_empty(), "stop"),
    ];
    lost.into_iter().for_each(|(lost, path)| losses.add_if(lost, path));
    write_quiet(&request.extra, REQUEST, &mut out);
    if !request.extra.is_from(OWN) && request.extra.get("store").is_none() {
        // In no other dialect is anything stored unasked.
        out.flag("store", false);
        if thinks(request) && request.extra.get("include").is_none() {
            // What is not stored must come back, and only whoever asks for it gets it.
            out.raw("include", &format!("[{ENCRYPTED}]"));
        }
    }
    request.extra.write_shared(
        OWN,
        (Dialect::OpenAiChat, chat::shared(&request.model)),
        "request",
        &mut out,
        &mut losses,
    );
    Written { body: out.finish(), losses }
}

/// Asks for what the model thinks in the form in which it can be given back, where the provider stores nothing and that is not
/// asked yet: for rounds that follow one another without the client. Says whether that changes something.
pub fn ask_for_thoughts(request: &mut Request) -> bool {
    let is_kept = request.extra.noted(OWN, "store") != Some("false");
    if is_kept || !thinks(request) {
        return false;
    }
    let said = request.extra.get("include").map(|said| said.as_str().to_owned()).unwrap_or_default();
    let mut all = elements(&said).unwrap_or_default();
    if all.contains(&ENCRYPTED) {
        return false;
    }
    all.push(ENCRYPTED);
    request.extra.replace("include", Raw::of_valid(&format!("[{}]", all.join(","))));
    true
}

/// Whether the model reasons, as far as is said or its name tells: any other refuses to be asked for encrypted thoughts.
fn thinks(request: &Request) -> bool {
    let asked = |thinking: &Thinking| !thinking.is_off() && thinking.effort_or_nearest().is_some();
    Model::of(&request.model).map_or_else(|| request.thinking.as_ref().is_some_and(asked), Model::reasons)
}

fn write_input(request: &Request, out: &mut ObjectWriter, losses: &mut Losses) {
    let mut turns = request.turns.as_slice();
    if let Some((text, others)) = instructions(request) {
        out.text("instructions", text);
        turns = others;
    }
    if let [turn] = turns
        && let (Some("input"), [Item::Text(text)]) = (turn.extra.noted(OWN, "place"), turn.items.as_slice())
    {
        out.text("input", &text.text);
        return;
    }
    let mut input = Input { items: ArrayWriter::new(), calls: Calls::new(), losses };
    turns.iter().for_each(|turn| input.add_turn(turn));
    let items = input.items;
    if !items.is_empty() || request.extra.noted(OWN, "input").is_none() {
        out.array("input", items);
    }
}

/// The text for `instructions`, and the turns behind it: of this dialect what stood there, of others what a system says
/// first, if that is one text and not all that is said: nobody answers an empty `input`.
pub(super) fn instructions(request: &Request) -> Option<(&str, &[Turn])> {
    let (first, others) = request.turns.split_first()?;
    let here = match first.extra.dialect() {
        Some(OWN) => first.extra.noted(OWN, "place") == Some("instructions"),
        _ => first.role == Role::System && !others.is_empty(),
    };
    let [Item::Text(text)] = first.items.as_slice() else { return None };
    let plain = text.extra.is_empty() && text.signature.is_none() && first.extra.unknown().next().is_none();
    (here && plain).then_some((text.text.as_str(), others))
}

/// The list of items that is being written.
struct Input<'a> {
    items: ArrayWriter,
    calls: Calls,
    losses: &'a mut Losses,
}

impl Input<'_> {
    /// Texts and media that follow each other are one message.
    fn add_turn(&mut self, turn: &Turn) {
        let message = turn.extra.noted(OWN, "place").is_some();
        let mut said: Vec<&Item> = Vec::new();
        for item in &turn.items {
            let part = match item {
                // It was for the call or the result before it.
                Item::CacheBreakpoint(_) if said.is_empty() => {
                    self.losses.add("cache_breakpoint");
                    continue;
                }
                Item::Text(_) | Item::Media(_) | Item::CacheBreakpoint(_) => true,
                Item::Opaque(_) => message,
                Item::Reasoning(_) | Item::ToolCall(_) | Item::ToolResult(_) => false,
            };
            if !part || item::message_of(item).is_some() {
                self.add_message(turn, &said);
                said.clear();
            }
            if part {
                said.push(item);
            } else {
                self.add_item(item);
            }
        }
        if !said.is_empty() || (message && turn.items.is_empty()) {
            self.add_message(turn, &said);
        }
        if !message {
            turn.extra.lose("message", self.losses);
        }
    }

    fn add_message(&mut self, turn: &Turn, said: &[&Item]) {
        let message = turn.extra.noted(OWN, "place").is_some();
        if said.is_empty() && !message {
            return;
        }
        let side = if turn.role == Role::Assistant { Side::History } else { Side::Input };
        let mut out = ObjectWriter::new();
        match (turn.extra.noted(OWN, "content"), said) {
            (Some("text"), [Item::Text(text)]) => out.text("content", &text.text),
            _ => {
                let parts = part::write_all(said.iter().copied(), side, self.losses);
                if parts.is_empty() && !said.is_empty() {
                    return;
                }
                out.array("content", parts)
            }
        };
        if let Some(answered) = said.first().and_then(|item| item::message_of(item)).filter(|_| !message) {
            self.items.raw(&item::write_message(Some(answered), out, Missing::default(), self.losses));
            return;
        }
        write_quiet(&turn.extra, MESSAGE, &mut out);
        if !message {
            out.text("type", "message");
        }
        out.text("role", role_word(&turn.role, message));
        self.losses.add_if(!message && matches!(turn.role, Role::Other(_)), "message.role");
        if message {
            turn.extra.write(OWN, "message", &mut out, self.losses);
        }
        self.items.object(out);
    }

    fn add_item(&mut self, item: &Item) {
        match item {
            Item::ToolCall(call) => {
                let id = self.calls.call(call);
                let id = told(call.id.as_deref().filter(|_| call.extra.is_from(OWN)), &id);
                self.items.object(item::write_call(call, &id, (Missing::default(), None), self.losses));
            }
            Item::ToolResult(result) => {
                let id = self.calls.result(result).0;
                let id = told(result.id.as_deref().filter(|_| result.extra.is_from(OWN)), &id);
                self.items.object(item::write_result(result, &id, self.losses));
            }
            Item::Reasoning(thoughts) if comes_back(thoughts) => {
                self.items.object(item::write_thoughts(thoughts, Missing::default(), self.losses));
            }
            Item::Opaque(item) if item.dialect == OWN => {
                self.items.raw(item.raw.as_str());
            }
            item => part::lose(item, self.losses),
        }
    }
}

/// Thoughts come back only to where they are from: any others are refused. A client of another dialect may carry those of
/// this one, and has then kept the id beside what is encrypted.
fn comes_back(thoughts: &Reasoning) -> bool {
    let carried = thoughts.encrypted.is_some() && thoughts.id.as_ref().is_some_and(|id| id.starts_with("rs_"));
    thoughts.extra.is_from(OWN) || carried
}

/// The id of a call as it is written: as it was `told` in this dialect, or `id`, as long as one may be.
fn told<'a>(told: Option<&'a str>, id: &'a str) -> Cow<'a, str> {
    longest(told.unwrap_or(id))
}
