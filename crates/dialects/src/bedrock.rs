//! Amazon Bedrock Converse:
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> and `ConverseStream`.
//!
//! The path names the model and whether the answer is streamed. The bodies here are the JSON of the service; the binary
//! frames of its streams are taken apart by whoever has the bytes: a frame's `:event-type` or `:exception-type` is the
//! name of the event, its payload the data.

mod answer;
mod block;
mod failure;
mod media;
mod own;
mod reader;
mod request;
mod writer;

pub(crate) use answer::{read_answer, write_answer};
pub(crate) use failure::{read_failure, write_failure};
pub use reader::Reader;
pub(crate) use request::{read_request, write_request};
pub use writer::Writer;
