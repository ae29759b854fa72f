//! The embedder in the binary: all-MiniLM-L6-v2 with weights of 4 bits.

mod encoder;
mod functions;
mod matrix;
mod pieces;
mod weights;

use crate::embedder::Embedder;
use base::Result;
use base::ports::Wait;
use pieces::Pieces;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use weights::{LONGEST, Weights};

/// What `xtask/embedder/make.py` made.
static FILE: &[u8] = include_bytes!("../assets/all-minilm-l6-v2.int4");
/// Changes when the same text gets another vector: other weights, other tokens.
const IDENTITY: &str = "all-minilm-l6-v2 int4 1";
/// Characters that are looked at for each token that a text may have: nothing that is cut off anyway shall cost.
const CHARACTERS_FOR_TOKEN: usize = 64;

/// Tells the time; [`base::clock::now`] but for tests.
pub type Clock = fn() -> Instant;

/// The embedder in the binary. Nothing of it is in memory before it is first asked and after nobody has asked for a while.
///
/// Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct MiniLm {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    model: Option<Arc<Model>>,
    used: Option<Instant>,
    /// Whether a task waits for the time to let go of the model.
    watched: bool,
}

/// What a text's vector is made with.
struct Model {
    weights: Weights,
    pieces: Pieces,
}

impl Default for MiniLm {
    fn default() -> Self {
        Self::new(Duration::from_secs(300), base::clock::now)
    }
}

impl MiniLm {
    /// An embedder that lets go of its memory when nobody has asked for `patience`.
    pub fn new(patience: Duration, clock: Clock) -> Self {
        Self { shared: Arc::new(Shared { clock, patience, state: Mutex::default() }) }
    }

    /// The vectors of `texts`, each of length 1, made in this thread: some milliseconds for a sentence, some dozens for a
    /// page. Gives up between two texts when `stop` says so, with as many vectors as there are by then.
    ///
    /// # Errors
    /// [`base::Code::Internal`] when the weights in the binary are not whole.
    pub fn vectors(&self, texts: &[impl AsRef<str>], stop: &AtomicBool) -> Result<Vec<Vec<f32>>> {
        let model = self.shared.model()?;
        let going = |_: &&_| !stop.load(Ordering::Relaxed);
        let vectors = texts.iter().take_while(going).map(|text| model.vector(text.as_ref())).collect();
        self.shared.used();
        Ok(vectors)
    }

    /// The tokens that the model gets of `text`: the way of the fuzzer to what takes texts apart.
    #[doc(hidden)]
    pub fn tokens(&self, text: &str) -> Result<Vec<u32>> {
        Ok(self.shared.model()?.tokens(text))
    }

    /// Whether it is in memory.
    pub fn is_loaded(&self) -> bool {
        self.shared.locked(|state| state.model.is_some())
    }

    /// Lets go of the memory if nobody has asked for long enough by now. Gives how long to wait before the next look;
    /// nothing when it is not in memory any more.
    pub fn release_idle(&self) -> Option<Duration> {
        self.shared.release_idle()
    }
}

impl Embedder for MiniLm {
    fn identity(&self) -> &str {
        IDENTITY
    }

    fn embed(&self, texts: Vec<String>) -> Wait<'_, Vec<Vec<f32>>> {
        Box::pin(async move {
            let stop = StopOnDrop::default();
            let (embedder, flag) = (self.clone(), Arc::clone(&stop.0));
            let vectors = base::task::blocking(move || embedder.vectors(&texts, &flag)).await?;
            self.shared.watch();
            vectors
        })
    }
}

/// Stops the thread that works for a future which nobody waits for any more.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn locked<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn model(&self) -> Result<Arc<Model>> {
        self.locked(|state| {
            if let Some(model) = &state.model {
                return Ok(Arc::clone(model));
            }
            let model = Arc::new(Model::open()?);
            state.model = Some(Arc::clone(&model));
            Ok(model)
        })
    }

    fn used(&self) {
        let now = (self.clock)();
        self.locked(|state| state.used = Some(now));
    }

    fn release_idle(&self) -> Option<Duration> {
        let now = (self.clock)();
        self.locked(|state| {
            let idle = state.used.map_or(Duration::ZERO, |used| now.saturating_duration_since(used));
            let left = self.patience.saturating_sub(idle);
            if state.model.is_some() && left > Duration::ZERO {
                return Some(left);
            }
            *state = State::default();
            None
        })
    }

    /// Sees to it that the model goes when it is idle.
    fn watch(self: &Arc<Self>) {
        if self.locked(|state| std::mem::replace(&mut state.watched, true)) {
            return;
        }
        let shared = Arc::downgrade(self);
        base::task::spawn("release the embedder", async move {
            while let Some(left) = shared.upgrade().and_then(|shared| shared.release_idle()) {
                tokio::time::sleep(left).await;
            }
        });
    }
}

impl Model {
    fn open() -> Result<Self> {
        let weights = Weights::read(FILE)?;
        Ok(Self { pieces: Pieces::new(weights.vocabulary), weights })
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        encoder::encode(&self.weights, &self.tokens(text))
    }

    fn tokens(&self, text: &str) -> Vec<u32> {
        let end = text.char_indices().nth(LONGEST * CHARACTERS_FOR_TOKEN).map_or(text.len(), |(at, _)| at);
        self.pieces.tokens(&text[..end], LONGEST)
    }
}

#[cfg(test)]
mod tests;
