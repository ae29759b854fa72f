//! The store on SQLite: one writer thread, a few connections that only read.

mod connection;
mod failure;
mod group;
mod lock;
mod migration;
mod readers;
mod writer;

use crate::{Counts, Outcome, Row, Statement};
use base::{Result, task};
use failure::Place;
use lock::Lock;
use readers::Readers;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use writer::{Counters, Job, Unit, Writer};

/// How many units may wait for the writer before whoever brings another has to wait too.
const QUEUE: usize = 1024;

/// An open SQLite store.
pub(crate) struct Sqlite {
    // Before the sender, so that the writer is the last to close and folds the write-ahead log into the file.
    readers: Option<Arc<Readers>>,
    jobs: mpsc::Sender<Job>,
    counters: Arc<Counters>,
    place: Place,
}

impl Sqlite {
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        // SQLite takes a relative path that begins with `file:` for an address, and messages say more with the whole path.
        let path = std::path::absolute(path).map_err(|error| Place::file(path).cannot_open_file(&error))?;
        task::blocking(move || Self::open_file(&path)).await?
    }

    fn open_file(path: &Path) -> Result<Self> {
        let place = Place::file(path);
        connection::check_version(&place)?;
        let lock = connection::prepare_file(path, &place)?;
        let writing = connection::open_writer(path, &place)?;
        let readers = Readers::open(path, &place)?;
        Self::start(writing, Some(lock), Some(Arc::new(readers)), place)
    }

    pub(crate) async fn memory() -> Result<Self> {
        let open = || {
            let place = Place::memory();
            connection::check_version(&place)?;
            Self::start(connection::open_memory(&place)?, None, None, place)
        };
        task::blocking(open).await?
    }

    fn start(
        connection: rusqlite::Connection,
        lock: Option<Lock>,
        readers: Option<Arc<Readers>>,
        place: Place,
    ) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let counters = Arc::new(Counters::default());
        let writer = Writer::new(connection, lock, waiting, counters.clone(), place.clone());
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| place.cannot_open_file(&error))?;
        Ok(Sqlite { readers, jobs, counters, place })
    }

    pub(crate) async fn execute(&self, statements: Vec<Statement>) -> Result<Outcome> {
        let answer = self.submit(statements).await?;
        answer.await.unwrap_or_else(|_| Err(self.place.gone()))
    }

    /// Puts a unit into the queue; what comes of it arrives later.
    pub(crate) async fn submit(&self, statements: Vec<Statement>) -> Result<oneshot::Receiver<Result<Outcome>>> {
        statements.iter().try_for_each(connection::check)?;
        let (sender, receiver) = oneshot::channel();
        self.send(Job::Unit(Unit::new(statements, sender))).await?;
        Ok(receiver)
    }

    pub(crate) async fn query(&self, statement: Statement) -> Result<Vec<Row>> {
        connection::check(&statement)?;
        if let Some(readers) = &self.readers {
            return readers.query(statement).await;
        }
        let (sender, receiver) = oneshot::channel();
        self.send(Job::Query { statement, answer: sender }).await?;
        receiver.await.unwrap_or_else(|_| Err(self.place.gone()))
    }

    pub(crate) async fn migrate(&self, domain: &'static str, steps: &'static [&'static str]) -> Result<()> {
        let (sender, receiver) = oneshot::channel();
        self.send(Job::Migrate { domain, steps, answer: sender }).await?;
        receiver.await.unwrap_or_else(|_| Err(self.place.gone()))
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// See [`crate::Db::holder`].
    pub(crate) fn holder(path: &Path) -> Option<u32> {
        lock::holder(path)
    }

    pub(crate) fn version() -> String {
        format!("SQLite {}", rusqlite::version())
    }

    pub(crate) async fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        let (sender, receiver) = oneshot::channel();
        if self.jobs.send(Job::Stop { answer: sender }).await.is_ok() {
            // Ends when the writer has closed its connection, whether it says so or not.
            let _closed = receiver.await;
        }
    }

    async fn send(&self, job: Job) -> Result<()> {
        self.jobs.send(job).await.map_err(|_| self.place.gone())
    }

    /// How many jobs wait that the writer has not taken yet.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Runs `look` on the writer's thread, between two groups.
    #[cfg(test)]
    pub(crate) async fn inspect(&self, look: impl FnOnce(&mut Writer) + Send + 'static) {
        self.send(Job::Inspect(Box::new(look))).await.unwrap();
    }
}

#[cfg(test)]
mod tests;
