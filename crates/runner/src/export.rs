//! A run as one document.

use crate::runner::JournalRunner;
use base::Result;
use journal::RunId;
use serde_json::{Value, json};

/// The version of the form.
const VERSION: u32 = 1;

impl JournalRunner {
    /// All that is kept of a run: its definition as it was written and as it was planned, and its journal with all values.
    ///
    /// # Errors
    /// [`base::Code::RunUnknown`]; its journal cannot be read.
    pub async fn export(&self, run: RunId) -> Result<Value> {
        let listed = self.shared.store.run(run).await?;
        let definition = self.shared.store.definition(listed.definition).await?;
        let entries = self.shared.entries(run, 1).await?;
        let journal =
            entries.iter().map(|recorded| base::json::from_text(&recorded.entry.encode()).unwrap_or_default());
        let (source, plan) = definition.map(|kept| (kept.source, kept.plan)).unwrap_or_default();
        Ok(json!({
            "version": VERSION,
            "run": crate::about::about(&listed),
            "definition": {"source": source, "plan": base::json::from_text(&plan).unwrap_or_default()},
            "journal": journal.collect::<Vec<Value>>(),
        }))
    }
}
