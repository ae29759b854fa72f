//! The targets. Each takes any bytes, and panics where a parser breaks a promise of its own: that what it wrote it
//! reads as the same, that a stream may be cut anywhere, that it agrees with another parser of the same text.

mod addresses;
mod answers;
mod arguments;
mod challenge;
mod configuration;
mod connect;
mod context;
mod dialects;
mod document;
mod engine;
mod envelope;
mod events;
mod eventstream;
mod exchange;
mod files;
mod flags;
mod frames;
mod gguf;
mod guard;
mod headers;
mod import;
mod input;
mod likeness;
mod lines;
mod models;
mod multipart;
mod names;
mod oauth;
mod openapi;
mod parameters;
mod pins;
mod plans;
mod preferences;
mod prices;
mod prompts;
mod questions;
mod raw;
mod redirect;
mod registry;
mod requests;
mod rewrite;
mod sealed;
mod settings;
mod shared;
mod shown;
mod tokens;
mod upstream;
mod variables;
mod words;
mod workflows;

/// Takes what the fuzzer made.
pub type Feed = fn(&[u8]);

/// All targets, by the names of their executables and of their folders in `corpus/`.
pub const ALL: [(&str, Feed); 49] = [
    ("addresses", addresses::feed),
    ("answers", answers::feed),
    ("arguments", arguments::feed),
    ("challenge", challenge::feed),
    ("configuration", configuration::feed),
    ("connect", connect::feed),
    ("context", context::feed),
    ("dialects", dialects::feed),
    ("document", document::feed),
    ("engine", engine::feed),
    ("envelope", envelope::feed),
    ("events", events::feed),
    ("eventstream", eventstream::feed),
    ("exchange", exchange::feed),
    ("files", files::feed),
    ("flags", flags::feed),
    ("frames", frames::feed),
    ("gguf", gguf::feed),
    ("guard", guard::feed),
    ("headers", headers::feed),
    ("import", import::feed),
    ("likeness", likeness::feed),
    ("lines", lines::feed),
    ("models", models::feed),
    ("multipart", multipart::feed),
    ("names", names::feed),
    ("oauth", oauth::feed),
    ("openapi", openapi::feed),
    ("parameters", parameters::feed),
    ("pins", pins::feed),
    ("plans", plans::feed),
    ("preferences", preferences::feed),
    ("prices", prices::feed),
    ("prompts", prompts::feed),
    ("questions", questions::feed),
    ("raw", raw::feed),
    ("redirect", redirect::feed),
    ("registry", registry::feed),
    ("requests", requests::feed),
    ("rewrite", rewrite::feed),
    ("sealed", sealed::feed),
    ("settings", settings::feed),
    ("shared", shared::feed),
    ("shown", shown::feed),
    ("tokens", tokens::feed),
    ("upstream", upstream::feed),
    ("variables", variables::feed),
    ("words", words::feed),
    ("workflows", workflows::feed),
];

/// The target called `name`. An unknown name is an error of the build.
pub const fn named(name: &str) -> Feed {
    let mut index = 0;
    while index < ALL.len() {
        if same(ALL[index].0.as_bytes(), name.as_bytes()) {
            return ALL[index].1;
        }
        index += 1;
    }
    panic!("there is no target of this name in targets.rs")
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}
