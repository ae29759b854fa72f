//! What all commands stand on: their options and how they fail ([`context`]), the hub that they speak to, one that runs or one
//! that is started for a single command ([`client`], [`running`]), and how they show and ask before they change anything
//! ([`change`], [`approval`]).

pub mod approval;
pub mod change;
pub mod clear_text;
pub mod client;
pub mod command;
pub mod context;
pub mod room;
pub mod running;
pub mod signals;

pub use command::{Command, one_of, text};
pub use context::{Context, Failures};
