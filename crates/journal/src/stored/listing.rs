//! Runs as lists, and what is forgotten of them.

mod tables;

use super::StoredJournal;
use crate::limits::RUNS;
use crate::{Filter, JournalError, Page, Result, Run, RunId};

impl StoredJournal {
    pub(super) async fn find(&self, run: RunId) -> Result<Run> {
        let rows = self.db.query(tables::run(run)).await?;
        let row = rows.first().ok_or(JournalError::RunUnknown(run))?;
        Ok(tables::read(row)?)
    }

    pub(super) async fn find_all(&self, filter: Filter, after: Option<RunId>, most: usize) -> Result<Page> {
        let most = most.clamp(1, RUNS);
        // One more than is asked for tells whether there is a next page.
        let rows = self.db.query(tables::runs(&filter, after, most + 1)).await?;
        let mut runs = rows.iter().map(tables::read).collect::<base::Result<Vec<_>>>()?;
        let more = runs.len() > most;
        runs.truncate(most);
        let next = runs.last().filter(|_| more).map(|run| run.id);
        Ok(Page { runs, next })
    }

    pub(super) async fn forget(&self, before: u64, most: usize) -> Result<usize> {
        let ended = self.db.query(tables::ended(before, most.min(RUNS))).await?;
        for row in &ended {
            let run = super::tables::run_id(row, 0)?;
            let payloads = self.db.query(tables::payloads(run)).await?;
            let payloads = payloads.iter().map(|row| row.blob(0).map(<[u8]>::to_vec)).collect::<base::Result<_>>()?;
            self.db.execute(tables::forget(run, payloads)).await?.done()?;
        }
        self.db.execute(vec![tables::forget_definitions(before)]).await?.done()?;
        Ok(ended.len())
    }
}
