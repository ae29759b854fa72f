//! The vocabularies in the binary. Nothing of one is in memory before something is counted with it, and after nothing was
//! for a while.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tiktoken::{CoreBpe, encoding};
use tokio::sync::Notify;

/// A vocabulary that may be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vocabulary {
    O200k,
    Cl100k,
    Qwen,
    Mistral,
}

/// The vocabularies that are in memory. One for the process: they are the same for whoever counts.
pub(super) static SHELF: LazyLock<Shelf> = LazyLock::new(|| Shelf::new(Duration::from_secs(300), base::clock::now));

/// How long a vocabulary stays, and what tells the time.
pub(super) struct Shelf {
    patience: Duration,
    clock: fn() -> Instant,
    places: [Mutex<Option<Place>>; 4],
    /// Told when a vocabulary was loaded.
    loaded: Notify,
}

struct Place {
    encoder: Arc<CoreBpe>,
    used: Instant,
}

impl Shelf {
    pub(super) fn new(patience: Duration, clock: fn() -> Instant) -> Self {
        Self { patience, clock, places: Default::default(), loaded: Notify::new() }
    }

    /// How many tokens `text` is, which takes time in proportion to it: longer by the logarithm where it is one word.
    pub(super) fn count(&self, vocabulary: Vocabulary, text: &str) -> usize {
        let encoder = {
            let mut place = self.places[vocabulary as usize].lock().unwrap_or_else(PoisonError::into_inner);
            let used = (self.clock)();
            match place.as_mut() {
                Some(place) => {
                    place.used = used;
                    Arc::clone(&place.encoder)
                }
                None => {
                    let encoder = Arc::new(load(vocabulary));
                    *place = Some(Place { encoder: Arc::clone(&encoder), used });
                    self.loaded.notify_one();
                    encoder
                }
            }
        };
        encoder.count(text)
    }

    /// Lets go of those with which nothing was counted for long enough by now. Gives how long to wait before the next look;
    /// nothing when none is left.
    pub(super) fn release_idle(&self) -> Option<Duration> {
        let now = (self.clock)();
        let left = self.places.iter().filter_map(|place| {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = now.saturating_duration_since(place.as_ref()?.used);
            let left = self.patience.saturating_sub(idle);
            if left.is_zero() {
                *place = None;
                return None;
            }
            Some(left)
        });
        left.min()
    }
}

fn load(vocabulary: Vocabulary) -> CoreBpe {
    match vocabulary {
        Vocabulary::O200k => encoding::o200k_base(),
        Vocabulary::Cl100k => encoding::cl100k_base(),
        Vocabulary::Qwen => encoding::qwen2(),
        Vocabulary::Mistral => encoding::mistral_v3(),
    }
}

/// Sees to it, for as long as it is polled, that no vocabulary stays in memory that nobody uses.
pub async fn release_when_idle() {
    loop {
        SHELF.loaded.notified().await;
        while let Some(left) = SHELF.release_idle() {
            tokio::time::sleep(left).await;
        }
    }
}
