//! `cargo xtask generate`: makes files of the product, out of what others publish or of nothing.

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

mod models;
mod tiny;

pub(crate) const USAGE: &str = "cargo xtask generate models [--from FILE --release RELEASE] | models --compare | tiny [--check] [--whole FILE]
  models     makes crates/model/data/table.tsv from LiteLLM's table of models: FILE is its
             model_prices_and_context_window.json and RELEASE what it is called; without them it is taken out of the package of
             the release that is named in the code
  --compare  prints where the table that is there differs from the package genai-prices
  tiny       makes the model tiny/data/tiny.gguf and what it says, and tells how well it answers: some two minutes of one core
  --check    compares what is there with that in place of writing it
  --whole    writes the model with all bits of its numbers to FILE as well";

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    match words.split_first().map(|(what, rest)| (what.as_str(), rest)) {
        Some(("models", rest)) => models::run(workspace, rest),
        Some(("tiny", rest)) => tiny::run(workspace, rest),
        _ => Err(Failure::new("what is to be made is not said, or not known", USAGE)),
    }
}
