//! What the fuzzer feeds: one function for each kind of text that strangers send. The stable test `corpus` feeds the
//! kept inputs to the same functions.

pub mod targets;
