//! Rows and ratios: what the rounds say together, as a table or as one line of JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    load::Sample,
    stats::{median, percentile},
};

/// All rounds of one target at one number of clients.
pub struct Series {
    pub target: String,
    pub clients: usize,
    rounds: Vec<Round>,
}

struct Round {
    calls: usize,
    cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
}

/// Medians over the rounds of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub target: String,
    pub clients: usize,
    /// Measured calls, over all rounds.
    #[serde(rename = "n")]
    pub calls: usize,
    pub cpu_us: f64,
    pub p50_us: f64,
    pub p99_us: f64,
}

impl Series {
    pub fn new(target: &str, clients: usize) -> Self {
        Self { target: target.to_owned(), clients, rounds: Vec::new() }
    }

    pub fn add(&mut self, sample: &Sample) {
        let calls = sample.latencies.len();
        let micros = |percent| percentile(&sample.latencies, percent) as f64 / 1e3;
        let cpu_us = sample.cpu.unwrap_or_default().as_secs_f64() * 1e6 / calls.max(1) as f64;
        self.rounds.push(Round { calls, cpu_us, p50_us: micros(50.0), p99_us: micros(99.0) });
    }

    pub fn row(&self) -> Row {
        let over_rounds = |field: fn(&Round) -> f64| tenth(median(&self.rounds.iter().map(field).collect::<Vec<_>>()));
        Row {
            target: self.target.clone(),
            clients: self.clients,
            calls: self.rounds.iter().map(|round| round.calls).sum(),
            cpu_us: over_rounds(|round| round.cpu_us),
            p50_us: over_rounds(|round| round.p50_us),
            p99_us: over_rounds(|round| round.p99_us),
        }
    }
}

/// Tutti against the peer and the floor; what was not measured is left out.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Ratios {
    #[serde(skip_serializing_if = "Option::is_none")]
    tutti_cpu_over_rmcp: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tutti_cpu_over_bare: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tutti_added_p50_us: Option<f64>,
}

/// The whole report, with its keys in the order that readers of the JSON expect.
#[derive(Serialize)]
struct Report<'a> {
    bench: &'static str,
    era: &'a str,
    rows: &'a [Row],
    ratios: BTreeMap<usize, Ratios>,
}

/// By number of clients.
pub fn ratios(rows: &[Row]) -> BTreeMap<usize, Ratios> {
    rows.iter().map(|row| (row.clients, ratios_at(rows, row.clients))).collect()
}

fn ratios_at(rows: &[Row], clients: usize) -> Ratios {
    let find = |target: &str| rows.iter().find(|row| row.target == target && row.clients == clients);
    let Some(tutti) = find("tutti") else { return Ratios::default() };
    let cpu_over = |peer: &str| {
        let peer = find(peer).filter(|peer| peer.cpu_us > 0.0)?;
        Some(thousandth(tutti.cpu_us / peer.cpu_us))
    };
    Ratios {
        tutti_cpu_over_rmcp: cpu_over("rmcp"),
        tutti_cpu_over_bare: cpu_over("bare"),
        tutti_added_p50_us: find("direct").map(|direct| tenth(tutti.p50_us - direct.p50_us)),
    }
}

pub fn as_json(era: &str, rows: &[Row]) -> serde_json::Result<String> {
    serde_json::to_string(&Report { bench: "hub", era, rows, ratios: ratios(rows) })
}

pub fn as_table(era: &str, rows: &[Row]) -> String {
    let columns = ["target", "clients", "calls", "CPU us/call", "p50 us", "p99 us"];
    let mut cells = vec![columns.map(str::to_owned)];
    cells.extend(rows.iter().map(|row| {
        let micros = |value: f64| format!("{value:.1}");
        let (clients, calls) = (row.clients.to_string(), row.calls.to_string());
        [row.target.clone(), clients, calls, micros(row.cpu_us), micros(row.p50_us), micros(row.p99_us)]
    }));
    let width = |column: usize| cells.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = format!("era: {era}\n");
    for line in &cells {
        text.push_str(&format!("{:<width$}", line[0], width = widths[0]));
        for (cell, width) in line.iter().zip(&widths).skip(1) {
            text.push_str(&format!("  {cell:>width$}"));
        }
        text.push('\n');
    }
    for (clients, ratios) in ratios(rows) {
        let lines = [
            ("tutti CPU / rmcp CPU", ratios.tutti_cpu_over_rmcp),
            ("tutti CPU / bare CPU", ratios.tutti_cpu_over_bare),
            ("p50 that tutti adds, us", ratios.tutti_added_p50_us),
        ];
        for (label, value) in lines.into_iter().filter_map(|(label, value)| Some((label, value?))) {
            text.push_str(&format!("{label}, {clients} client(s): {value}\n"));
        }
    }
    text
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn thousandth(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
