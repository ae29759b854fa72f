//! The keys and values of tokens that were read, which later tokens look at.

use crate::description::Description;
use crate::half::to_half;
use std::sync::Arc;

/// Room is made for so many tokens at once.
const STEP: usize = 256;

/// What is kept of the tokens of one text.
pub(crate) struct Cache {
    layers: Vec<Arc<Kept>>,
    tokens: Vec<u32>,
    /// Numbers of a key and of a value.
    sizes: [usize; 2],
}

/// What one layer keeps: for each head, token after token, as numbers of two bytes.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    pub(crate) keys: Vec<Vec<u16>>,
    pub(crate) values: Vec<Vec<u16>>,
}

impl Cache {
    pub(crate) fn new(description: &Description) -> Self {
        let heads = || vec![Vec::new(); description.kept_heads];
        let layer = |_| Arc::new(Kept { keys: heads(), values: heads() });
        Self {
            layers: (0..description.layers).map(layer).collect(),
            tokens: Vec::new(),
            sizes: [description.head, description.value],
        }
    }

    /// The tokens whose keys and values are there.
    pub(crate) fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Forgets all tokens from `length` on.
    pub(crate) fn truncate(&mut self, length: usize) {
        let [key, value] = self.sizes;
        self.tokens.truncate(length);
        for layer in &mut self.layers {
            let kept = Arc::make_mut(layer);
            kept.keys.iter_mut().for_each(|head| head.truncate(length * key));
            kept.values.iter_mut().for_each(|head| head.truncate(length * value));
        }
    }

    /// Keeps rows of the keys and values of all heads.
    pub(crate) fn push(&mut self, layer: usize, keys: &[f32], values: &[f32]) {
        let Some(kept) = self.layers.get_mut(layer).map(Arc::make_mut) else { return };
        append(&mut kept.keys, keys, self.sizes[0]);
        append(&mut kept.values, values, self.sizes[1]);
    }

    /// Notes that all layers have kept `tokens`.
    pub(crate) fn extend(&mut self, tokens: &[u32]) {
        self.tokens.extend_from_slice(tokens);
    }

    /// What layer `layer` has.
    pub(crate) fn layer(&self, layer: usize) -> Arc<Kept> {
        self.layers.get(layer).map(Arc::clone).unwrap_or_default()
    }
}

/// Rows in which the heads stand side by side, each of `size` numbers: to each head its own.
fn append(heads: &mut [Vec<u16>], rows: &[f32], size: usize) {
    for row in rows.chunks_exact(size * heads.len()) {
        for (head, numbers) in heads.iter_mut().zip(row.chunks_exact(size)) {
            if head.len() == head.capacity() {
                head.reserve_exact(STEP * size);
            }
            head.extend(numbers.iter().map(|number| to_half(*number)));
        }
    }
}
