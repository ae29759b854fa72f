//! Every fuzz target: the name of the executable says which function is fed.

#![no_main]

use fuzz::targets::{Feed, named};

/// Chosen while this is compiled, so that an executable holds its own target and nothing else.
const FEED: Feed = named(env!("CARGO_BIN_NAME"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| FEED(data));
