//! Versions, labels and experiments in the store.

use crate::bundle::Bundle;
use crate::experiment::{Booked, Experiment, Measured};
use crate::sequential::Metric;
use base::{Code, Error, Result};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use store::{Db, Outcome, Row, Statement, Value};

const STEPS: &[&str] = &[
    // `served` says whether it is a prompt at present; `of_file` whether that is so because of a file.
    "CREATE TABLE prompt (
    name TEXT PRIMARY KEY,
    served BIGINT NOT NULL,
    of_file BIGINT NOT NULL
)",
    "CREATE TABLE prompt_version (
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    number BIGINT NOT NULL,
    text TEXT NOT NULL,
    partials TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (name, digest)
)",
    // Where labels were put, one after the other: the last place counts. An empty digest takes a label away.
    "CREATE TABLE prompt_label (
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    step BIGINT NOT NULL,
    digest TEXT NOT NULL,
    moved_at BIGINT NOT NULL,
    PRIMARY KEY (name, label, step)
)",
    "CREATE TABLE prompt_experiment (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    winner TEXT
)",
    // Of a unit only a digest is kept. `place` numbers the scores in the order in which they came.
    "CREATE TABLE prompt_unit (
    experiment TEXT NOT NULL,
    unit TEXT NOT NULL,
    arm BIGINT NOT NULL,
    place BIGINT,
    score DOUBLE PRECISION,
    cost BIGINT,
    latency BIGINT,
    PRIMARY KEY (experiment, unit)
)",
    "CREATE UNIQUE INDEX prompt_unit_place ON prompt_unit (experiment, place)",
    // Sums of what the gateway has in its books.
    "CREATE TABLE prompt_booked (
    experiment TEXT NOT NULL,
    arm BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    latency BIGINT NOT NULL,
    PRIMARY KEY (experiment, arm)
)",
];

/// A version, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The digest of its text and its partials.
    pub digest: String,
    /// From 1, in the order in which they were kept.
    pub number: i64,
    /// When it was written, as far as that is known, in milliseconds since 1970.
    pub created_at: i64,
    /// Where it came from.
    pub origin: String,
}

pub(crate) async fn prepare(db: &Db) -> Result<()> {
    db.migrate("prompts", STEPS).await
}

/// Names of prompts, and whether each is served.
pub(crate) async fn names(db: &Db) -> Result<Vec<(String, bool)>> {
    const SQL: &str = "SELECT name, served FROM prompt ORDER BY name";
    let rows = db.query(Statement::new(SQL)).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.integer(1)? != 0))).collect()
}

/// The versions of a prompt, the oldest first.
pub(crate) async fn versions(db: &Db, name: &str) -> Result<Vec<Version>> {
    const SQL: &str = "SELECT digest, number, created_at, origin FROM prompt_version WHERE name = ?1 ORDER BY number";
    let rows = db.query(Statement::new(SQL).with(name)).await?;
    rows.iter().map(version).collect()
}

fn version(row: &Row) -> Result<Version> {
    Ok(Version {
        digest: row.text(0)?.to_owned(),
        number: row.integer(1)?,
        created_at: row.integer(2)?,
        origin: row.text(3)?.to_owned(),
    })
}

/// What a version holds.
pub(crate) async fn bundle(db: &Db, name: &str, digest: &str) -> Result<Option<Bundle>> {
    const SQL: &str = "SELECT text, partials FROM prompt_version WHERE name = ?1 AND digest = ?2";
    let rows = db.query(Statement::new(SQL).with(name).with(digest)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let partials = serde_json::from_str::<BTreeMap<String, String>>(row.text(1)?).map_err(|error| damaged(&error))?;
    Ok(Some(Bundle { text: row.text(0)?.to_owned(), partials }))
}

/// Keeps a version where it is not kept yet.
pub(crate) fn keep(name: &str, bundle: &Bundle, created_at: i64, origin: &str) -> Result<Statement> {
    const SQL: &str = "INSERT INTO prompt_version (name, digest, number, text, partials, created_at, origin)
        SELECT ?1, ?2, COALESCE(MAX(number), 0) + 1, ?3, ?4, ?5, ?6 FROM prompt_version WHERE name = ?1
        ON CONFLICT (name, digest) DO NOTHING";
    let partials = serde_json::to_string(&bundle.partials).map_err(|error| damaged(&error))?;
    let statement = Statement::new(SQL).with(name).with(bundle.digest()).with(bundle.text.clone());
    Ok(statement.with(partials).with(created_at).with(origin))
}

/// Says that a prompt is served.
pub(crate) fn serve(name: &str, of_file: bool) -> Statement {
    const SQL: &str = "INSERT INTO prompt (name, served, of_file) VALUES (?1, 1, ?2)
        ON CONFLICT (name) DO UPDATE SET served = 1, of_file = excluded.of_file";
    Statement::new(SQL).with(name).with(of_file)
}

/// Says that the prompts of files are not served any more, until [`serve`] says so again.
pub(crate) fn retire() -> Statement {
    Statement::new("UPDATE prompt SET served = 0 WHERE of_file = 1")
}

/// Puts a label on a version, or takes it away with an empty digest. Nothing where it is there already.
pub(crate) fn label(name: &str, label: &str, digest: &str, now: i64) -> Statement {
    const SQL: &str = "INSERT INTO prompt_label (name, label, step, digest, moved_at)
        SELECT ?1, ?2, COALESCE(MAX(step), 0) + 1, ?3, ?4 FROM prompt_label WHERE name = ?1 AND label = ?2
        HAVING COALESCE((SELECT digest FROM prompt_label WHERE name = ?1 AND label = ?2 ORDER BY step DESC LIMIT 1), '')
            <> ?3";
    Statement::new(SQL).with(name).with(label).with(digest).with(now)
}

/// The labels of a prompt, each with its version.
pub(crate) async fn labels(db: &Db, name: &str) -> Result<BTreeMap<String, String>> {
    const SQL: &str = "SELECT label, digest FROM prompt_label WHERE name = ?1 ORDER BY label, step";
    let rows = db.query(Statement::new(SQL).with(name)).await?;
    let mut labels = BTreeMap::new();
    for row in &rows {
        labels.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
    }
    labels.retain(|_, digest| !digest.is_empty());
    Ok(labels)
}

/// Where a label was, the last place first.
pub(crate) async fn places(db: &Db, name: &str, label: &str) -> Result<Vec<String>> {
    const SQL: &str = "SELECT digest FROM prompt_label WHERE name = ?1 AND label = ?2 ORDER BY step DESC LIMIT 1000";
    let rows = db.query(Statement::new(SQL).with(name).with(label)).await?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

/// The last experiments, the newest first; of one prompt, if one is named.
pub(crate) async fn experiments(db: &Db, name: &str, running: bool) -> Result<Vec<Experiment>> {
    const SQL: &str = "SELECT id, name, plan, started_at, ended_at, winner FROM prompt_experiment
        WHERE name = ?1 AND (?2 = 0 OR ended_at IS NULL) ORDER BY started_at DESC, id LIMIT 20";
    let rows = db.query(Statement::new(SQL).with(name).with(running)).await?;
    rows.iter().map(experiment).collect()
}

/// The experiments that run, of all prompts.
pub(crate) async fn running(db: &Db) -> Result<Vec<Experiment>> {
    const SQL: &str = "SELECT id, name, plan, started_at, ended_at, winner FROM prompt_experiment
        WHERE ended_at IS NULL ORDER BY started_at, id LIMIT 1000";
    db.query(Statement::new(SQL)).await?.iter().map(experiment).collect()
}

fn experiment(row: &Row) -> Result<Experiment> {
    let (arms, rule) = Experiment::planned(row.text(2)?).ok_or_else(|| damaged(&"the plan of an experiment"))?;
    Ok(Experiment {
        id: row.text(0)?.to_owned(),
        prompt: row.text(1)?.to_owned(),
        arms,
        rule,
        started_at: row.integer(3)?,
        ended_at: row.optional_integer(4)?,
        winner: row.optional_text(5)?.map(str::to_owned),
    })
}

pub(crate) fn begin(experiment: &Experiment) -> Statement {
    const SQL: &str = "INSERT INTO prompt_experiment (id, name, plan, started_at) VALUES (?1, ?2, ?3, ?4)";
    let statement = Statement::new(SQL).with(experiment.id.as_str()).with(experiment.prompt.as_str());
    statement.with(experiment.plan()).with(experiment.started_at)
}

pub(crate) fn end(id: &str, now: i64, winner: Option<&str>) -> Statement {
    const SQL: &str = "UPDATE prompt_experiment SET ended_at = ?2, winner = ?3 WHERE id = ?1 AND ended_at IS NULL";
    Statement::new(SQL).with(id).with(now).with(winner)
}

/// Notes that a unit was given an arm, while there are fewer than `most` of them.
pub(crate) fn served(experiment: &str, unit: &str, arm: usize, most: u64) -> Result<Statement> {
    const SQL: &str = "INSERT INTO prompt_unit (experiment, unit, arm)
        SELECT ?1, ?2, ?3 WHERE (SELECT COUNT(*) FROM prompt_unit WHERE experiment = ?1) < ?4
        ON CONFLICT (experiment, unit) DO NOTHING";
    let statement = Statement::new(SQL).with(experiment).with(unit).with(Value::try_from(arm)?);
    Ok(statement.with(Value::try_from(most)?))
}

/// What is told of a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feedback {
    /// From 0 to 1.
    pub score: f64,
    /// What its answer cost, in nano-dollars.
    pub cost: Option<u64>,
    /// How long it took, in milliseconds.
    pub latency: Option<u64>,
}

/// Keeps what is told of a unit, once; what its answer cost and took only where that is not known. Answers whether it was kept.
pub(crate) async fn scored(db: &Db, experiment: &Experiment, unit: &str, told: &Feedback) -> Result<bool> {
    const SQL: &str = "UPDATE prompt_unit SET score = ?3, cost = COALESCE(cost, ?4), latency = COALESCE(latency, ?5),
            place = CASE WHEN place IS NULL AND ?6 <> 0
                THEN (SELECT COALESCE(MAX(place), 0) + 1 FROM prompt_unit WHERE experiment = ?1) ELSE place END
        WHERE experiment = ?1 AND unit = ?2 AND score IS NULL";
    let number = |told: Option<u64>| told.map(|told| i64::try_from(told).unwrap_or(i64::MAX));
    let places = match experiment.rule.metric {
        Metric::Score => true,
        Metric::Cost => told.cost.is_some(),
        Metric::Latency => told.latency.is_some(),
    };
    let statement = Statement::new(SQL).with(experiment.id.as_str()).with(unit).with(told.score);
    let statement = statement.with(number(told.cost)).with(number(told.latency)).with(places);
    match db.execute(vec![statement]).await? {
        Outcome::Done { rows } => Ok(rows.first() == Some(&1)),
        Outcome::Mismatch { .. } => Ok(false),
    }
}

/// What arms are compared by, of the units behind the place `after`, in the order in which it came: with each its arm. Places
/// have no gaps.
pub(crate) async fn scores(db: &Db, experiment: &Experiment, mut after: i64) -> Result<Vec<(usize, f64)>> {
    // Costs are compared in dollars.
    const SQL: &str = "SELECT arm, CASE ?3 WHEN 'cost' THEN cost / 1e9 WHEN 'latency' THEN latency * 1.0 ELSE score END
        FROM prompt_unit WHERE experiment = ?1 AND place > ?2 ORDER BY place LIMIT 10000";
    let mut all = Vec::new();
    loop {
        let statement = Statement::new(SQL).with(experiment.id.as_str()).with(after);
        let rows = db.query(statement.with(experiment.rule.metric.word())).await?;
        for row in &rows {
            all.push((usize::try_from(row.integer(0)?).unwrap_or(usize::MAX), row.real(1)?));
        }
        after = after.saturating_add(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        if rows.len() < 10_000 {
            return Ok(all);
        }
    }
}

/// What was measured of each of `arms` arms.
pub(crate) async fn measured(db: &Db, experiment: &str, arms: usize) -> Result<Vec<Measured>> {
    const SQL: &str =
        "SELECT arm, COUNT(*), COUNT(score), COALESCE(SUM(score), 0.0), COALESCE(SUM(cost), 0), COUNT(cost),
            COALESCE(SUM(latency), 0), COUNT(latency)
        FROM prompt_unit WHERE experiment = ?1 GROUP BY arm";
    let mut all = vec![Measured::default(); arms];
    for row in db.query(Statement::new(SQL).with(experiment)).await? {
        let count = |column| row.integer(column).map(i64::unsigned_abs);
        let read = Measured {
            served: count(1)?,
            scored: count(2)?,
            score: row.real(3)?,
            cost: count(4)?,
            costs: count(5)?,
            latency: count(6)?,
            latencies: count(7)?,
            booked: Booked::default(),
        };
        if let Some(arm) = all.get_mut(usize::try_from(row.integer(0)?).unwrap_or(usize::MAX)) {
            *arm = read;
        }
    }
    for (arm, booked) in all.iter_mut().zip(booked(db, experiment, arms).await?) {
        arm.booked = booked;
    }
    Ok(all)
}

/// What the first answer to a unit came to.
pub(crate) struct Answer {
    /// In nano-dollars.
    pub(crate) cost: u64,
    /// In milliseconds.
    pub(crate) latency: u64,
    /// Whether arms are compared by one of both, so that the unit has its place by this.
    pub(crate) places: bool,
}

/// Adds what was booked to what is booked of an arm.
pub(crate) fn book(experiment: &str, arm: usize, sum: &Booked) -> Result<Statement> {
    const SQL: &str = "INSERT INTO prompt_booked
            (experiment, arm, requests, answered, failed, cached, cost, latency)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (experiment, arm) DO UPDATE SET requests = prompt_booked.requests + excluded.requests,
            answered = prompt_booked.answered + excluded.answered, failed = prompt_booked.failed + excluded.failed,
            cached = prompt_booked.cached + excluded.cached, cost = prompt_booked.cost + excluded.cost,
            latency = prompt_booked.latency + excluded.latency";
    let mut statement = Statement::new(SQL).with(experiment).with(Value::try_from(arm)?);
    for number in [sum.requests, sum.answered, sum.failed, sum.cached, sum.cost, sum.latency] {
        statement = statement.with(Value::try_from(number)?);
    }
    Ok(statement)
}

/// Notes what the first answer to a unit came to, as far as nobody has told it before.
pub(crate) fn answered(experiment: &str, (unit, arm): (&str, usize), answer: &Answer) -> Result<Statement> {
    const SQL: &str = "UPDATE prompt_unit SET cost = COALESCE(cost, ?4), latency = COALESCE(latency, ?5),
            place = CASE WHEN place IS NULL AND ?6 <> 0
                THEN (SELECT COALESCE(MAX(place), 0) + 1 FROM prompt_unit WHERE experiment = ?1) ELSE place END
        WHERE experiment = ?1 AND unit = ?2 AND arm = ?3 AND (cost IS NULL OR latency IS NULL)";
    let statement = Statement::new(SQL).with(experiment).with(unit).with(Value::try_from(arm)?);
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(statement.with(number(answer.cost)).with(number(answer.latency)).with(answer.places))
}

/// What is booked of each of `arms` arms.
async fn booked(db: &Db, experiment: &str, arms: usize) -> Result<Vec<Booked>> {
    const SQL: &str = "SELECT arm, requests, answered, failed, cached, cost, latency FROM prompt_booked
        WHERE experiment = ?1";
    let mut all = vec![Booked::default(); arms];
    for row in db.query(Statement::new(SQL).with(experiment)).await? {
        let count = |column| row.integer(column).map(i64::unsigned_abs);
        let read = Booked {
            requests: count(1)?,
            answered: count(2)?,
            failed: count(3)?,
            cached: count(4)?,
            cost: count(5)?,
            latency: count(6)?,
        };
        if let Some(arm) = all.get_mut(usize::try_from(row.integer(0)?).unwrap_or(usize::MAX)) {
            *arm = read;
        }
    }
    Ok(all)
}

fn damaged(why: &dyn std::fmt::Display) -> Error {
    let next = "if another program has changed the store, restore a backup; else report this";
    Error::new(Code::StoreFailed, format!("what is kept of prompts cannot be read or written: {why}"), next)
}

/// A version as the API and commands tell it.
impl Version {
    /// As JSON, without its text.
    pub fn to_json(&self) -> Json {
        let at = base::clock::rfc3339(std::time::Duration::from_millis(self.created_at.unsigned_abs()));
        serde_json::json!({"version": self.digest, "number": self.number, "created_at": at, "origin": self.origin})
    }
}
