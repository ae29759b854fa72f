//! What others are told of a gate.

use crate::deduplication;
use crate::notice::Notice;
use base::clock;
use journal::{Run, RunId};
use runner::GateShown;
use serde_json::{Value, json};
use std::time::Duration;

/// The largest notice, in bytes. What is larger is told without what is to be approved, and cannot be answered.
const LARGEST: usize = 256 << 10;

/// What recognises the notice of a gate: the same however often it goes out.
pub(super) fn id(notice: &Notice, run: RunId, gate: &GateShown) -> String {
    deduplication::key(&["gate", &notice.name, &run.to_string(), &gate.path, &gate.arguments])
}

/// The body of a notice.
pub(super) fn text(notice: &Notice, id: &str, run: &Run, gate: &GateShown) -> String {
    let expires = gate.expires_at.map(|at| clock::rfc3339(Duration::from_millis(at)));
    let answer = notice.answers.then(|| format!("/api/v1/notices/{}/answer", notice.name));
    let mut told = json!({
        "event": "gate_opened",
        "id": id,
        "run": run.id.to_string(),
        "workflow": run.workflow,
        "principal": run.principal,
        "step": gate.path,
        "prompt": gate.prompt,
        "show": gate.show,
        "arguments": gate.arguments,
        "expires_at": expires,
        "approvers": gate.approvers,
        "edit": gate.edit,
        "api": format!("/api/v1/runs/{}", run.id),
        "answer": answer,
    });
    let text = told.to_string();
    if text.len() <= LARGEST {
        return text;
    }
    // Nobody approves what they did not see whole.
    for member in ["prompt", "show", "arguments", "answer"] {
        told[member] = Value::Null;
    }
    told.to_string()
}
