//! The vectors of all documents side by side, and those nearest to a question.

mod signs;

use crate::vector::{Vector, dot};
use fearless_simd::{Level, Simd, dispatch};
use signs::Signs;

/// Up to as many vectors each is compared with the question. Beyond, a sketch of each is, and only the best of these by
/// the vectors themselves.
pub const EXACT_UP_TO: usize = 100_000;

/// Vectors of documents by the documents' places; some documents may have none.
#[derive(Debug, Default)]
pub(crate) struct Vectors {
    width: usize,
    numbers: Vec<i8>,
    /// What makes a row's length 1; 0 for a document without a vector.
    scales: Vec<f32>,
    sketch: Option<Sketch>,
}

/// What stands in for a look at all vectors where there are very many.
#[derive(Debug)]
struct Sketch {
    signs: Signs,
    /// The mean of all vectors.
    mean: Vec<f32>,
}

impl Vectors {
    /// The vectors of documents in their order. Those whose dimensions differ from the first one's count as none.
    pub(crate) fn new<'a>(vectors: impl Iterator<Item = Option<&'a Vector>>) -> Self {
        Self::with_sketch_beyond(EXACT_UP_TO, vectors)
    }

    fn with_sketch_beyond<'a>(exact: usize, vectors: impl Iterator<Item = Option<&'a Vector>>) -> Self {
        let mut all = Self::default();
        let count = vectors.size_hint().0;
        for vector in vectors {
            let fitting = vector.filter(|vector| all.width == 0 || vector.dimensions() == all.width);
            if let Some(vector) = fitting.filter(|_| all.width == 0) {
                all.width = vector.dimensions();
                all.numbers.reserve(count * all.width);
                all.numbers.resize(all.scales.len() * all.width, 0);
            }
            match fitting {
                Some(vector) => all.numbers.extend(vector.numbers()),
                None => all.numbers.resize((all.scales.len() + 1) * all.width, 0),
            }
            all.scales.push(fitting.map_or(0.0, Vector::scale));
        }
        if all.scales.len() > exact {
            all.sketch = Some(Sketch { signs: Signs::of(all.width, &all.numbers), mean: all.mean() });
        }
        all
    }

    /// Whether there is any vector.
    pub(crate) fn any(&self) -> bool {
        self.width > 0
    }

    /// Marks the places that are worth a closer look for `question`: all that have a vector, or of very many about the
    /// `count` nearest that are allowed.
    pub(crate) fn mark_near(
        &self,
        question: &Vector,
        count: usize,
        allowed: impl Fn(usize) -> bool,
        marks: &mut [bool],
    ) {
        if question.dimensions() != self.width {
            return;
        }
        match &self.sketch {
            Some(sketch) => {
                let near = sketch.signs.nearest(question, count, |place| self.scales[place] > 0.0 && allowed(place));
                near.into_iter().for_each(|place| marks[place as usize] = true);
            }
            None => marks.iter_mut().zip(&self.scales).for_each(|(mark, scale)| *mark |= *scale > 0.0),
        }
    }

    /// How alike `question` and the vectors at `places` are; nothing where there is no vector of its dimensions.
    pub(crate) fn likeness(&self, question: &Vector, places: &[u32]) -> Vec<Option<f32>> {
        if question.dimensions() != self.width {
            return vec![None; places.len()];
        }
        let level = Level::new();
        dispatch!(level, simd => self.likeness_with(simd, question, places))
    }

    /// How alike `question` and the vectors are in the mean: of those that were looked at, or of all, where only the
    /// nearest were.
    pub(crate) fn usual_likeness(&self, question: Option<&Vector>, seen: impl Iterator<Item = f32>) -> f32 {
        match (&self.sketch, question) {
            (Some(sketch), Some(question)) => {
                let products =
                    question.numbers().iter().zip(&sketch.mean).map(|(left, right)| f32::from(*left) * right);
                products.sum::<f32>() * question.scale()
            }
            _ => {
                let (sum, count) = seen.fold((0.0, 0_usize), |(sum, count), likeness| (sum + likeness, count + 1));
                sum / count.max(1) as f32
            }
        }
    }

    fn mean(&self) -> Vec<f32> {
        let mut mean = vec![0.0; self.width];
        for (row, scale) in self.numbers.chunks_exact(self.width.max(1)).zip(&self.scales) {
            for (mean, number) in mean.iter_mut().zip(row) {
                *mean += f32::from(*number) * scale;
            }
        }
        let count = self.scales.iter().filter(|scale| **scale > 0.0).count().max(1) as f32;
        mean.iter().map(|sum| sum / count).collect()
    }

    #[inline(always)]
    fn likeness_with<S: Simd>(&self, _simd: S, question: &Vector, places: &[u32]) -> Vec<Option<f32>> {
        let mut all = Vec::with_capacity(places.len());
        // A loop, as what an iterator collects with would be compiled for every kind of processor, and not for this one.
        for &place in places {
            let place = place as usize;
            let row = &self.numbers[place * self.width..(place + 1) * self.width];
            let scale = self.scales[place];
            all.push((scale > 0.0).then(|| dot(question.numbers(), row) as f32 * question.scale() * scale));
        }
        all
    }
}

#[cfg(test)]
mod tests;
