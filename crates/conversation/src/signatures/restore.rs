//! Putting signatures back into a turn that a client sends again.

use super::{Mark, Signed, strip};
use crate::item::{Item, Text};
use std::collections::VecDeque;

impl Signed {
    /// Puts what was signed back into `items`, the same answer as a client sends it. What the client made of signatures and
    /// signed thoughts itself gives way to it. Where texts were joined or cut, they are parted as they were if they are as long
    /// as all of them; otherwise their signatures stay away, for a signature belongs to one part alone.
    pub fn put_back(&self, items: Vec<Item>) -> Vec<Item> {
        let mut items = items;
        strip(&mut items);
        if self.has_thoughts() {
            items.retain(|item| !matches!(item, Item::Reasoning(_)));
        }
        let fits = self.part_texts(&mut items);
        let mut left = VecDeque::from(items);
        let mut out = Vec::with_capacity(left.len() + self.marks.len());
        for mark in &self.marks {
            match mark {
                Mark::Thought(thought) => out.push(Item::Reasoning((**thought).clone())),
                Mark::Text { bytes: 0, signature } => {
                    let text = Text { signature: signature.clone(), ..Text::default() };
                    out.extend(signature.is_some().then_some(Item::Text(text)));
                }
                Mark::Text { signature, .. } => {
                    let found = next(&mut left, &mut out, |item| matches!(item, Item::Text(_)));
                    if let (Some(Item::Text(text)), true) = (found, fits) {
                        text.signature.clone_from(signature);
                    }
                }
                Mark::Call { signature } => {
                    let found = next(&mut left, &mut out, |item| matches!(item, Item::ToolCall(_)));
                    if let Some(Item::ToolCall(call)) = found {
                        call.signature.clone_from(signature);
                    }
                }
            }
        }
        out.extend(left);
        out
    }

    /// Cuts texts where the answer's own began and ended. Says whether they are those of the answer.
    fn part_texts(&self, items: &mut Vec<Item>) -> bool {
        let length = |mark: &Mark| match mark {
            Mark::Text { bytes, .. } => Some(*bytes).filter(|bytes| *bytes > 0),
            _ => None,
        };
        let lengths: Vec<usize> = self.marks.iter().filter_map(length).collect();
        let said = |item: &Item| if let Item::Text(text) = item { Some(text.text.len()) } else { None };
        let told: Vec<usize> = items.iter().filter_map(said).filter(|bytes| *bytes > 0).collect();
        if lengths == told {
            return true;
        }
        if lengths.iter().sum::<usize>() != told.iter().sum::<usize>() || told.len() > lengths.len() {
            return false;
        }
        let mut lengths = lengths.into_iter();
        let mut parted = Vec::with_capacity(items.len());
        for item in items.iter() {
            let Item::Text(text) = item else {
                parted.push(item.clone());
                continue;
            };
            let mut rest = text.text.as_str();
            while !rest.is_empty() {
                let Some((part, behind)) = lengths.next().and_then(|bytes| rest.split_at_checked(bytes)) else {
                    return false;
                };
                parted.push(Item::Text(Text { text: part.to_owned(), ..text.clone() }));
                rest = behind;
            }
        }
        *items = parted;
        true
    }
}

/// The next item of a kind, moved to `out` with what stands before it. A text is not looked for behind a call.
fn next<'a>(left: &mut VecDeque<Item>, out: &'a mut Vec<Item>, wanted: impl Fn(&Item) -> bool) -> Option<&'a mut Item> {
    let place = left.iter().position(|item| wanted(item) || matches!(item, Item::ToolCall(_)))?;
    if !left.get(place).is_some_and(&wanted) {
        return None;
    }
    out.extend(left.drain(..=place));
    out.last_mut()
}
