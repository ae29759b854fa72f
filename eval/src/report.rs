//! The report over all sets.

use crate::data::{Set, folders};
use crate::documents::Fields;
use crate::embedding;
use crate::measure::{DEPTH, Quality};
use search::{Change, Hit, Index, Question};
use serde_json::{Value, json};
use std::path::PathBuf;

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

/// The rows for a person.
pub(crate) fn table(rows: &[Value]) -> String {
    let head = ["set", "method", "queries", "r1", "r5", "r10", "ndcg10", "mrr"];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cells = rows.iter().map(|row| head.map(|name| text(&row[name])));
    let align = |cells: [String; 8]| cells.map(|cell| format!("{cell:<13}")).concat().trim_end().to_owned();
    std::iter::once(head.map(str::to_owned)).chain(cells).map(align).collect::<Vec<_>>().join("\n")
}

fn of_set(set: &Set) -> Result<Vec<Value>, String> {
    let (schema, fields) = Fields::of_tools();
    // The place of a tool is its id: a key may belong to several tools.
    let put = set.tools.iter().enumerate().map(|(place, tool)| fields.document(place.to_string(), tool)).collect();
    let index = Index::new(schema).changed(Change { put, ..Change::default() });
    let (ids, meanings): (Vec<_>, Vec<_>) = index.meanings().map(|(id, text)| (id.to_owned(), text.to_owned())).unzip();
    let vectors = ids.into_iter().zip(embedding::vectors(&meanings)?).collect();
    let index = index.changed(Change { vectors, ..Change::default() });
    let texts: Vec<_> = set.queries.iter().map(|query| query.text.clone()).collect();
    let questions = embedding::vectors(&texts)?;
    let row = |(name, method): (&str, Method)| {
        let mut quality = Quality::default();
        for (query, vector) in set.queries.iter().zip(&questions) {
            // Tools of one key count as one, so that more than are measured may be needed.
            let question = method(Question { vector: Some(vector), ..Question::new(&query.text, 2 * DEPTH) });
            quality.count(&keys(set, &index.search(&question)), &query.relevant);
        }
        quality.row(&set.name, name)
    };
    Ok(METHODS.into_iter().map(row).collect())
}

/// Takes from a question what a method does not look at.
type Method = for<'a> fn(Question<'a>) -> Question<'a>;

const METHODS: [(&str, Method); 3] = [
    ("text", |question| Question { vector: None, ..question }),
    ("vectors", |question| Question { text: "", text_share: Some(0.0), ..question }),
    ("fused", |question| question),
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
