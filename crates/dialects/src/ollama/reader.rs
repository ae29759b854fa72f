//! A stream as it is read.

use super::answer::{read_finish, read_moment, read_role, read_usage};
use super::message::{OWN, read_items};
use conversation::delta::Delta;
use conversation::extra::Extra;
use conversation::failure::{Failure, FailureKind};
use conversation::fault::Fault;
use conversation::item::{Item, Reasoning, Text};
use conversation::object::Object;
use conversation::stream::Event;

/// Reads a stream: a line for each piece.
#[derive(Debug, Default)]
pub struct Reader {
    begun: bool,
    /// Nothing more counts: the last line or an error was there.
    over: bool,
    /// How many items have begun.
    items: usize,
    /// What the last item is, while it goes on.
    open: Option<Kind>,
    called: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
}

impl Reader {
    pub(crate) fn feed(&mut self, _name: Option<&str>, data: &str) -> Result<Vec<Event>, Fault> {
        if self.over || matches!(data.trim(), "" | "[DONE]") {
            return Ok(Vec::new());
        }
        let mut object = Object::read_leniently(data)?;
        let mut events = Vec::new();
        if let Some(error) = object.text("error")? {
            self.over = true;
            return Ok(vec![Event::Error(Failure::new(FailureKind::Internal, error))]);
        }
        let (model, mut notes) = (object.text("model")?, Extra::new(OWN));
        let begins = !std::mem::replace(&mut self.begun, true);
        let created = read_moment(&mut object, &mut notes);
        if !begins {
            notes = Extra::new(OWN);
        }
        let mut items = Vec::new();
        if let Some(mut message) = object.object("message")? {
            read_role(&mut message, &mut Extra::new(OWN));
            items = read_items(&mut message, &mut Extra::new(OWN))?;
            notes.keep_inner("message", message.rest(OWN));
        }
        self.called |= items.iter().any(|item| matches!(item, Item::ToolCall(_)));
        let done = object.flag("done")?.unwrap_or_default();
        let (finish, usage) = if done {
            let calls = [Item::ToolCall(conversation::item::ToolCall::default())];
            let finish = read_finish(&mut object, if self.called { &calls } else { &[] })?;
            (Some(finish), read_usage(&mut object)?)
        } else {
            (None, None)
        };
        notes.merge(object.rest(OWN));
        // What stands beside a piece comes before it, so that both can be put into one line again.
        match begins {
            true => events.push(Event::Start { id: None, model, created, extra: notes }),
            false if !notes.is_empty() => events.push(Event::Extra(notes)),
            false => {}
        }
        items.into_iter().for_each(|item| self.piece(item, &mut events));
        if let Some(finish) = finish {
            self.close(&mut events);
            self.over = true;
            events.extend(usage.map(Event::Usage));
            events.extend([Event::Finish(finish), Event::End]);
        }
        Ok(events)
    }

    /// A piece of the item that goes on, if it is of its kind, and otherwise of a new one.
    fn piece(&mut self, item: Item, events: &mut Vec<Event>) {
        match item {
            Item::Text(Text { text, .. }) => {
                self.proceed(Kind::Text, Item::text(""), events);
                events.push(Event::Delta { index: self.items - 1, delta: Delta::Text(text) });
            }
            Item::Reasoning(Reasoning { text, .. }) => {
                self.proceed(Kind::Reasoning, Item::Reasoning(Reasoning::default()), events);
                events.push(Event::Delta { index: self.items - 1, delta: Delta::Reasoning(text) });
            }
            Item::ToolCall(mut call) => {
                self.close(events);
                let (index, arguments) = (self.items, std::mem::take(&mut call.arguments));
                events.push(Event::ItemStart { index, item: Item::ToolCall(call) });
                if !arguments.is_empty() {
                    events.push(Event::Delta { index, delta: Delta::Arguments(arguments) });
                }
                events.push(Event::ItemEnd { index });
                self.items += 1;
            }
            item => {
                self.close(events);
                events.extend([Event::ItemStart { index: self.items, item }, Event::ItemEnd { index: self.items }]);
                self.items += 1;
            }
        }
    }

    fn proceed(&mut self, kind: Kind, item: Item, events: &mut Vec<Event>) {
        if self.open != Some(kind) {
            self.close(events);
            events.push(Event::ItemStart { index: self.items, item });
            self.open = Some(kind);
            self.items += 1;
        }
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        if self.open.take().is_some() {
            events.push(Event::ItemEnd { index: self.items - 1 });
        }
    }

    pub(crate) fn finish(&mut self) -> Result<Vec<Event>, Fault> {
        if self.over { Ok(Vec::new()) } else { Err(Fault::new("ends before the line that says that it is done")) }
    }
}
