//! The connections that only read.

use super::connection;
use super::failure::Place;
use crate::{Row, Statement};
use base::{Error, Result, task};
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// A few connections; as many queries run at once, and others wait.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    count: u32,
    place: Place,
}

impl Readers {
    pub(super) fn open(path: &Path, place: &Place) -> Result<Self> {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let count = processors.clamp(2, 4);
        let idle = (0..count).map(|_| connection::open_reader(path, place)).collect::<Result<Vec<_>>>()?;
        let permits = Arc::new(Semaphore::new(count));
        Ok(Readers { idle: Mutex::new(idle), permits, count: count as u32, place: place.clone() })
    }

    pub(super) async fn query(self: &Arc<Self>, statement: Statement) -> Result<Vec<Row>> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| self.place.gone())?;
        let readers = self.clone();
        task::blocking(move || {
            // Declared first and so dropped last: whoever gets the permit next finds the connection in its place. Both
            // are in here, so that they come back also if whoever asked no longer waits.
            let _permit = permit;
            let borrowed = Borrowed::from(&readers)?;
            let connection = borrowed.connection.as_ref().ok_or_else(|| readers.place.gone())?;
            connection::query(connection, &readers.place, &statement)
        })
        .await?
    }

    /// Waits for the queries that run, refuses those that come later, and closes the connections.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(self.count).await;
        self.permits.close();
        drop(all);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A connection that goes back to the others, whatever happens.
struct Borrowed<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl<'a> Borrowed<'a> {
    fn from(readers: &'a Readers) -> Result<Self> {
        let connection = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if connection.is_none() {
            return Err(Error::internal("there is a permit to read but no connection"));
        }
        Ok(Borrowed { readers, connection })
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}
