//! The model: its numbers, and what it makes of texts.

use crate::attention::{self, Rotations, Rows};
use crate::batch::Batch;
use crate::matrix::{View, dot, exponential, multiply};
use crate::random::Random;
use crate::shape::{EPSILON, Layer, Layout, Shape, Tensor};

mod backward;

pub(crate) use backward::Gradient;

/// What stays the same while the numbers change.
pub(crate) struct Model {
    pub(crate) shape: Shape,
    pub(crate) layout: Layout,
    rotations: Rotations,
}

/// Rows that were normed, and what each was multiplied by.
struct Normed {
    rows: Vec<f32>,
    factors: Vec<f32>,
}

/// What a layer made of its rows, kept for the way back.
struct Kept {
    input: Vec<f32>,
    normed: Normed,
    rows: Rows,
    weights: Vec<f32>,
    between: Vec<f32>,
    inner_normed: Normed,
    gate: Vec<f32>,
    up: Vec<f32>,
    active: Vec<f32>,
}

/// What the model made of texts.
pub(crate) struct Pass {
    layers: Vec<Kept>,
    last: Vec<f32>,
    normed: Normed,
    /// The rows of the last norm after which something is wanted.
    chosen: Vec<f32>,
    /// For each of these a score of each token.
    pub(crate) scores: Vec<f32>,
}

impl Pass {
    /// The rows that the head reads, one for each token: what the model knows of the text up to there.
    pub(crate) fn states(&self) -> &[f32] {
        &self.normed.rows
    }
}

impl Model {
    pub(crate) fn new(shape: Shape) -> Self {
        Self { shape, layout: shape.layout(), rotations: Rotations::new(shape) }
    }

    /// Numbers to begin with.
    pub(crate) fn start(&self, random: &mut Random) -> Vec<f32> {
        let mut numbers = vec![1.0; self.layout.length];
        for tensor in self.layout.tensors().into_iter().filter(|tensor| !tensor.is_norm()) {
            let spread = 0.5 / (tensor.columns as f32).sqrt();
            tensor.of_mut(&mut numbers).fill_with(|| random.normal() * spread);
        }
        numbers
    }

    /// What a model with these numbers makes of texts.
    pub(crate) fn forward(&self, numbers: &[f32], batch: &Batch) -> Pass {
        let width = self.shape.width;
        let embedding = self.layout.embedding.of(numbers);
        let mut rows: Vec<f32> = Vec::with_capacity(batch.tokens.len() * width);
        for token in &batch.tokens {
            rows.extend(&embedding[*token as usize * width..(*token as usize + 1) * width]);
        }
        let mut layers = Vec::new();
        for layer in &self.layout.layers {
            let (kept, output) = self.layer(layer, numbers, batch, rows);
            layers.push(kept);
            rows = output;
        }
        let normed = norm(&rows, self.layout.norm.of(numbers));
        let chosen: Vec<f32> =
            batch.wanted.iter().flat_map(|(row, _)| &normed.rows[row * width..(row + 1) * width]).copied().collect();
        let scores = through(&self.layout.head, numbers, &chosen);
        Pass { layers, last: rows, normed, chosen, scores }
    }

    fn layer(&self, layer: &Layer, numbers: &[f32], batch: &Batch, input: Vec<f32>) -> (Kept, Vec<f32>) {
        let normed = norm(&input, layer.attention_norm.of(numbers));
        let mut rows = Rows {
            query: through(&layer.query, numbers, &normed.rows),
            key: through(&layer.key, numbers, &normed.rows),
            value: through(&layer.value, numbers, &normed.rows),
            mixed: vec![0.0; input.len()],
        };
        self.rotations.turn(&mut rows.query, self.shape.width, batch, false);
        self.rotations.turn(&mut rows.key, self.shape.shared_width(), batch, false);
        let weights = attention::forward(self.shape, batch, &mut rows);
        let mut between = input.clone();
        add_through(&mut between, &layer.mixed, numbers, &rows.mixed);
        let inner_normed = norm(&between, layer.inner_norm.of(numbers));
        let gate = through(&layer.gate, numbers, &inner_normed.rows);
        let up = through(&layer.up, numbers, &inner_normed.rows);
        let active: Vec<f32> = gate.iter().zip(&up).map(|(gate, up)| gate * sigmoid(*gate) * up).collect();
        let mut output = between.clone();
        add_through(&mut output, &layer.down, numbers, &active);
        (Kept { input, normed, rows, weights, between, inner_normed, gate, up, active }, output)
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + exponential(-value))
}

/// Makes each row as long as all others, and multiplies it by `scale`.
fn norm(rows: &[f32], scale: &[f32]) -> Normed {
    let mut normed = Normed { rows: Vec::with_capacity(rows.len()), factors: Vec::new() };
    for row in rows.chunks_exact(scale.len()) {
        let factor = 1.0 / (dot(row, row) / scale.len() as f32 + EPSILON).sqrt();
        normed.rows.extend(row.iter().zip(scale).map(|(number, scale)| number * factor * scale));
        normed.factors.push(factor);
    }
    normed
}

/// The products of rows with all rows of a tensor.
fn through(tensor: &Tensor, numbers: &[f32], rows: &[f32]) -> Vec<f32> {
    let mut products = vec![0.0; rows.len() / tensor.columns * tensor.rows];
    add_through(&mut products, tensor, numbers, rows);
    products
}

fn add_through(products: &mut [f32], tensor: &Tensor, numbers: &[f32], rows: &[f32]) {
    let right = View::new(tensor.of(numbers), tensor.columns).transposed();
    multiply(products, View::new(rows, tensor.columns), right, tensor.rows, tensor.columns);
}

#[cfg(test)]
mod tests;
