//! Configuration files as trees that remember where each piece stood.
//!
//! [`yaml()`], [`json()`] and [`toml()`] read a text into the same [`Node`] tree. [`substitute`] fills in
//! `${VARIABLES}`. A component then reads its part through a [`Section`], which collects every problem with its file,
//! line and column in [`Problems`] instead of stopping at the first one, and which knows at its end which keys nobody
//! asked for.

mod budget;
mod json;
mod lines;
mod nearest;
mod problems;
mod scalar;
mod section;
mod toml;
mod tree;
mod units;
mod variables;
mod yaml;

pub use budget::Capacity;
pub use json::{json, json_within};
pub use nearest::nearest;
pub use problems::Problems;
pub use section::{Section, entries};
pub use toml::toml;
pub use tree::{Document, Entry, Node, Place, Value};
pub use units::{duration_from_text, duration_text, size_from_text, size_text};
pub use variables::{
    SecretReference, SecretValue, is_secret_name, is_variable_name, substitute, substitute_node, substitute_secrets,
    variable_end,
};
pub use yaml::{yaml, yaml_within};
