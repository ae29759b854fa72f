//! The commands that put a hub to work, one file each: they call tools, ask models, keep prompts, run workflows, tell what runs
//! remember, and what it cost. Where no hub runs, one is started for the one command.

pub mod ask;
pub mod memory;
pub mod model;
pub mod plan;
pub mod prompt;
pub mod run;
pub mod tool;
pub mod usage;
pub mod workflow;
