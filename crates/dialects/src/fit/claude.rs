//! What Claude refuses, at Anthropic and at Bedrock, and what Bedrock refuses of all.

use crate::anthropic::version;
use crate::schema::{Place, held};
use conversation::dialect::Dialect;
use conversation::item::Item;
use conversation::json::{Number, Raw};
use conversation::loss::Losses;
use conversation::request::{Format, Request, Role, Tool, Turn};

/// The most tokens that models of the third generation write.
const MOST_OF_3: u64 = 4096;
/// The most strict tools of a request, and the most members that may be left out of what they and the answer are held to
/// (platform.claude.com/docs, "Structured outputs": `The compiled grammar is too large`).
const MOST_STRICT: usize = 20;
const MOST_OPTIONAL: usize = 24;

/// Whether the model can be asked to think: from 3.7 on.
pub(super) fn may_think(model: &str) -> bool {
    version(model).is_none_or(|version| version >= (3, 7))
}

/// Holds it only to schemas to which it can be held, lets the user speak last, leaves out how tokens are chosen where models refuse
/// to be told, and asks the oldest for no more tokens than they write.
pub(super) fn fit(dialect: Dialect, request: &mut Request, losses: &mut Losses) {
    if dialect == Dialect::Bedrock {
        begin_with_user(request, losses);
    }
    fit_strictness(request, losses);
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

/// Takes the strictness from what Claude cannot be held to: a schema that it refuses, or that would mean something else when its
/// objects are closed, and what is more than it takes in one request, where the first count.
fn fit_strictness(request: &mut Request, losses: &mut Losses) {
    let is_claude = version(&request.model).is_some();
    let (mut strict, mut optional) = (0, 0);
    let mut is_held = |schema: Option<&Raw>, place| {
        let more = schema.map_or(Some(0), |schema| held(schema.as_str(), place))?;
        let counts = strict + usize::from(place == Place::Tool);
        let fits = !is_claude || (counts <= MOST_STRICT && optional + more <= MOST_OPTIONAL);
        fits.then(|| (strict, optional) = (counts, optional + more))
    };
    let told = matches!(&request.format, Some(Format::JsonSchema(form)) if is_held(form.schema.as_ref(), Place::Answer).is_none());
    for (number, tool) in request.tools.iter_mut().enumerate() {
        if let Tool::Function(function) = tool
            && function.strict == Some(true)
            && is_held(function.parameters.as_ref(), Place::Tool).is_none()
        {
            losses.add(&format!("tools[{number}].strict"));
            function.strict = None;
        }
    }
    if told {
        super::tell_format(request, losses);
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

#[cfg(test)]
mod tests;
