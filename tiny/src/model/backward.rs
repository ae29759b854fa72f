//! How the loss changes with each number of the model.

use super::{Kept, Model, Normed, sigmoid};
use crate::attention::{self, Rows};
use crate::batch::Batch;
use crate::matrix::{View, dot, multiply, softmax};
use crate::shape::{Layer, Tensor};

/// A loss, and how it changes with each number.
pub(crate) struct Gradient {
    /// The sum over all wanted tokens of how little each was expected, in nats.
    pub(crate) loss: f64,
    pub(crate) numbers: Vec<f32>,
}

impl Model {
    /// What the wanted tokens say of the numbers.
    pub(crate) fn gradient(&self, numbers: &[f32], batch: &Batch) -> Gradient {
        let mut pass = self.forward(numbers, batch);
        let mut changes = vec![0.0; numbers.len()];
        let loss = surprise(&mut pass.scores, batch, self.shape.vocabulary);
        let by_chosen = back_through(&self.layout.head, numbers, &pass.chosen, &pass.scores, &mut changes);
        let width = self.shape.width;
        let mut by_normed = vec![0.0; pass.last.len()];
        for ((row, _), change) in batch.wanted.iter().zip(by_chosen.chunks_exact(width)) {
            by_normed[row * width..(row + 1) * width].copy_from_slice(change);
        }
        let mut by_rows = vec![0.0; pass.last.len()];
        back_through_norm(&self.layout.norm, numbers, &pass.last, &pass.normed, &by_normed, &mut changes, &mut by_rows);
        for (layer, kept) in self.layout.layers.iter().zip(&pass.layers).rev() {
            self.back_through_layer(layer, numbers, batch, kept, &mut by_rows, &mut changes);
        }
        let by_embedding = self.layout.embedding.of_mut(&mut changes);
        for (token, change) in batch.tokens.iter().zip(by_rows.chunks_exact(width)) {
            let at = *token as usize * width;
            by_embedding[at..at + width].iter_mut().zip(change).for_each(|(sum, change)| *sum += change);
        }
        Gradient { loss, numbers: changes }
    }

    /// Turns `by_rows` from how the loss changes with what comes out of a layer into how it does with what goes in.
    fn back_through_layer(
        &self,
        layer: &Layer,
        numbers: &[f32],
        batch: &Batch,
        kept: &Kept,
        by_rows: &mut [f32],
        changes: &mut [f32],
    ) {
        let mut by_gate = back_through(&layer.down, numbers, &kept.active, by_rows, changes);
        let mut by_up = by_gate.clone();
        for ((by_gate, by_up), (gate, up)) in by_gate.iter_mut().zip(&mut by_up).zip(kept.gate.iter().zip(&kept.up)) {
            let open = sigmoid(*gate);
            *by_up *= gate * open;
            *by_gate *= up * open * (1.0 + gate * (1.0 - open));
        }
        let mut by_normed = back_through(&layer.gate, numbers, &kept.inner_normed.rows, &by_gate, changes);
        let by_other = back_through(&layer.up, numbers, &kept.inner_normed.rows, &by_up, changes);
        add(&mut by_normed, &by_other);
        back_through_norm(&layer.inner_norm, numbers, &kept.between, &kept.inner_normed, &by_normed, changes, by_rows);

        let mut by = Rows {
            mixed: back_through(&layer.mixed, numbers, &kept.rows.mixed, by_rows, changes),
            query: vec![0.0; kept.rows.query.len()],
            key: vec![0.0; kept.rows.key.len()],
            value: vec![0.0; kept.rows.value.len()],
        };
        attention::backward(self.shape, batch, &kept.rows, &kept.weights, &mut by);
        self.rotations.turn(&mut by.query, self.shape.width, batch, true);
        self.rotations.turn(&mut by.key, self.shape.shared_width(), batch, true);
        let mut by_normed = back_through(&layer.query, numbers, &kept.normed.rows, &by.query, changes);
        for (tensor, by) in [(&layer.key, &by.key), (&layer.value, &by.value)] {
            add(&mut by_normed, &back_through(tensor, numbers, &kept.normed.rows, by, changes));
        }
        back_through_norm(&layer.attention_norm, numbers, &kept.input, &kept.normed, &by_normed, changes, by_rows);
    }
}

/// Makes of scores how the loss changes with them, and gives the loss.
fn surprise(scores: &mut [f32], batch: &Batch, vocabulary: usize) -> f64 {
    let mut loss = 0.0;
    for (row, (_, token)) in scores.chunks_exact_mut(vocabulary).zip(&batch.wanted) {
        softmax(row);
        let expected = &mut row[*token as usize];
        loss -= f64::from(expected.max(1e-30)).ln();
        *expected -= 1.0;
    }
    loss
}

/// How the loss changes with the rows that went through a tensor; adds how it does with the tensor itself.
fn back_through(tensor: &Tensor, numbers: &[f32], rows: &[f32], by_products: &[f32], changes: &mut [f32]) -> Vec<f32> {
    let count = rows.len() / tensor.columns;
    let left = View::new(by_products, tensor.rows);
    let own = tensor.of_mut(changes);
    multiply(own, left.transposed(), View::new(rows, tensor.columns), tensor.columns, count);
    let mut by_rows = vec![0.0; rows.len()];
    multiply(&mut by_rows, left, View::new(tensor.of(numbers), tensor.columns), tensor.columns, tensor.rows);
    by_rows
}

/// Adds to `by_rows` how the loss changes with rows that were normed.
fn back_through_norm(
    tensor: &Tensor,
    numbers: &[f32],
    rows: &[f32],
    normed: &Normed,
    by_normed: &[f32],
    changes: &mut [f32],
    by_rows: &mut [f32],
) {
    let width = tensor.columns;
    let (scale, own) = (tensor.of(numbers), tensor.of_mut(changes));
    let mut scaled = vec![0.0; width];
    let each = rows.chunks_exact(width).zip(by_normed.chunks_exact(width)).zip(&normed.factors);
    for (((row, by), factor), sum) in each.zip(by_rows.chunks_exact_mut(width)) {
        for at in 0..width {
            own[at] += by[at] * row[at] * factor;
            scaled[at] = by[at] * scale[at];
        }
        let shared = dot(&scaled, row) * factor * factor / width as f32;
        for at in 0..width {
            sum[at] += factor * (scaled[at] - row[at] * shared);
        }
    }
}

fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}
