//! Runs that begin at times.
//!
//! What was begun last stands in the store, and the key of a run is made of its time, so that no time counts twice, whatever
//! happens between. Of times that passed while nobody looked, as while the hub was away, the latest counts if it is no
//! further away than a day; a schedule that is new begins with the first time after it was seen. A time whose run did not
//! begin by an error that may pass is tried again, until it is begun or the next is due.

use crate::Runs;
use crate::deduplication;
use crate::owner::together;
use base::{Result, clock};
use journal::{RunId, Status};
use runner::{Clock, Served, Start};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use store::{Db, KeyValue};
use tokio_util::sync::CancellationToken;
use workflow::definition::Schedule;

/// Where the store keeps them.
const SPACE: &str = "schedules";

/// How far a time may lie back that still counts, in seconds.
const BACK: u64 = 86_400;

/// How long nobody looks at most: clocks may be set, and workflows change.
const LOOK: Duration = Duration::from_secs(30);

/// After which time it is looked again after an error that may pass.
const AGAIN: Duration = Duration::from_secs(5);

/// Begins runs at the times that the definitions of workflows name, as whoever runs the hub.
pub struct Schedules {
    runs: Arc<dyn Runs>,
    kept: KeyValue,
    clock: Clock,
}

/// What is kept of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    /// The last time that was dealt with, or when it was seen first, in seconds since 1970.
    at: u64,
    /// The run that was begun last.
    run: Option<RunId>,
}

impl Schedules {
    /// Those of the workflows of `runs`, kept in `db`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(runs: Arc<dyn Runs>, db: Db) -> Result<Self> {
        let now = || u64::try_from(clock::wall().as_millis()).unwrap_or(u64::MAX);
        Self::with_clock(runs, db, Arc::new(now)).await
    }

    /// As [`Schedules::open`], with a clock of its own: for tests.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn with_clock(runs: Arc<dyn Runs>, db: Db, clock: Clock) -> Result<Self> {
        Ok(Self { runs, kept: KeyValue::new(db).await?, clock })
    }

    /// Begins runs until `shutdown`.
    pub async fn work(&self, shutdown: CancellationToken) {
        loop {
            let next = self.look().await;
            tokio::select! {
                () = tokio::time::sleep(next) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    /// Begins what is due, and says after which time there may be more.
    pub async fn look(&self) -> Duration {
        let now = (self.clock)();
        let mut next = LOOK;
        for served in self.runs.runner().workflows().values() {
            for (place, schedule) in served.plan.triggers().schedules.iter().enumerate() {
                if let Err(error) = self.one(served, (place, schedule), now / 1_000).await {
                    let (workflow, code) = (served.plan.name(), error.code().id());
                    if may_pass(&error) {
                        next = next.min(AGAIN);
                    }
                    tracing::error!(
                        workflow,
                        code,
                        cron = schedule.cron.written(),
                        "a scheduled run did not begin: {error}"
                    );
                }
                if let Some(at) = schedule.cron.next_after(now / 1_000) {
                    next = next.min(Duration::from_millis(at.saturating_mul(1_000).saturating_sub(now)));
                }
            }
        }
        // A time is over when its second is, and clocks of different kinds do not go alike.
        next.max(Duration::from_millis(10))
    }

    async fn one(&self, served: &Served, (place, schedule): (usize, &Schedule), now: u64) -> Result<()> {
        let name = served.plan.name();
        // Two schedules of the same times are two; one that gets other times is a new one.
        let key = deduplication::key(&["schedule", name, &place.to_string(), schedule.cron.written()]);
        let Some(mark) = self.kept.get(SPACE, &key).await?.and_then(|bytes| Mark::read(&bytes)) else {
            return self.keep(&key, Mark { at: now, run: None }).await;
        };
        let Some(at) = latest(schedule, mark.at.max(now.saturating_sub(BACK)), now) else { return Ok(()) };
        if !schedule.overlap && self.goes_on(mark.run).await? {
            tracing::info!(workflow = name, cron = schedule.cron.written(), "a scheduled run is left out: one goes on");
            return self.keep(&key, Mark { at, ..mark }).await;
        }
        match self.begin(served, (&key, schedule), at).await {
            Ok(run) => self.keep(&key, Mark { at, run: Some(run) }).await,
            // It is not marked, so that it is still due when it is looked again.
            Err(error) if may_pass(&error) => Err(error),
            // What cannot begin now cannot a moment later: it is told once, and counts.
            Err(error) => self.keep(&key, Mark { at, ..mark }).await.and(Err(error)),
        }
    }

    async fn begin(&self, served: &Served, (key, schedule): (&str, &Schedule), at: u64) -> Result<RunId> {
        let time = clock::rfc3339(Duration::from_secs(at));
        let context = Map::from_iter([("scheduled_at".to_owned(), Value::from(time.as_str()))]);
        let params = schedule.params.render(&context)?;
        let start = Start {
            deduplication: Some(deduplication::key(&["scheduled", key, &at.to_string()])),
            trigger: Some(json!({"kind": "schedule", "cron": schedule.cron.written(), "scheduled_at": time})),
            ..Start::of(served.plan.name(), params)
        };
        self.runs.ready().await?;
        let started = self.runs.runner().start(start).await.map_err(|errors| together(&errors))?;
        tracing::info!(run = %started.run, workflow = served.plan.name(), at = time, "a scheduled run begins");
        Ok(started.run)
    }

    async fn goes_on(&self, run: Option<RunId>) -> Result<bool> {
        let Some(run) = run else { return Ok(false) };
        match self.runs.runner().run(run).await {
            Ok(listed) => Ok(!Status::is_final(listed.status)),
            // One that was forgotten was at its end.
            Err(error) if error.code() == base::Code::RunUnknown => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn keep(&self, key: &str, mark: Mark) -> Result<()> {
        self.kept.put(SPACE, key, mark.written()).await
    }
}

impl Mark {
    fn read(bytes: &[u8]) -> Option<Self> {
        let kept: Value = base::json::from_text(std::str::from_utf8(bytes).ok()?).ok()?;
        Some(Self { at: kept["at"].as_u64()?, run: kept["run"].as_str().and_then(RunId::parse) })
    }

    fn written(self) -> String {
        json!({"at": self.at, "run": self.run.map(|run| run.to_string())}).to_string()
    }
}

/// Whether the same may go well a moment later: what is wrong is neither with the file nor with what it gives the run.
fn may_pass(error: &base::Error) -> bool {
    let code = error.code();
    code.exit() == 7 || code.http_status() >= 500
}

/// The last time of a schedule after `since` and up to `now`, in seconds since 1970.
fn latest(schedule: &Schedule, since: u64, now: u64) -> Option<u64> {
    let mut last = None;
    let mut from = since;
    // At most one for each minute of a day.
    while let Some(at) = schedule.cron.next_after(from).filter(|at| *at <= now) {
        (last, from) = (Some(at), at);
    }
    last
}

#[cfg(test)]
mod tests;
