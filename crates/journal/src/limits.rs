//! How large what is kept may be.

/// The largest payload that stands in its entry, in bytes.
pub const INLINE: usize = 8 << 10;
/// The largest payload, in bytes.
pub const LARGEST_PAYLOAD: u64 = 16 << 20;
/// The most bytes of payloads that are appended at once.
pub const LARGEST_BATCH: u64 = 32 << 20;
/// The most bytes of an entry without its payload.
pub const LARGEST_ENTRY: usize = 16 << 10;
/// The most entries that are appended, and that are loaded, at once.
pub const BATCH: usize = 1000;
/// The most entries that a run begins with, as one that goes on from the middle of another has: all are written at once, so that there
/// is never a run which has a part of them.
pub const PAST: usize = 200_000;
/// The most bytes of their payloads.
pub const LARGEST_PAST: u64 = 256 << 20;
/// The most entries of a run that goes on. A `for_each` over 10,000 items with intents takes some 40,000. No event and no pause
/// is taken behind them.
pub const ENTRIES: u64 = 250_000;
/// How many more entries there may be for the end of a run: what was sent comes to its end, and what was done is undone.
pub const ENDING: u64 = 50_000;
/// How many of these may be what people decide: at gates, and on what is in doubt. A run is cancelled once, and one that is paused is
/// resumed, however many there are.
pub const DECISIONS: u64 = 25_000;
/// The most bytes of a message in an entry, as JSON writes it.
pub const MESSAGE: usize = 4 << 10;
/// The most bytes of a name: of a workflow, a tenant, a worker, a signal, a tag, or a key that recognises what is sent twice.
pub const NAME: usize = 200;
/// The largest definition, text and plan each, in bytes.
pub const DEFINITION: usize = 4 << 20;
/// The most runs of a page, and that are claimed, renewed or pruned at once.
pub const RUNS: usize = 1000;
/// The longest lease.
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(600);
