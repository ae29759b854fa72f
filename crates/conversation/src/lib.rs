//! What is asked of models and what they answer, whatever the dialect.
//!
//! [`Request`], [`Answer`] and [`Event`] are what a dialect is read into and written from. What they do not know is kept beside
//! them ([`Extra`]) and comes back in the dialect that it came from; in any other it is told as lost ([`Losses`]). The tools
//! of readers and writers are here too: JSON that stays text ([`json`], [`object`]), events of a stream ([`frame`]), ids of
//! calls ([`ids`]). Nothing here does I/O, asks for the time or makes up ids: what a dialect wants of these is handed in
//! ([`Reply`]).

pub mod answer;
pub mod delta;
pub mod dialect;
pub mod extra;
pub mod failure;
pub mod fault;
pub mod frame;
pub mod ids;
pub mod item;
pub mod json;
mod legible;
pub mod loss;
pub mod object;
pub mod request;
pub mod signatures;
pub mod stream;
pub mod thinking;

pub use answer::{Answer, Finish, Part, Reason, Reply, Usage};
pub use delta::Delta;
pub use dialect::Dialect;
pub use extra::Extra;
pub use failure::{Failure, FailureKind};
pub use fault::Fault;
pub use item::Item;
pub use json::{Number, Raw};
pub use loss::{Losses, Written};
pub use request::{Request, Role, Tool, ToolChoice, Turn};
pub use signatures::Signed;
pub use stream::{Event, WireEvent};
