//! What several rounds took together. Pure.

use conversation::answer::Usage;

/// The numbers of both, without what a provider said besides: it said it of one round alone.
pub(super) fn sum(one: &Usage, other: &Usage) -> Usage {
    let add = |one: Option<u64>, other: Option<u64>| match (one, other) {
        (None, None) => None,
        (one, other) => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
    };
    Usage {
        input: add(one.input, other.input),
        output: add(one.output, other.output),
        cache_read: add(one.cache_read, other.cache_read),
        cache_write: add(one.cache_write, other.cache_write),
        cache_write_hour: add(one.cache_write_hour, other.cache_write_hour),
        reasoning: add(one.reasoning, other.reasoning),
        audio_input: add(one.audio_input, other.audio_input),
        audio_output: add(one.audio_output, other.audio_output),
        ..Usage::default()
    }
}
