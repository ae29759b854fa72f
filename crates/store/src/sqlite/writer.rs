//! The one thread that writes.
//!
//! A commit costs a wait for the disk, milliseconds on some; the work in it costs microseconds. So units that wait at the
//! same time go into one transaction, each so that it can be undone alone, and share the wait.

use super::failure::Place;
use super::group::{self, Lost};
use super::lock::Lock;
use super::{connection, migration};
use crate::{Counts, Outcome, Row, Statement};
use base::{Error, Result};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};

/// The most units in one transaction.
const GROUP_UNITS: usize = 512;

/// After so many bytes no further unit joins a transaction.
const GROUP_BYTES: usize = 8 << 20;

/// What the writer is asked to do.
pub(crate) enum Job {
    Unit(Unit),
    /// Only for a store in memory, which has no other connection.
    Query {
        statement: Statement,
        answer: oneshot::Sender<Result<Vec<Row>>>,
    },
    Migrate {
        domain: &'static str,
        steps: &'static [&'static str],
        answer: oneshot::Sender<Result<()>>,
    },
    Stop {
        answer: oneshot::Sender<()>,
    },
    #[cfg(test)]
    Inspect(Box<dyn FnOnce(&mut Writer) + Send>),
}

/// A unit of work and who waits for it.
pub(crate) struct Unit {
    statements: Vec<Statement>,
    answer: oneshot::Sender<Result<Outcome>>,
    /// What came of it; it is told only after the commit.
    result: Option<Result<Outcome>>,
}

/// How much was done.
#[derive(Default)]
pub(crate) struct Counters {
    units: AtomicU64,
    commits: AtomicU64,
}

pub(crate) struct Writer {
    pub(super) connection: Connection,
    jobs: mpsc::Receiver<Job>,
    counters: Arc<Counters>,
    place: Place,
    /// Why nothing more is written, once the disk has failed.
    pub(super) stopped: Option<Error>,
    /// Makes the next commit panic.
    #[cfg(test)]
    pub(super) trap: bool,
    // After the connection, so that the file is closed before another program may open it.
    _lock: Option<Lock>,
}

impl Unit {
    pub(super) const fn new(statements: Vec<Statement>, answer: oneshot::Sender<Result<Outcome>>) -> Self {
        Unit { statements, answer, result: None }
    }

    fn size(&self) -> usize {
        self.statements.iter().map(Statement::size).sum()
    }

    fn run(&mut self, connection: &Connection, place: &Place, first: bool) -> Result<(), Lost> {
        self.result = Some(group::unit(connection, place, &self.statements, first)?);
        Ok(())
    }

    /// The same for a unit that is alone in its transaction, because the group that it was in failed.
    fn run_again(&mut self, connection: &Connection, place: &Place) -> Result<(), Lost> {
        self.result = Some(group::careful(connection, place, &self.statements)?);
        Ok(())
    }

    fn is_done(&self) -> bool {
        matches!(self.result, Some(Ok(Outcome::Done { .. })))
    }

    fn tell(self, place: &Place) {
        let result = self.result.unwrap_or_else(|| Err(place.gone()));
        // Whoever asked may have left.
        let _left = self.answer.send(result);
    }
}

impl Counters {
    pub(super) fn read(&self) -> Counts {
        Counts { units: self.units.load(Ordering::Relaxed), commits: self.commits.load(Ordering::Relaxed) }
    }
}

impl Writer {
    pub(super) const fn new(
        connection: Connection,
        lock: Option<Lock>,
        jobs: mpsc::Receiver<Job>,
        counters: Arc<Counters>,
        place: Place,
    ) -> Self {
        Writer {
            connection,
            jobs,
            counters,
            place,
            stopped: None,
            #[cfg(test)]
            trap: false,
            _lock: lock,
        }
    }

    /// Works until everybody who could bring work is gone, or until it is told to stop.
    pub(super) fn run(mut self) {
        let mut carried = None;
        while let Some(job) = carried.take().or_else(|| self.jobs.blocking_recv()) {
            match job {
                Job::Unit(first) => carried = self.group(first),
                Job::Query { statement, answer } => {
                    let rows = self.attempt(|writer| {
                        connection::query(&writer.connection, &writer.place, &statement).map_err(Lost::of)
                    });
                    let _left = answer.send(rows.map_err(|lost| lost.error));
                }
                Job::Migrate { domain, steps, answer } => {
                    let result = self.attempt(|writer| writer.migrate(domain, steps));
                    let _left = answer.send(result.map_err(|lost| lost.error));
                }
                Job::Stop { answer } => return self.stop(answer),
                #[cfg(test)]
                Job::Inspect(look) => drop(self.attempt(|writer| {
                    look(writer);
                    Ok(())
                })),
            }
        }
    }

    fn stop(mut self, answer: oneshot::Sender<()>) {
        self.jobs.close();
        // Taking out what is left, also what somebody is just putting in, tells each that it is too late.
        while self.jobs.blocking_recv().is_some() {}
        drop(self);
        let _left = answer.send(());
    }

    /// Does `first` and the units that wait behind it, and gives back the job that ended the group if there is one.
    fn group(&mut self, first: Unit) -> Option<Job> {
        let mut units = vec![first];
        let mut carried = None;
        match self.attempt(|writer| writer.together(&mut units, &mut carried)) {
            Err(lost) if lost.retry && (units.len() > 1 || lost.undo) => {
                units.iter_mut().for_each(|unit| self.alone(unit));
            }
            Err(lost) => units.iter_mut().for_each(|unit| unit.result = Some(Err(lost.error.clone()))),
            Ok(()) => {}
        }
        let done = units.iter().filter(|unit| unit.is_done()).count();
        self.counters.units.fetch_add(done as u64, Ordering::Relaxed);
        units.into_iter().for_each(|unit| unit.tell(&self.place));
        carried
    }

    fn together(&mut self, units: &mut Vec<Unit>, carried: &mut Option<Job>) -> Result<(), Lost> {
        group::begin(&self.connection, &self.place)?;
        let (mut next, mut size) = (0, 0);
        while let Some(unit) = units.get_mut(next) {
            unit.run(&self.connection, &self.place, next == 0)?;
            (next, size) = (next + 1, size + unit.size());
            // Asked anew after each unit, because others arrive meanwhile. Nobody is waited for.
            if carried.is_none() && next < GROUP_UNITS && size < GROUP_BYTES {
                match self.jobs.try_recv() {
                    Ok(Job::Unit(unit)) => units.push(unit),
                    Ok(other) => *carried = Some(other),
                    Err(_) => {}
                }
            }
        }
        self.commit()
    }

    /// Does one unit of a group that failed as a whole.
    fn alone(&mut self, unit: &mut Unit) {
        let result = self.attempt(|writer| {
            group::begin(&writer.connection, &writer.place)?;
            unit.run_again(&writer.connection, &writer.place)?;
            writer.commit()
        });
        if let Err(lost) = result {
            unit.result = Some(Err(lost.error));
        }
    }

    fn migrate(&mut self, domain: &str, steps: &[&str]) -> Result<(), Lost> {
        group::begin(&self.connection, &self.place)?;
        migration::run_missing(&self.connection, &self.place, domain, steps).map_err(Lost::of)?;
        self.commit()
    }

    fn commit(&mut self) -> Result<(), Lost> {
        #[cfg(test)]
        assert!(!std::mem::take(&mut self.trap), "this panic is on purpose");
        group::commit(&self.connection, &self.place)?;
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Fails as if the engine had, inside a job.
    #[cfg(test)]
    pub(super) fn lose(&mut self, error: &rusqlite::Error) {
        drop(self.attempt(|writer| Err::<(), _>(Lost::new(&writer.place, error))));
    }

    /// Runs `work`, and leaves no transaction open when it fails or panics: a bug in one unit must not take the store
    /// from everybody, and nobody may wait for an answer that never comes.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Lost>) -> Result<T, Lost> {
        if let Some(stopped) = &self.stopped {
            return Err(Lost::of(stopped.clone()));
        }
        let mut result = catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|_| {
            let message = format!("the writer of {} panicked, and what it was doing was rolled back", self.place);
            Err(Lost::of(Error::internal(message)))
        });
        if let Err(lost) = &mut result {
            lost.stop |= group::reset(&self.connection).is_err();
            if lost.stop {
                tracing::error!(error = %lost.error, "the store takes no more writes");
                self.stopped = Some(lost.error.clone());
            }
        }
        result
    }
}
