//! Writing what messages of the model hold, in requests and in answers.

use super::notes::{CONTENT, IMAGES, PLACE, REFUSAL};
use super::{OWN, content, media, reasoning, tool_call};
use conversation::extra::Extra;
use conversation::item::{Item, Media, MediaKind, Text, ToolCall};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;

/// A message of the model.
pub(super) struct Body<'a> {
    /// What it holds.
    pub(super) items: Vec<&'a Item>,
    /// What else was said of it.
    pub(super) extra: &'a Extra,
    /// Whether it came in this dialect.
    pub(super) own: bool,
    /// Whether it is an answer, and not part of a request.
    pub(super) answer: bool,
}

/// Text behind a call, or thoughts behind anything else, come before it here.
fn lose_order(items: &[&Item], losses: &mut Losses) {
    let rank = |item: &&Item| match item {
        Item::Reasoning(_) => 0,
        Item::ToolCall(_) => 2,
        _ => 1,
    };
    let said = items.iter().filter(|item| !matches!(item, Item::CacheBreakpoint(_)));
    losses.add_if(!said.is_sorted_by_key(rank), "message.order");
}

impl Body<'_> {
    /// Writes all but the role and what is unknown. `id` gives the id of a call.
    pub(super) fn write(&self, id: &mut dyn FnMut(&ToolCall) -> String, out: &mut ObjectWriter, losses: &mut Losses) {
        let (mut thoughts, mut said, mut refused, mut images) = (vec![], vec![], vec![], vec![]);
        let (mut calls, mut old) = (ArrayWriter::new(), None);
        for item in &self.items {
            match item {
                item if reasoning::is_thought(item) => thoughts.push(*item),
                Item::Text(text) if is_member(text) => refused.push(text),
                Item::Media(media) if media.extra.noted(OWN, PLACE) == Some(IMAGES) => images.push(media),
                Item::ToolCall(call) if call.extra.noted(OWN, PLACE) == Some(tool_call::OLD_PLACE) => {
                    old = Some(call);
                }
                Item::ToolCall(call) => {
                    let id = id(call);
                    calls.object(tool_call::write(call, &id, None, losses));
                }
                Item::Opaque(opaque) if opaque.dialect == OWN && opaque.kind.starts_with("tool_calls.") => {
                    calls.raw(opaque.raw.as_str());
                }
                item => said.push(*item),
            }
        }
        if self.own {
            content::write(&said, self.extra.noted(OWN, CONTENT), out, losses);
        } else {
            lose_order(&self.items, losses);
            images.extend(content::write_joined(&said, out, losses));
        }
        reasoning::write(&thoughts, self.answer, out, losses);
        self.write_images(&images, out, losses);
        for text in refused {
            losses.add_if(text.signature.is_some(), "text.signature");
            text.extra.lose("text", losses);
            out.text("refusal", &text.text);
        }
        if !calls.is_empty() {
            out.array("tool_calls", calls);
        }
        if let Some(call) = old {
            out.object("function_call", tool_call::write_function(call, Some(&call.extra), losses));
        }
        for member in reasoning::MEMBERS.into_iter().chain([reasoning::DETAILS, IMAGES, "tool_calls"]) {
            if let Some(raw) = self.extra.noted(OWN, member) {
                out.raw(member, raw);
            }
        }
    }

    fn write_images(&self, images: &[&Media], out: &mut ObjectWriter, losses: &mut Losses) {
        let mut parts = ArrayWriter::new();
        for image in images {
            if self.own || (self.answer && image.kind == MediaKind::Image) {
                media::write(image, losses).into_iter().for_each(|part| {
                    parts.object(part);
                });
            } else {
                losses.add(&format!("media.{}", image.kind.name()));
            }
        }
        if !parts.is_empty() {
            out.array(IMAGES, parts);
        }
    }
}

/// Whether a refusal is a member of its message: always, but where it came as a part.
fn is_member(text: &Text) -> bool {
    text.refusal && (!text.extra.is_from(OWN) || text.extra.noted(OWN, PLACE) == Some(REFUSAL))
}
