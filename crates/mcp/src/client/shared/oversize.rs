//! Messages that are larger than the limit.

use super::Link;
use crate::client::tail::Source;
use crate::raw;
use base::{Code, Error};
use std::sync::atomic::Ordering;

impl Link {
    /// Fails the call whose answer is too large, where either end of the line tells which that was.
    pub(super) fn take_too_long(&self, length: usize, head: &[u8], tail: &[u8]) {
        let (name, limit) = (&self.name, self.limit);
        let message = format!("`{name}` sent a message of {length} bytes; the limit is {limit}");
        self.tail.push(Source::Hub, message.as_bytes());
        let next = format!("ask for less at once, or raise `limits: {{ message: 64MiB }}` of `{name}`");
        let error = Error::new(Code::UpstreamAnswerTooLarge, message, next).of_upstream(name);
        let waiting = {
            let mut pending = self.lock();
            let found = id_in_head(head).into_iter().chain(id_in_tail(tail)).find(|id| pending.calls.contains_key(id));
            found.and_then(|id| pending.remove(id))
        };
        match waiting {
            Some(waiting) => drop(waiting.answer.send(Err(error))),
            None => drop(self.unmatched.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// The id that stands before the large part of a message, at the level of the envelope.
fn id_in_head(head: &[u8]) -> Option<u64> {
    raw::get(&String::from_utf8_lossy(head), "id")?.parse().ok()
}

/// The id that stands behind the large part: nothing may follow it but plain members and the end of the envelope.
fn id_in_tail(tail: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(tail);
    let behind = text.rfind("\"id\"").map(|at| text[at + 4..].trim_start())?;
    let digits = behind.strip_prefix(':')?.trim_start();
    let end = digits.find(|character: char| !character.is_ascii_digit())?;
    let rest = digits[end..].trim_end().strip_suffix('}')?;
    let plain = !rest.contains(['{', '}', '[', ']']);
    if plain { digits[..end].parse().ok() } else { None }
}
