//! What was used, in groups.

use serde::Serialize;

/// By what usage is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// By whose key it was.
    Key,
    /// By team.
    Team,
    /// By the model that was asked for.
    Model,
    /// By the deployment that answered.
    Deployment,
    /// By provider.
    Provider,
    /// By run.
    Run,
    /// By the day in UTC.
    Day,
    /// By the hour in UTC.
    Hour,
}

/// Which usage to tell, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// From the hour of this moment on, in seconds since 1970.
    pub since: u64,
    /// Up to before the hour of this moment, in seconds since 1970.
    pub until: u64,
    /// Only that of the key of this name.
    pub of: Option<String>,
    /// By what it is told apart; by nothing gives one row.
    pub by: Vec<Group>,
    /// So many rows at most.
    pub most: usize,
}

/// What one group used and cost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Row {
    /// Whose key, where that was asked for; empty otherwise, and so are the other names.
    pub key: String,
    /// Which team.
    pub team: String,
    /// Which model was asked for.
    pub model: String,
    /// Which deployment answered.
    pub deployment: String,
    /// Of which provider.
    pub provider: String,
    /// In which run.
    pub run: String,
    /// The start of the day or hour, in seconds since 1970.
    pub starts_at: Option<u64>,
    /// How many requests.
    pub requests: u64,
    /// How many of them were not answered.
    pub failed: u64,
    /// How many were answered from the hub's own cache.
    pub cached: u64,
    /// Of how many the tokens were estimated.
    pub estimated: u64,
    /// Tokens of requests that were read anew.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
    /// Tokens of requests that came from a provider's cache.
    pub cache_read: u64,
    /// Tokens of requests that went into a provider's cache.
    pub cache_write: u64,
    /// Tokens of answers that were reasoning.
    pub reasoning: u64,
    /// What they cost, in nano-dollars.
    pub cost: u64,
    /// What counts as spent in the budget of this key, team, model or run because the hub was killed, in nano-dollars. Told
    /// where usage is asked for by exactly one of these four and by no other name; a row of its own if there is no other.
    pub unaccounted: u64,
    /// The sum of the times that requests took, in milliseconds.
    pub latency_ms: u64,
}
