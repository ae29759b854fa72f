//! Whether calls of a model are meant, and whether their arguments can be taken. Pure.

use base::{Code, Error, Result};
use conversation::answer::{Finish, Reason};
use conversation::request::ToolChoice;
use mcp::raw;
use serde_json::value::RawValue;

/// The deepest nesting of arguments.
const DEEPEST: usize = 256;

/// In which member arguments stand that are no object, in dialects where they must be one.
pub(super) const WRAPPED: &str = "arguments";

/// Whether a model that chooses so must call a tool.
pub(super) fn forces(choice: &ToolChoice) -> bool {
    matches!(choice, ToolChoice::Required | ToolChoice::Function(_) | ToolChoice::Allowed { required: true, .. })
}

/// Whether calls in an answer that ends so are whole, and meant.
pub(super) fn may_call(finish: Option<&Finish>) -> bool {
    !finish.is_some_and(|finish| {
        matches!(
            finish.reason,
            Reason::Length
                | Reason::ContextFull
                | Reason::ContentFilter
                | Reason::Refusal
                | Reason::MalformedCall
                | Reason::Failed
        )
    })
}

/// The arguments of a call as the hub takes them. `takes_text` says that a text under the name [`WRAPPED`] is what the tool wants,
/// and not what a model wrote in place of an object.
pub(super) fn arguments(written: &str, takes_text: bool) -> Result<String> {
    let written = if written.trim().is_empty() { "{}" } else { written.trim() };
    let is_valid = !raw::deeper_than(written, DEEPEST) && serde_json::from_str::<&RawValue>(written).is_ok();
    if is_valid && raw::is_object(written) && (takes_text || !is_wrapped(written)) {
        return Ok(written.to_owned());
    }
    let next = "call the tool again with a JSON object that keeps to its schema";
    Err(Error::new(Code::InvalidParams, "the arguments of the call are no JSON object", next))
}

/// Whether an object holds nothing but a text that is no object itself.
fn is_wrapped(object: &str) -> bool {
    let mut members = raw::members(object);
    let (Some(only), None) = (members.next(), members.next()) else { return false };
    let is_object = |text: &str| serde_json::from_str::<&RawValue>(text).is_ok() && raw::is_object(text);
    only.is(WRAPPED) && raw::text(only.value).is_some_and(|text| !is_object(text.trim()))
}
