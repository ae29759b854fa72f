//! The report over all sets.

use crate::data::{Set, Tool, folders};
use crate::embedding;
use crate::measure::{DEPTH, Quality};
use search::{Change, Document, Hit, Index, Question, Step, Vector, steps};
use serde_json::{Value, json};
use std::path::PathBuf;
use tools::discovery::Fields;

/// The rows for the sets in `parents`: one for each set and method.
pub(crate) fn of(parents: &[PathBuf]) -> Result<Vec<Value>, String> {
    let mut rows = Vec::new();
    for parent in parents {
        for folder in folders(parent)? {
            rows.extend(of_set(&Set::read(&folder)?)?);
        }
    }
    Ok(rows)
}

/// The rows as one line of JSON.
pub(crate) fn json(rows: &[Value]) -> String {
    json!({ "rows": rows }).to_string()
}

/// The columns of the rows for a person.
pub(crate) const COLUMNS: [&str; 8] = ["set", "method", "queries", "r1", "r5", "r10", "ndcg10", "mrr"];

/// The rows for a person: what each has under the names in `head`.
pub(crate) fn table(head: [&str; 8], rows: &[Value]) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cells = rows.iter().map(|row| head.map(|name| text(&row[name])));
    let align = |cells: [String; 8]| cells.map(|cell| format!("{cell:<13}")).concat().trim_end().to_owned();
    std::iter::once(head.map(str::to_owned)).chain(cells).map(align).collect::<Vec<_>>().join("\n")
}

/// In what `fused`, which is what the product does, is held against the others; the first is what decides.
const MEASURES: [&str; 5] = ["ndcg10", "r1", "r5", "r10", "mrr"];

/// For each set a line for a person: by which measures `fused` is better than words alone and than vectors alone.
pub(crate) fn verdicts(rows: &[Value]) -> String {
    let sets: Vec<&Value> = rows.iter().filter(|row| row["method"] == "fused").map(|row| &row["set"]).collect();
    let of = |set: &Value, method: &str| rows.iter().find(|row| &row["set"] == set && row["method"] == method);
    let line = |set: &&Value| {
        let (text, vectors, fused) = (of(set, "text")?, of(set, "vectors")?, of(set, "fused")?);
        let verdict = |measure: &&str| {
            let number = |row: &Value| row[*measure].as_f64().unwrap_or_default();
            let (best, own) = (number(text).max(number(vectors)), number(fused));
            let other = if number(text) >= number(vectors) { "text" } else { "vectors" };
            let word = if own > best {
                "beats both".to_owned()
            } else if own < best {
                format!("loses to {other} by {:.2}", best - own)
            } else {
                format!("equals {other}")
            };
            format!("{measure} {word}")
        };
        let all: Vec<String> = MEASURES.iter().map(verdict).collect();
        Some(format!("{}: fused {}", set.as_str().unwrap_or_default(), all.join(", ")))
    };
    sets.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

fn of_set(set: &Set) -> Result<Vec<Value>, String> {
    let (schema, fields) = Fields::of_tools();
    // The place of a tool is its id: a key may belong to several tools.
    let document =
        |(place, tool): (usize, &Tool)| Document { id: place.to_string(), ..fields.document(&tool.server, &tool.item) };
    let put = set.tools.iter().enumerate().map(document).collect();
    let index = Index::new(schema).changed(Change { put, ..Change::default() });
    let (ids, meanings): (Vec<_>, Vec<_>) =
        index.without_vector().map(|(id, text)| (id.to_owned(), text.to_owned())).unzip();
    let vectors = ids.into_iter().zip(embedding::vectors(&meanings)?).collect();
    let index = index.changed(Change { vectors, ..Change::default() });
    let asked: Vec<Asked<'_>> = set.queries.iter().map(|query| Asked::of(&query.text)).collect::<Vec<_>>();
    let texts: Vec<_> = asked.iter().flat_map(|asked| asked.texts.iter().map(|text| (*text).to_owned())).collect();
    let all = embedding::vectors(&texts)?;
    let row = |(name, method): (&str, Method)| {
        let mut quality = Quality::default();
        let mut rest = &all[..];
        for (query, asked) in set.queries.iter().zip(&asked) {
            let (vectors, others) = rest.split_at(asked.texts.len());
            rest = others;
            let readings: Vec<Step<'_>> = asked.readings(vectors).map(method).collect();
            // Tools of one key count as one, so that more than are measured may be needed.
            let question = Question {
                vector: readings[0].vector,
                steps: &readings[1..],
                text_share: (name == "vectors").then_some(0.0),
                ..Question::new(readings[0].text, 2 * DEPTH)
            };
            quality.count(&keys(set, &index.search(&question)), &query.relevant);
        }
        quality.row(&set.name, name)
    };
    Ok(METHODS.into_iter().map(row).collect())
}

/// A query as the product reads it: the whole and then its steps.
struct Asked<'a> {
    texts: Vec<&'a str>,
}

impl<'a> Asked<'a> {
    fn of(query: &'a str) -> Self {
        Self { texts: std::iter::once(query).chain(steps(query)).collect() }
    }

    fn readings<'b>(&'b self, vectors: &'b [Vector]) -> impl Iterator<Item = Step<'b>> {
        self.texts.iter().zip(vectors).map(|(text, vector)| Step { text, vector: Some(vector) })
    }
}

/// Takes from what is asked what a method does not look at.
type Method = for<'a> fn(Step<'a>) -> Step<'a>;

const METHODS: [(&str, Method); 3] = [
    ("text", |step| Step { vector: None, ..step }),
    ("vectors", |step| Step { text: "", ..step }),
    ("fused", |step| step),
];

/// The keys of the tools that were found, each once.
fn keys<'a>(set: &'a Set, hits: &[Hit<'_>]) -> Vec<&'a str> {
    let mut keys = Vec::new();
    for hit in hits {
        let tool = hit.id.parse().ok().and_then(|place: usize| set.tools.get(place));
        if let Some(key) = tool.map(|tool| tool.key.as_str()).filter(|key| !keys.contains(key)) {
            keys.push(key);
        }
    }
    keys
}

#[cfg(test)]
mod tests;
