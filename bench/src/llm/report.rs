//! Rows, ratios and bounds of the bench of models. Pure.

use serde::Serialize;

use super::{Case, load::Sample};
use crate::stats::{median, percentile};

/// At so many clients bounds are judged. At one, what a request costs depends before all on the processors on which the
/// kernel happens to wake provider, target and client: it differs by two times between runs of the same program.
const JUDGED: usize = 32;

/// All rounds of one target in one case at one number of clients.
pub struct Series {
    pub target: String,
    pub case: Case,
    pub clients: usize,
    rounds: Vec<Round>,
}

struct Round {
    requests: usize,
    cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
}

/// Medians over the rounds of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub target: String,
    pub case: Case,
    pub clients: usize,
    /// Measured requests, over all rounds.
    pub n: usize,
    /// CPU time of the target for each request.
    pub cpu_us: f64,
    /// The same for each chunk of a streamed answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk_us: Option<f64>,
    pub p50_us: f64,
    pub p99_us: f64,
    /// What the target adds to the time without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_p50_us: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_p99_us: Option<f64>,
}

/// What a target is before it has anything to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Start {
    pub target: String,
    /// From its start to the first answer of a model, the median over the starts.
    pub first_answer_ms: f64,
    /// Memory of its process tree at rest: the resident set.
    pub rest_mb: f64,
    /// The same after all rounds.
    pub after_mb: f64,
}

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bound {
    pub what: String,
    pub value: f64,
    /// The most that `value` may be; the least, where `least` is.
    pub bound: f64,
    #[serde(skip)]
    least: bool,
    pub ok: bool,
}

/// The whole report.
#[derive(Debug, Serialize)]
pub struct Report {
    pub bench: &'static str,
    pub rows: Vec<Row>,
    pub starts: Vec<Start>,
    pub bounds: Vec<Bound>,
}

impl Series {
    pub fn new(target: &str, case: Case, clients: usize) -> Self {
        Self { target: target.to_owned(), case, clients, rounds: Vec::new() }
    }

    pub fn add(&mut self, sample: &Sample) {
        let requests = sample.latencies.len();
        let micros = |percent| percentile(&sample.latencies, percent) as f64 / 1e3;
        let cpu_us = sample.cpu.as_secs_f64() * 1e6 / requests.max(1) as f64;
        self.rounds.push(Round { requests, cpu_us, p50_us: micros(50.0), p99_us: micros(99.0) });
    }

    fn row(&self) -> Row {
        let over_rounds = |field: fn(&Round) -> f64| median(&self.rounds.iter().map(field).collect::<Vec<_>>());
        let cpu_us = over_rounds(|round| round.cpu_us);
        Row {
            target: self.target.clone(),
            case: self.case,
            clients: self.clients,
            n: self.rounds.iter().map(|round| round.requests).sum(),
            cpu_us: hundredth(cpu_us),
            chunk_us: (self.case != Case::Json).then(|| hundredth(cpu_us / self.case.chunks() as f64)),
            p50_us: hundredth(over_rounds(|round| round.p50_us)),
            p99_us: hundredth(over_rounds(|round| round.p99_us)),
            added_p50_us: None,
            added_p99_us: None,
        }
    }
}

/// The rows of all series, each with what it adds to `direct`.
pub fn rows(series: &[Series]) -> Vec<Row> {
    let mut rows: Vec<Row> = series.iter().map(Series::row).collect();
    let direct: Vec<Row> = rows.iter().filter(|row| row.target == "direct").cloned().collect();
    for row in rows.iter_mut().filter(|row| row.target != "direct") {
        if let Some(direct) = direct.iter().find(|direct| (direct.case, direct.clients) == (row.case, row.clients)) {
            row.added_p50_us = Some(hundredth(row.p50_us - direct.p50_us));
            row.added_p99_us = Some(hundredth(row.p99_us - direct.p99_us));
        }
    }
    rows
}

/// What must hold of Tutti, as far as it was measured.
pub fn bounds(rows: &[Row], starts: &[Start]) -> Vec<Bound> {
    let find = |target: &str, (case, clients)| {
        rows.iter().find(|row| row.target == target && (row.case, row.clients) == (case, clients))
    };
    let over = |peer: &str, at: (Case, usize)| {
        let (tutti, peer) = (find("tutti", at)?, find(peer, at)?);
        (tutti.cpu_us > 0.0 && peer.cpu_us > 0.0).then(|| tutti.cpu_us / peer.cpu_us)
    };
    let mut bounds = Vec::new();
    for (peer, case, most) in [("bare", Case::Json, 1.3), ("bare", Case::Spaced, 1.1), ("nginx", Case::Burst, 1.0)] {
        let what = format!("CPU over that of {peer}, {}, {JUDGED} clients", case.name());
        bounds.extend(over(peer, (case, JUDGED)).map(|value| Bound::most(what, value, most)));
    }
    // A spaced chunk costs the kernel's wake-ups before all else, which no gateway can do without.
    for case in [Case::Json, Case::Burst] {
        let what = format!("CPU of litellm over that of tutti, {}, {JUDGED} clients", case.name());
        bounds.extend(over("litellm", (case, JUDGED)).map(|value| Bound::least(what, 1.0 / value, 100.0)));
    }
    if let Some(start) = starts.iter().find(|start| start.target == "tutti") {
        bounds.push(Bound::most("MB at rest".to_owned(), start.rest_mb, 60.0));
        bounds.push(Bound::most("ms from the start to the first answer".to_owned(), start.first_answer_ms, 300.0));
    }
    bounds
}

impl Bound {
    fn most(what: String, value: f64, bound: f64) -> Self {
        let value = thousandth(value);
        Self { what, value, bound, least: false, ok: value <= bound }
    }

    fn least(what: String, value: f64, bound: f64) -> Self {
        let value = thousandth(value);
        Self { what, value, bound, least: true, ok: value >= bound }
    }

    /// As a line for people.
    pub fn line(&self) -> String {
        let Self { what, value, bound, least, ok } = self;
        let word = if *least { "at least" } else { "at most" };
        format!("{}: {what}: {value}, must be {word} {bound}", if *ok { "holds" } else { "FAILED" })
    }
}

impl Report {
    pub fn is_fine(&self) -> bool {
        self.bounds.iter().all(|bound| bound.ok)
    }

    pub fn as_table(&self) -> String {
        let mut text = format!(
            "{:<8} {:<7} {:>7} {:>8} {:>12} {:>9} {:>10} {:>10} {:>10} {:>10}\n",
            "target", "case", "clients", "n", "CPU us/req", "us/chunk", "p50 us", "p99 us", "added p50", "added p99"
        );
        let maybe = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
        for row in &self.rows {
            let (chunk, p50, p99) = (maybe(row.chunk_us), maybe(row.added_p50_us), maybe(row.added_p99_us));
            text.push_str(&format!(
                "{:<8} {:<7} {:>7} {:>8} {:>12.1} {chunk:>9} {:>10.1} {:>10.1} {p50:>10} {p99:>10}\n",
                row.target,
                row.case.name(),
                row.clients,
                row.n,
                row.cpu_us,
                row.p50_us,
                row.p99_us
            ));
        }
        for Start { target, first_answer_ms, rest_mb, after_mb } in &self.starts {
            text.push_str(&format!(
                "{target}: first answer after {first_answer_ms} ms, {rest_mb} MB at rest, {after_mb} MB after all\n"
            ));
        }
        self.bounds.iter().for_each(|bound| text.push_str(&format!("{}\n", bound.line())));
        text
    }
}

fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn thousandth(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Sample, Series, Start, bounds, rows};
    use crate::llm::Case;

    fn series(target: &str, case: Case, cpu_us: u64) -> Series {
        let mut series = Series::new(target, case, 32);
        // Two requests; the odd round in the middle changes no median.
        for factor in [2, 20, 2] {
            series.add(&Sample {
                latencies: vec![cpu_us * 500, cpu_us * 1000],
                cpu: Duration::from_micros(cpu_us * factor),
            });
        }
        series
    }

    #[test]
    fn rows_say_what_a_target_adds() {
        let rows = rows(&[series("direct", Case::Burst, 10), series("tutti", Case::Burst, 46)]);
        assert_eq!((rows[1].cpu_us, rows[1].chunk_us, rows[1].n), (46.0, Some(2.0), 6));
        assert_eq!((rows[1].added_p50_us, rows[1].added_p99_us), (Some(18.0), Some(36.0)));
        assert_eq!(rows[0].added_p50_us, None);
    }

    #[test]
    fn bounds_are_of_what_was_measured() {
        let all = [
            series("bare", Case::Json, 100),
            series("nginx", Case::Burst, 30),
            series("tutti", Case::Json, 130),
            series("tutti", Case::Burst, 31),
            series("litellm", Case::Json, 12_900),
        ];
        let (target, first_answer_ms, rest_mb, after_mb) = ("tutti".to_owned(), 299.0, 61.0, 70.0);
        let bounds = bounds(&rows(&all), &[Start { target, first_answer_ms, rest_mb, after_mb }]);
        let ok: Vec<(f64, bool)> = bounds.iter().map(|bound| (bound.value, bound.ok)).collect();
        assert_eq!(ok, [(1.3, true), (1.033, false), (99.231, false), (61.0, false), (299.0, true)]);
    }
}
