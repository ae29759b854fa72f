//! Breakpoints of the provider's cache as OpenAI has them: a member of a part, the same in chat completions and in Responses.
//!
//! What they may stand on, and how many there may be, is as the guide to prompt caching tells it
//! (<https://developers.openai.com/api/docs/guides/prompt-caching>).

use crate::model::Model;
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::item::{CacheBreakpoint, Item};
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::request::{Request, Role};
use std::borrow::Cow;

/// The member of a part that says it, and the note of how.
pub(crate) const NAME: &str = "prompt_cache_breakpoint";
/// The only one that there is.
const EXPLICIT: &str = r#"{"mode":"explicit"}"#;
/// The most that are made of those of other dialects. OpenAI writes four, and puts one of them at the newest message by itself,
/// so that what is left out behind the first is mostly kept all the same.
const MOST: usize = 3;

/// A breakpoint that was read in `dialect`, where it is `raw`.
pub(crate) fn read(dialect: Dialect, raw: &str) -> CacheBreakpoint {
    let mut extra = Extra::new(dialect);
    extra.note(NAME, raw);
    // Half an hour and twelve hours are said as one hour elsewhere: the longest that others know.
    let timed = Object::read_leniently(raw).is_ok_and(|point| point.peek("ttl").is_some());
    CacheBreakpoint { ttl: timed.then(|| "1h".to_owned()), extra }
}

/// The request with breakpoints as `dialect` says them, where OpenAI's names tell that the model takes any: only from gpt-5.6 on they do.
/// Others cache without, and servers that are like OpenAI's may refuse what they do not know. What stays as it was has no place.
pub(crate) fn taken<'a>(request: &'a Request, dialect: Dialect, losses: &mut Losses) -> Cow<'a, Request> {
    let is_other = |item: &Item| match item {
        Item::CacheBreakpoint(point) => !point.extra.is_from(dialect),
        Item::ToolResult(result) => result.content.iter().any(|item| is_of_other(item, dialect)),
        item => is_of_other(item, dialect),
    };
    let takes = Model::of(&request.model).is_some_and(Model::takes_breakpoints);
    if !takes || !request.turns.iter().flat_map(|turn| &turn.items).any(is_other) {
        return Cow::Borrowed(request);
    }
    let mut request = request.clone();
    let mut told = Told { dialect, room: MOST, losses };
    // What the model said is no part of the input that could be marked.
    for turn in request.turns.iter_mut().filter(|turn| turn.role != Role::Assistant) {
        told.tell(&mut turn.items);
    }
    Cow::Owned(request)
}

fn is_of_other(item: &Item, dialect: Dialect) -> bool {
    matches!(item, Item::CacheBreakpoint(point) if !point.extra.is_from(dialect))
}

struct Told<'a> {
    dialect: Dialect,
    room: usize,
    losses: &'a mut Losses,
}

impl Told<'_> {
    /// Tells those that stand behind a part.
    fn tell(&mut self, items: &mut [Item]) {
        let mut behind_part = false;
        for item in items {
            match item {
                Item::ToolResult(result) => self.tell(&mut result.content),
                Item::CacheBreakpoint(point) if behind_part => self.tell_one(point),
                _ => {}
            }
            behind_part = matches!(item, Item::Text(_) | Item::Media(_));
        }
    }

    fn tell_one(&mut self, point: &mut CacheBreakpoint) {
        let from = point.extra.dialect();
        let own = [Dialect::OpenAiChat, Dialect::OpenAiResponses]
            .into_iter()
            .filter(|dialect| *dialect != self.dialect)
            .find_map(|dialect| point.extra.noted(dialect, NAME));
        if let Some(raw) = own {
            *point = read(self.dialect, raw);
        } else if from != Some(self.dialect) && self.room > 0 {
            self.room -= 1;
            // Each is kept for half an hour at least.
            self.losses.add_if(point.ttl.as_deref().is_some_and(|ttl| ttl != "5m"), "cache_breakpoint.ttl");
            point.extra.lose("cache_breakpoint", self.losses);
            *point = read(self.dialect, EXPLICIT);
        }
    }
}

#[cfg(test)]
mod tests;
