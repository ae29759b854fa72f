//! The tools that fit best, with their definitions: for whoever hands tools to a model with each request.

use super::wanted::Wanted;
use crate::hub::Hub;
use crate::view::View;
use context::definition;
use context::tokens::{self, Count};
use serde_json::Value;
use telemetry::economy::Means;

/// A tool that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct BestTool {
    /// Its name in the view.
    pub name: String,
    /// The server that has it.
    pub server: String,
    /// Its definition as clients of the view are listed it: raw JSON with name, description and schema.
    pub definition: String,
    /// Which of the queries found it.
    pub query: usize,
    /// How well it fits, beside the others of its query.
    pub score: f32,
    /// How many tokens its definition is.
    pub tokens: Count,
}

/// The tools that fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Best {
    /// The best first, those of several queries in turn.
    pub tools: Vec<BestTool>,
    /// How many more would have fitted, but not into the budget of tokens.
    pub left_out: usize,
}

impl Best {
    /// How many tokens their definitions are together.
    pub fn tokens(&self) -> Count {
        self.tools.iter().map(|tool| tool.tokens).sum()
    }

    /// What programs are told of that, beside all definitions of `view`.
    pub fn told(&self, view: &View) -> Value {
        tokens::told(view.family, self.tokens(), view.tokens)
    }
}

impl Hub {
    /// The tools of `view` that fit best, as `search_tools` finds them: fewer where fewer have anything to do with what is
    /// to be done.
    pub async fn best_tools(&self, view: &View, wanted: &Wanted) -> Best {
        let found = self.find(view, wanted).await;
        let tool = |found: &crate::discovery::Found| {
            let item = view.lists[0].items.get(found.place)?;
            let server = view.tools.get(&item.key)?.upstream.clone();
            let definition = match view.form() {
                Some(form) => definition::shaped(&item.json, form),
                None => item.json.clone(),
            };
            let tokens = view.family.count_known(&definition);
            Some(BestTool {
                name: item.key.clone(),
                server,
                definition,
                query: found.query,
                score: found.score,
                tokens,
            })
        };
        let all: Vec<BestTool> = found.iter().filter_map(tool).collect();
        let fits = wanted.fitting(all.iter().map(|tool| tool.tokens.tokens));
        let count = all.len();
        let tools: Vec<BestTool> = all.into_iter().zip(fits).filter_map(|(tool, fits)| fits.then_some(tool)).collect();
        let best = Best { left_out: count - tools.len(), tools };
        let saved = view.tokens.less(best.tokens());
        self.telemetry().economy().saved(Means::Discovery).add(saved.tokens as u64);
        best
    }
}
