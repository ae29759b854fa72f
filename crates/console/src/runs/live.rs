//! A run as a tree that is drawn in place while it goes on: what it says is decided by [`lines`] alone.

use super::{money, style};
use crate::output::{Drawing, Output, Style, cut_to_columns, one_line};
use base::clock;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// The most gates that are told of.
const GATES: usize = 3;
/// The deepest that steps are moved in.
const DEEPEST: usize = 8;

/// Where a run is drawn.
pub struct Live {
    drawing: Drawing,
    said: Value,
}

impl Live {
    /// A place for a run at this terminal; nothing where it is none, or where none of it is to be seen.
    pub fn begin(output: &Output) -> Option<Self> {
        output.drawing().map(|drawing| Self { drawing, said: Value::Null })
    }

    /// Draws how the run stands now: what `/api/v1/runs/ID` said.
    pub fn show(&mut self, output: &Output, said: &Value) {
        self.said.clone_from(said);
        self.again(output);
    }

    /// Draws it again: times go on.
    pub fn again(&mut self, output: &Output) {
        if !self.said.is_null() {
            let now = u64::try_from(clock::wall().as_millis()).unwrap_or(u64::MAX);
            let (width, height) = self.drawing.room();
            self.drawing.draw(output, &lines(&self.said, now, width, height));
        }
    }
}

/// A line before it is drawn.
struct Row {
    style: Style,
    /// What folds it with its neighbours: done, or not begun.
    fold: Option<Fold>,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    Done,
    Waiting,
}

/// The lines of a run at the time `now` (milliseconds since 1970), each at most `width` columns, at most `height` of them. Where
/// there is no room for all, steps that are done become one line, then those that have not begun; then the end is left out.
fn lines(said: &Value, now: u64, width: usize, height: usize) -> Vec<(Style, String)> {
    let mut rows = rows(said, now);
    let gates = gates(said);
    let room = height.saturating_sub(gates.len() + 1).max(1);
    for fold in [Fold::Done, Fold::Waiting] {
        if rows.len() > room {
            rows = folded(rows, fold);
        }
    }
    if rows.len() > room {
        let more = rows.len() - room + 1;
        rows.truncate(room - 1);
        rows.push(Row { style: Style::Faint, fold: None, text: format!("  … {more} more") });
    }
    let head = (Style::Strong, head(said, now));
    let steps = rows.into_iter().map(|row| (row.style, row.text));
    let all = std::iter::once(head).chain(steps).chain(gates).take(height.max(1));
    all.map(|(style, text)| (style, cut_to_columns(&text, width))).collect()
}

fn head(said: &Value, now: u64) -> String {
    let text = |name: &str| one_line(said[name].as_str().unwrap_or_default(), 100);
    let spent = &said["spent"];
    let tokens = spent["tokens"].as_u64().filter(|tokens| *tokens > 0).map(|tokens| format!("  {tokens} tokens"));
    let cost = spent["nano_dollars"].as_u64().filter(|cost| *cost > 0);
    let cost = cost.map(|_| format!("  {}", money(&spent["nano_dollars"]))).unwrap_or_default();
    let time = time(said["created_at"].as_u64(), said["finished_at"].as_u64(), now);
    format!("{}  {}{time}{}{cost}", text("workflow"), text("status"), tokens.unwrap_or_default())
}

fn rows(said: &Value, now: u64) -> Vec<Row> {
    let steps: Vec<&Value> = said["steps"].as_array().into_iter().flatten().collect();
    let mut within = HashMap::new();
    let mut groups: HashMap<(&str, Option<&str>), Vec<&Value>> = HashMap::new();
    for step in &steps {
        within.entry(base(step)).or_insert(step["within"].as_str());
        groups.entry((base(step), step["within"].as_str())).or_default().push(step);
    }
    let mut rows = Vec::with_capacity(steps.len());
    for step in &steps {
        let (name, above) = (base(step), step["within"].as_str());
        let indent = "  ".repeat(depth(&within, above) + 1);
        match groups.get(&(name, above)).map(Vec::as_slice) {
            // The first of several tells of all; those after it only where somebody should look.
            Some(group @ [first, _, ..]) => {
                if std::ptr::eq(*first, *step) {
                    rows.push(counted(name, group, &indent));
                }
                if !matches!(status(step), "succeeded" | "skipped" | "waiting") {
                    rows.push(single(step, &format!("{indent}  "), now));
                }
            }
            _ => rows.push(single(step, &indent, now)),
        }
    }
    rows
}

/// A step by itself.
fn single(step: &Value, indent: &str, now: u64) -> Row {
    let status = status(step);
    let path = one_line(step["path"].as_str().unwrap_or_default(), 100);
    let time = match status {
        "waiting" | "skipped" => String::new(),
        _ => time(step["began_at"].as_u64(), step["ended_at"].as_u64(), now),
    };
    let tokens = step["context"]["given"].as_u64().map(|given| format!("  {given} tokens")).unwrap_or_default();
    let attempts = step["attempts"].as_u64().filter(|attempts| *attempts > 1);
    let attempts = attempts.map(|attempts| format!("  {attempts} attempts")).unwrap_or_default();
    let error = step["error"]["message"].as_str().map(|why| format!("  {}", one_line(why, 200))).unwrap_or_default();
    let text = format!("{indent}{} {path}{time}{tokens}{attempts}{error}", sign(status));
    Row { style: style(status), fold: fold(status), text }
}

/// Several of one name, such as those of a `for_each`.
fn counted(name: &str, group: &[&Value], indent: &str) -> Row {
    let is = |wanted: &str| group.iter().filter(|step| status(step) == wanted).count();
    let done = is("succeeded") + is("skipped");
    let bad = is("failed") + is("cancelled");
    let whole = match (done, bad) {
        (done, 0) if done == group.len() => "succeeded",
        (_, bad) if bad > 0 => "failed",
        _ if is("waiting") == group.len() => "waiting",
        _ => "running",
    };
    let failed = if bad > 0 { format!("  {bad} failed") } else { String::new() };
    let text = format!("{indent}{} {}  {done}/{}{failed}", sign(whole), one_line(name, 100), group.len());
    Row { style: style(whole), fold: fold(whole), text }
}

/// Rows that follow each other and may be folded as one.
fn folded(rows: Vec<Row>, fold: Fold) -> Vec<Row> {
    let mut out: Vec<Row> = Vec::new();
    let mut pending: Vec<Row> = Vec::new();
    let flush = |pending: &mut Vec<Row>, out: &mut Vec<Row>| {
        if pending.len() > 1 {
            let (sign, word) = match fold {
                Fold::Done => (sign("succeeded"), "done"),
                Fold::Waiting => (sign("waiting"), "waiting"),
            };
            let text = format!("  {sign} {} {word}", pending.len());
            pending.clear();
            out.push(Row { style: Style::Faint, fold: None, text });
        } else {
            out.append(pending);
        }
    };
    for row in rows {
        if row.fold == Some(fold) {
            pending.push(row);
        } else {
            flush(&mut pending, &mut out);
            out.push(row);
        }
    }
    flush(&mut pending, &mut out);
    out
}

/// What waits for somebody, with the command that decides.
fn gates(said: &Value) -> Vec<(Style, String)> {
    let id = one_line(said["id"].as_str().unwrap_or_default(), 64);
    let mut out = Vec::new();
    let mut tell = |words: String, command: String| out.extend([(Style::Warn, words), (Style::Plain, command)]);
    let all: Vec<&Value> = said["gates"].as_array().into_iter().flatten().collect();
    for gate in all.iter().take(GATES) {
        let of = |name: &str| one_line(gate[name].as_str().unwrap_or_default(), 200);
        tell(
            format!("{} waits: {}", of("path"), of("prompt")),
            format!("  tutti run approve {id} --step {}", of("path")),
        );
    }
    let doubts: Vec<&str> = said["in_doubt"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for step in doubts.iter().take(GATES) {
        let step = one_line(step, 100);
        let words = format!("nobody knows whether {step} was carried out");
        tell(words, format!("  tutti run resolve {id} happened|retry|fail --step {step}"));
    }
    let more = all.len().saturating_sub(GATES) + doubts.len().saturating_sub(GATES);
    if more > 0 {
        out.push((Style::Warn, format!("{more} more wait for somebody: tutti run inspect {id}")));
    }
    out
}

/// The name of a step, whichever of its kind it is.
fn base(step: &Value) -> &str {
    step["path"].as_str().unwrap_or_default().split(['[', '#', '~']).next().unwrap_or_default()
}

fn depth(within: &HashMap<&str, Option<&str>>, above: Option<&str>) -> usize {
    std::iter::successors(above, |name| within.get(name).copied().flatten()).take(DEEPEST).count()
}

fn status(step: &Value) -> &str {
    step["status"].as_str().unwrap_or_default()
}

fn sign(status: &str) -> &'static str {
    match status {
        "succeeded" => "✓",
        "failed" | "cancelled" => "✗",
        "at_gate" | "in_doubt" => "?",
        "skipped" => "-",
        "waiting" => "·",
        _ => "▸",
    }
}

fn fold(status: &str) -> Option<Fold> {
    match status {
        "succeeded" | "skipped" => Some(Fold::Done),
        "waiting" => Some(Fold::Waiting),
        _ => None,
    }
}

/// How long something took, or takes until now.
fn time(began: Option<u64>, ended: Option<u64>, now: u64) -> String {
    let Some(began) = began else { return String::new() };
    let took = Duration::from_millis(ended.unwrap_or(now).saturating_sub(began));
    match took.as_secs() {
        seconds @ 3_600.. => format!("  {}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        seconds @ 60.. => format!("  {}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("  {:.1}s", took.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests;
