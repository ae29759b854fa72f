//! Finding tools by what they do: one index over the tools of all upstreams, shared by all views.
//!
//! The index is made off the path of calls, by a task of its own, when catalogues change; tools that did not change are
//! not read again. Their vectors come later (`meaning`). What it finds is looked up in the view of whoever asks: what that
//! does not list now, because it is hidden, in quarantine or gone, is not found.

mod document;
mod meaning;
mod tables;

pub use self::document::Fields;
pub use self::meaning::Reading;

use self::tables::Kept;
use crate::catalogue::Catalogue;
use crate::naming;
use crate::view::{List, Route, Source, View};
use arc_swap::ArcSwap;
use base::task;
use search::{Change, Embedder, Encoding, Index, Question, Selection};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Db;
use tokio::sync::watch;

/// What finds tools.
pub struct Discovery {
    snapshot: ArcSwap<Snapshot>,
    /// Held while the next snapshot is made of the last.
    turn: tokio::sync::Mutex<()>,
    /// What makes vectors; nothing where tools are found by their words alone.
    encoding: Option<Encoding>,
    /// For what is no tool, so that it is counted apart.
    pub(crate) notes: Option<Arc<Encoding>>,
    /// Whether tools are searched at all.
    expected: watch::Sender<bool>,
    /// What the views saw of the snapshot when they were searched last, by their titles.
    sights: Mutex<HashMap<String, Arc<Sight>>>,
    /// What the upstreams have now, with a number that rises.
    sources: watch::Sender<(u64, Arc<[Source]>)>,
    /// The number of what the snapshot is made of.
    done: watch::Sender<u64>,
}

/// The index, and the catalogues that it was made of, by upstream.
struct Snapshot {
    index: Index,
    fields: Fields,
    made_of: HashMap<String, Arc<Catalogue>>,
}

/// What a view shows of a snapshot.
struct Sight {
    list: Arc<List>,
    snapshot: Arc<Snapshot>,
    /// Where the documents stand in the list.
    places: HashMap<String, usize>,
    selection: Selection,
}

/// A tool that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its place in the view's list of tools.
    pub place: usize,
    /// Which of the queries found it.
    pub query: usize,
    /// How well it fits. It compares what one query found.
    pub score: f32,
}

/// A tool that has none of a query's words is found if it is so much like it at least. Most texts that have nothing to do
/// with each other are less so; of those that do few are.
const LEAST_LIKENESS: f32 = 0.1;

/// Which tools may be found, by where they lead and their place in the list.
pub type Allowed<'a> = &'a (dyn Fn(&Route, usize) -> bool + Sync);

impl Discovery {
    /// An index without tools. Where there is an embedder, tools are also found by their meaning, and the store keeps the
    /// vectors.
    pub fn new(meaning: Option<(Arc<dyn Embedder>, Db)>) -> Arc<Self> {
        let (schema, fields) = Fields::of_tools();
        let snapshot = Snapshot { index: Index::new(schema), fields, made_of: HashMap::new() };
        let (sources, mut changes) = watch::channel((0, Arc::from([])));
        let (snapshot, done) = (ArcSwap::from_pointee(snapshot), watch::Sender::new(0));
        let kept = |(embedder, db)| Encoding::new(embedder, Arc::new(Kept::new(db)));
        let (notes, encoding) = (meaning.clone().map(|meaning| Arc::new(kept(meaning))), meaning.map(kept));
        let (expected, turn) = (watch::Sender::new(false), tokio::sync::Mutex::default());
        let sights = Mutex::default();
        let discovery = Arc::new(Self { snapshot, turn, encoding, notes, expected, sights, sources, done });
        let following = (discovery.expected.subscribe(), discovery.done.subscribe());
        task::spawn("meaning of tools", meaning::follow(Arc::downgrade(&discovery), following.0, following.1));
        let weak = Arc::downgrade(&discovery);
        task::spawn("index of tools", async move {
            // What came while the last was read is read at once.
            while changes.changed().await.is_ok() {
                let Some(discovery) = weak.upgrade() else { return };
                let (number, sources) = changes.borrow_and_update().clone();
                let _turn = discovery.turn.lock().await;
                let old = discovery.snapshot.load_full();
                match task::blocking(move || old.next(&sources)).await {
                    Ok(Some(next)) => discovery.snapshot.store(Arc::new(next)),
                    Ok(None) => {}
                    // The process ends; a panic has told of itself.
                    Err(error) => tracing::debug!(%error, "the index of tools could not be made"),
                }
                discovery.done.send_replace(number);
            }
        });
        discovery
    }

    /// Has the index follow what the upstreams have.
    pub fn follow(&self, sources: &[Source]) {
        self.sources.send_modify(|(number, now)| {
            *number += 1;
            *now = sources.into();
        });
    }

    /// Waits until the index has all that the upstreams have now, at most `limit`: there is something to find before, but
    /// not what came a moment ago.
    pub async fn settle(&self, limit: Duration) {
        let wanted = self.sources.borrow().0;
        let _ = tokio::time::timeout(limit, self.done.subscribe().wait_for(|done| *done >= wanted)).await;
    }

    /// The tools of `view` that fit `queries` best: those of each query in turn, the best first, each tool once, `limit`
    /// in all. With `allowed` no others than these.
    pub fn search(&self, view: &View, queries: &[Reading], allowed: Option<Allowed<'_>>, limit: usize) -> Vec<Found> {
        let sight = self.sight(view);
        let index = &sight.snapshot.index;
        let narrow = allowed.map(|allowed| {
            index.select(|id, _| {
                sight.places.get(id).is_some_and(|&place| {
                    view.tools.get(&sight.list.items[place].key).is_some_and(|route| allowed(route, place))
                })
            })
        });
        let among = Some(narrow.as_ref().unwrap_or(&sight.selection));
        let one = |(query, reading): (usize, &Reading)| {
            let hits = reading.ask(limit, |question| index.search(&Question { among, ..question }));
            let found = hits.iter().filter(|hit| hit.text_score > 0.0 || hit.likeness >= Some(LEAST_LIKENESS));
            let found = found.filter_map(|hit| {
                let place = *sight.places.get(hit.id)?;
                Some(Found { place, query, score: hit.score })
            });
            found.collect()
        };
        merged(queries.iter().enumerate().map(one).collect(), limit)
    }

    /// What `view` shows of the index.
    fn sight(&self, view: &View) -> Arc<Sight> {
        let snapshot = self.snapshot.load_full();
        let list = &view.lists[0];
        let is_now = |sight: &&Arc<Sight>| Arc::ptr_eq(&sight.snapshot, &snapshot) && Arc::ptr_eq(&sight.list, list);
        let kept = {
            let sights = self.sights.lock().unwrap_or_else(PoisonError::into_inner);
            sights.get(view.title()).filter(is_now).cloned()
        };
        kept.unwrap_or_else(|| {
            let places: HashMap<String, usize> = list
                .items
                .iter()
                .enumerate()
                .filter_map(|(place, item)| {
                    let route = view.tools.get(&item.key)?;
                    Some((naming::exposed(&route.upstream, &route.original), place))
                })
                .collect();
            let selection = snapshot.index.select(|id, _| places.contains_key(id));
            let sight = Arc::new(Sight { list: Arc::clone(list), snapshot, places, selection });
            let mut sights = self.sights.lock().unwrap_or_else(PoisonError::into_inner);
            // Views that were removed must not stay for ever.
            sights.retain(|_, other| Arc::ptr_eq(&other.snapshot, &sight.snapshot));
            sights.insert(view.title().to_owned(), Arc::clone(&sight));
            sight
        })
    }
}

impl Snapshot {
    /// The snapshot of what the upstreams have now; nothing if that is the same.
    fn next(&self, sources: &[Source]) -> Option<Self> {
        let is_known =
            |source: &Source| self.made_of.get(&source.name).is_some_and(|known| Arc::ptr_eq(known, &source.catalogue));
        let gone = self.made_of.keys().any(|name| !sources.iter().any(|source| &source.name == name));
        if !gone && sources.iter().all(is_known) {
            return None;
        }
        let now: HashMap<&str, &Arc<Catalogue>> =
            sources.iter().map(|source| (source.name.as_str(), &source.catalogue)).collect();
        let mut change = Change::default();
        for (name, old) in &self.made_of {
            let new: HashSet<&str> = match now.get(name.as_str()) {
                Some(new) if Arc::ptr_eq(new, old) => continue,
                Some(new) => new.tools.iter().map(|item| item.key.as_str()).collect(),
                None => HashSet::new(),
            };
            let removed = old.tools.iter().filter(|item| !new.contains(item.key.as_str()));
            change.remove.extend(removed.map(|item| naming::exposed(name, &item.key)));
        }
        for source in sources.iter().filter(|source| !is_known(source)) {
            let before = self.made_of.get(&source.name);
            let old: HashMap<&str, &str> = before
                .map(|old| old.tools.iter().map(|item| (item.key.as_str(), item.json.as_str())).collect())
                .unwrap_or_default();
            let changed = source.catalogue.tools.iter().filter(|item| old.get(item.key.as_str()) != Some(&&*item.json));
            change.put.extend(changed.map(|item| self.fields.document(&source.name, item)));
        }
        let made_of = sources.iter().map(|source| (source.name.clone(), Arc::clone(&source.catalogue))).collect();
        Some(Self { index: self.index.changed(change), fields: self.fields, made_of })
    }
}

/// One of each query in turn, so that a query with many good tools does not hide what others found.
fn merged(mut found: Vec<Vec<Found>>, limit: usize) -> Vec<Found> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    let mut queues: Vec<_> = found.iter_mut().map(|list| list.drain(..)).collect();
    loop {
        let before = all.len();
        for queue in &mut queues {
            // What another query has found already does not cost this one its turn.
            if let Some(next) = queue.find(|found| seen.insert(found.place)) {
                all.push(next);
            }
            if all.len() >= limit {
                return all;
            }
        }
        if all.len() == before {
            return all;
        }
    }
}

#[cfg(test)]
mod tests;
