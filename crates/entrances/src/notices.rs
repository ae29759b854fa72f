//! Telling others of gates: a signed request to each address of the configuration, and their signed answers.
//!
//! What a journal says of gates is looked for as entries come, and once when the hub begins. A notice goes out again until its
//! receiver has taken it, with the same id; what was taken is kept, so that a restart tells nobody twice. What the configuration
//! says is looked at before each try: who is told no more, or elsewhere, gets nothing at the old address.

mod answer;
mod body;
mod desk;
mod send;

pub(crate) use answer::{Answer, decided};

use crate::Runs;
use crate::notice::Notice;
use base::{Code, Result, task};
use desk::Desk;
use identity::Secrets;
use journal::{Filter, News, RunId, Status};
use runner::{Came, GateShown};
use send::{Ending, Sending, Sent};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::{Db, KeyValue};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Where the store keeps what was told.
const SPACE: &str = "gate-notices";

/// How many runs are read at once from the store, and looked at in one go for what is kept of them.
const PAGE: usize = 500;

/// After which time changes of runs are looked at together.
const GATHER: Duration = Duration::from_millis(100);

/// How long nobody looks at most at what could not be told, and at who is told.
const LOOK: Duration = Duration::from_secs(15);

/// After which time what is kept of runs that are over is looked for.
const SWEEP: Duration = Duration::from_secs(3_600);

/// Tells of gates, as long as [`Notices::work`] runs.
pub struct Notices {
    runs: Arc<dyn Runs>,
    secrets: Secrets,
    kept: KeyValue,
}

impl Notices {
    /// Tells of the gates of `runs`, by requests signed with `secrets`; what was told is kept in `db`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(runs: Arc<dyn Runs>, secrets: Secrets, db: Db) -> Result<Self> {
        Ok(Self { runs, secrets, kept: KeyValue::new(db).await? })
    }

    /// Tells of gates until `shutdown`. What is not taken by then is told when it works again.
    pub async fn work(&self, shutdown: CancellationToken) {
        let (ended, mut endings) = mpsc::unbounded_channel();
        let mut desk = Desk::new(self.runs.notices(), ended);
        // Before it is looked at, so that nothing is missed between.
        let mut watch = self.runs.runner().watch();
        let mut changed = HashSet::new();
        let mut kept = Vec::new();
        let (mut looks, mut sweeps) = (tokio::time::interval(LOOK), tokio::time::interval(SWEEP));
        loop {
            if desk.all {
                self.gather(&mut desk, &mut changed).await;
            }
            for run in std::mem::take(&mut changed) {
                if let Err(error) = self.look(run, &mut desk, &shutdown).await {
                    tracing::warn!(run = %run, code = error.code().id(), "nobody is told of the gates of a run: {error}");
                    desk.look_again(run);
                }
            }
            tokio::select! {
                news = watch.next() => match news {
                    Some(News::Run(wake)) => { changed.insert(wake.run); }
                    Some(News::Missed) => desk.all = true,
                    None => return,
                },
                Some(sent) = endings.recv() => changed.extend(self.end(&sent, &mut desk).await),
                _ = looks.tick() => {
                    changed.extend(desk.again());
                    unwell(self.sweep(&mut kept).await);
                }
                _ = sweeps.tick() => unwell(self.list(&mut kept).await),
                () = shutdown.cancelled() => return,
            }
            desk.follow(self.runs.notices());
            // More comes at once, as a rule.
            tokio::time::sleep(GATHER).await;
            while let Some(news) = watch.waiting() {
                match news {
                    News::Run(wake) => drop(changed.insert(wake.run)),
                    News::Missed => desk.all = true,
                }
            }
        }
    }

    /// Lets all runs that go on be looked at; again later where the store does not say which these are.
    async fn gather(&self, desk: &mut Desk, changed: &mut HashSet<RunId>) {
        match self.all().await {
            Ok(all) => {
                changed.extend(all);
                desk.all = false;
            }
            Err(error) => {
                tracing::warn!(
                    code = error.code().id(),
                    "which runs go on is not known, so nobody is told of gates: {error}"
                );
            }
        }
    }

    /// All runs that go on.
    async fn all(&self) -> Result<HashSet<RunId>> {
        let mut all = HashSet::new();
        for status in [Status::Running, Status::Waiting, Status::InDoubt, Status::Paused] {
            let mut after = None;
            loop {
                let filter = Filter { status: Some(status), ..Filter::default() };
                let page = self.runs.runner().list(filter, after, PAGE).await?;
                all.extend(page.runs.iter().map(|run| run.id));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(all)
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
            desk.forget(run);
            self.kept.delete(SPACE, &run.to_string()).await?;
            return Ok(());
        }
        if !came.gates {
            desk.next.insert(run, came.next);
            return Ok(());
        }
        let asking = self.runs.runner().asking(run).await?;
        let told = self.told(run).await?;
        let mut all = true;
        for gate in &asking.gates {
            for notice in notices.iter() {
                let id = body::id(notice, run, gate);
                all &= told.contains(&id) || self.begin(notice, id, (run, gate), (desk, shutdown));
            }
        }
        if all {
            // Not before: what could not be looked at is looked at again.
            desk.next.insert(run, came.next);
        } else {
            desk.look_again(run);
        }
        Ok(())
    }

    /// Begins to tell of a gate. Gives whether there was room for it, or it was begun before.
    fn begin(
        &self,
        notice: &Notice,
        id: String,
        (run, gate): (RunId, &GateShown),
        (desk, shutdown): (&mut Desk, &CancellationToken),
    ) -> bool {
        if desk.is_begun(run, &id) {
            return true;
        }
        let Some(places) = desk.begin(&notice.name, run, &id) else { return false };
        let sending = Sending {
            notice: notice.clone(),
            run,
            gate: (gate.path.clone(), gate.arguments.clone()),
            id,
            secrets: self.secrets.clone(),
            runs: Arc::clone(&self.runs),
            places,
            told: desk.told(),
        };
        let (ended, shutdown) = (desk.ended.clone(), shutdown.clone());
        task::spawn("a notice of a gate", async move {
            tokio::select! {
                // Where nobody listens the hub is at its end.
                sent = sending.carry_on() => { let _unheard = ended.send(sent); }
                () = shutdown.cancelled() => {}
            }
        });
        true
    }

    /// Takes note of how a notice ended. Gives its run if it is to be looked at: somebody else is told now.
    async fn end(&self, sent: &Sent, desk: &mut Desk) -> Option<RunId> {
        // What cannot be kept is told once more after the next start, and not before.
        let again = sent.ending == Ending::Over || (sent.ending == Ending::Taken && self.keep(sent).await);
        desk.end(sent, again)
    }

    /// The keys of all that is kept, to be swept.
    async fn list(&self, keys: &mut Vec<String>) -> Result<()> {
        *keys = self.kept.list(SPACE).await?.into_iter().map(|entry| entry.key).collect();
        Ok(())
    }

    /// Takes away what is kept of runs that are over, which nobody saw as they ended: as far as some of `keys` say it. What cannot
    /// be looked at stays until all are listed again.
    ///
    /// # Errors
    /// The first of those of the store.
    async fn sweep(&self, keys: &mut Vec<String>) -> Result<()> {
        let mut outcome = Ok(());
        for key in keys.split_off(keys.len().saturating_sub(PAGE)) {
            outcome = outcome.and(self.sweep_one(&key).await);
        }
        outcome
    }

    async fn sweep_one(&self, key: &str) -> Result<()> {
        let is_over = match RunId::parse(key) {
            Some(run) => match self.runs.runner().run(run).await {
                Ok(run) => run.status.is_final(),
                Err(error) if error.code() == Code::RunUnknown => true,
                Err(error) => return Err(error),
            },
            None => true,
        };
        if is_over {
            self.kept.delete(SPACE, key).await?;
        }
        Ok(())
    }

    /// What others were told of a run.
    async fn told(&self, run: RunId) -> Result<Vec<String>> {
        let kept = self.kept.get(SPACE, &run.to_string()).await?.unwrap_or_default();
        let kept: Value = base::json::from_bytes(&kept).unwrap_or_default();
        let ids = kept.as_array().into_iter().flatten();
        Ok(ids.filter_map(|id| id.as_str().map(str::to_owned)).collect())
    }

    /// Keeps that somebody was told. Gives whether that worked.
    async fn keep(&self, sent: &Sent) -> bool {
        let kept = async {
            let mut told = self.told(sent.run).await?;
            told.push(sent.id.clone());
            self.kept.put(SPACE, &sent.run.to_string(), Value::from(told).to_string()).await
        };
        kept.await
            .inspect_err(|error| tracing::warn!(run = %sent.run, "who was told of a gate cannot be kept: {error}"))
            .is_ok()
    }
}

fn unwell(swept: Result<()>) {
    if let Err(error) = swept {
        tracing::warn!(code = error.code().id(), "what is kept of notices cannot be looked through: {error}");
    }
}

#[cfg(test)]
mod tests;
