//! Many records as one text: each name once, and each record as a row of numbers. Pure.

use super::{Outcome, Record};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Names of a record.
const NAMES: usize = 7;

/// When it came, which names, the five kinds of tokens and the cost, what became of it, whether it was estimated and whether
/// it was cached, how long it took, and its first token.
type Line = (u64, [usize; NAMES], [u64; 6], Outcome, [bool; 2], u64, Option<u64>);

#[derive(Default, Serialize, Deserialize)]
struct Chunk<Name> {
    names: Vec<Name>,
    lines: Vec<Line>,
}

/// Writes `records`.
pub(super) fn write(records: &[Record]) -> serde_json::Result<String> {
    let mut chunk = Chunk { names: Vec::new(), lines: Vec::with_capacity(records.len()) };
    let mut known: HashMap<&str, usize> = HashMap::new();
    // Most records have the names of the one before.
    let mut last: [(Option<&str>, usize); NAMES] = Default::default();
    for record in records {
        for (name, last) in names(record).into_iter().zip(&mut last) {
            if last.0 != Some(name) {
                let place = *known.entry(name).or_insert(chunk.names.len());
                if place == chunk.names.len() {
                    chunk.names.push(name);
                }
                *last = (Some(name), place);
            }
        }
        chunk.lines.push((
            record.at,
            last.map(|(_, place)| place),
            [record.input, record.output, record.cache_read, record.cache_write, record.reasoning, record.cost],
            record.outcome,
            [record.estimated, record.cached],
            record.latency_ms,
            record.first_token_ms,
        ));
    }
    serde_json::to_string(&chunk)
}

/// Reads what [`write`] has written.
pub(super) fn read(text: &str) -> serde_json::Result<Vec<Record>> {
    let chunk = serde_json::from_str::<Chunk<Arc<str>>>(text)?;
    let name = |place: usize| chunk.names.get(place).map(Arc::clone).unwrap_or_default();
    let record = |(at, names, amounts, outcome, [estimated, cached], latency_ms, first_token_ms): Line| {
        let [principal, team, model, deployment, provider, run, price_version] = names.map(name);
        let [input, output, cache_read, cache_write, reasoning, cost] = amounts;
        Record {
            at,
            principal,
            team,
            model,
            deployment,
            provider,
            run,
            input,
            output,
            cache_read,
            cache_write,
            reasoning,
            cost,
            price_version,
            outcome,
            estimated,
            latency_ms,
            first_token_ms,
            cached,
        }
    };
    Ok(chunk.lines.into_iter().map(record).collect())
}

fn names(record: &Record) -> [&str; NAMES] {
    let Record { principal, team, model, deployment, provider, run, price_version, .. } = record;
    [principal, team, model, deployment, provider, run, price_version].map(|name| &**name)
}

#[cfg(test)]
mod tests;
