//! What finding costs: the CPU of a question to 5,000 tools, and of a tool that comes to them.
//!
//! The tools are those of one set over and over, each copy on a server of its own and with a vector a little beside the
//! original's: to find among them costs what it costs among 5,000 different ones, and only a few hundred are embedded.

use crate::data::{Set, Tool};
use crate::embedding;
use context::tokens;
use rustix::time::{ClockId, clock_gettime};
use search::{Change, Document, Index, MiniLm, Question, Step, Vector, steps};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use tools::discovery::Fields;

const TOOLS: usize = 5_000;
/// Questions that are asked, and tools that come, each measured by itself.
const QUESTIONS: usize = 100;
const COMING: usize = 20;
/// Tools that a client is shown.
const SHOWN: usize = 5;

/// Measures with the tools and queries of `set`.
pub(crate) fn of(set: &Set) -> Result<Value, String> {
    let (fields, embedder, going) = (Fields::of_tools(), MiniLm::default(), AtomicBool::new(false));
    let embed = |text: &str| -> Result<Vector, String> {
        let made = embedder.vectors(&[text], &going).map_err(|error| error.to_string())?;
        made.first().map(|vector| Vector::new(vector)).ok_or_else(|| "there is no vector".to_owned())
    };
    let document = |place: usize| document(&fields.1, &set.tools[place % set.tools.len()], place);
    let put: Vec<Document> = (0..TOOLS).map(document).collect();
    let meanings: Vec<String> = put.iter().take(set.tools.len()).map(|one| one.meaning.clone()).collect();
    let originals = embedding::vectors(&meanings)?;
    let vectors = (0..TOOLS).map(|place| (place.to_string(), beside(&originals[place % originals.len()], place)));
    let index = Index::new(fields.0).changed(Change { put, vectors: vectors.collect(), ..Change::default() });

    embed("The first text loads the model.")?;
    let asked = asking(set, &index, &embed)?;
    let (mut adding, mut embedding, mut lacking) = (Vec::new(), Vec::new(), 0);
    for place in TOOLS..TOOLS + COMING {
        let change = Change { put: vec![document(place)], ..Change::default() };
        let (next, time) = timed(|| index.changed(change));
        adding.push(time);
        lacking = next.without_vector().count();
        let meaning = next.without_vector().next().map(|(_, text)| text.to_owned()).unwrap_or_default();
        let (vector, time) = timed(|| embed(&meaning));
        vector?;
        embedding.push(time);
    }
    let ((), listing) = timed(|| drop(list(set)));
    Ok(json!({
        "bench": "discovery", "tools": TOOLS,
        "query_cpu_ms": median(asked.fresh), "one_sentence_query_cpu_ms": median(asked.single), "longest_query_cpu_ms": round(asked.longest),
        "cached_query_cpu_ms": median(asked.cached), "text_query_cpu_ms": median(asked.by_text),
        "add_embeddings": lacking, "add_embedding_cpu_ms": median(embedding), "add_index_cpu_ms": median(adding),
        "shown_tokens": asked.shown / QUESTIONS.min(set.queries.len()).max(1),
        "all_tokens": (0..TOOLS).map(|place| definition_tokens(set, place)).sum::<usize>(),
        "all_cpu_ms": median(vec![listing]),
    }))
}

/// What questions cost, in milliseconds.
#[derive(Default)]
struct Asking {
    /// Each by itself, with the embeddings that it takes.
    fresh: Vec<f64>,
    /// Those of one sentence.
    single: Vec<f64>,
    /// The one that took longest.
    longest: f64,
    /// Each with its vectors known.
    cached: Vec<f64>,
    /// Each by its words alone.
    by_text: Vec<f64>,
    /// The tokens of the definitions that are found.
    shown: usize,
}

/// Asks the first questions of `set`, each as the product reads it: the whole, and each sentence where there are several.
fn asking(set: &Set, index: &Index, embed: &impl Fn(&str) -> Result<Vector, String>) -> Result<Asking, String> {
    let mut asking = Asking::default();
    for query in set.queries.iter().take(QUESTIONS) {
        let texts: Vec<&str> = std::iter::once(query.text.as_str()).chain(steps(&query.text)).collect();
        let (vectors, embedding) = timed(|| texts.iter().map(|text| embed(text)).collect::<Result<Vec<_>, _>>());
        let vectors = vectors?;
        let ask = |known: bool| {
            let readings = texts.iter().zip(&vectors);
            let readings: Vec<Step<'_>> =
                readings.map(|(text, vector)| Step { text, vector: Some(vector).filter(|_| known) }).collect();
            timed(|| {
                let (vector, steps) = (readings[0].vector, &readings[1..]);
                index.search(&Question { vector, steps, ..Question::new(&query.text, SHOWN) })
            })
        };
        let (hits, search) = ask(true);
        asking.fresh.push(embedding + search);
        asking.longest = asking.longest.max(embedding + search);
        if texts.len() == 1 {
            asking.single.push(embedding + search);
        }
        asking.cached.push(search);
        asking.by_text.push(ask(false).1);
        let of_hit = |id: &str| id.parse().ok().map_or(0, |place: usize| definition_tokens(set, place));
        asking.shown += hits.iter().map(|hit| of_hit(hit.id)).sum::<usize>();
    }
    Ok(asking)
}

/// The set that is measured with, in the first of `folders`.
pub(crate) fn set(folders: &[PathBuf]) -> Result<Set, String> {
    let parent = folders.first().ok_or("`--data` names the folder of the set to measure with")?;
    let folder = crate::data::folders(parent)?.into_iter().next().ok_or("there is no set in the folder")?;
    Set::read(&folder)
}

/// The tool as the `place`th document.
fn document(fields: &Fields, tool: &Tool, place: usize) -> Document {
    Document { id: place.to_string(), ..fields.document(&format!("{}{place}", tool.server), &tool.item) }
}

/// A vector near `original`, another for each `place`.
fn beside(original: &Vector, place: usize) -> Vector {
    let number = |(at, byte): (usize, u8)| {
        let moved = (place.wrapping_mul(31).wrapping_add(at.wrapping_mul(17)) % 15) as f32 - 7.0;
        f32::from(i8::from_le_bytes([byte])) + moved
    };
    Vector::new(&original.to_bytes().into_iter().enumerate().map(number).collect::<Vec<_>>())
}

fn definition_tokens(set: &Set, place: usize) -> usize {
    tokens::estimate(&set.tools[place % set.tools.len()].item.json)
}

/// All definitions as one list, as a client without search gets them.
fn list(set: &Set) -> String {
    let definitions: Vec<&str> =
        (0..TOOLS).map(|place| set.tools[place % set.tools.len()].item.json.as_str()).collect();
    format!("{{\"tools\":[{}]}}", definitions.join(","))
}

/// What `work` gives, and the milliseconds of this thread's CPU that it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let before = clock_gettime(ClockId::ThreadCPUTime);
    let done = work();
    let taken = clock_gettime(ClockId::ThreadCPUTime) - before;
    (done, taken.tv_sec as f64 * 1e3 + taken.tv_nsec as f64 / 1e6)
}

/// The middle one, to three digits after the point.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).map_or(0.0, |time| round(*time))
}

fn round(time: f64) -> f64 {
    (time * 1000.0).round() / 1000.0
}
