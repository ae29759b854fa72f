//! Tools of the hub for models: a client asks, a model calls, the hub runs what it calls, until there is an answer.
//!
//! [`Wanted`] reads what a client says of it. [`ask`] finds the tools, and carries a talk out: `talk` decides what is asked
//! next and when it ends, `merge` makes one stream of those of all rounds, `offer` knows whose tool is called. It stands on
//! top of [`llm::Gateway`], which is asked for each round as if the client had asked, in its own dialect: so it holds for all
//! dialects and providers. The hub is reached through [`base::ports::ModelTools`]. A talk that somebody keeps, and that becomes too
//! long, is made shorter by [`Shortening`]: `shorter` puts notes in the place of what [`memory::transcript`] says, and `recall`
//! is a tool by which the model gets it back.

mod called;
mod calls;
mod judge;
mod merge;
mod offer;
mod past;
mod recall;
mod result;
mod rounds;
mod run;
mod shorter;
mod talk;
mod usage;
mod wanted;

pub use calls::Client;
pub use past::Past;
pub use rounds::Rounds;
pub use run::{Served, ask};
pub use shorter::Shortening;
pub use wanted::Wanted;
