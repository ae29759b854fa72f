//! Items that overlap, put one behind the other.

use super::Event;
use std::collections::{HashMap, VecDeque};

/// Puts items that overlap one behind the other, for dialects in which an item must be whole before the next begins:
/// the first that is open goes on as it comes, the events of the others wait until it ends.
///
/// What waits is as large as what comes; whoever feeds it sets the limit.
#[derive(Debug, Default)]
pub struct Order {
    open: Option<usize>,
    /// The items that wait, in the order in which they began.
    queue: VecDeque<usize>,
    waiting: HashMap<usize, Vec<Event>>,
}

impl Order {
    /// Nothing open.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event, and gives those that can go on.
    pub fn push(&mut self, event: Event) -> Vec<Event> {
        let index = match &event {
            Event::ItemStart { index, .. } | Event::Delta { index, .. } | Event::ItemEnd { index } => *index,
            Event::End => {
                let mut events = self.flush();
                events.push(event);
                return events;
            }
            _ => return vec![event],
        };
        if self.open.is_none() && matches!(event, Event::ItemStart { .. }) {
            self.open = Some(index);
            return vec![event];
        }
        if self.open != Some(index) {
            if matches!(event, Event::ItemStart { .. }) {
                self.queue.push_back(index);
                self.waiting.insert(index, vec![event]);
            } else if let Some(events) = self.waiting.get_mut(&index) {
                events.push(event);
            }
            return Vec::new();
        }
        let mut events = vec![event];
        while matches!(events.last(), Some(Event::ItemEnd { .. })) {
            self.open = self.queue.pop_front();
            let Some(next) = self.open.and_then(|next| self.waiting.remove(&next)) else { break };
            events.extend(next);
        }
        events
    }

    /// All that waits, each item ended: the stream is over.
    fn flush(&mut self) -> Vec<Event> {
        let mut events: Vec<Event> = self.open.take().map(|index| Event::ItemEnd { index }).into_iter().collect();
        while let Some(index) = self.queue.pop_front() {
            events.extend(self.waiting.remove(&index).unwrap_or_default());
            if !matches!(events.last(), Some(Event::ItemEnd { .. })) {
                events.push(Event::ItemEnd { index });
            }
        }
        events
    }
}

#[cfg(test)]
mod tests;
