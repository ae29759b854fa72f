//! OpenAPI documents as tools: what each operation is as a tool, a call as an HTTP request, an answer as a result.
//!
//! All of it decides and none of it does: a document comes in as text, a request goes out as data. Whoever sends it
//! fetches the document too. Arguments come from models, and documents perhaps from strangers; two rules follow.
//!
//! - An argument stays in its place: it is percent-encoded (or checked, in a header) for the one component of the
//!   request that the document gives it, and one that could mean something else there is refused. See [`Api::request`].
//! - A document names no other document: references lead into the document itself, and its address is the operator's.

mod address;
mod answer;
mod api;
mod argument;
mod body;
pub mod config;
mod convert;
mod document;
mod encode;
mod expected;
mod fault;
mod forms;
mod found;
pub mod key;
mod naming;
mod operation;
mod parameter;
mod path;
mod reference;
mod request;
mod schema;
mod selection;
mod tool;
mod transform;

pub use address::Address;
pub use answer::{Answer, endless, refused_arguments};
pub use api::{Api, LeftOut, Options};
pub use convert::json;
pub use document::Document;
pub use encode::component;
pub use operation::Operation;
pub use request::Request;
pub use selection::Selection;
pub use transform::Transform;
