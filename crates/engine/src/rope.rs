//! Turning queries and keys by their positions.

use crate::description::{Layout, Rope};

/// By how much each pair of numbers is turned from one position to the next.
pub(crate) struct Turns {
    layout: Layout,
    magnitude: f32,
    frequencies: Vec<f32>,
}

/// What the pairs of one position are multiplied with.
pub(crate) struct Angles {
    layout: Layout,
    /// Cosine and sine.
    pairs: Vec<(f32, f32)>,
}

impl Turns {
    /// The turns of layers with or without a window, with what the file says that positions are divided by.
    pub(crate) fn new(rope: &Rope, has_window: bool, factors: Option<&[f32]>) -> Self {
        let (base, scale) = if has_window { (rope.window_base, 1.0) } else { (rope.base, rope.scale) };
        let frequency = |pair: usize| {
            let factor = factors.and_then(|factors| factors.get(pair)).copied().unwrap_or(1.0);
            f64::from(base).powf(-2.0 * pair as f64 / rope.dimensions as f64) / f64::from(scale * factor)
        };
        let frequencies = (0..rope.dimensions / 2).map(|pair| frequency(pair) as f32).collect();
        Self { layout: rope.layout, magnitude: rope.magnitude, frequencies }
    }

    pub(crate) fn at(&self, position: usize) -> Angles {
        let pair = |frequency: &f32| {
            let (sine, cosine) = (position as f32 * frequency).sin_cos();
            (cosine * self.magnitude, sine * self.magnitude)
        };
        Angles { layout: self.layout, pairs: self.frequencies.iter().map(pair).collect() }
    }
}

impl Angles {
    /// Turns the numbers of one head.
    pub(crate) fn turn(&self, head: &mut [f32]) {
        match self.layout {
            Layout::Adjacent => {
                for (pair, (cosine, sine)) in head.chunks_exact_mut(2).zip(&self.pairs) {
                    (pair[0], pair[1]) = (pair[0] * cosine - pair[1] * sine, pair[0] * sine + pair[1] * cosine);
                }
            }
            Layout::Halves => {
                let (turned, _) = head.split_at_mut(2 * self.pairs.len());
                let (first, second) = turned.split_at_mut(self.pairs.len());
                for ((one, other), (cosine, sine)) in first.iter_mut().zip(second).zip(&self.pairs) {
                    (*one, *other) = (*one * cosine - *other * sine, *one * sine + *other * cosine);
                }
            }
        }
    }
}
