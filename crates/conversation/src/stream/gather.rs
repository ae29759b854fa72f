//! Events put together, and taken apart.

use super::{Delta, Event};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::item::{Item, Opaque};
use std::collections::HashMap;

/// Puts the events of a stream together into the answer that they are.
///
/// What it keeps is as large as what comes; whoever feeds it sets the limit.
#[derive(Debug, Default)]
pub struct Gather {
    answer: Answer,
    /// Where in the answer the item of each number stands.
    places: HashMap<usize, usize>,
    failure: Option<Failure>,
    complete: bool,
}

impl Gather {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event.
    pub fn push(&mut self, event: Event) {
        match event {
            Event::Start { id, model, created, extra } => {
                let answer = &mut self.answer;
                (answer.id, answer.model, answer.created, answer.extra) = (id, model, created, extra);
            }
            Event::ItemStart { index, item } => {
                self.places.insert(index, self.answer.items.len());
                self.answer.items.push(item);
            }
            Event::Delta { index, delta } => {
                let place = self.places.get(&index);
                if let Some(item) = place.and_then(|&place| self.answer.items.get_mut(place)) {
                    item.apply(delta);
                }
            }
            Event::ItemEnd { .. } => {}
            Event::Usage(usage) => self.answer.usage.get_or_insert_default().update(usage),
            Event::Finish(finish) => self.answer.finish = Some(finish),
            Event::Extra(extra) => self.answer.extra.merge(extra),
            Event::Opaque(opaque) => self.answer.items.push(Item::Opaque(opaque)),
            Event::Error(failure) => self.failure = Some(failure),
            Event::End => self.complete = true,
        }
    }

    /// Whether the stream said that it is complete.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The error that the stream ended with.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// What came together so far.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// What came together.
    pub fn into_answer(self) -> Answer {
        self.answer
    }
}

/// The events of which [`Gather`] makes `answer`: each item in one piece.
pub fn replay(answer: &Answer) -> Vec<Event> {
    let start = Event::Start {
        id: answer.id.clone(),
        model: answer.model.clone(),
        created: answer.created.clone(),
        extra: answer.extra.clone(),
    };
    let items = answer.items.iter().enumerate().flat_map(|(index, item)| {
        let (item, deltas) = take_apart(item.clone());
        let deltas = deltas.into_iter().map(move |delta| Event::Delta { index, delta });
        [Event::ItemStart { index, item }].into_iter().chain(deltas).chain([Event::ItemEnd { index }])
    });
    let usage = answer.usage.clone().map(Event::Usage);
    let finish = answer.finish.clone().map(Event::Finish);
    [start].into_iter().chain(items).chain(finish).chain(usage).chain([Event::End]).collect()
}

/// The item as it begins in a stream, and what is then added.
fn take_apart(mut item: Item) -> (Item, Vec<Delta>) {
    let mut deltas = Vec::new();
    match &mut item {
        Item::Text(text) => take_text(&mut text.text, &mut deltas, Delta::Text),
        Item::Reasoning(reasoning) => {
            let summary = std::mem::take(&mut reasoning.summary);
            let parts = summary.into_iter().enumerate().map(|(part, text)| Delta::Summary { part, text });
            deltas.extend(parts);
            take_text(&mut reasoning.text, &mut deltas, Delta::Reasoning);
            deltas.extend(reasoning.signature.take().map(Delta::Signature));
            deltas.extend(reasoning.encrypted.take().map(Delta::Encrypted));
        }
        Item::ToolCall(call) => take_text(&mut call.arguments, &mut deltas, Delta::Arguments),
        Item::ToolResult(_) | Item::Media(_) | Item::CacheBreakpoint(_) | Item::Opaque(Opaque { .. }) => {}
    }
    (item, deltas)
}

fn take_text(text: &mut String, deltas: &mut Vec<Delta>, delta: fn(String) -> Delta) {
    if !text.is_empty() {
        deltas.push(delta(std::mem::take(text)));
    }
}
