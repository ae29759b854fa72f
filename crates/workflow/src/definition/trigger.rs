//! What starts a run by itself.

use super::Inputs;
use crate::cron::Cron;
use serde::{Deserialize, Serialize};

/// What starts a run by itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Triggers {
    /// Times.
    pub schedules: Vec<Schedule>,
    /// Requests from outside.
    pub webhooks: Vec<Webhook>,
}

/// A run is started at times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// When, in UTC.
    pub cron: Cron,
    /// With which parameters; templates know `scheduled_at`.
    pub params: Inputs,
    /// Whether a run is started while the one before still goes on.
    pub overlap: bool,
}

/// A run is started by a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// The last part of its address.
    pub name: String,
    /// The secret of the vault that signs the requests.
    pub secret: Option<String>,
    /// With which parameters; templates know `body`, `headers` and `query`.
    pub params: Inputs,
    /// What two requests have in common that are to start one run.
    pub dedup: Option<crate::template::Template>,
}
