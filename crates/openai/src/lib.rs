//! OpenAI's dialects: chat completions, which most other servers speak too, and Responses.
//!
//! Each reads requests, answers, streams and errors into the model of the crate `conversation`, and writes them from it.

mod breakpoint;
pub mod chat;
pub mod model;
pub mod responses;

mod custom;
