//! The cache by meaning: how often it gives an answer, and how often a wrong one.

mod traffic;

use crate::data;
use crate::embedding;
use search::Vector;
use semantic::{Comparison, Reading, compare};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// Kinds of difference of which no pair may be taken for the same.
const NEVER: [&str; 4] = ["number", "name", "date", "negation"];

/// A line of a set: texts that ask for the same, and texts that nearly do.
struct Group {
    same: Vec<String>,
    /// The kind of difference, and the text.
    near: Vec<(String, String)>,
}

/// A text with what is known of it.
#[derive(Clone)]
struct Text {
    reading: Reading,
    vector: Vector,
}

/// The rows for the sets in `parents`, which are files named `NAME.jsonl`: one of all pairs within groups, one of traffic.
pub(crate) fn of(parents: &[PathBuf]) -> Result<Vec<Value>, String> {
    let mut rows = Vec::new();
    for parent in parents {
        for path in data::files(parent)? {
            let groups = data::lines(&path, group)?;
            let texts = texts(&groups)?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            rows.push(pairs(&name, &groups)?);
            rows.extend(traffic::rows(&name, &groups, &texts)?);
        }
    }
    Ok(rows)
}

fn group(line: &Value) -> Option<Group> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut same = vec![text(&line["text"])?];
    same.extend(line["same"].as_array()?.iter().filter_map(text));
    let near = line["near"].as_array()?.iter();
    let near = near.map(|near| Some((text(&near["kind"])?, text(&near["text"])?))).collect::<Option<_>>()?;
    Some(Group { same, near })
}

fn texts(groups: &[Group]) -> Result<HashMap<String, Text>, String> {
    let near = |group: &Group| group.near.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    let all: Vec<String> = groups.iter().flat_map(|group| [group.same.clone(), near(group)].concat()).collect();
    let vectors = embedding::vectors(&all)?;
    let known = all.into_iter().zip(vectors).map(|(text, vector)| {
        let reading = read(&text)?;
        Ok((text, Text { reading, vector }))
    });
    known.collect()
}

fn read(text: &str) -> Result<Reading, String> {
    Reading::of(text).ok_or_else(|| format!("this text cannot be read: {text}"))
}

/// What comparing pairs has come to.
#[derive(Default)]
struct Sum {
    all: u64,
    /// Pairs of which one is answered by the other at once.
    given: u64,
    /// Pairs that are answered so when real answers have shown that they may be.
    learnable: u64,
}

impl Sum {
    fn add(&mut self, one: &Reading, other: &Reading) -> bool {
        let found = compare(one, other);
        self.all += 1;
        self.given += u64::from(found == Comparison::Same);
        self.learnable += u64::from(found.is_open());
        found == Comparison::Same
    }
}

/// Every pair of a group whose truth is known, by the rules alone.
fn pairs(name: &str, groups: &[Group]) -> Result<Value, String> {
    let (mut same, mut different) = (Sum::default(), Sum::default());
    let mut kinds: BTreeMap<&str, u64> = NEVER.map(|kind| (kind, 0)).into();
    for group in groups {
        for (place, one) in group.same.iter().enumerate() {
            for other in &group.same[place + 1..] {
                same.add(&read(one)?, &read(other)?);
            }
            for (kind, other) in &group.near {
                if different.add(&read(one)?, &read(other)?) {
                    *kinds.entry(kind).or_default() += 1;
                }
            }
        }
    }
    let given = same.given + different.given;
    Ok(json!({
        "set": name, "measure": "pairs", "same": same.all, "different": different.all, "given": given,
        "wrong": different.given, "wrong_by_kind": kinds, "hit_rate": share(same.given, same.all),
        "error": share(different.given, given), "learnable": same.learnable, "learnable_wrong": different.learnable,
    }))
}

fn share(part: u64, all: u64) -> f64 {
    let share = if all == 0 { 0.0 } else { part as f64 / all as f64 };
    (share * 1e5).round() / 1e5
}

/// The columns of the rows for a person.
pub(crate) const COLUMNS: [&str; 8] =
    ["set", "measure", "bound", "given", "wrong", "hit_rate", "error", "wrong_by_kind"];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// On all pairs of the project's own sets, the half too that no rule was written for.
    #[test]
    fn no_near_miss_is_taken_for_the_same() {
        for set in ["dev", "test"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("cache/{set}.jsonl"));
            let row = pairs(set, &data::lines(&path, group).unwrap()).unwrap();
            let known = row["same"].as_u64().unwrap() + row["different"].as_u64().unwrap();
            assert!(known > 1_500, "{row}");
            assert_eq!(row["wrong"], 0, "{row}");
            assert!(row["learnable"].as_u64() > Some(0), "{row}");
            for group in data::lines(&path, group).unwrap() {
                let text = &group.same[0];
                assert_eq!(compare(&read(text).unwrap(), &read(&format!(" {text}\n")).unwrap()), Comparison::Same);
            }
        }
    }
}
