//! Entries as JSON.
//!
//! An entry is one object without spaces: `v`, the version of the encoding; `kind`; `at`; where they apply `step`, `attempt`
//! and the members of its kind; what later releases added; and last `payload`, or `payload_sha256` and `payload_bytes`. The
//! version stays as long as an older release can leave what is new alone.

use super::{Amount, Decision, Entry, Gate, Kind};
use crate::Payload;
use conversation::json::write::ObjectWriter;

/// The version of the encoding that this release writes.
pub(super) const VERSION: u64 = 1;

pub(super) fn text(entry: &Entry) -> String {
    let mut out = ObjectWriter::new();
    out.whole("v", VERSION).text("kind", entry.kind.word()).whole("at", entry.at);
    if let Some(step) = &entry.step {
        out.text("step", &step.to_string());
    }
    if entry.attempt > 0 {
        out.whole("attempt", entry.attempt.into());
    }
    kind(&mut out, &entry.kind);
    for (name, value) in &entry.more {
        out.foreign(name, value.as_str());
    }
    match &entry.payload {
        Some(Payload::Inline(json)) => {
            out.raw("payload", json);
        }
        Some(Payload::Stored { digest, bytes }) => {
            out.text("payload_sha256", &digest.to_string()).whole("payload_bytes", *bytes);
        }
        None => {}
    }
    out.finish()
}

fn kind(out: &mut ObjectWriter, kind: &Kind) {
    match kind {
        Kind::Started { definition, parent } => {
            out.text("definition", &definition.to_string());
            out.text_if("parent", parent.map(|parent| parent.to_string()).as_deref());
        }
        Kind::Attempted { effect, key } => {
            out.text("effect", effect.word()).text("key", &key.to_string());
        }
        Kind::Failed { code, message } => {
            out.text("code", code).text("message", message);
        }
        Kind::TimerSet { timer, due } => {
            out.text("timer", timer).whole("due", *due);
        }
        Kind::TimerFired { timer } | Kind::TimerCleared { timer } => {
            out.text("timer", timer);
        }
        Kind::Signal { name } => {
            out.text("name", name);
        }
        Kind::GateOpened(seen) => gate(out, seen),
        Kind::GateApproved { decision: made, gate: seen } | Kind::GateRejected { decision: made, gate: seen } => {
            decision(out, made);
            gate(out, seen);
        }
        Kind::Cancelled(made) | Kind::Paused(made) | Kind::Resumed(made) => decision(out, made),
        Kind::Reserved(reserved) => {
            out.object("reserved", amount(*reserved));
        }
        Kind::Settled { reserved, spent } => {
            out.object("reserved", amount(*reserved)).object("spent", amount(*spent));
        }
        Kind::Resolved { resolution, decision: made } => {
            out.text("resolution", resolution.word());
            decision(out, made);
        }
        Kind::Orphaned { was } => {
            out.text("was", was);
        }
        Kind::Finished(end) => {
            out.text("end", end.word());
        }
        Kind::Scheduled
        | Kind::Succeeded
        | Kind::GateExpired
        | Kind::Compensated
        | Kind::InDoubt
        | Kind::Expanded
        | Kind::Other(_) => {}
    }
}

fn decision(out: &mut ObjectWriter, decision: &Decision) {
    out.text("actor", &decision.actor).text_if("reason", decision.reason.as_deref());
}

fn gate(out: &mut ObjectWriter, gate: &Gate) {
    out.text("plan", &gate.plan.to_string()).text("arguments", &gate.arguments.to_string());
    if let Some(expires) = gate.expires {
        out.whole("expires", expires);
    }
}

fn amount(amount: Amount) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.whole("money", amount.money).whole("tokens", amount.tokens);
    out
}
