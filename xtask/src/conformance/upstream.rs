//! Tutti as a client of upstreams: the suite is the server, a hub stands before it, and a driver calls through the hub.

use super::expectations::Judged;
use super::{Era, Room};
use crate::failure::Result;

impl Room {
    /// The suite's scenarios for clients of `era`.
    pub(super) fn as_client(&self, era: Era) -> Result<Judged> {
        let _ = era;
        Ok(Judged::default())
    }
}
