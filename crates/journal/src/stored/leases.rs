//! Who has which run.

use super::{StoredJournal, tables};
use crate::changes;
use crate::checks::milliseconds;
use crate::lease::{check, latest};
use crate::limits::RUNS;
use crate::{Author, Claim, Digest, Held, JournalError, Lease, Rest, Result, RunId, Wake};
use std::cmp::Reverse;
use std::time::Duration;

/// A run that a worker may have.
struct Candidate {
    seen: Held,
    definition: Digest,
    priority: i64,
    since: i64,
}

impl StoredJournal {
    pub(super) async fn lease(&self, claim: Claim) -> Result<Vec<Lease>> {
        let time = check(&claim)?;
        let most = claim.most.min(RUNS);
        let (until, far) = (claim.now.saturating_add(time), latest(claim.now, time));
        let mut candidates = Vec::new();
        for tag in &claim.tags {
            let rows = self.db.query(tables::claimable(tag, claim.now, far, most)).await?;
            candidates.extend(rows.iter().map(candidate).collect::<base::Result<Vec<_>>>()?);
        }
        candidates.sort_by_key(|candidate| (Reverse(candidate.priority), candidate.since, candidate.seen.run));
        candidates.dedup_by_key(|candidate| candidate.seen.run);
        candidates.truncate(most);
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let take = |candidate: &Candidate| tables::lease(candidate.seen, &claim.worker, claim.now, far, until);
        let taken = self.db.execute(candidates.iter().map(take).collect()).await?.done()?;
        // Another worker may have been faster with some.
        let mine = candidates.iter().zip(taken).filter(|(_, rows)| *rows == 1);
        let lease = |candidate: &Candidate| {
            let held = Held { fence: candidate.seen.fence + 1, ..candidate.seen };
            Lease { held, definition: candidate.definition, until }
        };
        Ok(mine.map(|(candidate, _)| lease(candidate)).collect())
    }

    pub(super) async fn keep(&self, leases: Vec<Held>, now: u64, time: Duration) -> Result<Vec<RunId>> {
        let until = now.saturating_add(milliseconds(time)?);
        let mut lost = Vec::new();
        for some in leases.chunks(RUNS) {
            let unit = some.iter().map(|held| tables::renew(*held, until)).collect();
            let kept = self.db.execute(unit).await?.done()?;
            lost.extend(some.iter().zip(kept).filter(|(_, rows)| *rows == 0).map(|(held, _)| held.run));
        }
        Ok(lost)
    }

    pub(super) async fn give_back(&self, held: Held, rest: Rest) -> Result<()> {
        let (statement, expected) = match rest {
            Rest::Waiting { status, .. } if status.is_final() => return Err(changes::no_rest(status)),
            Rest::Waiting { expected, status } => (tables::release_waiting(held, expected, status), expected),
            Rest::Ready { at } => (tables::release_ready(held, at), 0),
        };
        if !self.db.execute(vec![statement]).await?.is_done() {
            return Err(self.why_not(held.run, expected, Author::Lease(held.fence), None).await?);
        }
        self.bell.ring(Wake { run: held.run, ready: matches!(rest, Rest::Ready { .. }), ended: None });
        Ok(())
    }

    pub(super) async fn take_away(&self, run: RunId, now: u64) -> Result<()> {
        let taken = self.db.execute(vec![tables::revoke(run, now)]).await?.done()?;
        if taken == [0] && self.db.query(tables::standing(run)).await?.is_empty() {
            return Err(JournalError::RunUnknown(run));
        }
        self.bell.ring(Wake::ready(run));
        Ok(())
    }
}

fn candidate(row: &store::Row) -> base::Result<Candidate> {
    let seen = Held { run: tables::run_id(row, 0)?, fence: tables::unsigned(row.integer(1)?) };
    let (definition, priority, since) = (tables::digest(row, 2)?, row.integer(3)?, row.integer(4)?);
    Ok(Candidate { seen, definition, priority, since })
}
