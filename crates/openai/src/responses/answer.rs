//! Whole answers, and what they say of their end and of what they took.

use super::echo::{self, Head, State};
use super::finish::Said;
use super::item::{self, Missing};
use super::part::{self, Side};
use super::{ABSENT, OWN, Object, finish, rest, usage};
use crate::custom;
use conversation::answer::{Answer, Reply};

use conversation::fault::Fault;
use conversation::ids::{Told, longest};
use conversation::item::{Item, Reasoning, ToolCall};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::{Losses, Written};
use conversation::request::Request;

/// How many digits the id of an answer has that is made here.
const ANSWER: usize = 24;

/// Reads a whole answer.
///
/// # Errors
/// The body is not what the dialect says.
pub fn read_answer(body: &str) -> Result<Answer, Fault> {
    let mut object = Object::read_leniently(body)?;
    let mut items = Vec::new();
    let output = object.array("output")?;
    let absent = output.is_none();
    for element in output.unwrap_or_default() {
        items.extend(item::read_output(element));
    }
    let mut answer = read_head(object, Said::of(&items))?;
    answer.items = items;
    if absent {
        answer.extra.note("output", ABSENT);
    }
    Ok(answer)
}

/// A response but for its output, which says this.
pub(super) fn read_head(mut object: Object<'_>, said: Said) -> Result<Answer, Fault> {
    let mut answer = Answer {
        id: object.text("id")?,
        model: object.text("model")?,
        created: object.number("created_at")?,
        usage: object.object("usage")?.map(usage::read).transpose()?,
        ..Answer::default()
    };
    let mut inner = None;
    let status = object.peek_text("status");
    if let Some(word) = status.filter(|word| !matches!(word.as_str(), "in_progress" | "queued")) {
        object.raw("status");
        let mut why = None;
        let details = object.peek("incomplete_details").and_then(|details| Object::read_leniently(details).ok());
        if let Some(mut details) =
            details.filter(|details| word == "incomplete" && details.peek_text("reason").is_some())
        {
            object.raw("incomplete_details");
            why = details.text("reason")?;
            inner = Some(details.rest(OWN));
        }
        answer.finish = Some(finish::read(&word, why.as_deref(), said));
    }
    answer.extra = rest(object, echo::REPEATED);
    inner.into_iter().for_each(|inner| answer.extra.keep_inner("incomplete_details", inner));
    Ok(answer)
}

/// Writes a whole answer.
pub fn write_answer(answer: &Answer, reply: &Reply) -> Written {
    let mut losses = Losses::new();
    let output = write_output(&answer.items, reply, &mut losses);
    let head = Head {
        id: answer.id.clone(),
        model: answer.model.clone(),
        created: answer.created.clone(),
        extra: answer.extra.clone(),
    };
    let state = State {
        said: Said::of(&answer.items),
        finish: answer.finish.as_ref(),
        usage: answer.usage.as_ref(),
        failure: None,
    };
    let out = echo::write(&head, Some(state), &output.finish(), reply, &mut losses);
    Written { body: out.finish(), losses }
}

/// Ids of items that have none, each made of the answer's id.
pub(super) fn made_id(prefix: &str, reply: &Reply, number: usize) -> String {
    format!("{prefix}_{}{number}", reply.id)
}

/// Whether [`made_id`] made the id of these thoughts: of 24 digits of the answer's id and the number behind them. Those of
/// providers are longer.
pub fn is_made_up(id: &str) -> bool {
    let Some((answer, number)) = id.strip_prefix("rs_").and_then(|id| id.split_at_checked(ANSWER)) else {
        return false;
    };
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && answer.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Takes thoughts of others out of a conversation: ids are looked for among the provider's own, and what is not found there is
/// refused. OpenAI itself is `strict`: it refuses thoughts without an id of its own unless they are encrypted, and such
/// that can be read, which other servers tell and take.
pub fn mend(request: &mut Request, strict: bool) -> Option<Losses> {
    let mut losses = Losses::new();
    losses.add_if(request.drop_thoughts(|thought| is_foreign(thought, strict)), "reasoning");
    let items = request.turns.iter_mut().flat_map(|turn| &mut turn.items).filter(|_| strict);
    for item in items {
        if let Item::Reasoning(thought) = item
            && !thought.text.is_empty()
        {
            thought.text.clear();
            thought.extra.forget("content");
            losses.add("reasoning.text");
        }
    }
    (!losses.is_empty()).then_some(losses)
}

fn is_foreign(thought: &Reasoning, strict: bool) -> bool {
    let id = thought.id.as_deref().unwrap_or_default();
    let encrypted = thought.encrypted.as_deref().is_some_and(|data| !data.is_empty());
    is_made_up(id) || strict && !encrypted && (!id.starts_with("rs_") || !thought.text.is_empty())
}

/// The id of a call as the client is told it. What was said in this dialect stays.
pub(super) fn told_id(call: &ToolCall, reply: &Reply, told: &mut Told) -> String {
    let id = told.next(call, reply, longest);
    call.id.clone().filter(|_| call.extra.is_from(OWN)).unwrap_or(id)
}

fn write_output(items: &[Item], reply: &Reply, losses: &mut Losses) -> ArrayWriter {
    let mut output =
        Output { reply, losses, list: ArrayWriter::new(), items: 0, told: Told::default(), message: Vec::new() };
    for item in items {
        if item::message_of(item).is_some() || !matches!(item, Item::Text(_)) {
            output.end_message();
        }
        output.add(item);
    }
    output.end_message();
    output.list
}

/// The output that is being written.
struct Output<'a> {
    reply: &'a Reply,
    losses: &'a mut Losses,
    list: ArrayWriter,
    items: usize,
    told: Told,
    /// The parts of the message that more may be added to.
    message: Vec<&'a Item>,
}

impl<'a> Output<'a> {
    fn add(&mut self, item: &'a Item) {
        let status = Some("completed");
        match item {
            Item::Text(_) => self.message.push(item),
            Item::ToolCall(call) => {
                let custom = custom::is_called(call, Some(&self.reply.request), OWN);
                let id = self.next_id(if custom { "ctc" } else { "fc" });
                let called = told_id(call, self.reply, &mut self.told);
                let missing = Missing { id: Some(&id), status };
                let request = Some(&*self.reply.request);
                self.list.object(item::write_call(call, &called, (missing, request), self.losses));
            }
            Item::Reasoning(thoughts) => {
                let id = self.next_id("rs");
                let missing = Missing { id: Some(&id), status };
                self.list.object(item::write_thoughts(thoughts, missing, self.losses));
            }
            Item::ToolResult(result) if result.extra.is_from(OWN) => {
                let id = result.id.clone().unwrap_or_default();
                self.list.object(item::write_result(result, &id, self.losses));
            }
            Item::Opaque(kept) if kept.dialect == OWN => {
                // An event of a stream is no item of a whole answer, and what it told is in the items.
                if !kept.kind.starts_with("response.") {
                    self.list.raw(kept.raw.as_str());
                }
            }
            item => part::lose(item, self.losses),
        }
    }

    fn next_id(&mut self, prefix: &str) -> String {
        self.items += 1;
        made_id(prefix, self.reply, self.items - 1)
    }

    fn end_message(&mut self) {
        let parts = std::mem::take(&mut self.message);
        let Some(first) = parts.first() else { return };
        let id = self.next_id("msg");
        let mut out = ObjectWriter::new();
        out.array("content", part::write_all(parts.iter().copied(), Side::Answer, self.losses));
        let missing = Missing { id: Some(&id), status: Some("completed") };
        self.list.raw(&item::write_message(item::message_of(first), out, missing, self.losses));
    }
}
