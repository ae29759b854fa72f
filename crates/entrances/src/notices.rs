//! Telling others of gates: a signed request to each address of the configuration, and their signed answers.
//!
//! What a journal says of gates is looked for as entries come, and once when the hub begins. A notice goes out again until its
//! receiver has taken it, with the same id; what was taken is kept, so that a restart tells nobody twice.

mod answer;
mod body;
mod send;

pub(crate) use answer::{Answer, decided};

use crate::Runs;
use base::{Code, Result, task};
use identity::Secrets;
use journal::{Filter, News, RunId, Status};
use runner::Came;
use send::{Sending, Sent};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use store::{Db, KeyValue};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// Where the store keeps what was told.
const SPACE: &str = "gate-notices";

/// How many requests go out at once.
const AT_ONCE: usize = 8;

/// How many runs are read at once from the store.
const PAGE: usize = 500;

/// After which time changes of runs are looked at together.
const GATHER: Duration = Duration::from_millis(100);

/// How long nobody looks at most at what could not be told, and at who is told.
const LOOK: Duration = Duration::from_secs(15);

/// Tells of gates, as long as [`Notices::work`] runs.
pub struct Notices {
    runs: Arc<dyn Runs>,
    secrets: Secrets,
    kept: KeyValue,
    places: Arc<Semaphore>,
}

/// What is known while it works.
struct Desk {
    /// The next entry to look at of each run that is not at its end.
    next: HashMap<RunId, u64>,
    /// What is under way, was taken, or was given up.
    begun: HashSet<String>,
    /// Runs of which nobody could be told.
    again: HashSet<RunId>,
    ended: mpsc::UnboundedSender<Sent>,
}

impl Notices {
    /// Tells of the gates of `runs`, by requests signed with `secrets`; what was told is kept in `db`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(runs: Arc<dyn Runs>, secrets: Secrets, db: Db) -> Result<Self> {
        Ok(Self { runs, secrets, kept: KeyValue::new(db).await?, places: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Tells of gates until `shutdown`. What is not taken by then is told when it works again.
    pub async fn work(&self, shutdown: CancellationToken) {
        let (ended, mut endings) = mpsc::unbounded_channel();
        let mut desk = Desk { next: HashMap::new(), begun: HashSet::new(), again: HashSet::new(), ended };
        // Before it is looked at, so that nothing is missed between.
        let mut watch = self.runs.runner().watch();
        let (mut changed, mut known) = (self.all().await, self.runs.notices());
        let mut looks = tokio::time::interval(LOOK);
        loop {
            for run in std::mem::take(&mut changed) {
                if let Err(error) = self.look(run, &mut desk, &shutdown).await {
                    tracing::warn!(run = %run, code = error.code().id(), "nobody is told of the gates of a run: {error}");
                    desk.again.insert(run);
                }
            }
            tokio::select! {
                news = watch.next() => match news {
                    Some(News::Run(wake)) => { changed.insert(wake.run); }
                    Some(News::Missed) => changed = self.all().await,
                    None => return,
                },
                Some(sent) = endings.recv() => self.keep(&sent).await,
                _ = looks.tick() => changed.extend(desk.again.drain()),
                () = shutdown.cancelled() => return,
            }
            // Who is told from now on is told of all gates that wait.
            let told = self.runs.notices();
            if told != known {
                (known, changed) = (told, self.all().await);
                desk.next.clear();
            }
            // More comes at once, as a rule.
            tokio::time::sleep(GATHER).await;
            while let Some(news) = watch.waiting() {
                match news {
                    News::Run(wake) => drop(changed.insert(wake.run)),
                    News::Missed => changed.extend(self.all().await),
                }
            }
        }
    }

    /// All runs that go on.
    async fn all(&self) -> HashSet<RunId> {
        let mut all = HashSet::new();
        for status in [Status::Running, Status::Waiting, Status::InDoubt, Status::Paused] {
            let mut after = None;
            loop {
                let filter = Filter { status: Some(status), ..Filter::default() };
                let Ok(page) = self.runs.runner().list(filter, after, PAGE).await else { break };
                all.extend(page.runs.iter().map(|run| run.id));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        all
    }

    /// Looks at what came in a run, and begins to tell of the gates that wait.
    async fn look(&self, run: RunId, desk: &mut Desk, shutdown: &CancellationToken) -> Result<()> {
        let notices = self.runs.notices();
        if notices.is_empty() {
            return Ok(());
        }
        let from = desk.next.get(&run).copied().unwrap_or(1);
        let came = match self.runs.runner().came_since(run, from).await {
            // It was forgotten meanwhile.
            Err(error) if error.code() == Code::RunUnknown => Came { next: from, gates: false, over: true },
            came => came?,
        };
        if came.over {
            desk.next.remove(&run);
            desk.begun.retain(|key| !key.starts_with(&run.to_string()));
            self.kept.delete(SPACE, &run.to_string()).await?;
            return Ok(());
        }
        if !came.gates {
            desk.next.insert(run, came.next);
            return Ok(());
        }
        let asking = self.runs.runner().asking(run).await?;
        let told = self.told(run).await?;
        for gate in &asking.gates {
            for notice in notices.iter() {
                let id = body::id(notice, run, gate);
                let key = format!("{run}/{id}");
                if told.contains(&id) || !desk.begun.insert(key) {
                    continue;
                }
                let text = body::text(notice, &id, &asking.run, gate);
                let sending = Sending {
                    notice: notice.clone(),
                    id,
                    run,
                    gate: (gate.path.clone(), gate.arguments.clone()),
                    text,
                    secrets: self.secrets.clone(),
                    runner: self.runs.runner().clone(),
                    places: Arc::clone(&self.places),
                };
                let (ended, shutdown) = (desk.ended.clone(), shutdown.clone());
                task::spawn("a notice of a gate", async move {
                    tokio::select! {
                        // Where nobody listens the hub is at its end.
                        taken = sending.carry_on() => if let Some(sent) = taken { let _unheard = ended.send(sent); },
                        () = shutdown.cancelled() => {}
                    }
                });
            }
        }
        // Not before: what could not be looked at is looked at again.
        desk.next.insert(run, came.next);
        Ok(())
    }

    /// What others were told of a run.
    async fn told(&self, run: RunId) -> Result<Vec<String>> {
        let kept = self.kept.get(SPACE, &run.to_string()).await?.unwrap_or_default();
        let kept: Value = base::json::from_bytes(&kept).unwrap_or_default();
        let ids = kept.as_array().into_iter().flatten();
        Ok(ids.filter_map(|id| id.as_str().map(str::to_owned)).collect())
    }

    /// Keeps that somebody was told.
    async fn keep(&self, sent: &Sent) {
        let kept = async {
            let mut told = self.told(sent.run).await?;
            told.push(sent.id.clone());
            self.kept.put(SPACE, &sent.run.to_string(), Value::from(told).to_string()).await
        };
        if let Err(error) = kept.await {
            tracing::warn!(run = %sent.run, "who was told of a gate cannot be kept: {error}");
        }
    }
}

#[cfg(test)]
mod tests;
