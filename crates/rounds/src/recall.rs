//! The tool by which a model gets back what of its talk was left out. Pure.

use base::ports::KeptTurn;
use base::{Code, Error, Result, json};
use conversation::Raw;
use conversation::request::Function;

/// What it is called, where no other tool is called so.
pub(super) const NAME: &str = "recall";

/// What a model is told that it does.
const ABOUT: &str = "Gives back a part of this conversation that was left out to save space, as it was. What is left out is \
named by notes: a result of a tool by its handle, all else by the number of its turn. Give one of both.";

/// Its arguments.
const ARGUMENTS: &str = r#"{"type":"object","properties":{"handle":{"type":"string","description":"the handle that a note names"},"turn":{"type":"integer","description":"the number of a turn that a note names"}},"additionalProperties":false}"#;

/// The tool as it is offered under this name.
pub(super) fn function(name: String) -> Function {
    let (description, parameters) = (Some(ABOUT.to_owned()), Some(Raw::of_valid(ARGUMENTS)));
    Function { name, description, parameters, ..Function::default() }
}

/// Which of what was kept of the talk these arguments, a JSON object, mean. What others have kept is out of reach.
///
/// # Errors
/// [`Code::InvalidParams`]: they name nothing; [`Code::MemoryUnknown`]: nothing of the talk is called so.
pub(super) fn meant(arguments: &str, kept: &[KeptTurn]) -> Result<KeptTurn> {
    let given = json::from_text(arguments).unwrap_or_default();
    let turn = &given["turn"];
    // Some models write numbers as texts.
    let turn = turn.as_u64().or_else(|| turn.as_str()?.trim().parse().ok());
    let found = match (given["handle"].as_str(), turn) {
        (Some(handle), _) => kept.iter().find(|kept| kept.handle == handle.trim()),
        (None, Some(turn)) => kept.iter().find(|kept| kept.number == turn),
        (None, None) => {
            let next = "name a `handle`, or the number of a `turn`, as a note does";
            return Err(Error::new(Code::InvalidParams, "nothing is named that could be given back", next));
        }
    };
    found.cloned().ok_or_else(|| {
        let message = "nothing of this conversation has this handle or number";
        Error::new(Code::MemoryUnknown, message, "name what a note names")
    })
}

#[cfg(test)]
mod tests;
