//! Connections that wait for their next request.

use super::Connection;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most connections that wait.
const IDLE_LIMIT: usize = 128;

/// How long a connection may wait. Node.js closes after five seconds by default; a request that crosses with that is
/// lost, and must not be repeated, for it may have had its effect.
const IDLE_TIME: Duration = Duration::from_secs(4);

/// Connections to one provider.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    /// A connection on which a request can go out now, if one waits: the one that was used last.
    pub fn take(&self) -> Option<Connection> {
        let now = base::clock::now();
        let mut idle = self.lock();
        while let Some(mut connection) = idle.pop() {
            if now.duration_since(connection.idle_since) >= IDLE_TIME {
                // All others have waited for longer.
                idle.clear();
                return None;
            }
            if connection.is_free() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection whose exchange is over, if another may follow.
    pub fn put(&self, mut connection: Connection) {
        if !connection.is_free() {
            return;
        }
        connection.idle_since = base::clock::now();
        let mut idle = self.lock();
        if idle.len() < IDLE_LIMIT {
            idle.push(connection);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
