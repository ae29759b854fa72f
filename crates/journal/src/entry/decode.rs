//! Entries read from JSON.

use super::encode::VERSION;
use super::{Amount, Decision, Effect, End, Entry, Gate, Kind, Resolution};
use crate::{Digest, IdempotencyKey, JournalError, Payload, Result, RunId, StepPath};
use conversation::object::Object;
use conversation::{Fault, Raw};

pub(super) fn entry(text: &str) -> Result<Entry> {
    read(text).map_err(|fault| JournalError::Unreadable(format!("an entry of a journal cannot be read: {fault}")))
}

fn read(text: &str) -> Result<Entry, Fault> {
    let mut object = Object::read(text)?;
    let version = whole(&mut object, "v")?;
    if version != VERSION {
        let cause = format!("is {version}, which a newer Tutti wrote; this one reads version {VERSION}");
        return Err(Fault::new(cause).inside("v"));
    }
    let word = object.needed_text("kind")?;
    let at = whole(&mut object, "at")?;
    let step = parsed(&mut object, "step", StepPath::parse)?;
    let attempt = object.whole("attempt")?.unwrap_or_default();
    let attempt = u32::try_from(attempt).map_err(|_| Fault::new("is too large").inside("attempt"))?;
    let kind = kind(&mut object, word)?;
    let payload = payload(&mut object)?;
    let more = object.members().map(|(name, value)| (name.to_owned(), Raw::of_valid(value))).collect();
    Ok(Entry { at, step, attempt, kind, payload, more })
}

fn kind(object: &mut Object<'_>, word: String) -> Result<Kind, Fault> {
    Ok(match word.as_str() {
        "started" => Kind::Started {
            definition: needed(object, "definition", Digest::parse)?,
            parent: parsed(object, "parent", RunId::parse)?,
        },
        "scheduled" => Kind::Scheduled,
        "attempted" => Kind::Attempted {
            effect: one_of(object, "effect", &Effect::ALL, Effect::word)?,
            key: needed(object, "key", IdempotencyKey::parse)?,
        },
        "succeeded" => Kind::Succeeded,
        "failed" => Kind::Failed { code: object.needed_text("code")?, message: object.needed_text("message")? },
        "timer_set" => Kind::TimerSet { timer: object.needed_text("timer")?, due: whole(object, "due")? },
        "timer_fired" => Kind::TimerFired { timer: object.needed_text("timer")? },
        "timer_cleared" => Kind::TimerCleared { timer: object.needed_text("timer")? },
        "signal" => Kind::Signal { name: object.needed_text("name")? },
        "gate_opened" => Kind::GateOpened(gate(object)?),
        "gate_approved" => Kind::GateApproved { decision: decision(object)?, gate: gate(object)? },
        "gate_rejected" => Kind::GateRejected { decision: decision(object)?, gate: gate(object)? },
        "gate_expired" => Kind::GateExpired,
        "cancelled" => Kind::Cancelled(decision(object)?),
        "paused" => Kind::Paused(decision(object)?),
        "resumed" => Kind::Resumed(decision(object)?),
        "reserved" => Kind::Reserved(amount(object, "reserved")?),
        "settled" => Kind::Settled { reserved: amount(object, "reserved")?, spent: amount(object, "spent")? },
        "compensated" => Kind::Compensated,
        "in_doubt" => Kind::InDoubt,
        "resolved" => Kind::Resolved {
            resolution: one_of(object, "resolution", &Resolution::ALL, Resolution::word)?,
            decision: decision(object)?,
        },
        "orphaned" => Kind::Orphaned { was: object.needed_text("was")? },
        "expanded" => Kind::Expanded,
        "finished" => Kind::Finished(one_of(object, "end", &End::ALL, End::word)?),
        _ => Kind::Other(word),
    })
}

fn payload(object: &mut Object<'_>) -> Result<Option<Payload>, Fault> {
    // Looked for among all members, because `null` is a value of its own here.
    let inline = object.members().find(|(name, _)| *name == "payload").map(|(_, value)| value);
    if let Some(json) = inline {
        object.fixed("payload", "");
        return Ok(Some(Payload::Inline(json.into())));
    }
    let Some(digest) = parsed(object, "payload_sha256", Digest::parse)? else { return Ok(None) };
    Ok(Some(Payload::Stored { digest, bytes: whole(object, "payload_bytes")? }))
}

fn decision(object: &mut Object<'_>) -> Result<Decision, Fault> {
    Ok(Decision { actor: object.needed_text("actor")?, reason: object.text("reason")? })
}

fn gate(object: &mut Object<'_>) -> Result<Gate, Fault> {
    Ok(Gate {
        plan: needed(object, "plan", Digest::parse)?,
        arguments: needed(object, "arguments", Digest::parse)?,
        expires: object.whole("expires")?,
    })
}

/// An amount. A member that this release does not know in it would be lost, so that a release which adds one has to write a
/// new version.
fn amount(object: &mut Object<'_>, name: &str) -> Result<Amount, Fault> {
    let mut inner = object.object(name)?.ok_or_else(|| Fault::new("is missing").inside(name))?;
    Ok(Amount { money: whole(&mut inner, "money")?, tokens: whole(&mut inner, "tokens")? })
}

fn whole(object: &mut Object<'_>, name: &str) -> Result<u64, Fault> {
    object.whole(name)?.ok_or_else(|| Fault::new("is missing").inside(name))
}

fn parsed<T>(object: &mut Object<'_>, name: &str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    let Some(text) = object.text(name)? else { return Ok(None) };
    parse(&text).map(Some).ok_or_else(|| Fault::new("is malformed").inside(name))
}

fn needed<T>(object: &mut Object<'_>, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Fault> {
    parsed(object, name, parse)?.ok_or_else(|| Fault::new("is missing").inside(name))
}

/// The one of `all` whose word a member says.
fn one_of<T: Copy>(object: &mut Object<'_>, name: &str, all: &[T], word: fn(T) -> &'static str) -> Result<T, Fault> {
    let text = object.needed_text(name)?;
    all.iter().copied().find(|&one| word(one) == text).ok_or_else(|| Fault::new("is a word of its own").inside(name))
}
