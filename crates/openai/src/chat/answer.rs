//! Whole answers.

use super::body::Body;
use super::{OWN, finish, message, usage};
use conversation::answer::{Answer, Reply};
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::ids;
use conversation::item::{Item, Opaque, ToolCall};
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::{Losses, Written};
use conversation::object::Object;

/// What `role` and `object` say in an answer.
const ROLE: &str = "\"assistant\"";
const OBJECT: &str = "\"chat.completion\"";

/// Reads a whole answer.
///
/// # Errors
/// The body is not what the dialect says.
pub fn read_answer(body: &str) -> Result<Answer, Fault> {
    let mut object = Object::read_leniently(body)?;
    let choices = object.array("choices")?.ok_or_else(|| Fault::new("is no list").inside("choices"))?;
    let mut answer = Answer {
        id: object.text("id")?,
        model: object.text("model")?,
        created: object.number("created")?,
        ..Answer::default()
    };
    let mut notes = Extra::new(OWN);
    notes.note_fixed("object", object.fixed("object", OBJECT));
    let mut rest = choices.iter();
    match rest.next() {
        Some(choice) => read_choice(object.read_like(choice)?, &mut answer, &mut notes).within_element("choices", 0)?,
        None => notes.note("choices", "[]"),
    }
    let others = rest.map(|choice| Item::Opaque(Opaque::new(OWN, "choices", Raw::of_valid(choice))));
    answer.items.extend(others);
    answer.usage = object.raw("usage").map(usage::read).transpose().within("usage")?;
    answer.extra = object.rest(OWN);
    answer.extra.merge(notes);
    Ok(answer)
}

fn read_choice(mut choice: Object<'_>, answer: &mut Answer, notes: &mut Extra) -> Result<(), Fault> {
    let index = choice.fixed("index", "0");
    if let Some(mut message) = choice.object("message")? {
        let role = message.fixed("role", ROLE);
        let (items, mut extra) = message::read_body(message, true).within("message")?;
        answer.items = items;
        extra.note_fixed("role", role);
        notes.keep_inner("message", extra);
    } else {
        notes.note("message", "absent");
    }
    let refused = answer.items.iter().any(|item| matches!(item, Item::Text(text) if text.refusal));
    answer.finish = choice.text("finish_reason")?.map(|word| finish::read(word, refused));
    let mut extra = choice.rest(OWN);
    extra.note_fixed("index", index);
    notes.keep_inner("choice", extra);
    Ok(())
}

/// Writes a whole answer.
pub fn write_answer(answer: &Answer, reply: &Reply) -> Written {
    let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
    let own = answer.extra.is_from(OWN);
    let noted = |name: &str| answer.extra.noted(OWN, name);
    if own {
        out.text_if("id", answer.id.as_deref());
    } else {
        out.text("id", &answer.id.clone().unwrap_or_else(|| format!("chatcmpl-{}", reply.id)));
    }
    answer.extra.write_fixed(OWN, "object", OBJECT, &mut out);
    match &answer.created {
        None if !own => out.whole("created", reply.created),
        created => out.number_if("created", created.as_ref()),
    };
    let asked = (!own).then_some(reply.request.model.as_str());
    out.text_if("model", answer.model.as_deref().or(asked));
    let mut choices = ArrayWriter::new();
    let mut items: Vec<&Item> = Vec::with_capacity(answer.items.len());
    let mut others = Vec::new();
    for item in &answer.items {
        match item {
            Item::Opaque(opaque) if opaque.dialect == OWN && opaque.kind == "choices" => {
                others.push(opaque.raw.as_str());
            }
            item => items.push(item),
        }
    }
    if noted("choices") != Some("[]") {
        choices.object(write_choice(answer, items, reply, &mut losses));
    }
    others.into_iter().for_each(|raw| {
        choices.raw(raw);
    });
    out.array("choices", choices);
    if let Some(usage) = &answer.usage {
        out.raw("usage", &usage::write(usage, &mut losses));
    }
    answer.extra.write_shared(OWN, (Dialect::OpenAiResponses, &["service_tier"]), "answer", &mut out, &mut losses);
    Written { body: out.finish(), losses }
}

fn write_choice(answer: &Answer, items: Vec<&Item>, reply: &Reply, losses: &mut Losses) -> ObjectWriter {
    let noted = |name: &str| answer.extra.noted(OWN, name);
    let nothing = Extra::default();
    let mut choice = ObjectWriter::new();
    let of_choice = answer.extra.inner(OWN, "choice").unwrap_or(&nothing);
    of_choice.write_fixed(OWN, "index", "0", &mut choice);
    let mut message = ObjectWriter::new();
    let extra = answer.extra.inner(OWN, "message").unwrap_or(&nothing);
    extra.write_fixed(OWN, "role", ROLE, &mut message);
    let mut number = 0;
    let mut id = |call: &ToolCall| {
        number += 1;
        call.id.clone().unwrap_or_else(|| ids::derived(&reply.id, number - 1))
    };
    let own = answer.extra.is_from(OWN);
    Body { items, extra, own, answer: true }.write(&mut id, &mut message, losses);
    extra.write(OWN, "answer.message", &mut message, losses);
    if !own {
        message.raw("refusal", "null");
    }
    if noted("message") != Some("absent") {
        choice.object("message", message);
    }
    if let Some(finish) = &answer.finish {
        losses.add_if(finish.sequence.is_some(), "finish.sequence");
        choice.text("finish_reason", finish::write(finish, losses));
    } else if !own {
        choice.raw("finish_reason", "null");
    }
    of_choice.write(OWN, "answer.choice", &mut choice, losses);
    choice
}
