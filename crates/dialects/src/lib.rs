//! What is asked of models and what they answer, in each of the dialects that clients and providers speak.
//!
//! A request, an answer or an event of a stream is read from one dialect into one model ([`Request`], [`Answer`],
//! [`Event`]) and written from it in another. What the model does not know is kept beside it ([`Extra`]) and comes back
//! in the dialect that it came from; in any other it is told as lost ([`Losses`]). Nothing here does I/O, asks for the
//! time or makes up ids: what a dialect wants of these is handed in ([`Reply`]).

pub mod answer;
pub mod anthropic;
pub mod bedrock;
pub mod convert;
pub mod delta;
pub mod dialect;
pub mod extra;
pub mod failure;
pub mod fault;
pub mod frame;
pub mod gemini;
pub mod ids;
pub mod item;
pub mod json;
pub mod loss;
pub mod object;
pub mod ollama;
pub mod openai_chat;
pub mod openai_responses;
pub mod request;
pub mod stream;
pub mod thinking;

pub use answer::{Answer, Finish, Reason, Reply, Usage};
pub use convert::{
    StreamReader, StreamWriter, read_answer, read_failure, read_request, write_answer, write_failure, write_request,
};
pub use delta::Delta;
pub use dialect::Dialect;
pub use extra::Extra;
pub use failure::{Failure, FailureKind};
pub use fault::Fault;
pub use item::Item;
pub use json::{Number, Raw};
pub use loss::{Losses, Written};
pub use request::{Request, Role, Tool, ToolChoice, Turn};
pub use stream::{Event, WireEvent};
