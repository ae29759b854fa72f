//! A gate as a question to the client (specification 2025-11-25, elicitation).

use runner::GateShown;
use serde_json::{Value, json};

/// The most letters that a person is shown.
const LETTERS: usize = 4_000;

/// What a person said at a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// It may go on.
    Approved(Option<String>),
    /// It may not.
    Rejected(Option<String>),
    /// Nothing: the gate stays open.
    Nothing,
}

/// The params of `elicitation/create` for a gate.
pub(super) fn params(gate: &GateShown) -> String {
    let mut message = if gate.prompt.is_empty() { format!("May `{}` go on?", gate.path) } else { gate.prompt.clone() };
    let shows = !(gate.show.is_null() || gate.show.as_object().is_some_and(serde_json::Map::is_empty));
    if shows {
        let shown = gate.show.as_str().map_or_else(|| format!("{:#}", gate.show), str::to_owned);
        message.push_str("\n\n");
        message.push_str(&shown);
    }
    if message.chars().count() > LETTERS {
        message = message.chars().take(LETTERS).chain("… (cut)".chars()).collect();
    }
    json!({
        "message": message,
        "requestedSchema": {
            "type": "object",
            "properties": {
                "decision": {"type": "string", "title": "Decision", "enum": ["approve", "reject"]},
                "reason": {"type": "string", "title": "Reason"},
            },
            "required": ["decision"],
        },
    })
    .to_string()
}

/// What an answer says. To decline is to say no; who closes the question says nothing.
pub(super) fn said(answer: &str) -> Said {
    let answer: Value = base::json::from_text(answer).unwrap_or_default();
    let content = &answer["content"];
    let reason = content["reason"].as_str().filter(|reason| !reason.is_empty()).map(str::to_owned);
    match (answer["action"].as_str(), content["decision"].as_str()) {
        (Some("accept"), Some("approve")) => Said::Approved(reason),
        (Some("accept"), Some("reject")) => Said::Rejected(reason),
        (Some("decline"), _) => Said::Rejected(reason.or_else(|| Some("declined by the client".to_owned()))),
        _ => Said::Nothing,
    }
}

#[cfg(test)]
mod tests;
