//! Contents: messages with a role and parts.

use super::part::{self, PartWriter};
use super::spelling::{self, Members, OF_ANOTHER_MODEL, Spelled};
use super::{OWN, model};
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::item::{Item, Opaque};
use conversation::json::Raw;
use conversation::loss::Losses;
use conversation::request::{Request, Role, Turn};

const ABSENT: &str = "absent";
const ROLE: &str = "role-noted";
/// The note that a turn stands in `systemInstruction`.
const PLACE: &str = "place";

/// A content as it was read.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) role: Option<String>,
    pub(super) items: Vec<Item>,
    pub(super) extra: Extra,
}

/// Reads a content.
pub(super) fn read(mut content: Members<'_>) -> Result<Content, Fault> {
    let role = content.text("role")?;
    let parts = content.list("parts")?;
    let has_parts = parts.is_some();
    let mut items = Vec::new();
    for (number, text) in parts.unwrap_or_default().into_iter().enumerate() {
        let read = content.element(text).and_then(|part| part::read(text, part));
        items.push(read.within_element("parts", number)?);
    }
    let mut extra = content.rest();
    if !has_parts {
        extra.note("parts-as-written", ABSENT);
    }
    if role.is_none() {
        extra.note("role-as-written", ABSENT);
    }
    Ok(Content { role, items, extra })
}

/// Reads a message of the conversation.
pub(super) fn read_turn(content: Members<'_>) -> Result<Turn, Fault> {
    let Content { role, items, extra } = read(content)?;
    let role = match role.as_deref() {
        None | Some("user") => Role::User,
        Some("model") => Role::Assistant,
        Some("function") => Role::Tool,
        Some(other) => Role::Other(other.to_owned()),
    };
    Ok(Turn { role, items, extra })
}

/// Reads `systemInstruction`, which needs no role and may have any.
pub(super) fn read_instruction(content: Members<'_>) -> Result<Turn, Fault> {
    let Content { role, items, mut extra } = read(content)?;
    extra.note(PLACE, "");
    note_role(&mut extra, role.as_deref());
    Ok(Turn { role: Role::System, items, extra })
}

/// Notes a role that the model has no place for.
pub(super) fn note_role(extra: &mut Extra, role: Option<&str>) {
    if let Some(role) = role {
        spelling::note_text(extra, ROLE, role);
    }
}

/// The role that [`note_role`] noted.
pub(super) fn noted_role(extra: Option<&Extra>) -> Option<&str> {
    spelling::noted_text(extra, ROLE)
}

/// A content with these parts, spelled as it was.
pub(super) fn write(role: Option<&str>, parts: &[String], extra: Option<&Extra>, losses: &mut Losses) -> String {
    let was_absent = |name: &str| extra.and_then(|extra| extra.noted(OWN, name)) == Some(ABSENT);
    let mut content = Spelled::new(extra);
    content.text_if("role", role.filter(|_| !was_absent("role-as-written")));
    if !parts.is_empty() || !was_absent("parts-as-written") {
        content.list("parts", parts);
    }
    content.finish("message", losses)
}

/// The conversation as it is sent.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) instruction: Option<String>,
    pub(super) contents: Vec<String>,
    parts: PartWriter,
    /// The content of turns that were read elsewhere, which grows as long as the role stays.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    role: &'static str,
    parts: Vec<String>,
    /// Whether the first call of the step is already in it.
    called: bool,
}

impl Conversation {
    /// Writes the turns for `model`.
    pub(super) fn write(turns: &[Turn], model: &str, losses: &mut Losses) -> Self {
        let parts = PartWriter::of_request(model::is_before_3(model));
        let mut written = Self { parts, ..Self::default() };
        // Contents must not be empty: where nobody else speaks, the system is the one who asks.
        let lifts = turns.iter().any(|turn| !turn.role.instructs());
        let (instructions, said): (Vec<&Turn>, Vec<&Turn>) =
            turns.iter().partition(|turn| turn.role.instructs() && (lifts || turn.extra.noted(OWN, PLACE).is_some()));
        let first_said = turns.iter().position(|turn| !turn.role.instructs()).unwrap_or(turns.len());
        let is_late = turns.iter().skip(first_said).any(|turn| turn.role.instructs());
        losses.add_if(is_late, "message.position");
        written.instruct(&instructions, losses);
        for turn in said {
            written.say(turn, losses);
        }
        written.close(losses);
        written
    }

    fn instruct(&mut self, turns: &[&Turn], losses: &mut Losses) {
        let Some(first) = turns.first() else { return };
        let mut parts = Vec::new();
        for turn in turns {
            let own = turn.extra.is_from(OWN);
            for item in &turn.items {
                match item {
                    Item::Media(media) if !own => losses.add(&media.loss()),
                    _ => self.parts.write(item, &mut parts, losses),
                }
            }
            if !own {
                turn.extra.lose("message", losses);
            }
        }
        if parts.is_empty() && !first.extra.is_from(OWN) {
            return;
        }
        let own = first.extra.is_from(OWN).then_some(&first.extra);
        self.instruction = Some(write(noted_role(own), &parts, own, losses));
    }

    fn say(&mut self, turn: &Turn, losses: &mut Losses) {
        if turn.extra.is_from(OWN) {
            self.close(losses);
            let mut parts = Vec::new();
            turn.items.iter().for_each(|item| self.parts.write(item, &mut parts, losses));
            let role = match &turn.role {
                Role::Assistant => "model",
                Role::Tool => "function",
                Role::Other(other) => other,
                Role::System | Role::Developer | Role::User => "user",
            };
            self.contents.push(write(Some(role), &parts, Some(&turn.extra), losses));
            return;
        }
        let role = if turn.role == Role::Assistant { "model" } else { "user" };
        losses.add_if(matches!(turn.role, Role::Other(_)), "message.role");
        if self.open.as_ref().is_some_and(|open| open.role != role) {
            self.close(losses);
        }
        let mut open = self.open.take().unwrap_or(Open { role, parts: Vec::new(), called: false });
        for item in &turn.items {
            let Item::ToolCall(call) = item else {
                self.parts.write(item, &mut open.parts, losses);
                continue;
            };
            let first = !std::mem::replace(&mut open.called, true);
            let signature = (first && !self.parts.is_old).then_some(OF_ANOTHER_MODEL);
            open.parts.push(self.parts.write_call(call, signature, losses));
        }
        turn.extra.lose("message", losses);
        self.open = Some(open);
    }

    fn close(&mut self, losses: &mut Losses) {
        if let Some(open) = self.open.take().filter(|open| !open.parts.is_empty()) {
            self.contents.push(write(Some(open.role), &open.parts, None, losses));
        }
    }
}

/// Marks the first call of each step of a model in which nothing is signed. Says whether there was any.
pub(super) fn mark(request: &mut Request) -> bool {
    let mut any = false;
    if model::is_before_3(&request.model) {
        return any;
    }
    for step in request.turns.chunk_by_mut(|one, next| one.role == next.role) {
        let signed = step.iter().flat_map(|turn| &turn.items).any(is_signed);
        if signed || step.first().is_none_or(|turn| turn.role != Role::Assistant) {
            continue;
        }
        let mut items = step.iter_mut().flat_map(|turn| &mut turn.items);
        let first = items.find_map(|item| if let Item::ToolCall(call) = item { Some(call) } else { None });
        if let Some(call) = first {
            call.signature = Some(OF_ANOTHER_MODEL.to_owned());
            any = true;
        }
    }
    any
}

fn is_signed(item: &Item) -> bool {
    let says = |signature: &Option<String>| signature.as_deref().is_some_and(|signature| !signature.is_empty());
    match item {
        Item::Text(text) => says(&text.signature),
        Item::Reasoning(thought) => says(&thought.signature),
        Item::ToolCall(call) => says(&call.signature),
        // What is known as a whole only may be signed inside.
        Item::Opaque(opaque) => opaque.raw.as_str().contains("ignature"),
        _ => false,
    }
}

/// The item that a content is which cannot be read.
pub(super) fn unread(text: &str) -> Item {
    Item::Opaque(Opaque::new(OWN, "content", Raw::of_valid(text)))
}

#[cfg(test)]
mod tests;
