//! Thoughts that a server of OpenAI's dialect tells in several pieces, as one.

use conversation::answer::Answer;
use conversation::dialect::Dialect;
use conversation::item::{Item, Reasoning};
use std::borrow::Cow;

/// The answer with pieces of the same thoughts put together, for any dialect but their own: there a signature belongs to all
/// of them. Pieces have the same `index` in `reasoning_details` (OpenRouter), and only the last of them is signed.
pub(super) fn joined(answer: &Answer, target: Dialect) -> Cow<'_, Answer> {
    let splits = answer
        .items
        .windows(2)
        .any(|pair| matches!(pair, [Item::Reasoning(one), Item::Reasoning(next)] if goes_on(one, next)));
    if target == Dialect::OpenAiChat || !splits {
        return Cow::Borrowed(answer);
    }
    let mut items: Vec<Item> = Vec::with_capacity(answer.items.len());
    for item in &answer.items {
        match (items.last_mut(), item) {
            (Some(Item::Reasoning(open)), Item::Reasoning(next)) if goes_on(open, next) => add(open, next),
            _ => items.push(item.clone()),
        }
    }
    Cow::Owned(Answer { items, ..answer.clone() })
}

fn goes_on(one: &Reasoning, next: &Reasoning) -> bool {
    let index = |thought: &Reasoning| thought.extra.get("index").map(|index| index.as_str().to_owned());
    let is_detail = |thought: &Reasoning| thought.extra.is_from(Dialect::OpenAiChat) && thought.encrypted.is_none();
    let alike = one.summary.is_empty() == next.summary.is_empty();
    is_detail(one)
        && is_detail(next)
        && alike
        && one.signature.is_none()
        && index(one).is_some()
        && index(one) == index(next)
}

fn add(open: &mut Reasoning, next: &Reasoning) {
    open.text.push_str(&next.text);
    if let Some(summary) = open.summary.last_mut() {
        next.summary.iter().for_each(|piece| summary.push_str(piece));
    }
    open.signature.clone_from(&next.signature);
    open.id = open.id.take().or_else(|| next.id.clone());
    open.extra.merge(next.extra.clone());
}

#[cfg(test)]
mod tests;
