//! Bytes of the fuzzer as the several inputs that a target needs.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

/// Stands between the parts of an input: the record separator, which no protocol here has a use for.
const SEPARATOR: u8 = 0x1e;

/// The first `N` parts of the input; those that are not there are empty, and the last one holds the rest.
pub(crate) fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut parts = data.splitn(N, |byte| *byte == SEPARATOR);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// The same as texts. Nothing where one is none.
pub(crate) fn texts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let text = std::str::from_utf8(data).ok()?;
    let mut parts = text.splitn(N, char::from(SEPARATOR));
    Some(std::array::from_fn(|_| parts.next().unwrap_or_default()))
}

/// A first byte that chooses, and the rest.
pub(crate) fn choice(data: &[u8]) -> (usize, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (usize::from(*first), rest))
}

/// `data` cut into pieces of changing sizes, which `seed` decides.
pub(crate) fn pieces(data: &[u8], seed: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let (mut rest, mut turn) = (data, seed);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at((turn % 7 + 1).min(rest.len()));
        pieces.push(piece);
        (rest, turn) = (behind, turn.wrapping_mul(5).wrapping_add(3));
    }
    pieces
}

/// An object as it stands; nothing for anything else.
pub(crate) fn object(text: &str) -> Option<serde_json::Map<String, Value>> {
    match base::json::from_text(text) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// Whether an object anywhere in a text of JSON has a member twice: which of them a parser keeps is its own affair.
pub(crate) fn says_twice(json: &str) -> bool {
    let inner = |value: &str| value.starts_with(['{', '[']) && says_twice(value);
    mcp::raw::duplicate(json).is_some()
        || mcp::raw::members(json).any(|member| inner(member.value))
        || mcp::raw::elements(json).any(inner)
}

/// The output of a future that waits for nothing outside itself.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// The output of a future that talks to another one over a connection within this process.
pub(crate) fn in_runtime<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap_or_else(|error| panic!("no runtime: {error}")).block_on(future)
}

/// An empty folder, in memory where the system has such, that is gone with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let memory = Path::new("/dev/shm");
        let above = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = above.join(format!("tutti-fuzz-{}-{count}", std::process::id()));
        // One that a process of the same number left behind.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
