//! The store as the rest of the program sees it.

use crate::sqlite::Sqlite;
use crate::{Counts, Outcome, Row, Statement};
use base::Result;
use std::path::Path;
use std::sync::Arc;

/// A handle to the store; clones are cheap and share it.
///
/// When the last clone goes, what was handed in is still written and then the store is left in order. [`Db::close`] does
/// the same and waits for it.
#[derive(Clone)]
pub struct Db {
    // The one place that an engine is named. With PostgreSQL this becomes an enum of two.
    engine: Arc<Sqlite>,
}

impl Db {
    /// Opens the store in the file at `path`, or creates it, together with the folders above it. Only its owner may read
    /// it. A second program that opens the same file is refused while the first has it.
    ///
    /// # Errors
    ///
    /// With [`base::Code::StoreTaken`] another process has it; with [`base::Code::StoreDamaged`] it is no sound store, and
    /// is left as it was; with [`base::Code::StoreOpen`] it cannot be written there; with [`base::Code::StoreFailed`] the
    /// disk or the machine fails.
    pub async fn open(path: &Path) -> Result<Db> {
        Ok(Db { engine: Arc::new(Sqlite::open(path).await?) })
    }

    /// The number of the process that has the store at `path`, or had it last, as far as it is known.
    pub fn holder(path: &Path) -> Option<u32> {
        Sqlite::holder(path)
    }

    /// A store that lives in memory and goes with the last handle.
    pub async fn memory() -> Result<Db> {
        Ok(Db { engine: Arc::new(Sqlite::memory().await?) })
    }

    /// Does a unit of work: all its statements or none. When this returns [`Outcome::Done`] the unit is on the disk and
    /// survives a power cut.
    ///
    /// Waits while the queue is full. If the returned future is dropped, the unit may still be done. A unit without
    /// statements changes nothing and tells whether the store takes writes.
    pub async fn execute(&self, unit: Vec<Statement>) -> Result<Outcome> {
        self.engine.execute(unit).await
    }

    /// The rows that a `SELECT` finds. It sees what was committed when it starts, and every unit that was acknowledged
    /// before. What the statement expects is not looked at.
    pub async fn query(&self, statement: Statement) -> Result<Vec<Row>> {
        self.engine.query(statement).await
    }

    /// Brings the tables of `domain` up to date: runs those of `steps` that this store has not had yet, all of them or
    /// none. A step may hold several statements. Steps are only ever added at the end, and one that was released is never
    /// changed.
    pub async fn migrate(&self, domain: &'static str, steps: &'static [&'static str]) -> Result<()> {
        self.engine.migrate(domain, steps).await
    }

    /// How much work was done, for metrics.
    pub fn counts(&self) -> Counts {
        self.engine.counts()
    }

    /// The engine and its version, such as `SQLite 3.54.1`.
    pub fn engine(&self) -> String {
        Sqlite::version()
    }

    /// Finishes what was handed in and closes the store for all clones.
    pub async fn close(self) {
        self.engine.close().await;
    }

    #[cfg(test)]
    pub(crate) fn sqlite(&self) -> &Sqlite {
        &self.engine
    }
}

#[cfg(test)]
pub(crate) mod tests;
