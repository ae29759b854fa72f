//! Models of GGUF files, and one that is in the binary, each in a process of its own.
//!
//! [`Processes`] starts this program again ([`divert`]) for a model that is asked for, and says where that process is. The process
//! serves OpenAI's dialect over HTTP on loopback to whoever knows a secret that only the two share. It ends when nobody
//! has asked for a while, and with the hub, however that ends. What a broken file or a full memory does to it, the hub outlives.

mod chat;
mod embeddings;
mod folder;
mod order;
mod processes;
mod reply;
mod runner;
mod serve;
mod worker;

pub use engine::{USES_CARDS, cards};
pub use folder::{File, TINY, TINY_CONTEXT, beginning, check, files, folder, name_of, path};
pub use processes::Processes;
pub use worker::divert;
