//! The product's embedder, on all processors at once.

use search::{MiniLm, Vector};
use std::num::NonZero;
use std::sync::atomic::AtomicBool;
use std::thread;

/// The vectors of `texts`, in their order.
pub(crate) fn vectors(texts: &[String]) -> Result<Vec<Vector>, String> {
    let embedder = MiniLm::default();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = texts.len().div_ceil(threads).max(1);
    let work = &|texts: &[String]| embedder.vectors(texts, &AtomicBool::new(false));
    let parts = thread::scope(|scope| {
        let running: Vec<_> = texts.chunks(share).map(|texts| scope.spawn(move || work(texts))).collect();
        running.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let mut vectors = Vec::with_capacity(texts.len());
    for part in parts {
        let part = part.map_err(|_| "a thread of the embedder ended early".to_owned())?;
        vectors.extend(part.map_err(|error| error.to_string())?.iter().map(|vector| Vector::new(vector)));
    }
    Ok(vectors)
}
