//! Tools by their meaning: vectors are made in the background, once for each text, and until they are there tools are
//! found by their words.
//!
//! Nothing is embedded before somebody searches, or is shown the means to, so that other hubs pay nothing.

use super::{Discovery, Snapshot};
use base::{Result, clock, task};
use search::{Change, Encoding, Progress, Question, Step, Vector, steps};
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use telemetry::names::EMBEDDINGS;
use tokio::sync::watch;

/// A query, read: the whole, and its steps where it has several, with their vectors where there is something to compare
/// them with.
#[derive(Debug)]
pub struct Reading {
    texts: Vec<String>,
    vectors: Option<Vec<Vector>>,
}

/// How often it is written which vectors are of use, and after how many new ones it is in any case: these would make others
/// go.
const DAY: Duration = Duration::from_secs(24 * 3_600);
const MANY: u64 = 10_000;

/// The most texts of one call that are read: the queries, and as many of their steps as there is room for. Each costs an
/// embedding, and the queries are a stranger's.
const TEXTS: usize = 16;

impl Reading {
    /// Reads queries. Where they have more steps than are read, each has those that it names first.
    fn of_all(queries: &[String]) -> Vec<Self> {
        let room = TEXTS.saturating_sub(queries.len()) / queries.len().max(1);
        let texts = |query: &String| {
            let steps = steps(query).into_iter().take(room).map(str::to_owned);
            std::iter::once(query.clone()).chain(steps).collect()
        };
        queries.iter().map(|query| Self { texts: texts(query), vectors: None }).collect()
    }

    /// The whole and the steps, as the index takes them.
    fn readings(&self) -> impl Iterator<Item = Step<'_>> {
        let vector = |at: usize| self.vectors.as_ref().and_then(|vectors| vectors.get(at));
        self.texts.iter().enumerate().map(move |(at, text)| Step { text, vector: vector(at) })
    }

    /// Hands the question to `ask`.
    pub(super) fn ask<T>(&self, limit: usize, ask: impl FnOnce(Question<'_>) -> T) -> T {
        let readings: Vec<Step<'_>> = self.readings().collect();
        let (text, vector) = readings.first().map_or(("", None), |whole| (whole.text, whole.vector));
        ask(Question { vector, steps: readings.get(1..).unwrap_or_default(), ..Question::new(text, limit) })
    }
}

impl Discovery {
    /// Says that tools are going to be searched: from now on they have vectors.
    pub fn expect_searches(&self) {
        self.expected.send_if_modified(|expected| !std::mem::replace(expected, true));
    }

    /// Tells how many vectors were wanted.
    pub(crate) fn tell(&self, snapshot: &mut telemetry::snapshot::Snapshot) {
        let Some(encoding) = &self.encoding else { return };
        for (subject, wanted) in [("tool", encoding.texts_wanted()), ("query", encoding.questions_wanted())] {
            snapshot.count(&EMBEDDINGS, &[subject, "computed"], wanted.computed);
            snapshot.count(&EMBEDDINGS, &[subject, "cached"], wanted.cached);
        }
    }

    /// Whether all tools that are known have vectors.
    pub fn knows_meanings(&self) -> bool {
        let snapshot = self.snapshot.load();
        snapshot.index.has_vectors() && snapshot.index.without_vector().next().is_none()
    }

    /// Reads queries. Their vectors are made only while tools have some, and without them tools are found by their words.
    pub async fn read(&self, queries: &[String]) -> Vec<Reading> {
        let mut all = Reading::of_all(queries);
        let encoding = self.encoding.as_ref().filter(|_| self.snapshot.load().index.has_vectors());
        self.expect_searches();
        let Some(encoding) = encoding else { return all };
        let texts: Vec<&str> = all.iter().flat_map(|reading| reading.texts.iter().map(String::as_str)).collect();
        match encoding.of_questions(&texts).await {
            Ok(vectors) => {
                let mut vectors = vectors.into_iter();
                for reading in &mut all {
                    reading.vectors = Some(vectors.by_ref().take(reading.texts.len()).collect());
                }
            }
            Err(error) => tracing::warn!(%error, "tools are searched by words alone, as queries got no vectors"),
        }
        all
    }

    /// Says in the store which vectors are of use.
    async fn mark_used(&self, encoding: &Encoding) -> Result<()> {
        let snapshot = self.snapshot.load_full();
        let texts: Vec<&str> = snapshot.index.with_vector().collect();
        encoding.used(&texts).await
    }

    /// Makes vectors for tools that have none.
    async fn learn(&self, encoding: &Encoding) -> Result<()> {
        let snapshot = self.snapshot.load_full();
        let texts: Vec<&str> = snapshot.index.without_vector().map(|(_, text)| text).collect();
        if texts.is_empty() {
            return Ok(());
        }
        let mut made = None;
        let count = |now: Progress| made = made.or(Some(now.all - now.done));
        let vectors = encoding.of_texts(&texts, count).await?;
        let vectors: HashMap<String, Vector> = texts.iter().map(|text| (*text).to_owned()).zip(vectors).collect();
        tracing::info!(tools = texts.len(), made = made.unwrap_or_default(), "tools have vectors");
        // What has changed meanwhile has other texts, which are looked at next.
        let _turn = self.turn.lock().await;
        let now = self.snapshot.load_full();
        let next = task::blocking(move || now.with_vectors(&vectors)).await?;
        self.snapshot.store(Arc::new(next));
        Ok(())
    }
}

impl Snapshot {
    /// The same with these vectors, by the texts that they were made of.
    fn with_vectors(&self, vectors: &HashMap<String, Vector>) -> Self {
        let of_tools = self.index.without_vector();
        let vectors = of_tools.filter_map(|(id, text)| Some((id.to_owned(), vectors.get(text)?.clone()))).collect();
        let index = self.index.changed(Change { vectors, ..Change::default() });
        Self { index, fields: self.fields, made_of: self.made_of.clone() }
    }
}

/// Keeps the vectors up to date from the first search on, until there is no index any more.
pub(super) async fn follow(
    discovery: Weak<Discovery>,
    mut expected: watch::Receiver<bool>,
    mut done: watch::Receiver<u64>,
) {
    if expected.wait_for(|expected| *expected).await.is_err() {
        return;
    }
    let mut marked: Option<(Instant, u64)> = None;
    loop {
        {
            done.borrow_and_update();
            let Some(discovery) = discovery.upgrade() else { return };
            let Some(encoding) = &discovery.encoding else { return };
            if let Err(error) = discovery.learn(encoding).await {
                tracing::warn!(%error, "tools are found by their words alone, as some got no vectors");
            }
            let (now, made) = (clock::now(), encoding.texts_wanted().computed);
            let is_due = |(at, then): (Instant, u64)| now.saturating_duration_since(at) >= DAY || made - then >= MANY;
            if marked.is_none_or(is_due) {
                marked = Some((now, made));
                if let Err(error) = discovery.mark_used(encoding).await {
                    tracing::warn!(%error, "vectors that are of use may be thrown away");
                }
            }
        }
        // A day without any change is one on which all were of use.
        if let Ok(Err(_)) = tokio::time::timeout(DAY, done.changed()).await {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
