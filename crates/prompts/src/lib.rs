//! Prompts as files: read, rendered, kept in versions, compared by experiments, tried by suites of cases, and improved.
//!
//! [`gather()`] and [`prompt`] read files, [`library`] keeps what they were, [`experiment`] and [`sequential`] decide which of
//! two versions is better, [`suite`] and [`trial`] hold answers of models against cases, [`optimize`] looks for better
//! templates, and [`repository`] exchanges all of it with git.
//!
//! What a prompt is given is data: no value becomes a template, a message of its own, or the name of a partial that is not
//! in the bundle.

mod bundle;
pub mod experiment;
mod fault;
mod gather;
pub mod library;
mod made;
pub mod optimize;
pub mod paired;
mod parameter;
pub mod prompt;
pub mod repository;
pub mod requests;
mod sections;
pub mod sequential;
pub mod suite;
mod tables;
mod template;
pub mod trial;

pub use bundle::Bundle;
pub use gather::{File, bundle, gather};
pub use library::{Library, Names, Version};
pub use made::Made;
pub use parameter::{Parameter, of_text};
pub use prompt::{Message, Prompt, Settings};
pub use sections::Role;
