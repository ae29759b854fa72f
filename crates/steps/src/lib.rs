//! What steps of durable runs call.
//!
//! [`Steps`] is what a runner calls: tools by the hub, models by the gateway, prompts of the library, plans of calls. Each is
//! called as if whoever started the run had called it themselves ([`Acting`]): through their views, with their limits, on
//! their budgets. What is known of how a call ended is told as it is: a runner decides by it whether it may be sent again.

mod acting;
mod addresses;
mod answer;
mod calls;
mod lent;
mod model;
mod plan;
mod prompt;
mod reads;
mod rights;
mod steps;
mod summary;
mod tool;
mod toolset;
mod transcript;

pub use acting::{Acting, People};
pub use steps::Steps;
