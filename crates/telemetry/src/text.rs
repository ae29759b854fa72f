//! The text format of Prometheus, version 0.0.4.

use crate::names::{BOUNDS, Metric, label};
use crate::snapshot::{Point, Snapshot, Value};
use std::fmt::Write as _;

/// The content type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `snapshot` in the text format.
pub fn render(snapshot: &Snapshot) -> String {
    let mut out = String::new();
    for (metric, points) in snapshot.by_metric() {
        let (name, kind) = (metric.prometheus, metric.kind.word());
        let _ = writeln!(out, "# HELP {name} {}.\n# TYPE {name} {kind}", metric.help);
        for point in points {
            let labels = labels(metric, point);
            match &point.value {
                Value::Number(number) => {
                    line(&mut out, name, "", &labels, *number);
                }
                Value::Distribution(distribution) => {
                    let mut within = 0u64;
                    for (bound, count) in BOUNDS.iter().zip(distribution.counts) {
                        within += count;
                        let _ = writeln!(out, "{name}_bucket{{{}le=\"{bound}\"}} {within}", before(&labels));
                    }
                    let count = distribution.count();
                    let _ = writeln!(out, "{name}_bucket{{{}le=\"+Inf\"}} {count}", before(&labels));
                    line(&mut out, name, "_sum", &labels, distribution.sum);
                    let _ = writeln!(out, "{name}_count{} {count}", braced(&labels));
                }
            }
        }
    }
    out
}

fn line(out: &mut String, name: &str, suffix: &str, labels: &str, number: f64) {
    let _ = writeln!(out, "{name}{suffix}{} {number}", braced(labels));
}

fn braced(labels: &str) -> String {
    if labels.is_empty() { String::new() } else { format!("{{{labels}}}") }
}

fn before(labels: &str) -> String {
    if labels.is_empty() { String::new() } else { format!("{labels},") }
}

/// The labels of a series without those that are empty: to Prometheus these are the same.
fn labels(metric: &Metric, point: &Point) -> String {
    let pairs = metric.attributes.iter().zip(&point.values).filter(|(_, value)| !value.is_empty());
    let texts: Vec<String> = pairs.map(|(name, value)| format!("{}=\"{}\"", label(name), escape(value))).collect();
    texts.join(",")
}

/// A value between its quotes. Besides what the format asks for, characters that a terminal or an eye takes for
/// something else are written as `\\u{…}`: names come from strangers.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
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
    out
}

#[cfg(test)]
mod tests;
