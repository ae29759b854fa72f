//! The text format of Prometheus, version 0.0.4.

use crate::names::{Metric, label};
use crate::snapshot::{Point, Snapshot, Value};
use std::fmt::Write as _;

/// The content type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `snapshot` in the text format.
pub fn render(snapshot: &Snapshot) -> String {
    let mut out = String::new();
    let mut labels = String::new();
    for (metric, points) in snapshot.by_metric() {
        let (name, kind) = (metric.prometheus, metric.kind.word());
        let _ = writeln!(out, "# HELP {name} {}.\n# TYPE {name} {kind}", metric.help);
        let names: Vec<String> = metric.attributes.iter().map(|attribute| label(attribute)).collect();
        // Writing a number out costs more than all else of a line.
        let bounds: Vec<String> = metric.kind.bounds().iter().map(f64::to_string).collect();
        for point in points {
            write_labels(&mut labels, &names, point);
            match &point.value {
                Value::Number(number) => line(&mut out, name, "", &labels, *number),
                Value::Distribution(distribution) => {
                    let mut within = 0u64;
                    for (bound, count) in bounds.iter().map(String::as_str).zip(distribution.counts) {
                        within += count;
                        bucket(&mut out, metric, &labels, bound, within);
                    }
                    let count = distribution.count();
                    bucket(&mut out, metric, &labels, "+Inf", count);
                    line(&mut out, name, "_sum", &labels, distribution.sum);
                    line(&mut out, name, "_count", &labels, count);
                }
            }
        }
    }
    out
}

fn bucket(out: &mut String, metric: &Metric, labels: &str, bound: &str, within: u64) {
    let comma = if labels.is_empty() { "" } else { "," };
    for part in [metric.prometheus, "_bucket{", labels, comma, "le=\"", bound, "\"} "] {
        out.push_str(part);
    }
    let _ = writeln!(out, "{within}");
}

fn line(out: &mut String, name: &str, suffix: &str, labels: &str, number: impl std::fmt::Display) {
    let (open, close) = if labels.is_empty() { ("", "") } else { ("{", "}") };
    for part in [name, suffix, open, labels, close] {
        out.push_str(part);
    }
    let _ = writeln!(out, " {number}");
}

/// Writes the labels of a series without those that are empty: to Prometheus these are the same.
fn write_labels(out: &mut String, names: &[String], point: &Point) {
    out.clear();
    for (name, value) in names.iter().zip(&*point.values).filter(|(_, value)| !value.is_empty()) {
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value);
        out.push('"');
    }
}

/// Writes a value between its quotes. Besides what the format asks for, characters that a terminal or an eye takes for
/// something else are written as `\\u{…}`: names come from strangers.
fn escape(out: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            other if base::visible::is_deceptive(other) => {
                let _ = write!(out, "\\\\u{{{:x}}}", u32::from(other));
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests;
