//! A gate as a question to the client (specification 2025-11-25, elicitation).

use runner::GateShown;
use serde_json::{Value, json};

/// The most letters that a person is shown. What has more is decided elsewhere: nobody approves what they did not see whole.
const LETTERS: usize = 4_000;

/// What a person said at a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// It may go on, also as they made it.
    Approved(Option<String>, Option<Value>),
    /// What they made of it cannot be read.
    Unreadable(String),
    /// It may not.
    Rejected(Option<String>),
    /// Nothing: the gate stays open.
    Nothing,
}

/// The params of `elicitation/create` for a gate; nothing where it shows more than fits.
pub(super) fn params(gate: &GateShown) -> Option<String> {
    let mut message = if gate.prompt.is_empty() { format!("May `{}` go on?", gate.path) } else { gate.prompt.clone() };
    let shows = !(gate.show.is_null() || gate.show.as_object().is_some_and(serde_json::Map::is_empty));
    if shows {
        let shown = gate.show.as_str().map_or_else(|| format!("{:#}", gate.show), str::to_owned);
        message.push_str("\n\n");
        message.push_str(&shown);
    }
    if message.chars().count() > LETTERS {
        return None;
    }
    let mut properties = json!({
        "decision": {"type": "string", "title": "Decision", "enum": ["approve", "reject"]},
        "reason": {"type": "string", "title": "Reason"},
    });
    if gate.edit {
        properties["edited"] = json!({
            "type": "string",
            "title": "Changed to",
            "description": "JSON that takes the place of what is shown; empty to approve it as it is",
        });
    }
    let schema = json!({"type": "object", "properties": properties, "required": ["decision"]});
    Some(json!({"message": message, "requestedSchema": schema}).to_string())
}

/// What an answer says. To decline is to say no; who closes the question says nothing.
pub(super) fn said(answer: &str) -> Said {
    let answer: Value = base::json::from_text(answer).unwrap_or_default();
    let content = &answer["content"];
    let reason = content["reason"].as_str().filter(|reason| !reason.is_empty()).map(str::to_owned);
    match (answer["action"].as_str(), content["decision"].as_str()) {
        (Some("accept"), Some("approve")) => {
            match content["edited"].as_str().map(str::trim).filter(|text| !text.is_empty()).map(base::json::from_text) {
                None => Said::Approved(reason, None),
                Some(Ok(edited)) => Said::Approved(reason, Some(edited)),
                Some(Err(error)) => Said::Unreadable(error.to_string()),
            }
        }
        (Some("accept"), Some("reject")) => Said::Rejected(reason),
        (Some("decline"), _) => Said::Rejected(reason.or_else(|| Some("declined by the client".to_owned()))),
        _ => Said::Nothing,
    }
}

#[cfg(test)]
mod tests;
