//! The tools that fit a text best, with their definitions: for whoever hands tools to a model with each request.

use super::Hub;
use crate::view::View;
use ::context::definition;
use std::time::Duration;

/// How long to wait for what upstreams told a moment ago.
const PATIENCE: Duration = Duration::from_secs(2);
/// As many characters of a text are read: what is asked for stands there, and what is pasted behind it shall not cost.
const CHARACTERS: usize = 2_000;

/// A tool that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct BestTool {
    /// Its name in the view.
    pub name: String,
    /// The server that has it.
    pub server: String,
    /// Its definition as clients of the view are listed it: raw JSON with name, description and schema.
    pub definition: String,
    /// How well it fits, beside the others.
    pub score: f32,
}

impl Hub {
    /// The tools of `view` that fit `text` best, `limit` at most and the best first, as `search_tools` finds them: fewer
    /// where fewer have anything to do with the text.
    pub async fn best_tools(&self, view: &View, text: &str, limit: usize) -> Vec<BestTool> {
        let end = text.char_indices().nth(CHARACTERS).map_or(text.len(), |(at, _)| at);
        self.discovery().settle(PATIENCE).await;
        let query = self.discovery().read(&[text[..end].to_owned()]).await;
        let found = self.discovery().search(view, &query, None, limit);
        let tool = |found: &crate::discovery::Found| {
            let item = view.lists[0].items.get(found.place)?;
            let server = view.tools.get(&item.key)?.upstream.clone();
            let definition = match view.form() {
                Some(form) => definition::shaped(&item.json, form),
                None => item.json.clone(),
            };
            Some(BestTool { name: item.key.clone(), server, definition, score: found.score })
        };
        found.iter().filter_map(tool).collect()
    }
}
