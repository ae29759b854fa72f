//! What a run comes to, and whether that holds. Pure.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::load::{Call, Ending};

/// The least share of calls that may be repeated and succeed.
const SUCCESS: f64 = 0.999;
/// The most calls that arrive at servers for each that clients send.
const AMPLIFICATION: f64 = 1.05;
/// Failures that are shown of each kind.
const EXAMPLES: usize = 3;

/// All that was seen.
pub struct Tally<'a> {
    pub calls: &'a [Call],
    /// The token of each call that arrived at a server.
    pub attempts: &'a [String],
}

/// What it comes to.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Calls that clients sent.
    pub calls: usize,
    /// The share of calls of tools that may be repeated that succeeded.
    pub ok: f64,
    /// Calls that arrived at servers over calls that clients sent.
    pub amplification: f64,
    /// Calls that were answered twice, and calls of tools that may not be repeated that were begun twice.
    pub doubled: usize,
    /// Answers that belong to another call.
    pub misrouted: usize,
    /// Processes that were left.
    pub orphans: usize,
    /// Bounds that do not hold, and examples.
    #[serde(skip)]
    pub failures: Vec<String>,
    /// What is worth knowing in any case.
    #[serde(skip)]
    pub remarks: Vec<String>,
}

impl Tally<'_> {
    pub fn report(&self, orphans: Vec<String>) -> Report {
        let repeatable: Vec<&Call> = self.calls.iter().filter(|call| !is_write(&call.token)).collect();
        let answered = repeatable.iter().filter(|call| call.ending == Ending::Answered).count();
        let twice = self.calls.iter().filter(|call| call.ending == Ending::Twice);
        let begun_twice = self.begun_twice();
        let misrouted: Vec<&Call> =
            self.calls.iter().filter(|call| matches!(call.ending, Ending::Foreign(_))).collect();
        let mut report = Report {
            calls: self.calls.len(),
            ok: answered as f64 / repeatable.len().max(1) as f64,
            amplification: self.attempts.len() as f64 / self.calls.len().max(1) as f64,
            doubled: twice.count() + begun_twice.len(),
            misrouted: misrouted.len(),
            orphans: orphans.len(),
            failures: Vec::new(),
            remarks: vec![self.latencies(&repeatable)],
        };
        let mut bound = |holds: bool, text: String| {
            if !holds {
                report.failures.push(text);
            }
        };
        bound(!self.calls.is_empty(), "no call was made".to_owned());
        bound(
            report.ok >= SUCCESS,
            format!("{:.5} of the calls that may be repeated worked, not {SUCCESS}", report.ok),
        );
        bound(
            report.amplification <= AMPLIFICATION,
            format!("{:.4} calls arrived for each that was sent, above {AMPLIFICATION}", report.amplification),
        );
        bound(report.doubled == 0, format!("{} calls were answered or begun twice: {begun_twice:?}", report.doubled));
        bound(misrouted.is_empty(), format!("answers went astray: {:?}", misrouted.first()));
        bound(orphans.is_empty(), format!("processes are left: {orphans:?}"));
        report.remarks.extend(kinds("may be repeated", repeatable.into_iter()));
        report.remarks.extend(kinds("may not be repeated", self.calls.iter().filter(|call| is_write(&call.token))));
        report
    }

    /// Tools that nobody may repeat, of which a call arrived twice.
    fn begun_twice(&self) -> Vec<&str> {
        let mut arrived: HashMap<&str, usize> = HashMap::new();
        for token in self.attempts.iter().filter(|token| is_write(token)) {
            *arrived.entry(token).or_default() += 1;
        }
        arrived.into_iter().filter(|(_, times)| *times > 1).map(|(token, _)| token).collect()
    }

    fn latencies(&self, calls: &[&Call]) -> String {
        let mut took: Vec<u64> = calls.iter().map(|call| call.took.as_millis() as u64).collect();
        took.sort_unstable();
        let at = |percent| crate::stats::percentile(&took, percent);
        format!("milliseconds: p50 {}, p99 {}, p99.9 {}, most {}", at(50.0), at(99.0), at(99.9), at(100.0))
    }
}

/// A line for each way to fail, the frequent ones first.
fn kinds<'a>(which: &str, calls: impl Iterator<Item = &'a Call>) -> Vec<String> {
    let mut kinds: BTreeMap<&str, Vec<(&Call, &str)>> = BTreeMap::new();
    for call in calls {
        if let Ending::Failed(code, said) = &call.ending {
            kinds.entry(code).or_default().push((call, said));
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, calls)| std::cmp::Reverse(calls.len()));
    let line = |(code, calls): (&str, Vec<(&Call, &str)>)| {
        let examples = calls.iter().take(EXAMPLES).map(|(call, said)| {
            let Call { server, token, began, took, .. } = call;
            format!("\n    {server} {token} at {:.2} s after {:.2} s: {said}", began.as_secs_f64(), took.as_secs_f64())
        });
        format!("{} calls that {which} failed with {code}:{}", calls.len(), examples.collect::<String>())
    };
    kinds.into_iter().map(line).collect()
}

fn is_write(token: &str) -> bool {
    token.starts_with('w')
}

#[cfg(test)]
mod tests;
