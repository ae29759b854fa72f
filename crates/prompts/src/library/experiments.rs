//! Experiments with the prompts of the library.

use super::{Feedback, Library, PRODUCTION, check_key, now};
use crate::experiment::{ARMS, Arm, Experiment, refused};
use crate::sequential::{Rule, Scores, Verdict};
use crate::tables;
use base::{Result, random};
use serde_json::{Value, json};

impl Library {
    pub(super) async fn running(&self, name: &str) -> Result<Option<Experiment>> {
        Ok(tables::experiments(&self.0.db, name, true).await?.into_iter().next())
    }

    /// Begins an experiment. `arms` are names with versions and weights, the first what is served without a key.
    pub async fn start(&self, name: &str, arms: Vec<(String, String, u32)>, rule: Rule) -> Result<Value> {
        if self.running(name).await?.is_some() {
            let next = "end it first with `tutti prompt experiment stop`";
            return Err(refused("an experiment is running with this prompt already", next));
        }
        self.current(name).await?;
        let mut all = Vec::new();
        for (arm, version, weight) in arms.into_iter().take(ARMS + 1) {
            all.push(Arm { name: arm, version: self.version(name, &version).await?.digest, weight });
        }
        let experiment = Experiment {
            id: random::hex::<8>()?,
            prompt: name.to_owned(),
            arms: all,
            rule,
            started_at: now(),
            ended_at: None,
            winner: None,
        };
        experiment.check()?;
        self.write(vec![tables::begin(&experiment)]).await?;
        self.told(&experiment).await
    }

    /// Ends the running experiment. With `promote` the winner, if there is one, goes into production.
    pub async fn stop(&self, name: &str, promote: bool) -> Result<Value> {
        self.flush().await?;
        let all = tables::experiments(&self.0.db, name, false).await?;
        let Some(mut experiment) = all.into_iter().next() else {
            return Err(refused(
                "there is no experiment with this prompt",
                "start one with `tutti prompt experiment start`",
            ));
        };
        if experiment.ended_at.is_none() {
            let winner = self.winner(&experiment).await?;
            experiment.ended_at = Some(now());
            experiment.winner = winner;
            self.write(vec![tables::end(&experiment.id, now(), experiment.winner.as_deref())]).await?;
            self.0.scores.lock().await.remove(&experiment.id);
        } else if !promote {
            return Err(refused(
                "the experiment with this prompt has ended already",
                "see `tutti prompt experiment status`",
            ));
        }
        if promote {
            let winner = experiment.arms.iter().find(|arm| Some(&arm.name) == experiment.winner.as_ref());
            let none = || {
                refused(
                    "the experiment has no winner, so nothing is put into production",
                    "use `tutti prompt rollback NAME VERSION`",
                )
            };
            self.label(name, PRODUCTION, Some(&winner.ok_or_else(none)?.version)).await?;
        }
        self.told(&experiment).await
    }

    /// The last experiments with a prompt, the newest first.
    pub async fn experiments(&self, name: &str) -> Result<Vec<Value>> {
        self.versions(name).await?;
        self.flush().await?;
        let mut all = Vec::new();
        for experiment in tables::experiments(&self.0.db, name, false).await? {
            all.push(self.told(&experiment).await?);
        }
        Ok(all)
    }

    async fn told(&self, experiment: &Experiment) -> Result<Value> {
        let measured = tables::measured(&self.0.db, &experiment.id, experiment.arms.len()).await?;
        Ok(experiment.to_json(&measured, &self.scores(experiment).await?.verdict()))
    }

    async fn scores(&self, experiment: &Experiment) -> Result<Scores> {
        let mut scores = experiment.scores();
        for (arm, score) in tables::scores(&self.0.db, experiment, 0).await? {
            scores.add(arm, score);
        }
        Ok(scores)
    }

    async fn winner(&self, experiment: &Experiment) -> Result<Option<String>> {
        let winner = self.scores(experiment).await?.verdict().winner;
        Ok(winner.and_then(|arm| experiment.arms.get(arm)).map(|arm| arm.name.clone()))
    }

    /// Takes what is told of a unit: the first time that it is told counts. When the experiment may stop, it ends: its winner
    /// is noted, and what is served stays as it was until somebody promotes it.
    pub async fn feedback(&self, name: &str, key: &str, told: Feedback) -> Result<Value> {
        check_key(key)?;
        if !(0.0..=1.0).contains(&told.score) {
            return Err(refused("the score lies outside 0 to 1", "give 1 for good, 0 for bad, or something between"));
        }
        let Some(experiment) = self.running(name).await? else {
            return Err(refused("no experiment is running with this prompt", "see `tutti prompt experiment status`"));
        };
        let kept = tables::scored(&self.0.db, &experiment, &experiment.digest_of(key), &told).await?;
        let (verdict, winner) = self.look(&experiment).await?;
        let arm = experiment.arms.get(experiment.arm_of(key)).map(|arm| &arm.name);
        Ok(json!({"experiment": experiment.id, "arm": arm, "counted": kept, "over": verdict.over, "winner": winner}))
    }

    /// Looks how a running experiment stands by what is in the store, and ends it when it may stop. Gives the name of its
    /// winner too.
    pub(super) async fn look(&self, experiment: &Experiment) -> Result<(Verdict, Option<String>)> {
        let mut running = self.0.scores.lock().await;
        let (scores, count) = running.entry(experiment.id.clone()).or_insert_with(|| (experiment.scores(), 0));
        for (arm, score) in tables::scores(&self.0.db, experiment, *count).await? {
            scores.add(arm, score);
            *count += 1;
        }
        let verdict = scores.verdict();
        let winner = verdict.winner.and_then(|arm| experiment.arms.get(arm)).map(|arm| arm.name.clone());
        if verdict.over {
            running.remove(&experiment.id);
            self.write(vec![tables::end(&experiment.id, now(), winner.as_deref())]).await?;
        }
        Ok((verdict, winner))
    }
}
