//! What is asked of models and what they answer, in each of the dialects that clients and providers speak.
//!
//! A request, an answer or an event of a stream is read from one dialect into one model (the crate `conversation`) and
//! written from it in another. Nothing here does I/O.

pub mod anthropic;
pub mod bedrock;
mod breakpoints;
pub mod convert;
pub mod embeddings;
pub mod fit;
pub mod gemini;
pub mod ollama;
mod parameters;
mod schema;

pub use conversation::{
    Dialect, Event, Failure, FailureKind, Fault, Losses, Reply, Request, Signed, Usage, WireEvent, frame, stream,
};
pub use convert::{
    StreamReader, StreamWriter, mend, read_answer, read_failure, read_request, strip, write_answer, write_failure,
    write_request,
};
pub use fit::{Names, fit};
pub use openai::chat::is_better as is_better_in_chat;
pub use openai::responses::{ask_for_thoughts, is_made_up};
pub use parameters::offered;
