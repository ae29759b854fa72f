//! Thoughts, in the ways in which servers that are like OpenAI's tell them.

use super::OWN;
use super::notes::PLACE;
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{Item, Opaque, Reasoning};
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::request::Request;

/// The members that say thoughts as text, as they are looked for.
pub(super) const MEMBERS: [&str; 2] = ["reasoning_content", "reasoning"];
/// The member, and the place, of thoughts one by one.
pub(super) const DETAILS: &str = "reasoning_details";

/// The note that the text of a thought stands in another member than its signature.
const TOLD: &str = "told";

/// Takes the thoughts of a message. `whole` gets the texts that say again what details say more closely, as notes.
pub(super) fn read(message: &mut Object<'_>, whole: &mut Vec<(&'static str, String)>) -> Result<Vec<Item>, Fault> {
    if message.peek(DETAILS) == Some("[]") {
        whole.push((DETAILS, "[]".to_owned()));
    }
    let details = message.array(DETAILS)?.unwrap_or_default();
    let mut items = Vec::new();
    for (number, detail) in details.iter().enumerate() {
        items.push(read_detail(message.read_like(detail)?, detail).within_element(DETAILS, number)?);
    }
    for member in MEMBERS {
        if message.peek_text(member).is_none() {
            // An object under one of the names is something else and stays unknown; `null` is noted.
            if message.peek(member).is_none() {
                message.raw(member);
            }
            continue;
        }
        let text = message.text(member)?.unwrap_or_default();
        if items.is_empty() && !text.is_empty() {
            let mut extra = Extra::new(OWN);
            extra.note(PLACE, member);
            items.push(Item::Reasoning(Reasoning { text, extra, ..Reasoning::default() }));
        } else {
            join(&mut items, member, &text);
            whole.push((member, Raw::text(&text).to_string()));
        }
    }
    Ok(items)
}

/// Puts a thought together of which a stream said the text in one member and the signature in the other: without the text nobody can read the
/// signature. Where there are several, nothing says which has which part of the text.
fn join(items: &mut [Item], member: &'static str, text: &str) {
    let says = |thought: &Reasoning| !thought.text.is_empty() || !thought.summary.is_empty();
    let mut thoughts = items.iter_mut().filter_map(|item| match item {
        Item::Reasoning(thought) if thought.encrypted.is_none() => Some(thought),
        _ => None,
    });
    if let (Some(thought), None) = (thoughts.next(), thoughts.next())
        && !says(thought)
        && thought.signature.is_some()
    {
        thought.text = text.to_owned();
        thought.extra.note(TOLD, member);
    }
}

/// An element of `reasoning_details` (OpenRouter).
pub(super) fn read_detail(mut detail: Object<'_>, raw: &str) -> Result<Item, Fault> {
    let kind = detail.text("type")?.unwrap_or_default();
    let mut reasoning = Reasoning::default();
    let member = match kind.as_str() {
        "reasoning.text" => "text",
        "reasoning.summary" => "summary",
        "reasoning.encrypted" => "data",
        _ => return Ok(Item::Opaque(Opaque::new(OWN, format!("{DETAILS}.{kind}"), Raw::of_valid(raw)))),
    };
    let value = detail.text(member)?;
    let silent = value.as_deref().is_none_or(str::is_empty).then(|| value.clone().map(|_| member));
    match member {
        "text" => reasoning.text = value.unwrap_or_default(),
        "summary" => reasoning.summary.extend(value.filter(|text| !text.is_empty())),
        _ => reasoning.encrypted = value.filter(|text| !text.is_empty()),
    }
    reasoning.signature = detail.text("signature")?;
    reasoning.id = detail.text("id")?;
    reasoning.extra = detail.rest(OWN);
    reasoning.extra.note(PLACE, DETAILS);
    if let Some(empty) = silent {
        reasoning.extra.note("silent", &kind);
        empty.into_iter().for_each(|member| reasoning.extra.note("empty", member));
    }
    Ok(Item::Reasoning(reasoning))
}

/// Whose signatures and encrypted thoughts these are, in OpenRouter's words: nobody else can read them.
pub(super) fn format_of(extra: &Extra) -> Option<&'static str> {
    Some(match extra.dialect()? {
        Dialect::Anthropic | Dialect::Bedrock => "anthropic-claude-v1",
        Dialect::Gemini => "google-gemini-v1",
        Dialect::OpenAiResponses => "openai-responses-v1",
        Dialect::OpenAiChat | Dialect::Ollama => return None,
    })
}

/// Takes the thoughts that only others can read out of a conversation with OpenAI's own models, which know none.
pub fn mend(request: &mut Request) -> Option<Losses> {
    let mut losses = Losses::new();
    let format = |thought: &Reasoning| thought.extra.get("format").and_then(Raw::as_text).unwrap_or_default();
    let others = |thought: &Reasoning| ["anthropic-", "google-"].iter().any(|name| format(thought).starts_with(name));
    losses.add_if(request.drop_thoughts(others), "reasoning");
    (!losses.is_empty()).then_some(losses)
}

/// Whether an item stands among the thoughts of a message, and not in its content.
pub(super) fn is_thought(item: &Item) -> bool {
    match item {
        Item::Reasoning(reasoning) => reasoning.extra.noted(OWN, "part").is_none(),
        Item::Opaque(opaque) => opaque.dialect == OWN && opaque.kind.starts_with(DETAILS),
        _ => false,
    }
}

/// Writes the thoughts of a message.
///
/// Text alone goes where most servers look for it, into `reasoning_content`. Signatures and what only the provider can
/// read have a place in `reasoning_details` only; `both` says that the text is to stand in the other too, for clients
/// that know no details.
pub(super) fn write(items: &[&Item], both: bool, out: &mut ObjectWriter, losses: &mut Losses) {
    let thoughts =
        || items.iter().filter_map(|item| if let Item::Reasoning(thought) = item { Some(thought) } else { None });
    let own = thoughts().find_map(|thought| thought.extra.noted(OWN, PLACE));
    let detailed =
        own.is_none() && thoughts().any(|thought| thought.signature.is_some() || thought.encrypted.is_some());
    if own == Some(DETAILS) || detailed || items.iter().any(|item| matches!(item, Item::Opaque(_))) {
        let mut details = ArrayWriter::new();
        for (number, item) in items.iter().enumerate() {
            match item {
                Item::Reasoning(thought) => write_details(thought, number, &mut details, losses),
                Item::Opaque(opaque) => {
                    details.raw(opaque.raw.as_str());
                }
                _ => {}
            }
        }
        out.array(DETAILS, details);
        if !detailed || !both {
            return;
        }
    }
    let text = thoughts().map(plain).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    let member = MEMBERS.into_iter().find(|member| own == Some(*member)).unwrap_or("reasoning_content");
    if !text.is_empty() {
        out.text(member, &text);
    }
    for thought in thoughts() {
        thought.extra.write(OWN, "reasoning", &mut ObjectWriter::new(), losses);
    }
}

/// The text of thoughts, or of their summary.
fn plain(thought: &Reasoning) -> String {
    if thought.text.is_empty() { thought.summary.join("\n\n") } else { thought.text.clone() }
}

fn write_details(thought: &Reasoning, number: usize, details: &mut ArrayWriter, losses: &mut Losses) {
    let summary = thought.summary.iter().map(|summary| ("reasoning.summary", "summary", summary));
    let here = !thought.text.is_empty() && thought.extra.noted(OWN, TOLD).is_none();
    let text = here.then_some(("reasoning.text", "text", &thought.text));
    let encrypted = thought.encrypted.iter().map(|data| ("reasoning.encrypted", "data", data));
    let mut entries: Vec<(&str, &'static str, Option<&String>)> = text
        .into_iter()
        .chain(summary)
        .chain(encrypted)
        .map(|(kind, member, value)| (kind, member, Some(value)))
        .collect();
    // An element that says nothing but its signature.
    let empty = String::new();
    if entries.is_empty() {
        let kind = thought.extra.noted(OWN, "silent").unwrap_or("reasoning.text");
        let member = thought
            .extra
            .noted(OWN, "empty")
            .and_then(|member| ["text", "summary", "data"].into_iter().find(|known| *known == member));
        entries.push((kind, member.unwrap_or("text"), member.map(|_| &empty)));
    }
    for (place, (kind, member, value)) in entries.into_iter().enumerate() {
        let mut out = ObjectWriter::new();
        out.text("type", kind);
        out.text_if(member, value.map(String::as_str));
        out.text_if("signature", thought.signature.as_deref().filter(|_| place == 0));
        out.text_if("id", thought.id.as_deref().filter(|_| place == 0));
        if thought.extra.is_from(OWN) {
            thought.extra.write(OWN, "reasoning", &mut out, losses);
        } else {
            out.text_if("format", format_of(&thought.extra)).whole("index", number as u64);
            thought.extra.lose("reasoning", losses);
        }
        details.object(out);
    }
}
