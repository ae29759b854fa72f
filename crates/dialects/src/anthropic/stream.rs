//! Streams: `message_start`, for each block `content_block_start`, pieces and `content_block_stop`, then `message_delta`
//! and `message_stop`; `ping` and `error` at any time.

mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

/// Members of a `message_delta` that stand beside its `delta`.
const BESIDE_DELTA: [&str; 2] = ["context_management", "input_transformations"];

#[cfg(test)]
mod tests;
