//! A decision in words: one line for a header, and JSON for a trace.

use crate::candidate::Candidate;
use crate::exclusion::Why;
use crate::outcome::{Decision, Figure, Ranked};
use crate::words::word;
use serde_json::{Value, json};

/// The most characters of the line.
const LONGEST: usize = 400;
/// The most that those who are asked take of it.
const ASKED: usize = 240;
/// What is kept free for how many more there are.
const MORE: usize = 24;

/// Such as `cost: local/qwen3 $0 < openai/gpt-5-mini $0.0012; left out anthropic/claude (no vision)`.
pub(crate) fn line(decision: &Decision, candidates: &[Candidate<'_>]) -> String {
    let mut line = format!("{}: ", decision.by);
    let before = std::iter::once(None).chain(decision.order.iter().map(Some));
    let parts = decision.order.iter().zip(before).map(|(ranked, before)| {
        let figure = ranked.figure.map(|figure| format!(" {figure}")).unwrap_or_default();
        let behind = ranked.behind.map(|behind| format!(" ({})", behind.name())).unwrap_or_default();
        let joint = before.map_or("", |before| joint(before, ranked));
        (joint, format!("{}{figure}{behind}", name(candidates, ranked.candidate)))
    });
    series(&mut line, parts, ASKED);
    if !decision.excluded.is_empty() {
        line.push_str("; left out ");
        let parts = exclusions(&decision.excluded, candidates);
        series(&mut line, parts, LONGEST);
    }
    line
}

/// Who was left out, and why: `anthropic/claude (no vision), local/qwen3 (context 8192 < 9000)`.
pub(crate) fn left_out(excluded: &[(usize, Why)], candidates: &[Candidate<'_>]) -> String {
    let mut line = String::new();
    series(&mut line, exclusions(excluded, candidates), LONGEST);
    line
}

fn exclusions<'a>(
    excluded: &'a [(usize, Why)],
    candidates: &'a [Candidate<'_>],
) -> impl Iterator<Item = (&'static str, String)> {
    excluded.iter().enumerate().map(|(place, (number, why))| {
        (if place == 0 { "" } else { ", " }, format!("{} ({why})", name(candidates, *number)))
    })
}

/// Adds parts with what stands before each, as long as `line` stays below `most`; then how many more there are.
fn series(line: &mut String, parts: impl Iterator<Item = (&'static str, String)>, most: usize) {
    let (mut told, mut more) = (0_usize, 0_usize);
    for (joint, part) in parts {
        if more > 0 || line.len() + joint.len() + part.len() + MORE > most {
            more += 1;
        } else {
            line.push_str(joint);
            line.push_str(&part);
            told += 1;
        }
    }
    if more > 0 {
        line.push_str(&if told > 0 { format!(", {more} more") } else { more.to_string() });
    }
}

/// What stands between two that are asked one after the other: a comparison where one explains the order.
fn joint(first: &Ranked, second: &Ranked) -> &'static str {
    if first.behind != second.behind {
        return ", ";
    }
    match (first.figure, second.figure) {
        (Some(Figure::Cost(first)), Some(Figure::Cost(second))) if first < second => " < ",
        (Some(Figure::Latency(first, _)), Some(Figure::Latency(second, _))) if first < second => " < ",
        (Some(Figure::Busy(first)), Some(Figure::Busy(second))) if first < second => " < ",
        (Some(Figure::Throughput(first)), Some(Figure::Throughput(second))) if first > second => " > ",
        (Some(Figure::Worth(first)), Some(Figure::Worth(second))) if first > second => " > ",
        _ => ", ",
    }
}

fn name(candidates: &[Candidate<'_>], number: usize) -> String {
    candidates.get(number).map(|candidate| word(candidate.name)).unwrap_or_default()
}

impl Decision {
    /// The decision as JSON, for a trace or a log: `by`, `order` and `left_out`. `candidates` are those that it was made about.
    pub fn to_json(&self, candidates: &[Candidate<'_>]) -> Value {
        let order: Vec<Value> = self.order.iter().map(|ranked| ranked_json(ranked, candidates)).collect();
        let left_out = self
            .excluded
            .iter()
            .map(|(number, why)| json!({"deployment": name(candidates, *number), "why": why.to_string()}));
        json!({"by": self.by, "order": order, "left_out": left_out.collect::<Vec<_>>()})
    }
}

fn ranked_json(ranked: &Ranked, candidates: &[Candidate<'_>]) -> Value {
    let figures = match ranked.figure {
        Some(Figure::Weight(weight)) => vec![("weight", weight.into())],
        Some(Figure::Cost(cost)) => vec![("cost_nano_dollars", cost.into())],
        Some(Figure::Latency(latency, busy)) => {
            vec![("first_token_seconds", latency.as_secs_f64().into()), ("in_hand", busy.into())]
        }
        Some(Figure::Busy(busy)) => vec![("in_hand", busy.into())],
        Some(Figure::Throughput(speed)) => vec![("tokens_per_second", speed.into())],
        Some(Figure::Worth(worth)) => vec![("worth", worth.into())],
        Some(Figure::NotKnown) | None => Vec::new(),
    };
    let name = ("deployment", Value::from(name(candidates, ranked.candidate)));
    let behind = ranked.behind.map(|behind| ("behind", behind.name().into()));
    let members = std::iter::once(name).chain(figures).chain(behind);
    Value::Object(members.map(|(key, value)| (key.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests;
