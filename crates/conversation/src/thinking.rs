//! How hard a model thinks, in words and in tokens: some dialects know the one, some the other.

use crate::json::Number;
use crate::request::{Thinking, ThinkingMode};

/// The words, and how many tokens of thoughts each stands for where only tokens can be said. No provider publishes such
/// numbers; these are those that gateways commonly take.
const EFFORTS: [(&str, u64); 6] =
    [("minimal", 1024), ("low", 2048), ("medium", 8192), ("high", 24_576), ("xhigh", 32_768), ("max", 65_536)];

impl Thinking {
    /// Whether it says that the model shall not think.
    pub fn is_off(&self) -> bool {
        let none = self.effort.as_deref() == Some("none");
        self.mode == Some(ThinkingMode::Off) || (self.mode.is_none() && none)
    }

    /// How hard in a word: as it was said, or the first word that stands for as many tokens as were said.
    pub fn effort_or_nearest(&self) -> Option<String> {
        if self.is_off() {
            return Some("none".to_owned());
        }
        let by_budget = || {
            let budget = self.budget.as_ref()?.as_u64()?;
            let word = EFFORTS.iter().find(|(_, tokens)| *tokens >= budget).map_or("max", |(word, _)| word);
            // Words above `high` are known to few models.
            Some(if matches!(word, "xhigh" | "max") { "high" } else { word }.to_owned())
        };
        let by_mode = || (self.mode == Some(ThinkingMode::On)).then(|| "medium".to_owned());
        self.effort.clone().or_else(by_budget).or_else(by_mode)
    }

    /// The most tokens of thoughts: as it was said, or those that the word stands for. None where nothing is said or the
    /// word is not known.
    pub fn budget_or_nearest(&self) -> Option<Number> {
        if self.is_off() {
            return Some(Number::from(0));
        }
        let by_effort = || {
            let effort = self.effort.as_deref()?;
            EFFORTS.iter().find(|(word, _)| *word == effort).map(|(_, tokens)| Number::from(*tokens))
        };
        self.budget.clone().or_else(by_effort)
    }
}
