//! What Claude refuses, at Anthropic and at Bedrock, and what Bedrock refuses of all.

use crate::anthropic::version;
use conversation::dialect::Dialect;
use conversation::item::Item;
use conversation::json::Number;
use conversation::loss::Losses;
use conversation::request::{Request, Role, Turn};

/// The most tokens that models of the third generation write.
const MOST_OF_3: u64 = 4096;

/// Whether the model can be asked to think: from 3.7 on.
pub(super) fn may_think(model: &str) -> bool {
    version(model).is_none_or(|version| version >= (3, 7))
}

/// Leaves out how tokens are chosen, which models from 4.7 on refuse to be told, and asks the oldest for no more tokens than
/// they write.
pub(super) fn fit(dialect: Dialect, request: &mut Request, losses: &mut Losses) {
    if dialect == Dialect::Bedrock {
        begin_with_user(request, losses);
    }
    let Some(version) = version(&request.model) else { return };
    if version >= (4, 6) {
        end_with_user(request, losses);
    }
    if version >= (4, 7) {
        drop_sampling(request, losses);
    }
    if version < (3, 5) && dialect == Dialect::Anthropic {
        request.max_tokens.get_or_insert(Number::from(MOST_OF_3));
    }
}

fn drop_sampling(request: &mut Request, losses: &mut Losses) {
    let sampling = &mut request.sampling;
    super::drop_usual(&mut sampling.temperature, "temperature", losses);
    super::drop_usual(&mut sampling.top_p, "top_p", losses);
    losses.add_if(sampling.top_k.take().is_some(), "top_k");
}

/// Lets the user begin: Bedrock refuses a conversation that the model begins.
fn begin_with_user(request: &mut Request, losses: &mut Losses) {
    let first = request.turns.iter().position(|turn| !turn.role.instructs());
    let Some(place) = first else { return };
    let speaks = |turn: &Turn| turn.items.iter().any(|item| matches!(item, Item::Text(_) | Item::ToolCall(_)));
    if request.turns.get(place).is_some_and(|turn| turn.role == Role::Assistant && speaks(turn)) {
        losses.add("message.order");
        request.turns.insert(place, Turn::new(Role::User, vec![Item::text("Hello.")]));
    }
}

/// Lets the user speak last: models from 4.6 on refuse to go on with what they are told that they said.
fn end_with_user(request: &mut Request, losses: &mut Losses) {
    let last = request.turns.iter().rev().find(|turn| !turn.role.instructs());
    let calls = |turn: &Turn| turn.items.iter().any(|item| matches!(item, Item::ToolCall(_)));
    if last.is_some_and(|turn| turn.role == Role::Assistant && !calls(turn)) {
        losses.add("message.order");
        request.turns.push(Turn::new(Role::User, vec![Item::text("Go on.")]));
    }
}
