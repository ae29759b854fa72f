//! The one task that writes records, in groups.

use super::buffer::{Buffer, GROUP};
use super::runs::Runs;
use super::usage::{Question, Row};
use super::{Record, tables};
use base::{Error, Result, clock, task};
use std::sync::Arc;
use std::time::Duration;
use store::Db;

/// A record waits at most this long to be written.
const WITHIN: Duration = Duration::from_secs(1);

/// Takes records and has them written.
pub(crate) struct Recorder {
    db: Db,
    buffer: Arc<Buffer>,
    task: tokio::task::JoinHandle<()>,
}

impl Recorder {
    pub(crate) async fn start(db: Db) -> Result<Self> {
        tables::prepare(&db).await?;
        let next = tables::newest(&db).await? + 1;
        let buffer = Arc::new(Buffer::default());
        let task = task::spawn("spending-recorder", run(db.clone(), Arc::clone(&buffer), next));
        Ok(Self { db, buffer, task })
    }

    pub(crate) fn record(&self, record: Record) {
        self.buffer.push(record);
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.buffer.dropped()
    }

    pub(crate) async fn flush(&self) -> Result<()> {
        self.ask(false).await
    }

    pub(crate) async fn close(&self) -> Result<()> {
        self.ask(true).await
    }

    async fn ask(&self, close: bool) -> Result<()> {
        if self.task.is_finished() {
            return Ok(());
        }
        let ended = || Error::internal("the task that writes records has ended too early");
        self.buffer.ask(close).await.unwrap_or_else(|_| Err(ended()))
    }

    pub(crate) async fn usage(&self, question: &Question) -> Result<Vec<Row>> {
        tables::usage(&self.db, question).await
    }

    pub(crate) async fn recent(&self, most: usize) -> Result<Vec<Record>> {
        tables::recent(&self.db, most).await
    }

    /// Ends it as `kill -9` does.
    #[cfg(test)]
    pub(crate) fn kill(&self) {
        self.task.abort();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // The task writes what waits, and ends.
        drop(self.buffer.ask(true));
    }
}

async fn run(db: Db, buffer: Arc<Buffer>, mut next: i64) {
    let (mut folded_on, mut runs) = (None, Runs::default());
    loop {
        buffer.begun.notified().await;
        // Whether in a hurry or not, what waits is written.
        let _in_time = tokio::time::timeout(WITHIN, buffer.hurry.notified()).await;
        let mut group = buffer.take();
        runs.bound(&mut group.records);
        let mut result = Ok(());
        while !group.records.is_empty() && result.is_ok() {
            let count = group.records.len().min(GROUP);
            result = match group.records.get(..count) {
                Some(some) => tables::write(&db, next, some).await,
                None => break,
            };
            if result.is_ok() {
                group.records.drain(..count);
                next += i64::try_from(count).unwrap_or(i64::MAX);
            }
        }
        if let Err(error) = &result {
            tracing::warn!(%error, waiting = group.records.len(), "the record of what was used cannot be written yet");
            buffer.put_back(group.records);
        }
        for asking in group.asking {
            // Whoever asked may have gone.
            let _gone = asking.send(result.clone());
        }
        if group.closed {
            break;
        }
        let today = Some(clock::wall().as_secs() / 86_400);
        if folded_on != today {
            folded_on = today;
            if let Err(error) = tables::fold(&db, clock::wall().as_secs()).await {
                tracing::warn!(%error, "old sums of what was used cannot be folded into days");
            }
        }
    }
}
