//! Ids of responses of several rounds: a stream begins with that of the first round and ends with that of the last, which holds all of them at
//! the provider. Clients that keep what they read first are led to the last for a while.

use super::{LEAST, Past, place};
use base::clock;
use conversation::item::Item;
use conversation::json::write::quote;
use conversation::request::{Role, Turn};
use llm::Endpoint;
use llm::request::Asked;
use mcp::raw;
use std::sync::PoisonError;

/// The member that says which response is gone on from.
const BEFORE: &str = "previous_response_id";

impl Past {
    /// Keeps that the response of which a client of `owner` was told the id `told` first is `last` at its provider.
    pub(crate) fn rename(&self, owner: &str, told: &str, last: &str) {
        let turn = Turn::new(Role::Assistant, vec![Item::text(last)]);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.put(place::of_response(owner, told), Some([turn].into()), LEAST + last.len(), clock::now());
    }

    /// The request as its provider knows what it goes on from; none where that needs no change.
    pub fn renamed(&self, owner: &str, asked: &Asked) -> Option<Asked> {
        if !matches!(asked.endpoint, Endpoint::Responses | Endpoint::InputTokens) {
            return None;
        }
        let said = asked.get(BEFORE)?;
        let key = place::of_response(owner, &raw::text(said)?);
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).turns(&key)?;
        let Some(Item::Text(last)) = found.first().and_then(|turn| turn.items.first()) else { return None };
        let mut splice = raw::Splice::new(asked.text());
        splice.replace(said, quote(&last.text));
        let again = Asked::read(asked.endpoint, None, splice.finish().into_owned().into()).ok()?;
        Some(again.choosing_as(asked))
    }
}
