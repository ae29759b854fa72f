//! What a hub and a model's process tell each other before there is a connection: a line each.

use base::ports::LocalRunning;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What the process shall do: its first line of input. It stands in no command line, where others could read the secret.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The model's name, for lists.
    pub(crate) name: String,
    /// Its file; nothing for the model in the binary.
    pub(crate) file: Option<PathBuf>,
    /// What requests must show.
    pub(crate) bearer: String,
    pub(crate) memory: u64,
    pub(crate) threads: Option<usize>,
    pub(crate) context: usize,
    /// What multiplies: a word of the configuration.
    pub(crate) device: String,
    /// How long it waits for requests, in milliseconds.
    pub(crate) idle: u64,
}

impl Order {
    pub(crate) fn new(name: &str, file: Option<PathBuf>, bearer: &str, running: &LocalRunning) -> Self {
        Self {
            name: name.to_owned(),
            file,
            bearer: bearer.to_owned(),
            memory: running.memory,
            threads: running.threads,
            context: running.context,
            device: running.device.clone(),
            idle: u64::try_from(running.idle.as_millis()).unwrap_or(u64::MAX),
        }
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_millis(self.idle)
    }
}

/// What came of it: the first line of output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The model is loaded.
    Ready {
        /// Where it can be asked.
        address: SocketAddr,
        /// What is to be told of where its weights are.
        told: Option<String>,
    },
    /// It is not.
    Failed {
        /// Why.
        why: String,
        /// What to do about it, where that is known better than to the hub.
        next: Option<String>,
    },
}
