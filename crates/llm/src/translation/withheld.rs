//! A stream without what is signed in it, for clients that would send that to others than those who made it.

use conversation::delta::Delta;
use conversation::item::{Item, Reasoning};
use conversation::stream::Event;

/// How this is named where it is lost, because it is not kept either.
pub(super) const PATH: &str = "reasoning.signature";

/// What was held back so far.
#[derive(Debug, Default)]
pub(super) struct Withheld {
    /// Thoughts that nobody could read, which are not told at all.
    hidden: Vec<usize>,
    any: bool,
}

impl Withheld {
    /// Whether there was anything.
    pub(super) fn has_any(&self) -> bool {
        self.any
    }

    /// An event as the client gets it, if it does.
    pub(super) fn pass(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::ItemStart { index, item } => {
                let item = self.item(item);
                if item.is_none() {
                    self.hidden.push(index);
                }
                item.map(|item| Event::ItemStart { index, item })
            }
            Event::Delta { delta: Delta::Signature(_) | Delta::Encrypted(_), .. } => {
                self.any = true;
                None
            }
            Event::Delta { index, .. } | Event::ItemEnd { index } if self.hidden.contains(&index) => None,
            event => Some(event),
        }
    }

    fn item(&mut self, mut item: Item) -> Option<Item> {
        let begun = matches!(&item, Item::Reasoning(thought) if thought.encrypted.is_some() && !says(thought));
        let signature = match &mut item {
            Item::Text(text) => text.signature.take(),
            Item::ToolCall(call) => call.signature.take(),
            Item::Reasoning(thought) => {
                let (signature, encrypted) = (thought.signature.take(), thought.encrypted.take());
                signature.or(encrypted)
            }
            _ => None,
        };
        self.any |= signature.is_some();
        (!begun).then_some(item)
    }
}

fn says(thought: &Reasoning) -> bool {
    !thought.text.is_empty() || !thought.summary.is_empty()
}

#[cfg(test)]
mod tests;
